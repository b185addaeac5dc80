# SPDX-License-Identifier: Apache-2.0
# `make run` and `make test` each work alone on a fresh machine with git, make and Python >= 3.11.

PYTHON_IN_VENV = .venv/bin/python
PYTEST_ARGS ?= -n auto --dist loadfile
SANDBOX_DIR ?= build/sandbox

.PHONY: help run test bench clean

help:
	@echo "make run         the whole product: a Peppol network on this machine, with a tour"
	@echo "make run ONCE=1  the same, ending after the tour"
	@echo "make test        all tests"
	@echo "make bench       the benchmarks, beside the figures of the README"
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

clean:
	rm -rf .venv build
