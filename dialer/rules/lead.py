"""The states of a lead, and the only table of its legal transitions."""

from collections.abc import Mapping
from enum import IntEnum, StrEnum
from types import MappingProxyType


class LeadState(StrEnum):
    """The bucket a lead is in. Every accepted lead is in exactly one."""

    WAITING = "waiting"
    CALLING = "calling"
    HELD = "held"
    DONE = "done"
    SUPPRESSED = "suppressed"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


class Urgency(IntEnum):
    """How much of a hurry a lead is in; the more, the sooner, whatever its priority.

    Whoever has just asked for something is most likely to answer now, and somebody who named a
    time was promised it; both would be late behind a list.
    """

    LISTED = 0
    """Of a list, or called before."""
    EARLY = 1
    """Came by itself and had to wait, for its morning say."""
    FRESH = 2
    """Has just come by itself."""
    CALLBACK = 3
    """Asked to be called at this time."""


_W, _C, _H = LeadState.WAITING, LeadState.CALLING, LeadState.HELD
_D, _S, _E, _X = (
    LeadState.DONE,
    LeadState.SUPPRESSED,
    LeadState.EXPIRED,
    LeadState.CANCELLED,
)

LEAD_TRANSITIONS: Mapping[LeadState, frozenset[LeadState]] = MappingProxyType(
    {
        _W: frozenset({_C, _H, _D, _S, _E, _X}),
        _C: frozenset({_W, _H, _D, _S, _E, _X}),
        _H: frozenset({_W, _D, _S, _E, _X}),
        _D: frozenset(),
        _S: frozenset(),
        _E: frozenset(),
        _X: frozenset(),
    }
)
"""From each state, the states a lead may move to. Empty: the lead is finished."""

MISTAKEN = "partner_lead_unknown"
"""The reason of a held lead that no call waits for: the upstream doesn't know its id."""

FINISHED: frozenset[LeadState] = frozenset(
    state for state, onward in LEAD_TRANSITIONS.items() if not onward
)


def sources_of(target: LeadState) -> tuple[LeadState, ...]:
    """The states from which a lead may move to `target`, for a conditional update."""
    return tuple(s for s, onward in LEAD_TRANSITIONS.items() if target in onward)
