"""The rows of the model's store: plain dictionaries, so that reading one is a copy, as in SQL."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Literal, TypedDict

from dialer.rules import call as call_rules
from dialer.rules import lead as lead_rules
from dialer.rules.call import CallState
from dialer.rules.calling.window import CallingRules, Profile
from dialer.rules.campaign import CampaignState
from dialer.rules.lead import LeadState
from dialer.rules.outcomes.cadence import Cadence

START = datetime(2026, 3, 3, 15, tzinfo=UTC)
"""Virtual second 0: ten in the morning in New York, a Tuesday."""

PLACE = Profile(("America/New_York",), ("NY",))
"""Where everybody lives."""

CALL_SOURCES: Mapping[CallState, frozenset[CallState]] = MappingProxyType(
    {to: frozenset(call_rules.sources_of(to)) for to in CallState}
)
LEAD_SOURCES: Mapping[LeadState, frozenset[LeadState]] = MappingProxyType(
    {to: frozenset(lead_rules.sources_of(to)) for to in LeadState}
)


def instant(seconds: float) -> datetime:
    """The database's time at a virtual second."""
    return START + timedelta(seconds=seconds)


def seconds(moment: datetime) -> float:
    """The virtual second of an instant."""
    return (moment - START).total_seconds()


@dataclass(slots=True, eq=False, kw_only=True)
class Organization:
    """A tenant: its lane (one agent), and what is known of its history.

    Attributes:
        on_duty: The upstream's truth; `duty` is what was read of it, at `duty_at`.
        lag: The list's lag as measured.
        skew: How far the upstream's clock was seen to be off.
        seen: Watermarks: (started, first listed) of calls that the upstream accepted.
        next_poll: The virtual second before which nobody reads the history again.
    """

    id: int
    on_duty: bool = True
    duty: bool = False
    duty_at: float = -1e9
    paused: bool = False
    parked: str | None = None
    probe_at: float = 0.0
    credentials_parked_until: float = 0.0
    concurrency: int | None = None
    lag: timedelta = timedelta(minutes=10)
    skew: timedelta = timedelta()
    seen: list[tuple[datetime, datetime]]
    next_poll: float = 0.0
    suppressed: set[str]


@dataclass(slots=True, eq=False, kw_only=True)
class Campaign:
    """A campaign of the model."""

    id: int
    organization: Organization
    state: CampaignState
    proof: Literal["strict", "balanced"]
    cadence: Cadence
    rules: CallingRules
    calls_per_minute: int | None
    call_without_lead: bool
    next_at: datetime | None = None
    factor: float = 1.0
    factor_at: datetime | None = None
    parked: str | None = None
    faults: int = 0
    refusals: int = 0


class Lead(TypedDict):
    """A lead, as its row."""

    id: int
    campaign: Campaign
    phone: str
    state: LeadState
    due_at: datetime
    attempts: int
    reason: str | None
    partner_lead: bool
    expires_at: datetime | None


class Call(TypedDict):
    """One attempt, as its row."""

    id: int
    organization: Organization
    campaign: Campaign
    lead: Lead
    phone: str
    worker: int
    state: CallState
    fence: int
    claimed_at: datetime
    place_at: datetime
    claim_expires_at: datetime
    window_until: datetime
    paced: bool
    armed_at: datetime | None
    slot_until: datetime | None
    answer: str | None
    answered_at: datetime | None
    closed_at: datetime | None
    partner_call_id: str | None
    seen_at: datetime | None
    looked_at: datetime | None
    asked_at: datetime | None
    started_at: datetime | None
    swept_at: datetime | None
    sweeps: int
    outcome: str | None
    counted: bool
    finished_at: datetime | None
