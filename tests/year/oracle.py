"""When a person may be called, and how often, by the table's text and every clock's reading.

It shares nothing with the rules but the answer to "where may this person be", and asks that apart
from the person's real home, which it knows from the person alone.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path

import dialer.rules
from dialer.rules.where.zones import whereabouts
from tests.support.slow_window import MINUTE, SlowWindow
from tests.year import plan
from tests.year.people import Person

TABLE = (Path(dialer.rules.__file__).parent / "data" / "calling_hours.csv").read_text("utf-8")
DAY = timedelta(days=1)
_MINUTES = DAY // MINUTE


@dataclass(frozen=True, slots=True)
class Where:
    """Zones and states together, and whether consent is on record."""

    zones: tuple[str, ...]
    states: tuple[str, ...]
    consented: bool


def home(person: Person) -> Where:
    """Where a person really is."""
    return Where((person.home.zone,), (person.home.state,), person.consented)


def candidates(person: Person) -> Where:
    """Everywhere that a person may be, as the product sees it."""
    found = whereabouts(
        phone=person.phone,
        timezone=person.timezone,
        postal_code=person.postal_code,
        state=person.state,
    )
    return Where(found.zones, found.states, person.consented)


def is_open(where: Where, at: datetime) -> bool:
    """Whether a call may start at an instant."""
    midnight = _midnight(at)
    return bool(_day(where, midnight)[(at - midnight) // MINUTE])


def opening(where: Where, after: datetime, *, days: int) -> datetime | None:
    """The first instant at or after one at which a call may start; None when none is in reach."""
    if is_open(where, after):
        return after
    midnight = _midnight(after)
    minute = (after - midnight) // MINUTE
    for number in range(days):
        first = _day(where, midnight + number * DAY).find(1, minute if number == 0 else 0)
        if first >= 0:
            return midnight + number * DAY + first * MINUTE
    return None


def caps(where: Where) -> tuple[int, int]:
    """Most rings in any 24 hours and in any seven days: the law's and the organization's."""
    rows = _slow(where).rows
    by_law = (_least(rows, f"max_attempts_{span}") for span in ("24h", "7d"))
    own = (plan.PER_NUMBER_24H, plan.PER_NUMBER_7D)
    in_24h, in_7d = (min([most, *law]) for most, law in zip(own, map(list, by_law), strict=True))
    return in_24h, in_7d


def _least(rows: list[dict[str, str]], name: str) -> Iterator[int]:
    yield from (int(row[name]) for row in rows if row[name])


@lru_cache(maxsize=4096)
def _slow(where: Where) -> SlowWindow:
    return SlowWindow(
        table=TABLE,
        week=plan.WEEK,
        purpose=plan.PURPOSE,
        zones=where.zones,
        states=where.states,
        consented=where.consented,
        closed_dates=frozenset(plan.CLOSED_DATES),
        holidays=True,
    )


@lru_cache(maxsize=65_536)
def _day(where: Where, midnight: datetime) -> bytes:
    # The day after is read too: a minute before midnight is followed by another.
    return _slow(where).startable(midnight, 2)[:_MINUTES]


def _midnight(at: datetime) -> datetime:
    return at.replace(hour=0, minute=0, second=0, microsecond=0)
