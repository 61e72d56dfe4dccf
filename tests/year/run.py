"""Takes a campaign through a whole year of campaign time, and says what it came to.

python -m tests.year.run --seed 1 --leads 5000

A seed draws the same people and the same fates of their calls.
"""

import argparse
import asyncio
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from outdial.machine.database import upgrade
from tests.support.servers import create_database, drop_database, postgres_url, valkey_url
from tests.year.drive import driving
from tests.year.judge import Books, broken, read
from tests.year.oracle import candidates, is_open
from tests.year.people import people

START = datetime(2026, 6, 1, 4, tzinfo=UTC)
"""From here a year crosses both changes of the clocks, every holiday and the year's end."""

DAYS = 365.0
AFTERWARDS = timedelta(days=30)
"""Until then everybody who came in has come to an end."""

_SHOWN = 40


def main() -> int:
    """Play what the arguments ask for; 1 when anything was wrong."""
    given = _arguments()
    database_url = create_database(postgres_url(), f"year_{uuid4().hex}")
    upgrade(database_url)
    begun = time.monotonic()
    playing = play(
        database_url, valkey_url(), seed=given.seed, leads=given.leads, days=given.days, tell=_say
    )
    books, steps = asyncio.run(playing)
    seconds = time.monotonic() - begun
    drop_database(postgres_url(), database_url.rpartition("/")[2].partition("?")[0])
    found = broken(books)
    for line in (*_figures(books), f"{steps:,} leaps in {seconds:.0f} s"):
        _say(line)
    _say(f"violations: {len(found)}")
    for line in found[:_SHOWN]:
        _say(f"  {line}")
    return 1 if found else 0


async def play(
    database_url: str,
    redis_url: str,
    *,
    seed: int,
    leads: int,
    start: datetime = START,
    days: float = DAYS,
    tell: Callable[[str], None] = lambda _: None,
) -> tuple[Books, int]:
    """Take so many leads in over so many days, and go on until all have come to an end.

    Args:
        database_url: A migrated, empty database.
        redis_url: A queue.
        seed: Decides every chance.
        leads: How many come in.
        start: Campaign time at the start.
        days: Over which they come in.
        tell: Is told now and then how far it is.

    Returns:
        The books, and how many leaps it took.
    """
    everyone = people(seed=seed, count=leads, start=start, days=days)
    async with driving(
        database_url=database_url, redis_url=redis_url, seed=seed, start=start, everyone=everyone
    ) as drive:
        drive.tell = tell
        await drive.play(until=start + timedelta(days=days) + AFTERWARDS)
        return await read(drive, everyone), drive.steps


def _figures(books: Books) -> Iterator[str]:
    states = Counter(lead["state"] for lead in books.leads.values())
    calls = Counter(call["state"] for call in books.calls.values())
    lost = sum(call["answer"] == "unknown" for call in books.calls.values())
    days = {ring.at.date() for ring in books.rings}
    yield f"leads: {books.accepted:,} ({_counted(states)})"
    yield f"calls: {len(books.calls):,} ({_counted(calls)}); answers lost: {lost}"
    yield f"rings: {len(books.rings):,} on {len(days)} days to {_phones(books):,} numbers"
    yield f"outcomes: {_counted(Counter(ring.outcome for ring in books.rings))}"
    yield f"rings an hour later or earlier that would be unlawful: {_on_edge(books)}"


def _on_edge(books: Books) -> int:
    """Rings that a clock off by an hour, as at a change of the clocks, would make unlawful."""
    hour = timedelta(hours=1)
    return sum(
        not all(is_open(candidates(books.person_of(r)), r.at + off) for off in (hour, -hour))
        for r in books.rings
    )


def _phones(books: Books) -> int:
    return len({ring.phone for ring in books.rings})


def _counted(counts: Counter[str]) -> str:
    return ", ".join(f"{count:,} {name}" for name, count in counts.most_common())


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.year.run", description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="decides every chance")
    parser.add_argument("--leads", type=int, default=5_000, help="how many come in")
    parser.add_argument("--days", type=float, default=DAYS, help="over how many days")
    return parser.parse_args()


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
