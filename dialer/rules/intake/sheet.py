"""Reads tables as spreadsheets and CRMs save them: comma or semicolon, UTF-8 or Windows.

A quote that nobody closed turns the rows after it into one cell, and leads would be lost without
a word. So a record that looks like several rows is refused, with the line on which it begins.
"""

import codecs
import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count, zip_longest

from dialer.rules.errors import Fault, InvalidInputError

MAX_COLUMNS = 1_000
HEADER_CHARACTERS = 1 << 16
"""So much of the first line is looked at for the separator."""

_DELIMITERS = ",;\t|"
_MOST_BREAKS = 20
"""More line breaks than this in one cell are a lost quote, not a note."""
_PHONE_DIGITS = 7
_FEW = 2


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table.

    Attributes:
        number: As a spreadsheet numbers it: the header is 1, blank rows count.
        cells: One for each column, "" where the row is too short.
        extra: What stands right of the last column and isn't blank.
    """

    number: int
    cells: tuple[str, ...]
    extra: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table.

    Attributes:
        header: The names of its columns, as written.
        rows: Its rows, read as they are asked for; blank ones are left out.
    """

    header: tuple[str, ...]
    rows: Iterator[Row]


def read_sheet(lines: Iterable[str], *, delimiter: str) -> Sheet | None:
    """Reads a table.

    Args:
        lines: Its lines with their ends, used up as the rows are asked for.
        delimiter: What separates its columns.

    Returns:
        The table; None where no line has anything in it.

    Raises:
        InvalidInputError: A quote isn't closed, or there are over `MAX_COLUMNS` columns; asking
            for rows raises it too.
    """
    numbered = _numbered(lines, delimiter)
    first = next(numbered, None)
    if first is None:
        return None
    if len(first.cells) > MAX_COLUMNS:
        raise _refused(
            "too_many_columns",
            f"the header has {len(first.cells):,} columns; at most {MAX_COLUMNS:,} are read",
        )
    names = tuple(name.strip() for name in first.cells)
    return Sheet(names, (_fitted(row, len(names)) for row in numbered))


def encoding_of(chunks: Iterable[bytes]) -> str:
    """Decides how a table is encoded.

    Args:
        chunks: Its bytes, from the first to the last.

    Returns:
        UTF-8 where all of it is, UTF-16 by its mark, else what Windows writes.
    """
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for place, chunk in enumerate(chunks):
            if not place and chunk.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
                return "utf-16"
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8-sig"


def delimiter_of(header: str) -> str:
    """Decides what separates the columns: what the header's line has most of.

    Args:
        header: The first line.

    Returns:
        One character.
    """
    return max(_DELIMITERS, key=header.count)


def _numbered(lines: Iterable[str], delimiter: str) -> Iterator[Row]:
    kept: list[str] = []
    reader = csv.reader(_keeping(lines, kept), delimiter=delimiter, strict=True)
    separators: int | None = None
    for number in count(1):
        line = reader.line_num + 1
        try:
            cells = next(reader, None)
        except csv.Error as error:
            raise _broken(line, number, _said(error)) from error
        if cells is None:
            return
        if separators is None and any(cell.strip() for cell in cells):
            separators = len(cells) - 1
        if len(kept) > 1 and (why := _swallowed(cells, kept, separators or 0, delimiter)):
            raise _broken(line, number, why)
        kept.clear()
        if any(cell.strip() for cell in cells):
            yield Row(number, tuple(cells))


def _keeping(lines: Iterable[str], kept: list[str]) -> Iterator[str]:
    for line in lines:
        kept.append(line)
        yield line


def _swallowed(
    cells: Sequence[str], lines: Sequence[str], separators: int, delimiter: str
) -> str | None:
    """Why a record of several lines is likely several rows; None where it is a long note."""
    breaks = max(len(cell.splitlines()) - 1 for cell in cells)
    if breaks > _MOST_BREAKS:
        return f"one cell goes over {breaks + 1} lines"
    alike = [line for line in lines if line.count(delimiter) == separators]
    phones = [line for line in alike if sum(map(str.isdigit, line)) >= _PHONE_DIGITS]
    # A note of a few lines may hold a comma each, or two numbers; hardly all that a row has.
    fewest = 2 if separators >= _FEW else 3
    if len(phones) >= fewest or (separators >= _FEW and len(alike) > _FEW):
        return f"{len(alike)} lines that look like rows are one record"
    return None


def _said(error: csv.Error) -> str:
    if "unexpected end" in str(error):
        return "a quote is opened here and closed nowhere"
    return f"not a CSV file that can be read: {error}"


def _broken(line: int, number: int, why: str) -> InvalidInputError:
    return _refused(
        "broken_table",
        f"line {line} (row {number}): {why}. A quote is likely opened or closed in the wrong "
        "place there: take it away, or double those inside a quoted value. "
        "Nothing of the file was used.",
    )


def _refused(code: str, message: str) -> InvalidInputError:
    return InvalidInputError(message, faults=(Fault("", code, message),))


def _fitted(row: Row, width: int) -> Row:
    cells = tuple(cell for cell, _ in zip_longest(row.cells[:width], range(width), fillvalue=""))
    extra = tuple(cell for cell in row.cells[width:] if cell.strip())
    return Row(row.number, tuple(str(cell) for cell in cells), extra)
