# SPDX-License-Identifier: Apache-2.0
"""Business documents: what routing and lists need to know of them."""
