"""The commands `outdial dnc`: the copy of the do-not-call registry, loaded and shown."""

import json as jsons
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Annotated, Any

import typer

from dialer.rules.phones.phone import REJECTED_CODES
from outdial.speaking.client import Client, JsonOption, KeyOption, UrlOption, target
from outdial.speaking.login import HomeOption
from outdial.speaking.sheet import opened
from outdial.speaking.speech import CommandError, Exit, counted, out, write_json
from outdial.speaking.told import told

PART = 10_000
"""Numbers sent together: as many as the API takes."""

_SHOWN = 20
_LONGEST_LINE = 200
_LEAST_DIGITS = 7

app = typer.Typer(
    help="The do-not-call registry: load a copy, see how old it is.", no_args_is_help=True
)


@dataclass(slots=True)
class Tally:
    """What became of a file's numbers.

    Attributes:
        added: New in the copy.
        known: There before, or twice in the file.
        codes: Lines that can't be read, by the reason.
        lines: The first of them, each with its reason.
    """

    added: int = 0
    known: int = 0
    codes: Counter[str] = field(default_factory=Counter)
    lines: list[tuple[int, str]] = field(default_factory=list)

    def add(self, numbers: list[tuple[int, str]], answer: dict[str, Any]) -> None:
        """Counts one more part.

        Args:
            numbers: Its lines' places in the file, and texts.
            answer: What the API said of it.
        """
        self.added += answer["added"]
        self.known += answer["known"]
        for one in answer["rejected"]:
            self.codes[one["code"]] += 1
            if len(self.lines) < _SHOWN:
                self.lines.append((numbers[one["index"]][0], one["code"]))


@app.command(name="import")
def import_file(
    file: Annotated[
        Path, typer.Argument(help="One number a line, as the registry writes them; or a CSV file.")
    ],
    *,
    scrubbed_on: Annotated[
        datetime,
        typer.Option(formats=["%Y-%m-%d"], help="The day on which this version was obtained."),
    ],
    column: Annotated[
        str | None, typer.Option(help="The column of a CSV file with a header row.")
    ] = None,
    replace: Annotated[
        bool,
        typer.Option(
            "--replace", help="Clear the copy first; until the end nothing dials by the registry."
        ),
    ] = False,
    json: JsonOption = False,
    url: UrlOption = None,
    key: KeyOption = None,
    home: HomeOption = Path(".outdial"),
) -> None:
    """Load a copy of the registry, and say of which day it is once every line was read."""
    numbers = _column_of(file, column) if column else _lines_of(file)
    tally = Tally()
    with told(json=json), Client(target=target(url, key, home)) as client:
        if replace:
            client.delete("/v1/dnc/numbers")
        for part in _parts(numbers):
            tally.add(part, _send(client, part))
        if tally.codes:
            raise CommandError(_refusal(file, tally), code=Exit.USAGE)
        view = client.post("/v1/dnc/scrubbed", {"on": scrubbed_on.date().isoformat()})
    if json:
        write_json({"added": tally.added, "known": tally.known, **view})
        return
    out().print(f"{counted(tally.added, 'new number')}, {tally.known:,} known")
    out().print(_says(view))


@app.command()
def show(
    *,
    json: JsonOption = False,
    url: UrlOption = None,
    key: KeyOption = None,
    home: HomeOption = Path(".outdial"),
) -> None:
    """Show how many numbers the copy has, of which day it is, and when it lapses."""
    with told(json=json), Client(target=target(url, key, home)) as client:
        view = client.get("/v1/dnc")
    if json:
        write_json(view)
    else:
        out().print(_says(view))


def _says(view: dict[str, Any]) -> str:
    numbers = f"{'more than ' if view['more'] else ''}{counted(view['numbers'], 'number')}"
    if view["scrubbed_on"] is None:
        return f"{numbers}, not in force: campaigns that ask for the registry call nobody"
    state = "in force until" if view["fresh"] else "too old since"
    return f"{numbers}, of {view['scrubbed_on']}; {state} {view['expires_on']} (UTC)"


def _send(client: Client, part: list[tuple[int, str]]) -> dict[str, Any]:
    body = jsons.dumps({"phones": [text for _, text in part]}).encode()
    # Sending a part again adds nothing, so it may be tried again.
    return client.post_keyed("/v1/dnc/numbers", body, key=f"dnc-line-{part[0][0]}").body


def _parts(numbers: Iterable[tuple[int, str]]) -> Iterator[list[tuple[int, str]]]:
    rest = iter(numbers)
    while part := list(islice(rest, PART)):
        yield part


def _lines_of(file: Path) -> Iterator[tuple[int, str]]:
    try:
        with file.open(encoding="utf-8-sig", errors="replace") as lines:
            for place, line in enumerate(lines, 1):
                text = line.strip()
                digits = sum(map(str.isdigit, text))
                if not text or (place == 1 and digits < _LEAST_DIGITS):
                    continue  # blank, or a header
                yield place, _joined(text)
    except OSError as error:
        raise CommandError(f"{file}: {error.strerror or error}", code=Exit.USAGE) from error


def _joined(text: str) -> str:
    # The registry's own files write 212,5550142: area code and number in two fields.
    return re.sub(r"^\"?(\d{3})\"?,\s*\"?(\d{7})\"?$", r"\1\2", text)[:_LONGEST_LINE]


def _column_of(file: Path, column: str) -> Iterator[tuple[int, str]]:
    with opened(file) as sheet:
        if column not in sheet.header:
            known = ", ".join(f'"{name}"' for name in sheet.header[:50])
            raise CommandError(
                f'{file} has no column "{column}"; it has: {known}', code=Exit.USAGE
            )
        index = sheet.header.index(column)
        for row in sheet.rows:
            yield row.number, row.cells[index][:_LONGEST_LINE]


def _refusal(file: Path, tally: Tally) -> str:
    total = tally.codes.total()
    reasons = "; ".join(f"{count:,} {_reason(code)}" for code, count in tally.codes.most_common(5))
    places = ", ".join(str(place) for place, _ in tally.lines)
    return (
        f"{file}: {counted(total, 'line')} can't be read ({reasons}), such as line {places}. The "
        f"other {tally.added + tally.known:,} numbers are loaded, but the copy was not declared "
        "whole: correct the file and import it again"
    )


def _reason(code: str) -> str:
    name = code.removeprefix("phone.")
    return f"{name} ({REJECTED_CODES[name]})" if name in REJECTED_CODES else name
