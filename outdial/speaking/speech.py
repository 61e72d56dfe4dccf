"""Decides how commands speak: results on stdout, faults in one line on stderr, exit codes.

| Code | Meaning |
|---|---|
| 0 | done |
| 1 | it failed: something doesn't answer, refuses, or is at fault |
| 2 | the command line or a file that it names is wrong |
| 3 | another `outdial up` runs in the folder |
| 4 | there is something to do (`outdial agents plan --detailed-exitcode`) |
"""

import os
import sys
from collections.abc import Iterable, Sequence
from enum import IntEnum
from json import dumps

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from outdial.speaking.lines import plain

_FILE_WIDTH = 160


class Exit(IntEnum):
    """What the shell is told."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    RUNNING = 3
    CHANGES = 4


class CommandError(Exception):
    """A command can't do what it was asked to; its message is for the person who asked."""

    def __init__(self, message: str, *, code: Exit = Exit.FAILED) -> None:
        """Takes what to say.

        Args:
            message: One or two sentences: what is wrong, and what to do.
            code: The exit code.
        """
        super().__init__(message)
        self.code = code


def out() -> Console:
    """A console on stdout that takes no text for markup; wide where it isn't a terminal."""
    return _wide(Console(markup=False, highlight=False, emoji=False))


def err() -> Console:
    """A console on stderr that takes no text for markup; wide where it isn't a terminal."""
    return _wide(Console(stderr=True, markup=False, highlight=False, emoji=False))


def _wide(console: Console) -> Console:
    # A file or a pipe has no edge, and tables that are broken into pieces are hard to search.
    if not (console.is_terminal or "COLUMNS" in os.environ):
        console.width = _FILE_WIDTH
    return console


def say_fault(error: CommandError) -> None:
    """Prints a fault in one line on stderr.

    Args:
        error: The fault.
    """
    err().print(f"outdial: {plain(str(error))}", style="red", soft_wrap=True)


def write_json(found: object, *, indent: int | None = None) -> None:
    """Prints one JSON document on stdout.

    Args:
        found: Plain values.
        indent: Spaces by which each level is set in; None for one line.
    """
    sys.stdout.write(dumps(found, ensure_ascii=True, default=str, indent=indent) + "\n")


def counted(number: int, what: str) -> str:
    """Says how many of something there are.

    Args:
        number: How many.
        what: Its name for one, whose plural ends in s.

    Returns:
        Such as `1 row` or `1,200 rows`.
    """
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def table(columns: Sequence[str], rows: Iterable[Sequence[object]], title: str = "") -> Table:
    """Lays out rows.

    Args:
        columns: Their names; one that ends in `#` holds numbers and is set to the right. They
            and an `id` are never broken.
        rows: What to show; None shows as nothing. Untrusted text is made safe here.
        title: A line above it, if any.

    Returns:
        A table to print.
    """
    made = Table(
        title=title or None,
        title_justify="left",
        title_style="bold",
        box=SIMPLE_HEAD,
        pad_edge=False,
    )
    for name in columns:
        number = name.endswith("#")
        made.add_column(
            name.rstrip("#"), justify="right" if number else "left", no_wrap=number or name == "id"
        )
    for row in rows:
        made.add_row(*(cell(value) for value in row))
    return made


def cell(value: object) -> Text:
    """Makes a value safe to show.

    Args:
        value: Anything; a `Text` is taken as it is.

    Returns:
        Its text, which no terminal and no markup reads anything into.
    """
    if isinstance(value, Text):
        return value
    return Text("" if value is None else plain(str(value)), overflow="fold")
