"""The tables. Migrations are the truth of a database; a test shows that both agree."""

from dialer.store.schema.base import metadata
from dialer.store.schema.calling import calls, dnc_numbers, events, evidence, suppressions
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
from dialer.store.schema.runs import runs, schedules, segments, tallies, variants
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
    "dnc_numbers",
    "events",
    "evidence",
    "history",
    "idempotency_keys",
    "leads",
    "metadata",
    "organizations",
    "pacers",
    "rulebooks",
    "runs",
    "schedules",
    "segments",
    "sources",
    "suppressions",
    "tallies",
    "variants",
    "witness",
]
