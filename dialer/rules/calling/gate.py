"""The gates that a lead passes before its phone may ring, in order, each failing closed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

from dialer.rules.calling.caps import NO_CAPS, Caps, full
from dialer.rules.calling.stop_word import StopWord
from dialer.rules.calling.window import CallingRules, Closed, Open, Profile, window
from dialer.rules.lead import LeadState

NEVER_RETRY = timedelta(hours=24)
"""When to look again at a lead that no instant to come is known for."""

NUMBER_BUSY_RETRY = timedelta(minutes=1)

BUCKETS: Mapping[str, LeadState] = MappingProxyType(
    {
        **{word.reason: word.bucket for word in StopWord},
        "suppressed": LeadState.SUPPRESSED,
        "dnc_listed": LeadState.SUPPRESSED,
        "expired": LeadState.EXPIRED,
    }
)
"""Where a lead ends that is refused, by the reason."""


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
    """Never: the lead is finished; `why` is one of `BUCKETS`."""

    why: str

    @property
    def bucket(self) -> LeadState:
        """Where the lead ends."""
        return BUCKETS[self.why]


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadFacts:
    """What the gates need to know of a lead at one instant.

    Attributes:
        profile: Where it may be, and whether its consent is on record.
        caps: What binds its number, by law and by the organization.
        rings: When its number rang in the last seven days, in order.
        not_before: No call before it.
        expires_at: No call from it on.
        stop_word: What whoever sent it said of it since.
        suppressed: Whether its number is on the organization's own do-not-call list.
        dnc_listed: Whether the registry lists its number, where its campaign asks that.
        dnc_stale: Whether the copy of the registry is too old, where its campaign needs one.
        agreed: Whether it has the consent that its campaign needs.
        number_in_call: Whether a call to its number is open.
    """

    profile: Profile
    caps: Caps = NO_CAPS
    rings: Sequence[datetime] = ()
    not_before: datetime | None = None
    expires_at: datetime | None = None
    stop_word: StopWord | None = None
    suppressed: bool = False
    dnc_listed: bool = False
    dnc_stale: bool = False
    agreed: bool = True
    number_in_call: bool = False


def check(lead: LeadFacts, rules: CallingRules, *, now: datetime) -> Allow | Defer | Refuse:
    """Pass a lead through the gates.

    The order: a word from the CRM, suppression, the registry, expiry and the campaign's end
    refuse; then the earliest date, consent, a stale copy of the registry, a call to the same
    number, how often that rang, and the calling window defer.
    """
    refused = _never(lead, rules, now)
    if refused is not None:
        return Refuse(refused)
    if lead.not_before and lead.not_before > now:
        return Defer(lead.not_before, "not_before")
    if not lead.agreed:
        return Defer(now + NEVER_RETRY, "no_consent")
    if lead.dnc_stale:
        return Defer(now + NEVER_RETRY, "dnc_stale")
    if lead.number_in_call:
        return Defer(now + NUMBER_BUSY_RETRY, "number_in_call")
    often = full(lead.caps, lead.rings, now)
    if often is not None:
        return Defer(often.until, often.why)
    return _within_hours(lead, rules, now)


def _never(lead: LeadFacts, rules: CallingRules, now: datetime) -> str | None:
    if lead.stop_word is not None:
        return lead.stop_word.reason
    if lead.suppressed:
        return "suppressed"
    if lead.dnc_listed:
        return "dnc_listed"
    ends = [at for at in (lead.expires_at, rules.ends_at) if at is not None]
    return "expired" if ends and min(ends) <= now else None


def _within_hours(lead: LeadFacts, rules: CallingRules, now: datetime) -> Allow | Defer:
    match window(rules, lead.profile, now):
        case Open(until=until):
            return Allow(min(until, lead.expires_at) if lead.expires_at else until)
        case Closed(opens=opens, why=why):
            return Defer(opens or now + NEVER_RETRY, why)
