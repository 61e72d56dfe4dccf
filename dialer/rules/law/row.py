"""What one row of the table of calling hours says, and how a table that is wrong says so."""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import NamedTuple

FEDERAL = "*"
"""The state of a row that binds everywhere."""

COLUMNS = (
    *("state", "name", "profile", "time_zones", "weekday_start", "weekday_end"),
    *("sat_start", "sat_end", "sun_start", "sun_end", "holiday_ban", "holiday_set"),
    *("max_attempts_24h", "max_attempts_7d", "lifted_by_consent"),
    *("source", "confidence", "reviewed_on", "note"),
)
OPTIONAL_COLUMNS = frozenset({"name", "time_zones", "max_attempts_7d", "reviewed_on", "note"})
"""Columns that a table may leave out; a column left out is empty in every row."""

CONFIDENCES = ("high", "medium", "low", "federal_default", "engineering_default")
"""How sure the table is that a row says what its source says."""

CLOSED = "closed"

Minutes = tuple[int, int]
"""Start and end in minutes after local midnight, the end exclusive."""


class Purpose(StrEnum):
    """Why a campaign calls, which decides whose rows bind it: the profile of a row."""

    SALES = "sales"
    AI_VOICE = "ai_voice"
    DEBT = "debt"
    INFORMATIONAL = "informational"


@dataclass(frozen=True, slots=True)
class LawRow:
    """What one rule of law, or one default of ours, asks of one purpose in one state.

    Attributes:
        state: Two letters, or `FEDERAL`.
        time_zones: The state's zones, for people to read: which zones a lead may be in is
            decided in `zones.py`.
        weekday: Hours from Monday to Friday; None when closed. The same for the other two.
        holiday_set: Whose holidays are closed: two letters or US; None when none are.
        max_attempts_24h: Calls to one number in any 24 hours; None when not limited.
        max_attempts_7d: The same in any 7 days.
        lifted_by_consent: `yes`, `no`, `unknown` or empty; only `yes` frees a lead with
            consent from this row.
        confidence: One of `CONFIDENCES`.
        reviewed_on: When somebody last compared the row with its source; None when nobody did.
    """

    state: str
    name: str
    purpose: Purpose
    time_zones: tuple[str, ...]
    weekday: Minutes | None
    saturday: Minutes | None
    sunday: Minutes | None
    holiday_set: str | None
    max_attempts_24h: int | None
    max_attempts_7d: int | None
    lifted_by_consent: str
    source: str
    confidence: str
    reviewed_on: date | None
    note: str

    @property
    def week(self) -> tuple[Minutes | None, ...]:
        """The hours from Monday to Sunday."""
        return (self.weekday,) * 5 + (self.saturday, self.sunday)


class Problem(NamedTuple):
    """One thing that is wrong with a table.

    Attributes:
        row: The line, the header being 1; 0 when it is about the table as a whole.
        field: The column; empty when it is about the whole row or table.
    """

    row: int
    field: str
    message: str


class LawError(ValueError):
    """A table of calling hours was refused; `problems` says everything that is wrong with it."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        super().__init__(f"{_told(problems[0])}{more}")


def as_csv(rows: Iterable[LawRow]) -> str:
    """The rows as a table with every column, which reads back as the same rows."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(_cells(row) for row in rows)
    return out.getvalue()


def _told(problem: Problem) -> str:
    where = [f"row {problem.row}"] if problem.row else []
    where += [problem.field] if problem.field else []
    return ": ".join((*(", ".join(where),) * bool(where), problem.message))


def _cells(row: LawRow) -> tuple[str, ...]:
    hours = (cell for day in (row.weekday, row.saturday, row.sunday) for cell in _clocks(day))
    return (
        *(row.state, row.name, row.purpose.value, "|".join(row.time_zones), *hours),
        *("yes" if row.holiday_set else "no", row.holiday_set or ""),
        *(_number(row.max_attempts_24h), _number(row.max_attempts_7d)),
        *(row.lifted_by_consent, row.source, row.confidence),
        *(row.reviewed_on.isoformat() if row.reviewed_on else "", row.note),
    )


def _clocks(day: Minutes | None) -> tuple[str, str]:
    if day is None:
        return CLOSED, CLOSED
    start, end = day
    return f"{start // 60:02}:{start % 60:02}", f"{end // 60:02}:{end % 60:02}"


def _number(value: int | None) -> str:
    return "" if value is None else str(value)
