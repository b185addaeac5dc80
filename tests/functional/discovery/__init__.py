# SPDX-License-Identifier: Apache-2.0
"""Discovery with a real SMP, a real name server and real connections."""
