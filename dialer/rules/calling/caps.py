"""How often one number may ring: within any 24 hours, within any seven days, and how soon again.

The counts go over all campaigns of an organization. The law's cap of a state (such as
Fla. Stat. 501.616(6): three in 24 hours) and the organization's own hold together: the lower of
the two. Windows roll: what counts at an instant is every ring within the span before it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

DAY = timedelta(hours=24)
WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Caps:
    """The caps that bind one number.

    Attributes:
        in_24h: Most rings in any 24 hours; None is no cap.
        in_7d: Most rings in any seven days; None is no cap.
        gap: Least time from one ring to the next.
    """

    in_24h: int | None = None
    in_7d: int | None = None
    gap: timedelta = timedelta()

    def narrowed(self, *, in_24h: int | None, in_7d: int | None) -> "Caps":
        """These caps and others together."""
        return Caps(_lower(self.in_24h, in_24h), _lower(self.in_7d, in_7d), self.gap)


NO_CAPS = Caps()


@dataclass(frozen=True, slots=True)
class Full:
    """No ring before `until`; `why` is `number_gap`, `number_cap_24h` or `number_cap_7d`."""

    until: datetime
    why: str


def full(caps: Caps, rings: Sequence[datetime], now: datetime) -> Full | None:
    """Say until when a number has rung often enough; None when it may ring now.

    Args:
        caps: What binds it.
        rings: When it rang in the last seven days, in order.
        now: Campaign time.
    """
    found = [
        Full(until, why)
        for until, why in (
            (rings[-1] + caps.gap if rings else now, "number_gap"),
            (_room(rings, caps.in_24h, DAY, now), "number_cap_24h"),
            (_room(rings, caps.in_7d, WEEK, now), "number_cap_7d"),
        )
        if until > now
    ]
    return max(found, key=lambda one: one.until, default=None)


def _room(rings: Sequence[datetime], most: int | None, span: timedelta, now: datetime) -> datetime:
    if most is None or len(rings) < most:
        return now
    # The ring that has to be out of the span for one more to have room.
    return rings[-most] + span


def _lower(one: int | None, other: int | None) -> int | None:
    given = [cap for cap in (one, other) if cap is not None]
    return min(given, default=None)
