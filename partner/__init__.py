"""Speaks to the Partner API: every answer ends as a value, or not sent, refused or unknown."""

from partner.auth import ClientCredentials, StaticKey
from partner.client import PartnerClient
from partner.errors import NotSent, PartnerError, Refused, Unknown
from partner.evidence import Evidence
from partner.models.agents import VoiceAgent
from partner.models.calls import CallPlaced, CallQuery, CallRecord, CallRequest, LeadContext
from partner.models.page import Page
from partner.transport import Timeouts

__all__ = [
    "CallPlaced",
    "CallQuery",
    "CallRecord",
    "CallRequest",
    "ClientCredentials",
    "Evidence",
    "LeadContext",
    "NotSent",
    "Page",
    "PartnerClient",
    "PartnerError",
    "Refused",
    "StaticKey",
    "Timeouts",
    "Unknown",
    "VoiceAgent",
]
