# SPDX-License-Identifier: Apache-2.0
"""The use cases: each joins the rooms below and speaks to the outside through ports."""
