"""Opens tables on this machine, read as they are asked for, never held as a whole."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from dialer.rules.errors import InvalidInputError
from dialer.rules.intake.sheet import (
    HEADER_CHARACTERS,
    Row,
    Sheet,
    delimiter_of,
    encoding_of,
    read_sheet,
)
from outdial.speaking.speech import CommandError, Exit

_CHUNK = 1 << 20


@contextmanager
def opened(path: Path) -> Iterator[Sheet]:
    """Opens a CSV file.

    Args:
        path: The file.

    Yields:
        Its table.

    Raises:
        CommandError: It can't be read, is empty, or a quote in it isn't closed; its rows raise
            it too.
    """
    try:
        encoding = encoding_of(_chunks(path))
        with path.open(encoding=encoding, errors="replace", newline="") as file:
            sample = file.readline(HEADER_CHARACTERS)
            file.seek(0)
            yield _read(path, file, delimiter_of(sample))
    except OSError as error:
        raise CommandError(f"{path}: {error.strerror or error}", code=Exit.USAGE) from error


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            yield chunk


def _read(path: Path, lines: Iterable[str], delimiter: str) -> Sheet:
    try:
        sheet = read_sheet(lines, delimiter=delimiter)
    except InvalidInputError as error:
        raise _unfit(path, error) from error
    if sheet is None:
        raise CommandError(f"{path} is empty", code=Exit.USAGE)
    return Sheet(sheet.header, _told(path, sheet.rows))


def _told(path: Path, rows: Iterator[Row]) -> Iterator[Row]:
    try:
        yield from rows
    except InvalidInputError as error:
        raise _unfit(path, error) from error


def _unfit(path: Path, error: InvalidInputError) -> CommandError:
    return CommandError(f"{path}, {error.message}", code=Exit.USAGE)
