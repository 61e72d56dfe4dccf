"""Reads a table of calling hours, and says everything that is wrong with it at once."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from zoneinfo import ZoneInfo

from dialer.rules.calling.hours import LAWFUL
from dialer.rules.law.holidays import NATIONAL
from dialer.rules.law.row import (
    CLOSED,
    COLUMNS,
    CONFIDENCES,
    FEDERAL,
    OPTIONAL_COLUMNS,
    LawRow,
    Minutes,
    Problem,
    Purpose,
)
from dialer.rules.where.zones import STATES

MAX_CHARS = 100_000
MAX_ROWS = 500
MAX_CELL = 1000
MAX_ATTEMPTS = 100

_YES_NO = ("yes", "no")
_LIFTED = ("", "no", "unknown", "yes")
_CLOCK = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]", re.ASCII)
_COUNT = re.compile(r"[1-9][0-9]{0,2}", re.ASCII)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_FLOOR = (LAWFUL[0].hour * 60, LAWFUL[1].hour * 60)
_QUOTED = 100

_Line = tuple[int, list[str]]


def read_rows(text: str) -> tuple[tuple[LawRow, ...], tuple[Problem, ...]]:
    """Read CSV with a header of `COLUMNS` in any order.

    Returns:
        The rows, and the problems: the rows are complete only if there are none.
    """
    if len(text) > MAX_CHARS:
        message = f"the table has {len(text):,} characters; at most {MAX_CHARS:,} are read"
        return (), (Problem(0, "", message),)
    try:
        lines = list(_lines(text.removeprefix("\ufeff")))
    except csv.Error as error:
        return (), (Problem(0, "", f"the table is not CSV: {error}"),)
    header = [name.strip() for name in lines[0][1]] if lines else []
    if wrong := tuple(_header_problems(header)):
        return (), wrong
    return _read_body(header, lines[1:])


def _read_body(
    header: Sequence[str], lines: Sequence[_Line]
) -> tuple[tuple[LawRow, ...], tuple[Problem, ...]]:
    if len(lines) > MAX_ROWS:
        message = f"the table has {len(lines):,} rows; at most {MAX_ROWS} are read"
        return (), (Problem(0, "", message),)
    rows: list[LawRow] = []
    problems: list[Problem] = []
    seen: dict[tuple[str, Purpose], int] = {}
    for number, cells in lines:
        if len(cells) != len(header):
            message = f"has {len(cells)} cells where the header has {len(header)}"
            problems.append(Problem(number, "", message))
            continue
        reader = _Row(number, dict(zip(header, map(str.strip, cells), strict=True)), problems)
        row = reader.read()
        first = seen.setdefault((row.state, row.purpose), number)
        if first != number:
            reader.wrong("profile", f"row {first} is already about {row.state} {row.purpose}")
        rows.append(row)
    return tuple(rows), tuple(problems)


def _lines(text: str) -> Iterator[_Line]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    for cells in reader:
        if any(cell.strip() for cell in cells):
            yield reader.line_num, cells


def _header_problems(header: Sequence[str]) -> Iterator[Problem]:
    if not header:
        yield Problem(0, "", "the table is empty; the first line names the columns")
        return
    for name, times in Counter(header).items():
        if name not in COLUMNS:
            yield Problem(1, name[:_QUOTED], f"is not a column{_meant(name, COLUMNS)}")
        elif times > 1:
            yield Problem(1, name, f"stands {times} times in the header; keep one")
    for name in COLUMNS:
        if name not in header and name not in OPTIONAL_COLUMNS:
            yield Problem(1, name, "is missing from the header; add the column")


def _meant(given: str, known: Sequence[str]) -> str:
    close = get_close_matches(given[:_QUOTED].lower(), known, n=1)
    return f"; did you mean {close[0]}?" if close else f"; known: {', '.join(known)}"


@dataclass(slots=True)
class _Row:
    """Reads the cells of one row; what is wrong goes to `problems`, and a stand-in is read."""

    number: int
    cells: Mapping[str, str]
    problems: list[Problem]

    def read(self) -> LawRow:
        """The row, to be used only if nothing was wrong."""
        for name, cell in self.cells.items():
            if len(cell) > MAX_CELL or not cell.isprintable():
                self.wrong(name, f"is one line of at most {MAX_CELL:,} printable characters")
        return LawRow(
            state=self._state(),
            name=self._text("name"),
            purpose=Purpose(self._choice("profile", tuple(Purpose))),
            time_zones=self._zones(),
            weekday=self._hours("weekday"),
            saturday=self._hours("sat"),
            sunday=self._hours("sun"),
            holiday_set=self._holidays(),
            max_attempts_24h=self._count("max_attempts_24h"),
            max_attempts_7d=self._count("max_attempts_7d"),
            lifted_by_consent=self._lifted(),
            source=self._source(),
            confidence=self._choice("confidence", CONFIDENCES),
            reviewed_on=self._date("reviewed_on"),
            note=self._text("note"),
        )

    def wrong(self, name: str, message: str) -> None:
        """Write a problem of this row down."""
        self.problems.append(Problem(self.number, name, message))

    def _text(self, name: str) -> str:
        return self.cells.get(name, "")

    def _choice(self, name: str, known: Sequence[str]) -> str:
        given = self._text(name)
        if given in known:
            return given
        self.wrong(name, f"{given[:_QUOTED]!r} is not known{_meant(given, known)}")
        return known[0]

    def _state(self) -> str:
        given = self._text("state")
        if given == FEDERAL or given in STATES:
            return given
        message = f"{given[:_QUOTED]!r} is neither a state's two capital letters nor {FEDERAL}"
        self.wrong("state", f"{message} for the whole country")
        return given

    def _source(self) -> str:
        if not self._text("source"):
            self.wrong("source", "is empty; name the rule that the row comes from")
        return self._text("source")

    def _zones(self) -> tuple[str, ...]:
        names = tuple(filter(None, self._text("time_zones").split("|")))
        for name in names:
            if not _is_zone(name):
                self.wrong("time_zones", f"{name[:_QUOTED]!r} is not an IANA time zone")
        return names

    def _hours(self, day: str) -> Minutes | None:
        start, end = self._text(f"{day}_start"), self._text(f"{day}_end")
        if start == end == CLOSED:
            return None
        if CLOSED in (start, end):
            self.wrong(f"{day}_start", f"a day without calls has {CLOSED} as start and as end")
            return None
        first, last = self._clock(f"{day}_start"), self._clock(f"{day}_end")
        if first is None or last is None:
            return None
        if first >= last:
            self.wrong(f"{day}_start", f"{start} is not before the end {end}")
        elif first < _FLOOR[0] or last > _FLOOR[1]:
            floor = "08:00-21:00 of 47 CFR 64.1200(c)(1); a row may only narrow it"
            self.wrong(f"{day}_start", f"{start}-{end} is wider than {floor}")
        return first, last

    def _clock(self, name: str) -> int | None:
        given = self._text(name)
        if _CLOCK.fullmatch(given):
            return int(given[:2]) * 60 + int(given[3:])
        wanted = f"is not a time of day; write HH:MM, or {CLOSED}"
        self.wrong(name, f"{given[:_QUOTED]!r} {wanted}")
        return None

    def _holidays(self) -> str | None:
        banned, given = self._choice("holiday_ban", _YES_NO), self._text("holiday_set")
        if banned == "no":
            if given:
                self.wrong("holiday_set", "stands here though holiday_ban is no; empty it")
            return None
        if given not in STATES and given != NATIONAL:
            message = f"{given[:_QUOTED]!r} is neither a state's two capital letters nor"
            self.wrong("holiday_set", f"{message} {NATIONAL} for the federal holidays")
        return given

    def _count(self, name: str) -> int | None:
        given = self._text(name)
        if not given:
            return None
        if not _COUNT.fullmatch(given) or int(given) > MAX_ATTEMPTS:
            message = f"is not a number from 1 to {MAX_ATTEMPTS}; leave it empty for no limit"
            self.wrong(name, f"{given[:_QUOTED]!r} {message}")
            return None
        return int(given)

    def _lifted(self) -> str:
        given = self._choice("lifted_by_consent", _LIFTED)
        if given == "yes" and self._text("state") == FEDERAL:
            self.wrong("lifted_by_consent", "the federal hours hold with consent too; write no")
        return given

    def _date(self, name: str) -> date | None:
        given = self._text(name)
        try:
            if not given or _DATE.fullmatch(given):
                return date.fromisoformat(given) if given else None
        except ValueError:
            pass
        self.wrong(name, f"{given[:_QUOTED]!r} is not a date; write YYYY-MM-DD")
        return None


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return False
    return True
