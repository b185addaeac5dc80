# SPDX-License-Identifier: Apache-2.0
"""One file per migration; a released one is never changed."""
