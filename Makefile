# SPDX-License-Identifier: Apache-2.0
# `make run` and `make test` each work alone on a fresh machine with git, make and Python >= 3.11.

PYTHON_IN_VENV = .venv/bin/python
PYTEST_ARGS ?= -n auto --dist loadfile
SANDBOX_DIR ?= build/sandbox

.PHONY: help run test bench interop bench-peers conformance fuzz-rules clean

help:
	@echo "make run         the whole product: a Peppol network on this machine, with a tour"
	@echo "make run ONCE=1  the same, ending after the tour"
	@echo "make test        all tests"
	@echo "make bench       the benchmarks, beside the figures of the README"
	@echo "make interop     all tests with programs of others; writes docs/interoperability.md"
	@echo "make bench-peers the benchmarks beside programs of others"
	@echo "make conformance the validation rules over the reference corpus, ../shared/rules"
	@echo "make fuzz-rules  changed documents through every engine, an hour (FUZZ_ARGS='--seconds 60')"
	@echo "make clean       remove .venv and build"

run:
	@began=$$(date +%s); scripts/prepare && \
	exec $(PYTHON_IN_VENV) -m gateway run --began $$began --dir $(SANDBOX_DIR) $(if $(ONCE),--once)

test:
	@scripts/prepare dev
	@$(PYTHON_IN_VENV) -m pytest $(PYTEST_ARGS)

bench:
	@scripts/prepare dev
	@$(PYTHON_IN_VENV) -m benchmarks

interop:
	@scripts/prepare dev
	@$(PYTHON_IN_VENV) -m tests.interop.labs phase4 oxalis phoss-smp
	@$(PYTHON_IN_VENV) -m pytest tests/interop --interop --matrix docs/interoperability.md -n auto --dist loadgroup

bench-peers:
	@scripts/prepare dev
	@$(PYTHON_IN_VENV) -m benchmarks.peers

conformance:
	@scripts/prepare dev
	@$(PYTHON_IN_VENV) -m tests.conformance

fuzz-rules:
	@scripts/prepare dev
	@$(PYTHON_IN_VENV) -m tests.fuzz.rules $(FUZZ_ARGS)

clean:
	rm -rf .venv build
