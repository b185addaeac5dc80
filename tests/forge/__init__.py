# SPDX-License-Identifier: Apache-2.0
"""A second hand that writes AS4 messages: right ones, and every wrong one that we can think of.

Built on lxml and cryptography alone, from the specifications; nothing of `gateway.as4` is used, so
that a mistake of the engine cannot hide in its own mirror.
"""
