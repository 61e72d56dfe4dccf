"""What binds a lead in its campaign: when it may be called, where it may be, and how often."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import structlog

from dialer.rules.calling.caps import Caps
from dialer.rules.calling.hours import WeeklyHours
from dialer.rules.calling.window import CallingRules, Profile
from dialer.rules.law.row import Purpose
from dialer.rules.rulebook import Rulebook
from dialer.rules.where.zones import whereabouts

log = structlog.get_logger(__name__)

Row = Mapping[Any, Any]


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
    return Profile(found.zones, found.states, consented(lead) or campaign["consent"] == "attested")


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


def consented(lead: Row) -> bool:
    """Whether consent came with the lead itself; nothing but a clear yes counts."""
    return bool(lead["consent"].get("given") is True)
