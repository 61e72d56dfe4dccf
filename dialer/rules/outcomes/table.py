"""Reads a table of what ended calls mean, and says everything that is wrong with it at once.

The columns are those of `data/ended_reasons.csv`. `source` decides how a row is read: `pattern`
(`*` is any text, `?` one character, the first that fits counts), `partner_status` (a status, for
calls without a reason), any other word an exact reason.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import NamedTuple

from dialer.rules.outcomes.outcome import OPTED_OUT, OUTCOMES, Outcome

COLUMNS = ("value", "outcome", "retryable", "counts_attempt", "scope", "source")
MAX_CHARS = 1_000_000
MAX_ROWS = 5_000
MAX_VALUE = 300
MAX_PROBLEMS = 100
STATUSES = ("COMPLETED", "FAILED")
SUCCESSES = frozenset({"completed", "transferred", "callback_requested"})
"""Outcomes that say somebody was reached: never guessed."""

_PATTERN, _STATUS = "pattern", "partner_status"
_PREFIX = "status:"
_WORDS: Mapping[str, tuple[str, ...]] = {
    "retryable": ("yes", "policy", "no"),
    "counts_attempt": ("yes", "no"),
    "scope": ("lead", "campaign"),
}
_SOURCE = re.compile(r"[a-z][a-z0-9_]{0,39}", re.ASCII)
_WILD = re.compile(r"[*?]")
_LEAST_LITERAL = 3
_QUOTED = 100

_Line = tuple[int, list[str]]


class Problem(NamedTuple):
    """One thing that is wrong with a table.

    Attributes:
        row: The line, the header being 1; None when it is about the table as a whole.
        field: The column; empty when it is about the whole row or table.
    """

    row: int | None
    field: str
    message: str


class OutcomeMapError(ValueError):
    """A table of outcomes was refused; `problems` says everything that is wrong with it."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        first = problems[0]
        where = [f"row {first.row}"] * bool(first.row) + [first.field] * bool(first.field)
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        super().__init__(f"{', '.join(where)}{': ' * bool(where)}{first.message}{more}")


@dataclass(frozen=True, slots=True)
class MapRow:
    """One row: what a reason, a pattern or a status means."""

    value: str
    outcome: str
    retryable: str
    counts_attempt: str
    scope: str
    source: str

    @property
    def means(self) -> Outcome:
        """The outcome with its properties."""
        return Outcome(
            self.outcome,
            retryable=self.retryable != "no",
            counts=self.counts_attempt == "yes",
            scope=self.scope,
        )

    @property
    def is_pattern(self) -> bool:
        """Whether the value is a pattern."""
        return self.source == _PATTERN

    @property
    def status(self) -> str | None:
        """The status that the row is about; None when it is about a reason."""
        return self.value.removeprefix(_PREFIX).upper() if self.source == _STATUS else None

    @property
    def key(self) -> str:
        """The value as reasons are compared with it."""
        return self.value.lower()


def read_rows(text: str) -> tuple[MapRow, ...]:
    """Read CSV with a header of `COLUMNS` in any order.

    Raises:
        OutcomeMapError: with every problem, 100 at most.
    """
    problems: list[Problem] = []
    lines = _lines(text, problems)
    header = [name.strip() for name in lines[0][1]] if lines else []
    if not problems:
        problems += _header_problems(header)
    rows = [] if problems else list(_rows(header, lines[1:], problems))
    if not problems and not rows:
        problems.append(Problem(None, "", "the table has no rows, so every call would be unknown"))
    problems += _table_problems(rows)
    if problems:
        raise OutcomeMapError(sorted(problems, key=lambda p: p.row or 0)[:MAX_PROBLEMS])
    return tuple(row for _, row in rows)


def as_csv(rows: Iterable[MapRow]) -> str:
    """The rows as a table that reads back as the same rows."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows([getattr(row, column) for column in COLUMNS] for row in rows)
    return out.getvalue()


def _lines(text: str, problems: list[Problem]) -> list[_Line]:
    if len(text) > MAX_CHARS:
        problems.append(Problem(None, "", f"the table is longer than {MAX_CHARS:,} characters"))
        return []
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
    lines: list[_Line] = []
    try:
        lines.extend((reader.line_num, cells) for cells in reader if any(map(str.strip, cells)))
    except csv.Error as error:
        problems.append(Problem(reader.line_num, "", f"this is not CSV: {error}"))
    if len(lines) > MAX_ROWS + 1:
        problems.append(Problem(None, "", f"the table has more than {MAX_ROWS:,} rows"))
    return lines


def _header_problems(header: Sequence[str]) -> Iterator[Problem]:
    for column in COLUMNS:
        if header.count(column) != 1:
            how = "is missing" if column not in header else "stands there twice"
            yield Problem(1, column, f"the column {how}; the columns are {', '.join(COLUMNS)}")
    for name in header:
        if name not in COLUMNS:
            yield Problem(1, name[:_QUOTED], f"no such column{_hint(name, COLUMNS)}")


def _rows(
    header: Sequence[str], lines: Iterable[_Line], problems: list[Problem]
) -> Iterator[tuple[int, MapRow]]:
    for number, cells in lines:
        if len(cells) != len(header):
            told = f"the row has {len(cells)} cells, the header {len(header)}"
            problems.append(Problem(number, "", told))
            continue
        given = dict(zip(header, map(str.strip, cells), strict=True))
        row = MapRow(**given)
        found = [Problem(number, field, told) for field, told in _row_problems(row)]
        problems += found
        if not found:
            yield number, row


def _row_problems(row: MapRow) -> Iterator[tuple[str, str]]:
    if row.outcome not in OUTCOMES:
        yield "outcome", f"{_quoted(row.outcome)} is no outcome{_hint(row.outcome, OUTCOMES)}"
    for field, words in _WORDS.items():
        word = getattr(row, field)
        if word not in words:
            yield field, f"{_quoted(word)} must be one of {', '.join(words)}"
    if not _SOURCE.fullmatch(row.source):
        yield "source", "name where the row comes from in lower case, such as pattern or vapi"
    yield from _value_problems(row)
    if row.outcome == OPTED_OUT and row.retryable != "no":
        yield "retryable", "nobody is called again who asked not to be: retryable must be no"


def _value_problems(row: MapRow) -> Iterator[tuple[str, str]]:
    if not row.value or len(row.value) > MAX_VALUE:
        yield "value", f"a value has 1 to {MAX_VALUE} characters"
    if row.source != _PATTERN and "*" in row.value:
        yield "source", "a value with * is a pattern: write pattern as its source"
    if row.source == _STATUS and row.status not in STATUSES:
        yield "value", f"write a status as {_PREFIX}COMPLETED or {_PREFIX}FAILED"
    if row.source != _STATUS and row.value.lower().startswith(_PREFIX):
        yield "source", f"the meaning of a status has the source {_STATUS}"
    if row.outcome in SUCCESSES:
        yield from _guesses(row)


def _guesses(row: MapRow) -> Iterator[tuple[str, str]]:
    if row.is_pattern and len(_WILD.sub("", row.value)) < _LEAST_LITERAL:
        yield (
            "value",
            (
                f"{_quoted(row.value)} fits almost anything, and what isn't known is never "
                f"{row.outcome}; name at least {_LEAST_LITERAL} characters, or map it to unknown"
            ),
        )
    if row.status == "FAILED":
        yield "outcome", f"a failed call without a reason is never {row.outcome}"


def _table_problems(rows: Sequence[tuple[int, MapRow]]) -> Iterator[Problem]:
    first: dict[tuple[bool, str], int] = {}
    catch_all = None
    for number, row in rows:
        seen = first.setdefault((row.is_pattern, row.key), number)
        if seen != number:
            yield Problem(number, "value", f"{_quoted(row.value)} stands in row {seen} already")
        if row.is_pattern and catch_all is not None:
            yield Problem(number, "value", f"row {catch_all} fits everything before this pattern")
        if row.is_pattern and not _WILD.sub("", row.value) and "*" in row.value:
            catch_all = catch_all or number


def _hint(given: str, known: Iterable[str]) -> str:
    names = sorted(known)
    near = get_close_matches(given.lower()[:_QUOTED], names, 1)
    return f"; did you mean {near[0]}?" if near else f"; known: {', '.join(names)}"


def _quoted(text: str) -> str:
    return repr(text[:_QUOTED])
