"""Decides what time it is in the sandbox: a virtual clock that can start anywhere and run fast."""

import math
import time
from datetime import UTC, datetime
from email.utils import formatdate

MAX_SPEED = 100_000.0


class VirtualClock:
    """Maps real time to virtual time: ``start + (real - real_start) * speed``.

    Args:
        start: Virtual Unix seconds at ``real_start``; the present when omitted.
        real_start: Real Unix seconds at which the virtual clock reads ``start``; the present
            when omitted. Give the same value again after a restart to continue the same time.
        speed: Virtual seconds per real second, above 0 and at most 100,000.

    Raises:
        ValueError: A value is not finite or out of range.
    """

    def __init__(
        self, *, start: float | None = None, real_start: float | None = None, speed: float = 1.0
    ) -> None:
        now = time.time()
        self.start = now if start is None else start
        self.real_start = now if real_start is None else real_start
        self.speed = speed
        if not (math.isfinite(self.start) and math.isfinite(self.real_start)):
            raise ValueError("the clock's start and real start must be finite")
        if not 0 < speed <= MAX_SPEED:
            raise ValueError(f"the clock's speed must be above 0 and at most {MAX_SPEED:,.0f}")
        self._stamped: tuple[int, bytes] = (-1, b"")

    def now(self) -> float:
        """Virtual Unix seconds, to the millisecond that the API shows."""
        return round(self.start + (time.time() - self.real_start) * self.speed, 3)

    def real(self) -> float:
        """Real Unix seconds; tokens expire and rings are witnessed by it."""
        return time.time()

    def http_date(self) -> bytes:
        """The ``Date`` header's value: virtual, so that a client can measure its skew."""
        second = int(self.now())
        if self._stamped[0] != second:
            self._stamped = (second, formatdate(second, usegmt=True).encode("ascii"))
        return self._stamped[1]


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
