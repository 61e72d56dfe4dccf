"""Collect what the gates need to know of leads, in a few statements whatever their number."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from dialer.pipeline.compliance import rulebook as rulebooks
from dialer.pipeline.compliance.binding import (
    Row,
    calling_rules,
    caps_of,
    consented,
    profile_of,
)
from dialer.rules.calling.caps import NO_CAPS, Caps
from dialer.rules.calling.gate import Allow, Defer, LeadFacts, Refuse, check
from dialer.rules.calling.registry import is_fresh
from dialer.rules.calling.stop_word import StopWord
from dialer.rules.calling.window import CallingRules
from dialer.rules.rulebook import Rulebook
from dialer.store import clock
from dialer.store.compliance import dnc, suppressions
from dialer.store.dialing import gates

UNREADABLE_RETRY = timedelta(minutes=1)

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Look:
    """A lead with what the gates need to know; None where that can't be read."""

    lead: Row
    facts: LeadFacts | None
    rules: CallingRules | None
    rulebook: int

    @property
    def caps(self) -> Caps:
        """What binds the lead's number."""
        return NO_CAPS if self.facts is None else self.facts.caps

    def judge(self, now: datetime) -> Allow | Defer | Refuse:
        """What the gates say. One that can't be read is closed, and says so."""
        if self.facts is None or self.rules is None:
            return Defer(now + UNREADABLE_RETRY, "gate_unreadable")
        return check(self.facts, self.rules, now=now)


@dataclass(frozen=True, slots=True)
class _Numbers:
    barred: set[tuple[str, UUID | None]]
    busy: set[str]
    rings: Mapping[str, tuple[datetime, ...]]
    registry: "_Registry"


@dataclass(frozen=True, slots=True)
class _Registry:
    """What the organization's copy of the registry says of the numbers."""

    stale: bool = False
    listed: frozenset[str] = frozenset()


async def look(
    conn: AsyncConnection,
    organization_id: UUID,
    leads: Sequence[Row],
    campaigns: Mapping[UUID, Row],
) -> list[Look]:
    """Look at leads of one organization, in their order.

    Args:
        conn: Any connection.
        organization_id: Whose they are.
        leads: Rows of leads.
        campaigns: Rows of their campaigns, by id.
    """
    book = await _rulebook(conn, organization_id)
    used = {lead["campaign_id"] for lead in leads}
    asked = {key for key in used if _needs_registry(campaigns[key])}
    numbers = await _numbers(conn, organization_id, leads, asked)
    rules = {key: calling_rules(campaigns[key], book) for key in used}
    return [
        Look(
            lead,
            _facts(lead, campaigns[lead["campaign_id"]], book, numbers),
            rules[lead["campaign_id"]],
            0 if book is None else book.version,
        )
        for lead in leads
    ]


async def _rulebook(conn: AsyncConnection, organization_id: UUID) -> Rulebook | None:
    try:
        return await rulebooks.of(conn, organization_id)
    except ValueError:
        log.exception("gate_unreadable", organization_id=str(organization_id))
        return None


def _needs_registry(campaign: Row) -> bool:
    # Whatever else stands there was meant to be careful.
    return bool(campaign["dnc"] != "not_needed")


async def _numbers(
    conn: AsyncConnection, org: UUID, leads: Sequence[Row], asked: Collection[UUID]
) -> _Numbers:
    phones = sorted({lead["phone"] for lead in leads})
    scrubbed = sorted({lead["phone"] for lead in leads if lead["campaign_id"] in asked})
    return _Numbers(
        await suppressions.among(conn, organization_id=org, phones=phones),
        await gates.in_call(conn, organization_id=org, phones=phones),
        await gates.rings(conn, organization_id=org, phones=phones),
        await _registry(conn, org, scrubbed) if scrubbed else _Registry(),
    )


async def _registry(conn: AsyncConnection, org: UUID, phones: Sequence[str]) -> _Registry:
    scrubbed_at = await dnc.scrubbed_at(conn, organization_id=org)
    listed = await dnc.among(conn, organization_id=org, phones=phones)
    fresh = is_fresh(scrubbed_at, await clock.now(conn))
    return _Registry(stale=not fresh, listed=frozenset(listed))


def _facts(lead: Row, campaign: Row, book: Rulebook | None, numbers: _Numbers) -> LeadFacts | None:
    if book is None:
        return None
    phone = lead["phone"]
    try:
        profile = profile_of(lead, campaign)
        caps = caps_of(profile, campaign, book)
        word = StopWord(lead["stop_word"]) if lead["stop_word"] else None
    except (ValueError, KeyError, TypeError, AttributeError):
        # One lead that can't be read must not keep its whole lane from calling.
        log.exception("gate_unreadable", lead_id=str(lead["id"]))
        return None
    barred, registry = numbers.barred, numbers.registry
    asked = _needs_registry(campaign)
    return LeadFacts(
        profile=profile,
        caps=caps,
        rings=numbers.rings.get(phone, ()),
        not_before=lead["not_before"],
        expires_at=_expiry(lead, campaign),
        stop_word=word,
        dnc_listed=asked and phone in registry.listed,
        dnc_stale=asked and registry.stale,
        suppressed=(phone, None) in barred or (phone, lead["campaign_id"]) in barred,
        agreed=campaign["consent"] != "required" or consented(lead),
        number_in_call=phone in numbers.busy,
    )


def _expiry(lead: Row, campaign: Row) -> datetime | None:
    given: datetime | None = lead["expires_at"]
    hours = campaign["expire_after_hours"]
    stale = None if hours is None else lead["created_at"] + timedelta(hours=hours)
    return min(filter(None, (given, stale)), default=None)
