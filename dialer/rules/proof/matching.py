"""Is a call in the upstream's history the one that an unknown call of ours became?

Source of the rule: the call protocol, "Finding an unknown call in the history". A call that
somebody else placed to the same number counts as a match: the error then costs one call, in
plain sight, where a false miss would ring twice.
"""

from collections.abc import Collection, Hashable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from dialer.rules.proof.absence import UNCLOSED_SETTLE

BEFORE_ARM = timedelta(seconds=60)
"""How long before its arm a call may seem to have started: clocks differ."""


class Listed(Protocol):
    """What the history says of a call; everything but the id may be missing."""

    @property
    def id(self) -> str:
        """The upstream's id."""

    @property
    def type(self) -> str | None:
        """INBOUND or OUTBOUND."""

    @property
    def status(self) -> str | None:
        """SCHEDULED, IN_PROGRESS, COMPLETED or FAILED."""

    @property
    def agent_id(self) -> str | None:
        """The upstream's id of the agent."""

    @property
    def customer_number(self) -> str | None:
        """The person's number, E.164."""

    @property
    def started_at(self) -> datetime | None:
        """When it started, by the upstream's clock."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """An unknown call of ours.

    Attributes:
        phone: Whom it was to ring, E.164.
        agent_id: The upstream's id of its agent.
        armed_at: When it was armed.
        closed_at: When its sender provably sent nothing more; None when nobody can say.
        partner_call_id: The upstream's id, where an odd answer showed one.
    """

    phone: str
    agent_id: str
    armed_at: datetime
    closed_at: datetime | None
    partner_call_id: str | None = None


Key = TypeVar("Key", bound=Hashable)
Item = TypeVar("Item", bound=Listed)


def pair(
    sought: Mapping[Key, Sought],
    listed: Iterable[Item],
    *,
    taken: Collection[str],
    skew: timedelta,
) -> dict[Key, Item]:
    """Give each sought call the listed one with its id, else the first free one that fits.

    Args:
        sought: Unknown calls by a key of the caller's.
        listed: What the history shows.
        taken: Ids that calls of ours carry already, the sought ones' own among them.
        skew: How far the upstream's clock may be off, either way.
    """
    free = {item.id: item for item in listed}
    found = {
        key: free[call.partner_call_id]
        for key, call in sought.items()
        if call.partner_call_id in free
    }
    for number in taken:
        free.pop(number, None)
    for key, call in sought.items():
        if key in found:
            continue
        match = next((item for item in free.values() if fits(call, item, skew=skew)), None)
        if match is not None:
            found[key] = free.pop(match.id)
    return found


def fits(call: Sought, item: Listed, *, skew: timedelta) -> bool:
    """Whether number, agent, direction and time all allow that the two are one."""
    if item.type not in (None, "OUTBOUND") or item.customer_number != call.phone:
        return False
    if item.agent_id not in (None, call.agent_id):
        return False
    if item.started_at is None:
        return item.status in ("SCHEDULED", "IN_PROGRESS")
    earliest = call.armed_at - BEFORE_ARM - skew
    return earliest <= item.started_at <= latest_start(call) + skew


def can_only_be(call: Sought, item: Listed, *, skew: timedelta, next_at: datetime | None) -> bool:
    """Whether a listed call fits a decided one, and no later call of ours to the number.

    A later one may be unknown, and then this very call is the proof that it rang.

    Args:
        call: The call that a person decided.
        item: What the history shows.
        skew: How far the upstream's clock may be off, either way.
        next_at: When a later call of ours to the number was armed; None where there is none.
    """
    if item.started_at is None or not fits(call, item, skew=skew):
        return False
    return next_at is None or item.started_at < next_at - BEFORE_ARM - skew


def latest_start(call: Sought) -> datetime:
    """The latest instant, by our clock, at which the call may yet have been placed."""
    return (call.closed_at or call.armed_at + UNCLOSED_SETTLE) + UNCLOSED_SETTLE
