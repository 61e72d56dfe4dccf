"""Collect what the gates need to know of leads, in a few statements whatever their number."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from dialer.pipeline import rulebook as rulebooks
from dialer.rules.calling.caps import NO_CAPS, Caps
from dialer.rules.calling.gate import Allow, Defer, LeadFacts, Refuse, check
from dialer.rules.calling.hours import WeeklyHours
from dialer.rules.calling.registry import is_fresh
from dialer.rules.calling.stop_word import StopWord
from dialer.rules.calling.window import CallingRules, Profile
from dialer.rules.law.row import Purpose
from dialer.rules.rulebook import Rulebook
from dialer.rules.where.zones import whereabouts
from dialer.store import clock, dnc, gates, suppressions

UNREADABLE_RETRY = timedelta(minutes=1)

log = structlog.get_logger(__name__)

Row = Mapping[Any, Any]


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


def calling_rules(campaign: Row, book: Rulebook | None) -> CallingRules | None:
    """When a campaign's leads may be called; None when its plan or the rules can't be read."""
    if book is None:
        return None
    try:
        return CallingRules(
            hours=WeeklyHours(campaign["hours"]),
            law=book.law,
            purpose=Purpose(campaign["purpose"]),
            closed_dates=frozenset(map(date.fromisoformat, campaign["closed_dates"])),
            holidays=campaign["holidays"],
            paused_states=frozenset(book.limits.paused_states),
            starts_at=campaign["starts_at"],
            ends_at=campaign["ends_at"],
        )
    except (ValueError, TypeError, KeyError, AttributeError):
        log.exception("gate_unreadable", campaign_id=str(campaign["id"]))
        return None


def profile_of(lead: Row, campaign: Row) -> Profile:
    """Where a lead may be, and whether consent is on record for it.

    Raises:
        ValueError: its zone, postal code or state can't be read.
    """
    found = whereabouts(
        phone=lead["phone"],
        timezone=lead["timezone"],
        postal_code=lead["postal_code"],
        state=lead["us_state"],
    )
    return Profile(found.zones, found.states, _consented(lead) or _attested(campaign))


def caps_of(profile: Profile, campaign: Row, book: Rulebook) -> Caps:
    """What binds a lead's number: the organization's caps, and the law's where it may be."""
    bound = book.law.binding(
        profile.states, Purpose(campaign["purpose"]), consented=profile.consented
    )
    own = Caps(
        book.limits.per_number_24h,
        book.limits.per_number_7d,
        timedelta(minutes=book.limits.gap_minutes),
    )
    return own.narrowed(in_24h=bound.max_attempts_24h, in_7d=bound.max_attempts_7d)


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
        agreed=campaign["consent"] != "required" or _consented(lead),
        number_in_call=phone in numbers.busy,
    )


def _expiry(lead: Row, campaign: Row) -> datetime | None:
    given: datetime | None = lead["expires_at"]
    hours = campaign["expire_after_hours"]
    stale = None if hours is None else lead["created_at"] + timedelta(hours=hours)
    return min(filter(None, (given, stale)), default=None)


def _consented(lead: Row) -> bool:
    return bool(lead["consent"].get("given") is True)


def _attested(campaign: Row) -> bool:
    return bool(campaign["consent"] == "attested")
