"""The tables. Migrations are the truth of a database; a test shows that both agree."""

from dialer.store.schema.base import metadata
from dialer.store.schema.calling import calls, events, evidence, suppressions
from dialer.store.schema.intake import api_keys, deliveries, idempotency_keys, leads, sources
from dialer.store.schema.plans import (
    agents,
    businesses,
    campaign_versions,
    campaigns,
    clock,
    organizations,
    pacers,
    rulebooks,
)
from dialer.store.schema.upstream import disbelieved, history, witness

__all__ = [
    "agents",
    "api_keys",
    "businesses",
    "calls",
    "campaign_versions",
    "campaigns",
    "clock",
    "deliveries",
    "disbelieved",
    "events",
    "evidence",
    "history",
    "idempotency_keys",
    "leads",
    "metadata",
    "organizations",
    "pacers",
    "rulebooks",
    "sources",
    "suppressions",
    "witness",
]
