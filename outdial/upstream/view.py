"""Shows what the Partner API sent: nothing in it can move the cursor or hide a line."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from json import dumps
from typing import Any, Final

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from outdial.speaking.lines import plain
from outdial.speaking.speech import cell
from partner.models.base import Received

_SIGN: Final = re.compile(r"(?:[-+~<>/x…]{1,3} )?")
_SPEAKER: Final = re.compile(r"(?P<who>[^\W\d_][\w ]{0,23}): +(?P<words>.*)", re.DOTALL)
_LEAST_WIDTH: Final = 24
_INDENT: Final = 2
_KIB: Final = 1024


def as_json(item: Received) -> dict[str, Any]:
    """An object of the upstream's as it came, its own field names and unknown fields included.

    Args:
        item: What was read.

    Returns:
        JSON members.
    """
    return {**item.model_dump(mode="json", by_alias=True, exclude_unset=True), **item.odd}


def safe(text: str) -> Text:
    """A text of several lines, made safe line by line.

    Args:
        text: Untrusted.

    Returns:
        Its lines; words that are longer than a line are folded.
    """
    return Text("\n".join(plain(line) for line in text.splitlines()), overflow="fold")


def details(pairs: Iterable[tuple[str, object]]) -> Table:
    """Lays out what is known of one thing, a line or more for each.

    Args:
        pairs: Names and values; None and empty texts are left out. A mapping or a list is shown
            as JSON, a text as its lines, anything else as `cell` does.

    Returns:
        A table to print.
    """
    made = Table.grid(padding=(0, 2))
    made.add_column(no_wrap=True, style="bold")
    made.add_column(min_width=_LEAST_WIDTH, overflow="fold")
    for name, value in pairs:
        if value not in (None, "", (), [], {}):
            made.add_row(name, _shown(value))
    return made


def address(name: str, url: str, *, indent: int) -> Text:
    """Sets a web address by itself; printed unwrapped, it can be clicked and copied.

    Args:
        name: What it is.
        url: Untrusted.
        indent: Where the values of the details around it stand.

    Returns:
        A line to print with `soft_wrap`.
    """
    return Text.assemble((name.ljust(indent), "bold"), plain(url))


def dialogue(transcript: str) -> Table:
    """Lays out a transcript: who speaks on the left, wrapped words on the right.

    Args:
        transcript: Lines such as `Agent: Hello`; a line that names nobody goes on with the last.

    Returns:
        A table to print.
    """
    made = Table.grid(padding=(0, 1))
    made.add_column(no_wrap=True, style="bold")
    made.add_column(min_width=_LEAST_WIDTH, overflow="fold")
    for who, words in _turns(transcript):
        made.add_row(cell(f"{who}:" if who else ""), safe(words))
    return made


def indented(shown: RenderableType) -> Table:
    """Moves something to the right by two columns.

    Args:
        shown: What to print.

    Returns:
        A table to print.
    """
    made = Table.grid()
    made.add_column(width=_INDENT)
    made.add_column()
    made.add_row("", shown)
    return made


def hung(line: Text, width: int) -> Iterator[Text]:
    """Wraps a line between words; what follows stands below its first word or sign.

    Args:
        line: One line.
        width: Columns of the terminal.

    Yields:
        Lines; a word that is longer than one is left whole.
    """
    indent = len(line.plain) - len(line.plain.lstrip())
    indent += len(_SIGN.match(line.plain, indent)[0])  # type: ignore[index] # it matches nothing too
    rest = line
    while rest.cell_len > width:
        cut = rest.plain.rfind(" ", indent + 1, width + 1)
        cut = cut if cut > 0 else rest.plain.find(" ", max(width, indent + 1))
        if cut < 0:
            break
        yield rest[:cut]
        rest = Text.assemble(" " * indent, rest[cut + 1 :])
    yield rest


def moment(when: datetime | None) -> str | None:
    """A moment for tables.

    Args:
        when: Aware, or None.

    Returns:
        Such as `2026-01-05 17:30:02Z`.
    """
    return None if when is None else f"{when:%Y-%m-%d %H:%M:%S}Z"


def span(milliseconds: int | None) -> str | None:
    """A duration for tables.

    Args:
        milliseconds: Or None.

    Returns:
        Such as `2:05` (minutes and seconds).
    """
    if milliseconds is None:
        return None
    minutes, seconds = divmod(round(milliseconds / 1000), 60)
    return f"{minutes}:{seconds:02d}"


def size(count: int | None) -> str | None:
    """A size for tables.

    Args:
        count: Bytes, or None.

    Returns:
        Such as `812 B`, `1.4 KiB` or `24.0 MiB`.
    """
    if count is None:
        return None
    if count < _KIB:
        return f"{count} B"
    in_kib = count / _KIB
    return f"{in_kib:.1f} KiB" if in_kib < _KIB else f"{in_kib / _KIB:.1f} MiB"


def yes_no(value: bool | None) -> str | None:  # noqa: FBT001 - the one thing it is about
    """A truth for tables.

    Args:
        value: Or None.

    Returns:
        `yes` or `no`.
    """
    return None if value is None else ("yes" if value else "no")


def _turns(transcript: str) -> Sequence[tuple[str, str]]:
    turns: list[tuple[str, str]] = []
    for line in transcript.splitlines():
        named = _SPEAKER.fullmatch(line)
        if named is not None:
            turns.append((named["who"], named["words"]))
        elif turns:
            who, words = turns[-1]
            turns[-1] = (who, f"{words}\n{line}")
        elif line:
            turns.append(("", line))
    return turns


def _shown(value: object) -> Text:
    if isinstance(value, datetime):
        return cell(moment(value))
    if isinstance(value, bool):
        return cell(yes_no(value))
    if isinstance(value, Mapping | list | tuple):
        return safe(dumps(value, indent=2, ensure_ascii=False, default=str))
    return safe(str(value))
