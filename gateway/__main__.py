# SPDX-License-Identifier: Apache-2.0
"""`python -m gateway` is the command `peppol-gateway`."""

from gateway.cli import main

if __name__ == "__main__":
    main()
