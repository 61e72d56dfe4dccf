"""Decides by which clock a sandbox runs: as asked, else as its folder remembers, else the present.

Virtual time goes on while nothing runs: a folder keeps the three numbers that it follows from, so
that a process that was killed loses none of it. Moves of the clock are kept before they count.
"""

import json
import os
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from sandbox.clock import VirtualClock

FILE = "clock.json"


def clock_of(
    folder: Path | None,
    *,
    start: float | None = None,
    real_start: float | None = None,
    speed: float | None = None,
) -> VirtualClock:
    """The clock to run by, which the folder remembers from then on.

    A start or a real start that is given sets the clock anew. A speed alone goes on from the
    virtual instant that was reached.

    Args:
        folder: Where state is kept; None remembers nothing.
        start: Virtual Unix seconds at the real start.
        real_start: Real Unix seconds.
        speed: Virtual seconds per real second.

    Raises:
        ValueError: A number is out of range, or what the folder holds is unreadable.
    """
    keep = None if folder is None else partial(_write, folder / FILE)
    kept = None if folder is None else _read(folder / FILE)
    if kept is None or start is not None or real_start is not None:
        usual = 1.0 if kept is None else kept.speed
        clock = VirtualClock(
            start=start, real_start=real_start, speed=usual if speed is None else speed, keep=keep
        )
    elif speed is None or speed == kept.speed:
        clock = kept
    else:
        clock = VirtualClock(start=kept.now(), speed=speed, keep=keep)
    if keep is not None:
        keep(clock)
    return clock


def _read(path: Path) -> VirtualClock | None:
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    try:
        kept: Mapping[str, float] = json.loads(text)
        return VirtualClock(
            start=float(kept["start"]),
            real_start=float(kept["real_start"]),
            speed=float(kept["speed"]),
            keep=partial(_write, path),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{FILE} is unreadable; delete it to set the clock anew") from error


def _write(path: Path, clock: VirtualClock) -> None:
    kept = {"start": clock.start, "real_start": clock.real_start, "speed": clock.speed}
    new = path.with_suffix(".new")
    new.unlink(missing_ok=True)
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(kept, file)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)
