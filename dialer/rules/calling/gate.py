"""The gates that a lead passes before its phone may ring, in order, each failing closed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from dialer.rules.calling.caps import NO_CAPS, Caps, full
from dialer.rules.calling.window import CallingRules, Closed, Open, Profile, window

NEVER_RETRY = timedelta(hours=24)
"""When to look again at a lead that no instant to come is known for."""

NUMBER_BUSY_RETRY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Allow:
    """The phone may ring, until `until` (exclusive)."""

    until: datetime


@dataclass(frozen=True, slots=True)
class Defer:
    """Not now: look again at `until`."""

    until: datetime
    why: str


@dataclass(frozen=True, slots=True)
class Refuse:
    """Never: the lead is finished, as `why` says (expired or suppressed)."""

    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadFacts:
    """What the gates need to know of a lead at one instant.

    Attributes:
        profile: Where it may be, and whether its consent is on record.
        caps: What binds its number, by law and by the organization.
        rings: When its number rang in the last seven days, in order.
        not_before: No call before it.
        expires_at: No call from it on.
        suppressed: Whether its number is on the do-not-call list.
        agreed: Whether it has the consent that its campaign needs.
        number_in_call: Whether a call to its number is open.
    """

    profile: Profile
    caps: Caps = NO_CAPS
    rings: Sequence[datetime] = ()
    not_before: datetime | None = None
    expires_at: datetime | None = None
    suppressed: bool = False
    agreed: bool = True
    number_in_call: bool = False


def check(lead: LeadFacts, rules: CallingRules, *, now: datetime) -> Allow | Defer | Refuse:
    """Pass a lead through the gates.

    The order: suppression, expiry and the campaign's end refuse; then the earliest date,
    consent, a call to the same number, how often that rang, and the calling window defer.
    """
    if lead.suppressed:
        return Refuse("suppressed")
    if lead.expires_at and lead.expires_at <= now:
        return Refuse("expired")
    if rules.ends_at and rules.ends_at <= now:
        return Refuse("expired")
    if lead.not_before and lead.not_before > now:
        return Defer(lead.not_before, "not_before")
    if not lead.agreed:
        return Defer(now + NEVER_RETRY, "no_consent")
    if lead.number_in_call:
        return Defer(now + NUMBER_BUSY_RETRY, "number_in_call")
    often = full(lead.caps, lead.rings, now)
    if often is not None:
        return Defer(often.until, often.why)
    return _within_hours(lead, rules, now)


def _within_hours(lead: LeadFacts, rules: CallingRules, now: datetime) -> Allow | Defer:
    match window(rules, lead.profile, now):
        case Open(until=until):
            return Allow(min(until, lead.expires_at) if lead.expires_at else until)
        case Closed(opens=opens, why=why):
            return Defer(opens or now + NEVER_RETRY, why)
