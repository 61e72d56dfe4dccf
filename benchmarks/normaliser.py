"""Measures how many phone fields a second one core reads, beside `phonenumbers` in the same run.

The rows are made from a fixed seed: 95 % in the writings that lists commonly hold, 5 % dirty.
The library parses and validates; it neither repairs nor explains, so it does less work per row.
"""

import random
import time
from collections.abc import Callable, Sequence

from phonenumbers import NumberParseException, is_valid_number, parse

from benchmarks.measure import Measure
from dialer.rules.phones.phone import normalise

ROWS = 200_000
_SEED = 20_240_607
_PASSES = 5
_DIRTY_SHARE = 0.05
# The library is slow and steady: a part of the rows tells its rate, and saves a minute.
_LIBRARY_ROWS = 20_000
_TARGET_ROWS_PER_SECOND = 300_000

_CLEAN = (
    "{area}{exchange}{line}",
    "({area}) {exchange}-{line}",
    "{area}-{exchange}-{line}",
    "{area}.{exchange}.{line}",
    "+1{area}{exchange}{line}",
    "1{area}{exchange}{line}",
    "+1 {area} {exchange} {line}",
    "1-{area}-{exchange}-{line}",
)
_DIRTY = (
    "{area}-{exchange}-{line} ext 5",
    "cell: {area}-{exchange}-{line}",
    " {area}{exchange}{line} ",
    "{area}{exchange}{line}.0",
    "\u200b{area}{exchange}{line}",
    "{area}-{exchange}-{line} / {area}-{exchange}-0000",
    "ask for Pat {area} {exchange} {line}",
    "{exchange}-{line}",
    "00442079{exchange}{area}",
    "n/a",
    "",
    "{area}-{exchange}-WXYZ",
)
_AREAS = ("206", "212", "303", "312", "404", "415", "512", "617", "713", "808", "917", "980")


def make_rows(count: int = ROWS) -> list[str]:
    """Phone fields, the same ones every time."""
    chance = random.Random(_SEED)  # noqa: S311 - reproducible rows, not secrets
    return [_make_row(chance) for _ in range(count)]


def _make_row(chance: random.Random) -> str:
    writings = _DIRTY if chance.random() < _DIRTY_SHARE else _CLEAN
    return chance.choice(writings).format(
        area=chance.choice(_AREAS),
        exchange=chance.randint(220, 999),
        line=f"{chance.randint(0, 9999):04}",
    )


def measure() -> list[Measure]:
    """Takes both rates, the best of several alternating passes, and sets them side by side."""
    rows = make_rows()
    library, ours = [], []
    for _ in range(_PASSES):
        library.append(_rate(_parse, rows[:_LIBRARY_ROWS]))
        ours.append(_rate(normalise, rows))
    best = max(ours)
    return [
        Measure(
            name="normaliser_against_library",
            value=best,
            unit="rows/s",
            reference="phonenumbers.parse and is_valid_number, same rows",
            reference_value=max(library),
        ),
        Measure(
            name="normaliser_against_target",
            value=best,
            unit="rows/s",
            reference="target on one core, 5 % dirty rows",
            reference_value=_TARGET_ROWS_PER_SECOND,
        ),
    ]


def _parse(raw: str) -> bool:
    try:
        return is_valid_number(parse(raw, "US"))
    except NumberParseException:
        return False


def _rate(read: Callable[[str], object], rows: Sequence[str]) -> float:
    """Rows per second of this thread's processor time, so that neighbours do not count."""
    start = time.thread_time()
    for row in rows:
        read(row)
    return len(rows) / (time.thread_time() - start)
