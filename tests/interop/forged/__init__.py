# SPDX-License-Identifier: Apache-2.0
"""Tables of forged messages, each with the verdict that the specification asks for."""
