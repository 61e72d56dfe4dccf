"""The commands `outdial suppress`: numbers that nobody calls, one by one or from a file."""

import json as jsons
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer

from dialer.rules.intake.field_map import ALIASES
from outdial.planning.campaigns import find
from outdial.speaking.client import Client, JsonOption, KeyOption, UrlOption, target
from outdial.speaking.lines import moment
from outdial.speaking.login import HomeOption
from outdial.speaking.sheet import opened
from outdial.speaking.speech import CommandError, Exit, counted, out, table, write_json
from outdial.speaking.told import told

PART = 500
"""Rows sent together; the API takes a thousand, and a body a mebibyte."""

_SHOWN = 20
_LONGEST = 600
"""Longer than the API takes any field, so that a cell of a megabyte costs only its own row."""

app = typer.Typer(
    help="The do-not-call list: add numbers, import, list, remove.", no_args_is_help=True
)

ReasonOption = Annotated[str, typer.Option(help="Why, for people.")]
UntilOption = Annotated[
    str | None,
    typer.Option(help="When it lapses, such as 2026-06-01T00:00:00Z; never if left out."),
]
CampaignOption = Annotated[
    str | None, typer.Option(help="Only for this campaign: its id, or its exact name.")
]
Entry = tuple[int, dict[str, Any]]


@app.command()
def add(
    phone: Annotated[str, typer.Argument(help="A number as people write it.")],
    *,
    reason: ReasonOption = "asked not to be called",
    until: UntilOption = None,
    campaign: CampaignOption = None,
    json: JsonOption = False,
    url: UrlOption = None,
    key: KeyOption = None,
    home: HomeOption = Path(".outdial"),
) -> None:
    """Put a number on the do-not-call list; its waiting leads end as suppressed."""
    with told(json=json), Client(target=target(url, key, home)) as client:
        body: dict[str, object] = {"phone": phone, "reason": reason, "until": until}
        body["campaign_id"] = find(client, campaign) if campaign else None
        made = client.post("/v1/suppressions", body)
    if json:
        write_json(made)
    else:
        out().print(f"{made['phone']} is called no more{_bounds(made)}; entry {made['id']}")


@app.command(name="import")
def import_file(
    file: Annotated[Path, typer.Argument(help="A CSV file with a header row and a phone column.")],
    *,
    reason: ReasonOption = "imported",
    column: Annotated[
        str | None, typer.Option(help="The column with the numbers, where it isn't plain.")
    ] = None,
    campaign: CampaignOption = None,
    json: JsonOption = False,
    url: UrlOption = None,
    key: KeyOption = None,
    home: HomeOption = Path(".outdial"),
) -> None:
    """Import numbers from a CSV file; the same file again adds nothing twice.

    Columns named reason, until and campaign_id are read where they are. Rows that can't be read
    are told with their reason, and cost no other row.
    """
    counts: Counter[str] = Counter()
    refused: list[dict[str, Any]] = []
    with told(json=json), Client(target=target(url, key, home)) as client:
        where = find(client, campaign) if campaign else None
        rows = iter(list(_rows(file, column, reason, where)))
        while part := list(islice(rows, PART)):
            body = jsons.dumps({"rows": [entry for _, entry in part]}).encode()
            name = f"suppress-row-{part[0][0]}"
            answer = client.post_keyed("/v1/suppressions/bulk", body, key=name).body
            counts.update({n: answer[n] for n in ("listed", "known", "rejected")})
            refused += _refused(part, answer["rows"])
    _report(file, counts, refused, json=json)


@app.command(name="list")
def list_numbers(
    *,
    phone: Annotated[str | None, typer.Option(help="Only this number.")] = None,
    json: JsonOption = False,
    url: UrlOption = None,
    key: KeyOption = None,
    home: HomeOption = Path(".outdial"),
) -> None:
    """List the do-not-call list, oldest first, entries that have lapsed included."""
    with told(json=json), Client(target=target(url, key, home)) as client:
        items = list(client.every("/v1/suppressions", phone=phone))
    if json:
        write_json(items)
        return
    rows = [
        (
            one["id"],
            one["phone"],
            one["reason"],
            moment(one["until"]) or "for good",
            one["campaign_id"] or "all campaigns",
        )
        for one in items
    ]
    out().print(table(("id", "number", "reason", "until", "where"), rows))


@app.command()
def remove(
    entry: Annotated[UUID, typer.Argument(help="The entry's id; see `suppress list`.")],
    *,
    url: UrlOption = None,
    key: KeyOption = None,
    home: HomeOption = Path(".outdial"),
) -> None:
    """Take an entry off the list. Leads that it ended stay as they are."""
    with Client(target=target(url, key, home)) as client:
        client.delete(f"/v1/suppressions/{entry}")
    out().print("removed")


def _bounds(made: dict[str, Any]) -> str:
    until = f" until {moment(made['until'])}" if made["until"] else ""
    return until + (" in that campaign" if made["campaign_id"] else "")


def _rows(file: Path, column: str | None, reason: str, where: str | None) -> Iterator[Entry]:
    with opened(file) as sheet:
        names = [_key(name) for name in sheet.header]
        phone = _phone_column(file, sheet.header, names, column)
        others = {
            field: names.index(_key(field))
            for field in ("reason", "until", "campaign_id")
            if _key(field) in names
        }
        for row in sheet.rows:
            given = {name: row.cells[place].strip()[:_LONGEST] for name, place in others.items()}
            entry = {"phone": row.cells[phone][:_LONGEST], "reason": reason, "campaign_id": where}
            yield row.number, entry | {name: text for name, text in given.items() if text}


def _phone_column(
    file: Path, header: Sequence[str], names: Sequence[str], column: str | None
) -> int:
    if column is not None and column in header:
        return header.index(column)
    usual = [names.index(name) for name in (*ALIASES["phone"], "number") if name in names]
    if column is None and usual:
        return usual[0]
    known = ", ".join(f'"{name}"' for name in header[:50])
    what = f'no column "{column}"' if column else "no column that is plainly a phone"
    raise CommandError(f"{file} has {what}; name one with --column: {known}", code=Exit.USAGE)


def _key(name: str) -> str:
    return "".join(c for c in name.lower() if c.isalnum())


def _refused(part: Sequence[Entry], answers: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {"row": part[one["index"]][0], "code": one["errors"][0]["code"]}
        | {"message": one["errors"][0]["message"]}
        for one in answers
        if one["status"] == "rejected"
    ]


def _report(
    file: Path, counts: Counter[str], refused: Sequence[dict[str, Any]], *, json: bool
) -> None:
    if json:
        write_json({**counts, "refused": refused})
    else:
        out().print(
            f"{counted(counts['listed'], 'number')} listed, {counts['known']:,} known, "
            f"{counts['rejected']:,} refused"
        )
        shown = [(one["row"], one["code"], one["message"]) for one in refused[:_SHOWN]]
        if shown:
            out().print(table(("row#", "code", "why"), shown))
    if refused:
        # Whoever runs this from a script must not take a number for suppressed that is not.
        raise CommandError(f"{file}: {counted(len(refused), 'row')} could not be taken")
