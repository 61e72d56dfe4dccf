"""When does the breaker open, for how long, and how does it let calls through again.

Source of the rule: the call protocol, "Parked is never spent". Closed, it lets everything
through. Open, nothing, for a rest. Then it is half open: one call may be unanswered at a time; one
that the upstream accepts makes it two, four, and so on up to no limit, and one that goes wrong
while it is the only one opens the breaker again, for a longer rest.
"""

from collections.abc import Sequence
from dataclasses import dataclass

WINDOW_SECONDS = 60.0
LEAST = 10
"""Fewer answers than this prove nothing."""

REST_PROBES = 2.0
"""The first rest, in intervals at which parked lanes are looked at."""

MOST_REST_SECONDS = 900.0
ONE_CALL = 1
FULL_WIDTH = 64
"""A ramp that would go beyond this is over."""


@dataclass(frozen=True, slots=True)
class Window:
    """What became of the requests of the last minute.

    Attributes:
        answered: How many came to an end, whatever it was.
        bad: How many of them couldn't be sent, were answered 5xx, or left their call unknown.
    """

    answered: int
    bad: int


def opens(window: Window, *, ramp: int | None) -> bool:
    """Whether an answer that went wrong opens a lane's breaker.

    Args:
        window: The last minute, that answer included, since the last parking.
        ramp: How many calls may be unanswered at once; None where nothing limits them.
    """
    if ramp == ONE_CALL:
        return True
    return window.answered >= LEAST and window.bad * 2 >= window.answered


def opens_for_all(lanes: Sequence[Window], *, ramp: int | None) -> bool:
    """Whether an answer that went wrong opens the breaker of the whole organization.

    One bad agent must not silence the others: its own breaker is enough. So the organization is
    parked only where things look as bad without its worst lane.

    Args:
        lanes: The last minute of each lane, that answer included, since the last parking.
        ramp: How many calls of the organization may be unanswered at once; None: no limit.
    """
    if ramp == ONE_CALL:
        return True
    whole = Window(sum(lane.answered for lane in lanes), sum(lane.bad for lane in lanes))
    worst = max(lanes, key=lambda lane: lane.bad, default=Window(0, 0))
    others = Window(whole.answered - worst.answered, whole.bad - worst.bad)
    return opens(whole, ramp=ramp) and others.bad > 0 and others.bad * 2 >= others.answered


def rest_seconds(trips: int, *, probe_seconds: float) -> float:
    """How long the breaker stays open (real time): twice as long each time, 15 minutes at most.

    Args:
        trips: How often it opened before without having come back to full width since.
        probe_seconds: How often a parked lane is looked at.
    """
    return float(min(probe_seconds * REST_PROBES * 2 ** min(trips, 16), MOST_REST_SECONDS))


def widened(ramp: int) -> int | None:
    """How many calls may be unanswered at once after one more was accepted; None: no limit."""
    return None if ramp * 2 > FULL_WIDTH else ramp * 2
