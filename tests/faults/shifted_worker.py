"""`python -m tests.faults.shifted_worker`: a worker on a machine whose wall clock is wrong.

How wrong, in seconds, stands in the file that `CLOCK_SHIFT` names, and may change at any time:
the clock then jumps. The monotonic clock is as it was, as on a machine whose clock is set.

The standard library's wall clocks are replaced before anything of ours is imported, in a process
of its own; no module of ours is touched. A library that is loaded before the program could do the
same for any program, but would have to be built or installed wherever these tests run.
"""

import datetime as dt
import os
import runpy
import time
from pathlib import Path
from typing import Final, Self

_SHIFT = Path(os.environ["CLOCK_SHIFT"])
_NANOSECONDS = 1_000_000_000

_time, _time_ns = time.time, time.time_ns
_REAL: Final[type] = dt.datetime


def _shift() -> float:
    return float(_SHIFT.read_text(encoding="utf-8"))


class _AnyDatetime(type):
    def __instancecheck__(cls, instance: object) -> bool:
        # What drivers and parsers make is of the real class.
        return isinstance(instance, _REAL)


class _ShiftedDatetime(dt.datetime, metaclass=_AnyDatetime):
    @classmethod
    def now(cls, tz: dt.tzinfo | None = None) -> Self:
        return cls.fromtimestamp(time.time(), tz)

    @classmethod
    def utcnow(cls) -> Self:
        return cls.now(dt.UTC).replace(tzinfo=None)

    @classmethod
    def today(cls) -> Self:
        return cls.now()


def main() -> None:
    """Set the clocks, and be a worker."""
    time.time = lambda: _time() + _shift()
    time.time_ns = lambda: _time_ns() + round(_shift() * _NANOSECONDS)
    dt.datetime = _ShiftedDatetime  # type: ignore[misc]  # a clock is replaced, on purpose
    runpy.run_module("workers", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
