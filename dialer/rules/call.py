"""The states of a call (one attempt, one ring), and the only table of its legal transitions.

Source of the rule: the call protocol (docs/states.md). Automatic behaviour is at most once;
what cannot be proven ends in a queue for a person.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class CallState(StrEnum):
    """Where one attempt stands."""

    CLAIMED = "claimed"
    DIALING = "dialing"
    PLACED = "placed"
    LIVE = "live"
    ENDED = "ended"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    ABSENT = "absent"
    HELD = "held"
    STALE = "stale"
    RELEASED = "released"


_S = CallState

CALL_TRANSITIONS: Mapping[CallState, frozenset[CallState]] = MappingProxyType(
    {
        _S.CLAIMED: frozenset({_S.DIALING, _S.UNKNOWN, _S.RELEASED}),
        _S.DIALING: frozenset({_S.PLACED, _S.REFUSED, _S.UNKNOWN}),
        _S.PLACED: frozenset({_S.LIVE, _S.ENDED, _S.STALE}),
        _S.LIVE: frozenset({_S.ENDED, _S.STALE}),
        _S.UNKNOWN: frozenset({_S.PLACED, _S.LIVE, _S.ENDED, _S.ABSENT, _S.HELD}),
        _S.HELD: frozenset({_S.ENDED, _S.ABSENT}),
        _S.STALE: frozenset({_S.ENDED}),
        _S.ENDED: frozenset(),
        _S.REFUSED: frozenset({_S.UNKNOWN, _S.ENDED}),
        _S.ABSENT: frozenset(),
        _S.RELEASED: frozenset(),
    }
)
"""From each state, the states a call may move to."""

OPEN: frozenset[CallState] = frozenset(
    {_S.CLAIMED, _S.DIALING, _S.PLACED, _S.LIVE, _S.UNKNOWN, _S.HELD}
)
"""At most one call per (organization, number) may be in these; an index enforces it."""

IN_FLIGHT: frozenset[CallState] = frozenset(
    {_S.DIALING, _S.PLACED, _S.LIVE, _S.UNKNOWN},
)
"""A phone is ringing, being talked on, or may be: what a pause can no longer stop."""


def sources_of(target: CallState) -> tuple[CallState, ...]:
    """The states from which a call may move to `target`, for a conditional update."""
    return tuple(s for s, onward in CALL_TRANSITIONS.items() if target in onward)
