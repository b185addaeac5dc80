# SPDX-License-Identifier: Apache-2.0
"""Incoming connections: AS4, SMP and REST endpoints. They carry bytes and words, no XML."""

from __future__ import annotations

from gateway.web.api import api_app
from gateway.web.as4_endpoint import as4_application
from gateway.web.listeners import Address, listen
from gateway.web.parts import APILimits, APIParts
from gateway.web.smp_endpoint import Credentials, smp_application
from gateway.web.tls import ServerCertificate

__all__ = [
    "APILimits",
    "APIParts",
    "Address",
    "Credentials",
    "ServerCertificate",
    "api_app",
    "as4_application",
    "listen",
    "smp_application",
]
