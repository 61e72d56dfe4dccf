"""Reads tables as spreadsheets and CRMs save them: comma or semicolon, UTF-8 or Windows."""

import codecs
import csv
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

from outdial.speech import CommandError, Exit

_CHUNK = 1 << 20
_DELIMITERS = ",;\t|"
_HEADER_CHARACTERS = 1 << 16


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
    """An open table.

    Attributes:
        header: The names of its columns, as written.
        rows: Its rows, read as they are asked for; blank ones are left out.
    """

    header: tuple[str, ...]
    rows: Iterator[Row]


@contextmanager
def opened(path: Path) -> Iterator[Sheet]:
    """Opens a CSV file.

    Args:
        path: The file.

    Yields:
        Its table.

    Raises:
        CommandError: It can't be read, is empty, or is no CSV file; its rows raise it too.
    """
    try:
        encoding = detect_encoding(path)
        with path.open(encoding=encoding, errors="replace", newline="") as file:
            sample = file.readline(_HEADER_CHARACTERS)
            file.seek(0)
            numbered = _numbered(path, csv.reader(file, delimiter=delimiter_of(sample)))
            first = next(numbered, None)
            if first is None:
                raise CommandError(f"{path} is empty", code=Exit.USAGE)
            names = tuple(name.strip() for name in first.cells)
            yield Sheet(names, (_fitted(row, len(names)) for row in numbered))
    except OSError as error:
        raise CommandError(f"{path}: {error.strerror or error}", code=Exit.USAGE) from error


def detect_encoding(path: Path) -> str:
    """Decides how a file is encoded.

    Args:
        path: The file, read once from end to end.

    Returns:
        UTF-8 where the whole file is, UTF-16 by its mark, else what Windows writes.
    """
    decoder = codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as file:
        chunk = file.read(_CHUNK)
        if chunk.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return "utf-16"
        try:
            while chunk:
                decoder.decode(chunk)
                chunk = file.read(_CHUNK)
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


def _numbered(path: Path, lines: Iterator[Sequence[str]]) -> Iterator[Row]:
    number = 0
    while True:
        number += 1
        try:
            cells = next(lines, None)
        except csv.Error as error:
            raise CommandError(
                f"{path}, row {number}: not a CSV file that can be read: {error}", code=Exit.USAGE
            ) from error
        if cells is None:
            return
        if any(cell.strip() for cell in cells):
            yield Row(number, tuple(cells))


def _fitted(row: Row, width: int) -> Row:
    cells = tuple(cell for cell, _ in zip_longest(row.cells[:width], range(width), fillvalue=""))
    extra = tuple(cell for cell in row.cells[width:] if cell.strip())
    return Row(row.number, tuple(str(cell) for cell in cells), extra)
