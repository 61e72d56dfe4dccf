"""Lays out lists for terminals of any width: columns are left out before an id is broken."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from outdial.speaking.speech import cell

_GAP: Final = 2
_WORD_WIDTH: Final = 20


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column of a list.

    Attributes:
        name: Its heading.
        prose: Whether it may be wrapped, between words; ids, numbers, states and addresses never
            are.
        right: Whether it holds amounts, which are set to the right.
        spare: Where the terminal is too narrow, the column with the largest is left out first;
            those with 0 always stay.
    """

    name: str
    prose: bool = False
    right: bool = False
    spare: int = 0


def show_list(
    console: Console, columns: Sequence[Column], rows: Sequence[Sequence[object]], *, what: str
) -> frozenset[str]:
    """Prints a list; where there is nothing, it says so.

    Args:
        console: Where to. What isn't a terminal has no edge, unless COLUMNS gives it one.
        columns: From left to right.
        rows: A value for each column; None shows as nothing. Untrusted text is made safe here.
        what: The plural of what is listed, for an empty list.

    Returns:
        The names of the columns that did not fit and were left out.
    """
    if not rows:
        console.print(f"No {what}.")
        return frozenset()
    cells = [[cell(value) for value in row] for row in rows]
    shown = list(range(len(columns)))
    if console.is_terminal or "COLUMNS" in os.environ:
        shown = _fitting(columns, cells, console.width)
    else:
        console.width = max(console.width, _width(shown, columns, cells, least=False))
    if _width(shown, columns, cells, least=True) > console.width:
        _show_blocks(
            console, [columns[n] for n in shown], [[row[n] for n in shown] for row in cells]
        )
    else:
        console.print(_table(shown, columns, cells))
    return frozenset(column.name for n, column in enumerate(columns) if n not in shown)


def _fitting(columns: Sequence[Column], cells: Sequence[Sequence[Text]], width: int) -> list[int]:
    shown = list(range(len(columns)))
    by_need = sorted((n for n in shown if columns[n].spare), key=lambda n: -columns[n].spare)
    for number in by_need:
        if _width(shown, columns, cells, least=True) <= width:
            break
        shown.remove(number)
    return shown


def _width(
    shown: Sequence[int],
    columns: Sequence[Column],
    cells: Sequence[Sequence[Text]],
    *,
    least: bool,
) -> int:
    widths = [_column_width(columns[n], [row[n] for row in cells], least=least) for n in shown]
    return sum(widths) + _GAP * (len(widths) - 1)


def _column_width(column: Column, cells: Sequence[Text], *, least: bool) -> int:
    widest = max(one.cell_len for one in cells)
    if column.prose and least:
        words = (Text(word).cell_len for one in cells for word in one.plain.split())
        widest = min(max(words, default=0), _WORD_WIDTH)
    return max(widest, len(column.name))


def _table(
    shown: Sequence[int], columns: Sequence[Column], cells: Sequence[Sequence[Text]]
) -> Table:
    made = Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0))
    for number in shown:
        column = columns[number]
        least = _column_width(column, [row[number] for row in cells], least=True)
        made.add_column(
            column.name,
            justify="right" if column.right else "left",
            no_wrap=not column.prose,
            min_width=least,
        )
    for row in cells:
        made.add_row(*(row[number] for number in shown))
    return made


def _show_blocks(
    console: Console, columns: Sequence[Column], cells: Sequence[Sequence[Text]]
) -> None:
    for number, row in enumerate(cells):
        if number:
            console.print()
        for column, value in zip(columns, row, strict=True):
            if value:
                console.print(Text(f"{column.name}  ", style="bold") + value, soft_wrap=True)
