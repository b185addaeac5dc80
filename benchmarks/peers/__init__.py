# SPDX-License-Identifier: Apache-2.0
"""Our gateway side by side with phase4, Oxalis and phoss SMP, each as it runs in Java."""
