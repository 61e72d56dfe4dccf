"""Did a call that counts as refused ring after all? Only if nothing else explains what is listed.

Source of the rule: the call protocol, "Finding an unknown call in the history". An unknown call
may be matched generously, since an error costs one call. Here an error would take a proof from
every later refusal, so the match is narrow.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from dialer.rules.proof.matching import Listed

LOOK_AFTER = timedelta(minutes=1)
"""How long after its answer a refused call is looked for, once."""

REACH = timedelta(minutes=1)
"""How long after its answer a call that counts as refused may have started to ring."""

BEFORE = timedelta(seconds=5)
"""How long before its arm it may seem to have started: clocks are read at other instants."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A call of ours that was refused.

    Attributes:
        phone: Whom it was to ring, E.164.
        agent_id: The upstream's id of its agent.
        armed_at: When it was armed.
        closed_at: When the refusal was recorded.
        next_at: When a later call of ours to the number was armed; None where there is none.
    """

    phone: str
    agent_id: str
    armed_at: datetime
    closed_at: datetime
    next_at: datetime | None


def rang(call: Refusal, item: Listed, *, skew: timedelta) -> bool:
    """Whether a listed call that no row of ours has can only be this one.

    Args:
        call: The refused call.
        item: What the history shows.
        skew: How far the upstream's clock may be off, either way.
    """
    if item.type not in (None, "OUTBOUND") or item.customer_number != call.phone:
        return False
    if item.agent_id != call.agent_id or item.started_at is None:
        return False
    if not call.armed_at - BEFORE - skew <= item.started_at <= call.closed_at + REACH + skew:
        return False
    return call.next_at is None or item.started_at + skew < call.next_at
