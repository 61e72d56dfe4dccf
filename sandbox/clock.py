"""Decides what time it is in the sandbox: a virtual clock that starts anywhere, runs and leaps."""

import math
import time
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import formatdate
from typing import Any

MAX_SPEED = 100_000.0
TEN_YEARS = 10 * 365.25 * 86_400.0
LATEST = datetime(9000, 1, 1, tzinfo=UTC).timestamp()
"""No leap goes further: later instants soon can't be written as ISO 8601."""


class VirtualClock:
    """Maps real time to virtual time: ``start + (real - real_start) * speed``.

    Args:
        start: Virtual Unix seconds at ``real_start``; the present when omitted.
        real_start: Real Unix seconds at which the virtual clock reads ``start``; the present
            when omitted. Give the same value again after a restart to continue the same time.
        speed: Virtual seconds per real second, above 0 and at most 100,000.
        keep: Is given what the clock becomes by a move, before it becomes so.

    Raises:
        ValueError: A value is not finite or out of range.
    """

    def __init__(
        self,
        *,
        start: float | None = None,
        real_start: float | None = None,
        speed: float = 1.0,
        keep: "Callable[[VirtualClock], None] | None" = None,
    ) -> None:
        now = time.time()
        self.start = now if start is None else start
        self.real_start = now if real_start is None else real_start
        self.speed = speed
        if not (math.isfinite(self.start) and math.isfinite(self.real_start)):
            raise ValueError("the clock's start and real start must be finite")
        if not 0 < speed <= MAX_SPEED:
            raise ValueError(f"the clock's speed must be above 0 and at most {MAX_SPEED:,.0f}")
        self._keep = keep
        self._stamped: tuple[int, bytes] = (-1, b"")

    def now(self) -> float:
        """Virtual Unix seconds, to the millisecond that the API shows."""
        return self._at(time.time())

    def real(self) -> float:
        """Real Unix seconds; tokens expire and rings are witnessed by it."""
        return time.time()

    def http_date(self) -> bytes:
        """The ``Date`` header's value: virtual, so that a client can measure its skew."""
        second = int(self.now())
        if self._stamped[0] != second:
            self._stamped = (second, formatdate(second, usegmt=True).encode("ascii"))
        return self._stamped[1]

    def move(
        self, *, to: float | None = None, by: float = 0.0, speed: float | None = None
    ) -> None:
        """Leap forward, and run on from there, at another speed where one is given.

        Args:
            to: The virtual instant in Unix seconds; ``by`` from now if omitted.
            by: Virtual seconds.
            speed: Virtual seconds per real second.

        Raises:
            ValueError: The instant is past or more than ten years ahead, or the speed is out of
                range. Nothing changes then, nor when what keeps the clock fails.
        """
        real = time.time()
        now = self._at(real)
        instant = now + by if to is None else to
        _check_leap(now, instant)
        moved = VirtualClock(
            start=instant, real_start=real, speed=self.speed if speed is None else speed
        )
        if self._keep is not None:
            self._keep(moved)
        self.start, self.real_start, self.speed = moved.start, moved.real_start, moved.speed

    def described(self) -> dict[str, Any]:
        """What the control interface tells about it."""
        return {
            "now": iso(self.now()),
            "real": self.real(),
            "start": iso(self.start),
            "real_start": self.real_start,
            "speed": self.speed,
        }

    def _at(self, real: float) -> float:
        return round(self.start + (real - self.real_start) * self.speed, 3)


def iso(instant: float) -> str:
    """Write Unix seconds as ISO 8601 in UTC with milliseconds, ``2026-03-02T15:00:00.000Z``."""
    written = datetime.fromtimestamp(round(instant, 3), UTC).isoformat(timespec="milliseconds")
    return written.replace("+00:00", "Z")


def instant_of(text: str) -> float:
    """Read ISO 8601; without an offset it is UTC.

    Raises:
        ValueError: It is not a date or date and time.
    """
    read = datetime.fromisoformat(text)
    return (read if read.tzinfo else read.replace(tzinfo=UTC)).timestamp()


def _check_leap(now: float, instant: float) -> None:
    if instant < now:
        raise ValueError(
            f"it is {iso(now)} here already, and virtual time only goes forward: name a later "
            "instant, or start another sandbox with --clock-start"
        )
    latest = min(now + TEN_YEARS, LATEST)
    if not instant <= latest:
        raise ValueError(
            f"that is too far ahead: it is {iso(now)} here, and one leap goes to {iso(latest)} at "
            "most"
        )
