# SPDX-License-Identifier: Apache-2.0
"""The onboarding portal, an extension of the gateway over its service layer. Still empty."""
