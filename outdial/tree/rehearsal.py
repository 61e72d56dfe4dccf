"""Campaign time for rehearsals: it starts at a Tuesday noon and may pass faster than real time.

A rehearsal dials the sandbox only. Its time never goes back: what the database holds was written
at instants that must stay in the past.
"""

import json
from dataclasses import asdict
from datetime import UTC, datetime, time, timedelta

from dialer.clock import wall
from dialer.context import Context
from dialer.store import clock as campaign_clock
from outdial.machine.files import read_small, write_private
from outdial.machine.home import Home
from outdial.tree.programs import SandboxClock

_TUESDAY = 1
_HALF_PAST_NOON_IN_NEW_YORK = time(17, 30)
_FILE = "rehearsal.json"


def next_noon(*, speed: float, after: datetime | None = None) -> SandboxClock:
    """A clock that starts now, at the first Tuesday noon that isn't before `after`.

    Half past noon in New York is daytime in every state, so nothing waits for a window.

    Args:
        speed: Campaign seconds in a real one.
        after: The earliest instant; today's midnight, in UTC, if left out.
    """
    now = wall()
    today = datetime.fromtimestamp(now, UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    earliest = after or today
    ahead = (_TUESDAY - earliest.weekday()) % 7
    day = earliest.date() + timedelta(days=ahead)
    start = datetime.combine(day, _HALF_PAST_NOON_IN_NEW_YORK, UTC)
    if start < earliest:
        start += timedelta(days=7)
    return SandboxClock(start=start, real_start=now, speed=speed)


def of_home(home: Home, *, speed: float | None) -> SandboxClock | None:
    """The clock that a data folder's programs run by; None for real time.

    A folder that was rehearsed in once stays a rehearsal, since its time can't go back.

    Args:
        home: The data folder.
        speed: The speed asked for; None keeps what the folder has.
    """
    path = home.path / _FILE
    text = read_small(path) if path.exists() else None
    if text is None and speed is None:
        return None
    last = _read(text) if text else None
    reached = None if last is None else _reached(last)
    pace = speed or (last.speed if last is not None else 1.0)
    clock = next_noon(speed=pace, after=reached)
    kept = asdict(clock) | {"start": clock.start.isoformat()}
    write_private(path, json.dumps(kept))
    return clock


async def apply(context: Context, clock: SandboxClock) -> None:
    """Tell the database, whose time every row carries."""
    async with context.engine.begin() as conn:
        await campaign_clock.set_rehearsal(
            conn,
            virtual_start=clock.start,
            real_start=datetime.fromtimestamp(clock.real_start, UTC),
            factor=clock.speed,
        )


def _read(text: str) -> SandboxClock:
    kept = json.loads(text)
    return SandboxClock(
        start=datetime.fromisoformat(kept["start"]),
        real_start=float(kept["real_start"]),
        speed=float(kept["speed"]),
    )


def _reached(clock: SandboxClock) -> datetime:
    return clock.start + timedelta(seconds=(wall() - clock.real_start) * clock.speed)
