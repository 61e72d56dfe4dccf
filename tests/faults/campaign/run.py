"""Plays many schedules on real processes, several side by side, and says what they came to.

python -m tests.faults.campaign.run --seed 1 --count 500 --jobs 4
python -m tests.faults.campaign.run --replay 4711

A seed draws the same people, limits and faults again. Processes have a will of their own: what a
fault meets may differ from run to run.
"""

import argparse
import asyncio
import os
import shutil
import signal
import sys
import tempfile
import traceback
from collections.abc import Iterator
from multiprocessing import get_context
from multiprocessing.queues import SimpleQueue
from pathlib import Path

from tests.faults.campaign.draw import draw
from tests.faults.campaign.figures import Figures
from tests.faults.campaign.play import Played, play
from tests.faults.rig.servers import Servers, servers

PATIENCE_SECONDS = 550.0


def main() -> int:
    """Play what the arguments ask for; 1 when a promise broke."""
    given = _arguments()
    # Told to stop, it takes its players with it.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    seeds = range(given.seed, given.seed + given.count)
    if given.replay is not None:
        seeds = range(given.replay, given.replay + 1)
        for strike in draw(given.replay).strikes:
            _say(f"  {strike}")
    figures = Figures()
    for played in _all_of(seeds, min(given.jobs, len(seeds))):
        figures.add(played)
        for violation in played.violations:
            _say(f"seed {played.schedule.seed}: {violation}")
        if figures.schedules % 20 == 0:
            _say(f"{figures.schedules:>5,} schedules, {len(figures.broken)} violations")
    for line in figures.lines():
        _say(line)
    return 1 if figures.broken or figures.schedules != len(seeds) else 0


def _all_of(seeds: range, jobs: int) -> Iterator[Played]:
    context = get_context("spawn")
    todo: SimpleQueue[int | None] = context.SimpleQueue()
    done: SimpleQueue[Played] = context.SimpleQueue()
    for seed in seeds:
        todo.put(seed)
    players = [
        context.Process(target=_player, args=(todo, done), daemon=True) for _ in range(jobs)
    ]
    for player in players:
        todo.put(None)
        player.start()
    for _ in seeds:
        yield done.get()
    for player in players:
        player.join()


def _player(todo: "SimpleQueue[int | None]", done: "SimpleQueue[Played]") -> None:
    """Play one seed after the other, on servers of its own."""
    with servers() as own:
        while (seed := todo.get()) is not None:
            done.put(_bounded(seed, own))


def _bounded(seed: int, own: Servers) -> Played:
    schedule = draw(seed)
    home = Path(tempfile.mkdtemp(prefix="outdial-faults-"))
    try:
        return asyncio.run(asyncio.wait_for(play(schedule, own, home), PATIENCE_SECONDS))
    except Exception:  # noqa: BLE001 -- whatever ended it, the others go on and it is told
        return Played(schedule, [f"it was not played to its end: {traceback.format_exc()}"])
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.faults.campaign.run", description=__doc__
    )
    parser.add_argument("--seed", type=int, default=1, help="the first seed")
    parser.add_argument("--count", type=int, default=40, help="how many schedules")
    parser.add_argument(
        "--jobs", type=int, default=2 * (os.cpu_count() or 1), help="how many side by side"
    )
    parser.add_argument("--replay", type=int, help="play one seed and tell its faults")
    return parser.parse_args()


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
