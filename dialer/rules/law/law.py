"""Law as data: which rows of the table of calling hours bind a lead, and what they ask of it.

The shipped table is `data/calling_hours.csv`; an operator may keep another. Its rows are
engineering defaults with their source, confidence and review date, not legal advice.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import resources
from types import MappingProxyType
from typing import Self

from dialer.rules.law.reading import read_rows
from dialer.rules.law.row import (
    FEDERAL,
    LawError,
    LawRow,
    Minutes,
    Problem,
    Purpose,
    as_csv,
)
from dialer.rules.where.zones import STATES

_Key = tuple[str, Purpose]


@dataclass(frozen=True, slots=True)
class Binding:
    """What the rows that bind a lead ask of it together.

    Attributes:
        rows: The federal row first, then each state's.
        week: From Monday to Sunday, the hours that every row allows; None when closed.
        holiday_sets: Whose holidays are closed, sorted.
        max_attempts_24h: Calls to one number in any 24 hours; None when not limited.
        max_attempts_7d: The same in any 7 days.
    """

    rows: tuple[LawRow, ...]
    week: tuple[Minutes | None, ...]
    holiday_sets: tuple[str, ...]
    max_attempts_24h: int | None
    max_attempts_7d: int | None


@dataclass(frozen=True, slots=True)
class Law:
    """A table of calling hours; make it with `parse` or `shipped`.

    Two are equal when their tables are; it is hashed by its digest, so that it can stand in the
    key of a cache.

    Attributes:
        rows: In the table's order.
        digest: SHA-256 of the table in its canonical form, in hex: the table's version.
    """

    rows: tuple[LawRow, ...] = field(compare=False, repr=False)
    digest: str = field(init=False)
    _by_key: Mapping[_Key, LawRow] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        by_key = {(row.state, row.purpose): row for row in self.rows}
        object.__setattr__(self, "_by_key", MappingProxyType(by_key))
        object.__setattr__(self, "digest", hashlib.sha256(self.as_csv().encode()).hexdigest())

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a table from CSV with a header, of at most 100,000 characters.

        Every state needs a row for sales, so that a row lost by mistake frees no state.

        Raises:
            LawError: its `problems` name everything that is wrong, by row and field.
        """
        rows, problems = read_rows(text)
        problems = problems or tuple(_gaps(rows))
        if problems:
            raise LawError(problems)
        return cls(rows)

    @classmethod
    def shipped(cls) -> "Law":
        """The table that comes with this version; read once."""
        return _shipped()

    def rows_for(
        self, states: Sequence[str], purpose: Purpose, *, consented: bool
    ) -> tuple[LawRow, ...]:
        """The rows that bind a lead who may be in any of `states`, the federal one first.

        A purpose without a federal row of its own has the one for sales. A call by an artificial
        voice keeps a state's row for that and the one for sales too; other purposes keep the
        rows of their own profile. With consent, rows that consent lifts bind no more.

        Raises:
            ValueError: One of `states` is no two-letter code of a state or territory.
        """
        for state in states:
            if state not in STATES:
                raise ValueError(f"{state[:100]!r} is not the code of a state or territory")
        federal = self._by_key.get((FEDERAL, purpose)) or self._by_key[FEDERAL, Purpose.SALES]
        profiles = (purpose, Purpose.SALES) if purpose is Purpose.AI_VOICE else (purpose,)
        own = (self._by_key.get((s, p)) for s in sorted(set(states)) for p in profiles)
        bound = (row for row in own if row and not _is_lifted(row, consented=consented))
        return (federal, *bound)

    def binding(self, states: Sequence[str], purpose: Purpose, *, consented: bool) -> Binding:
        """What the rows of `rows_for` ask together; raises what it raises. Cached."""
        return _binding(self, tuple(states), purpose, consented)

    def as_csv(self) -> str:
        """The table with every column; `parse` reads it back as an equal one."""
        return as_csv(self.rows)


@lru_cache(maxsize=1)
def _shipped() -> Law:
    path = resources.files("dialer.rules").joinpath("data/calling_hours.csv")
    return Law.parse(path.read_text("utf-8"))


@lru_cache(maxsize=8192)
def _binding(law: Law, states: tuple[str, ...], purpose: Purpose, consented: bool) -> Binding:  # noqa: FBT001 -- the key of a cache
    rows = law.rows_for(states, purpose, consented=consented)
    return Binding(
        rows=rows,
        week=tuple(_common(days) for days in zip(*(row.week for row in rows), strict=True)),
        holiday_sets=tuple(sorted({row.holiday_set for row in rows if row.holiday_set})),
        max_attempts_24h=_least(row.max_attempts_24h for row in rows),
        max_attempts_7d=_least(row.max_attempts_7d for row in rows),
    )


def _gaps(rows: Sequence[LawRow]) -> Iterator[Problem]:
    found = {row.state for row in rows if row.purpose is Purpose.SALES}
    if FEDERAL not in found:
        yield Problem(0, "state", f"there is no row for sales in {FEDERAL}, the whole country")
    for state in sorted(set(STATES) - found):
        yield Problem(0, "state", f"there is no row for sales in {state}; add one")


def _is_lifted(row: LawRow, *, consented: bool) -> bool:
    return consented and row.lifted_by_consent == "yes"


def _common(days: Sequence[Minutes | None]) -> Minutes | None:
    opened = [day for day in days if day is not None]
    if len(opened) < len(days):
        return None
    start, end = max(day[0] for day in opened), min(day[1] for day in opened)
    return (start, end) if start < end else None


def _least(limits: Iterator[int | None]) -> int | None:
    return min((limit for limit in limits if limit is not None), default=None)
