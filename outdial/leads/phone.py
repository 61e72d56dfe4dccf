"""Shows what would happen to phone numbers typed on the command line or held in a CSV file.

It is a report: refused rows are its content, not its failure, and nothing is stored or dialed.
"""

import re
import sys
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from itertools import islice
from json import dumps
from pathlib import Path
from typing import Annotated, NamedTuple

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from dialer.rules.phones.phone import (
    ACCEPTED_CODES,
    MAX_LENGTH,
    REJECTED_CODES,
    Accepted,
    normalise,
)
from outdial.speaking.sheet import opened
from outdial.speaking.speech import CommandError, counted

# A table is for reading; a longer file is counted in full and shown in part.
_SHOWN_ROWS = 1_000
_SHOWN_CHARACTERS = 48
_USUAL_COLUMNS = frozenset(
    {
        "phone",
        "phonenumber",
        "phoneno",
        "mobile",
        "mobilephone",
        "mobilenumber",
        "cell",
        "cellphone",
        "telephone",
        "telephonenumber",
        "tel",
    },
)
_LIKELY_COLUMN = re.compile(r"phone|mobile|\bcell|\btel\b|telefono")
_UNLIKELY_COLUMN = re.compile(r"type|ext|status|valid|code|country|consent|carrier|opt")


class Answer(NamedTuple):
    """One field and what the normaliser said; `e164` and `suggestion` are None when absent."""

    raw: str
    e164: str | None
    code: str
    suggestion: str | None


def phone(
    raw: Annotated[
        list[str] | None,
        typer.Argument(help="Numbers as people write them.", show_default=False),
    ] = None,
    *,
    csv: Annotated[
        Path | None,
        typer.Option("--csv", help="A CSV file with a header row.", show_default=False),
    ] = None,
    column: Annotated[
        str | None,
        typer.Option(help="The column of the file; guessed when only one is likely."),
    ] = None,
    json: Annotated[
        bool,
        typer.Option("--json", help="One JSON object per row: raw, e164, code, suggestion."),
    ] = False,
    allow_territories: Annotated[
        bool,
        typer.Option("--allow-territories", help="Accept numbers in US territories."),
    ] = False,
) -> None:
    """Show how phone numbers would be read: accepted, repaired, or refused and why."""
    if bool(raw) == (csv is not None):
        raise typer.BadParameter("give numbers, or a file with --csv", param_hint="RAW")
    if column is not None and csv is None:
        raise typer.BadParameter("it names a column of a file; add --csv", param_hint="--column")
    fields: Iterable[str] = raw or ()
    if csv is not None:
        fields = _read_column(csv, column)
    answers = (_answer(field, allow_territories=allow_territories) for field in fields)
    if json:
        _write_lines(answers)
    else:
        _write_table(answers)


def _answer(raw: str, *, allow_territories: bool) -> Answer:
    verdict = normalise(raw, allow_territories=allow_territories)
    if isinstance(verdict, Accepted):
        return Answer(raw, verdict.e164, verdict.code, None)
    return Answer(raw, None, verdict.code, verdict.suggestion)


def _read_column(path: Path, column: str | None) -> Iterator[str]:
    """Yields one field per row, "" where a row is too short; blank lines are skipped.

    Raises:
        typer.BadParameter: the file cannot be read or the column not found; it tells why, before
            the first field.
    """
    try:
        # To its end first: half a report on a file that a lost quote tore apart would mislead.
        with opened(path) as sheet:
            index = _find_column(list(sheet.header), column)
            deque(sheet.rows, maxlen=0)
        with opened(path) as sheet:
            yield from (row.cells[index] for row in sheet.rows)
    except CommandError as error:
        raise typer.BadParameter(str(error), param_hint="--csv") from error


def _find_column(names: list[str], wanted: str | None) -> int:
    """The position of the wanted column, or of the only one that looks like a phone."""
    keys = [_key(name) for name in names]
    if wanted is None:
        return _guess_column(names, keys)
    if wanted in names:
        return names.index(wanted)
    if _key(wanted) in keys:
        return keys.index(_key(wanted))
    if _key(wanted) in _USUAL_COLUMNS:
        return _guess_column(names, keys)
    near = get_close_matches(_key(wanted), keys, n=1)
    hint = f' Did you mean "{names[keys.index(near[0])]}"?' if near else ""
    raise typer.BadParameter(
        f'there is no column "{wanted}". The file has: {_list_names(names)}.{hint}',
        param_hint="--column",
    )


def _guess_column(names: list[str], keys: list[str]) -> int:
    usual = [index for index, key in enumerate(keys) if key in _USUAL_COLUMNS]
    likely = usual or [
        index
        for index, name in enumerate(names)
        if _LIKELY_COLUMN.search(name.casefold()) and not _UNLIKELY_COLUMN.search(name.casefold())
    ]
    if len(likely) == 1:
        return likely[0]
    which = "several columns look" if likely else "no column looks"
    shown = [names[index] for index in likely] or names
    raise typer.BadParameter(
        f"{which} like a phone; name one of: {_list_names(shown)}",
        param_hint="--column",
    )


def _key(name: str) -> str:
    return re.sub(r"[\W_]+", "", name.casefold())


def _list_names(names: list[str]) -> str:
    return ", ".join(f'"{_printable(name)}"' for name in names)


def _write_lines(answers: Iterable[Answer]) -> None:
    for answer in answers:
        sys.stdout.write(dumps(answer._asdict()) + "\n")


def _write_table(answers: Iterable[Answer]) -> None:
    console = Console()
    counts: Counter[str] = Counter()
    seen = _count(answers, counts)
    table = Table("raw", "number", "code", "suggestion")
    for answer in islice(seen, _SHOWN_ROWS):
        table.add_row(*_cells(answer))
    console.print(table)
    hidden = sum(1 for _ in seen)
    if hidden:
        console.print(f"… and {counted(hidden, 'more row')}; --json shows all of them.")
    console.print(_summarise(counts))


def _count(answers: Iterable[Answer], counts: Counter[str]) -> Iterator[Answer]:
    for answer in answers:
        counts[answer.code] += 1
        yield answer


def _cells(answer: Answer) -> tuple[Text, ...]:
    """Texts, not strings: a raw field must not be taken for markup."""
    return (
        Text(_printable(answer.raw)),
        Text(answer.e164 or "", style="green"),
        Text(answer.code, style="green" if answer.e164 else "red"),
        Text((answer.suggestion or "").replace("|", "\n")),
    )


def _printable(raw: str) -> str:
    """The text with whatever could move the cursor or hide on a terminal written as escapes."""
    shown = raw[: MAX_LENGTH + 1]
    plain = "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode()
        for character in shown
    )
    return plain if len(plain) <= _SHOWN_CHARACTERS else f"{plain[: _SHOWN_CHARACTERS - 1]}…"


def _summarise(counts: Counter[str]) -> Table:
    accepted = sum(count for code, count in counts.items() if code in ACCEPTED_CODES)
    total = sum(counts.values())
    rows = counted(total, "row")
    title = f"{rows}: {accepted:,} accepted, {total - accepted:,} refused"
    table = Table("code", "rows", "meaning", title=title, title_justify="left")
    table.columns[1].justify = "right"
    for code, sentence in (*ACCEPTED_CODES.items(), *REJECTED_CODES.items()):
        if counts[code]:
            style = "green" if code in ACCEPTED_CODES else "red"
            table.add_row(Text(code, style=style), f"{counts[code]:,}", sentence)
    return table
