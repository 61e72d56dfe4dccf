"""Rate arithmetic: when may the next calls ring (GCRA with evenly spaced slots).

A limit of N calls a minute means: no rolling minute ever holds more than N rings. Slots are
spaced 1 % wider than 60/N seconds, and a call that would ring more than `LATEST` after its
slot gives the slot up, so jitter cannot squeeze one ring too many into a minute: N+1 rings
span at least 60.6 s by their slots, and no ring is later than its slot by more than 0.5 s.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

MARGIN = 1.01
"""Slots are this much wider than the limit's own spacing."""

LATEST = timedelta(milliseconds=500)
"""How late after its slot a call may still be sent. Below 1 % of a minute."""


@dataclass(frozen=True, slots=True)
class Pace:
    """One level's rate: calls a minute (already scaled by back-off), and its next free slot."""

    calls_per_minute: float
    next_at: datetime | None = None

    @property
    def interval(self) -> timedelta:
        """The spacing of two slots."""
        return timedelta(seconds=60 / self.calls_per_minute * MARGIN)


@dataclass(frozen=True, slots=True)
class Slots:
    """The slots granted, and for each level (in the order given) its next free slot."""

    at: tuple[datetime, ...]
    next_at: tuple[datetime, ...]


def grant(paces: Sequence[Pace], *, wanted: int, now: datetime, horizon: timedelta) -> Slots:
    """Grant up to `wanted` slots that start within `horizon` of `now`.

    A slot satisfies every level at once. Without any level, all are granted now.
    """
    free = [max(now, p.next_at or now) for p in paces]
    granted: list[datetime] = []
    while len(granted) < wanted:
        at = max(free, default=now)
        if at > now + horizon:
            break
        granted.append(at)
        free = [at + p.interval for p in paces]
    unused = [p.next_at or now for p in paces]
    return Slots(at=tuple(granted), next_at=tuple(free if granted else unused))


def halved(factor: float) -> float:
    """The back-off factor of a lane after a 429: half, and never below a sixteenth."""
    return max(factor / 2, 1 / 16)


def slowed(
    factor: float, *, since: datetime | None, claimed_at: datetime, now: datetime
) -> float | None:
    """The factor after a 429; None where it says nothing of the pace as it is.

    A lane that calls fast has many calls under way when the first 429 comes. The others' answers
    are to the pace of before, and must not halve it again, each of them.

    Args:
        factor: As it was kept.
        since: When it was kept; None where no 429 came yet.
        claimed_at: When the refused call was claimed.
        now: Campaign time.
    """
    if since is None:
        return halved(factor)
    return halved(recovered(factor, now - since)) if claimed_at > since else None


def recovered(factor: float, quiet: timedelta) -> float:
    """The factor after `quiet` time without a 429: a quarter more for each full minute."""
    # Sixteen steps undo any back-off; the power of a weekend's minutes is no number any more.
    steps = min(max(0, int(quiet.total_seconds() // 60)), 16)
    return float(min(1.0, factor * 1.25**steps))
