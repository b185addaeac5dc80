# SPDX-License-Identifier: Apache-2.0
"""The whole corpus through `peppol-gateway rules test`, compared with the official outcome."""
