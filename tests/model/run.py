"""Plays many schedules, prints what they exercised, and replays any one of them by its seed.

python -m tests.model.run --seed 1 --count 1000000 --jobs 2
python -m tests.model.run --replay 4711
"""

import argparse
import os
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from multiprocessing import get_context

from tests.model.faults import Storm
from tests.model.mutants import Mutant
from tests.model.schedule import play

CHUNK = 250
_SHOWN = 20

Chunk = tuple[Iterable[int], Mutant, Storm]
"""Seeds to play, and against what."""


@dataclass(slots=True)
class Tally:
    """What a number of schedules exercised and broke, by the seeds that broke it."""

    played: int = 0
    stats: Counter[str] = field(default_factory=Counter)
    broken: list[tuple[int, str]] = field(default_factory=list)

    def add(self, other: "Tally") -> None:
        """Take another one in."""
        self.played += other.played
        self.stats.update(other.stats)
        self.broken += other.broken


def play_chunk(given: Chunk) -> Tally:
    """Play some seeds, against the protocol or a mutant of it."""
    seeds, mutant, storm = given
    tally = Tally()
    for seed in seeds:
        result = play(seed, mutant, storm)
        tally.played += 1
        tally.stats.update(result.stats)
        tally.broken += [(seed, violation) for violation in result.violations]
    return tally


def chunks(seed: int, count: int, mutant: Mutant, storm: Storm) -> Iterator[Chunk]:
    """The seeds from one on, in parts that a process plays at a time."""
    for first in range(seed, seed + count, CHUNK):
        yield range(first, min(first + CHUNK, seed + count)), mutant, storm


def main() -> int:
    """Play what the arguments ask for; 1 when an invariant broke."""
    given = _arguments()
    mutant, storm = Mutant[given.mutant], Storm[given.storm]
    if given.replay is not None:
        return _replay(given.replay, mutant, storm)
    begun = time.monotonic()
    total = Tally()
    with get_context("spawn").Pool(given.jobs) as pool:
        parts = pool.imap_unordered(play_chunk, chunks(given.seed, given.count, mutant, storm))
        for number, part in enumerate(parts, 1):
            total.add(part)
            if number % 20 == 0:
                _say(f"{total.played:>9,} schedules, {len(total.broken)} violations")
    _report(total, time.monotonic() - begun, f"--storm {storm.name} --mutant {mutant.name}")
    return 1 if total.broken else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.model.run", description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="the first seed")
    parser.add_argument("--count", type=int, default=20_000, help="how many schedules")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes")
    parser.add_argument("--replay", type=int, help="play one seed and print its trace")
    parser.add_argument("--mutant", choices=Mutant.__members__, default=Mutant.NONE.name)
    parser.add_argument("--storm", choices=Storm.__members__, default=Storm.ANY.name)
    return parser.parse_args()


def _replay(seed: int, mutant: Mutant, storm: Storm) -> int:
    result = play(seed, mutant, storm, traced=True)
    for line in result.trace:
        _say(line)
    for violation in result.violations:
        _say(f"seed {seed}: {violation}")
    return 1 if result.violations else 0


def _report(total: Tally, seconds: float, kind: str) -> None:
    width = max(map(len, total.stats), default=0)
    for name, count in sorted(total.stats.items()):
        _say(f"  {name:<{width}} {count:>12,}")
    _say(f"{total.played:,} schedules in {seconds:.0f} s, {total.played / seconds:.0f} a second")
    _say(f"violations: {len(total.broken)}")
    for seed, violation in sorted(total.broken)[:_SHOWN]:
        _say(f"  {violation}   (python -m tests.model.run {kind} --replay {seed})")


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
