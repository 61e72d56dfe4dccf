"""The commands `outdial rules`: what holds over all campaigns, and every version of it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from outdial.machine.files import read_small
from outdial.speaking.client import Client, JsonOption, KeyOption, UrlOption, target
from outdial.speaking.lines import moment
from outdial.speaking.login import HomeOption
from outdial.speaking.speech import CommandError, Exit, counted, out, table, write_json
from outdial.speaking.told import told

app = typer.Typer(
    help="Rules over all campaigns: the law's table, outcomes, caps on a number.",
    no_args_is_help=True,
)

_TABLES = ("calling_hours", "outcomes")
_LAW = ("state", "profile", "weekdays", "saturday", "sunday", "holidays", "24 h#", "source")


@app.command()
def show(
    *,
    state: Annotated[
        list[str] | None, typer.Option(help="Only these states, such as FL; repeated.")
    ] = None,
    json: JsonOption = False,
    url: UrlOption = None,
    key: KeyOption = None,
    home: HomeOption = Path(".outdial"),
) -> None:
    """Show caps, paused states, and the law's table with its sources."""
    with told(json=json), Client(target=target(url, key, home)) as client:
        found = client.get("/v1/rules")
    if json:
        write_json(found)
        return
    limits = found["limits"]
    out().print(
        f"version {found['version']}; a number rings at most {_most(limits['per_number_24h'])} in "
        f"24 hours and {_most(limits['per_number_7d'])} in seven days, "
        f"{limits['gap_minutes']} minutes apart; paused states: "
        f"{', '.join(limits['paused_states']) or 'none'}",
        soft_wrap=True,
    )
    asked = {"*", *(code.upper() for code in state)} if state else None
    rows = [row for row in found["calling_hours"] if asked is None or row["state"] in asked]
    out().print(table(_LAW, [_row(row) for row in rows]))


@app.command()
def export(
    which: Annotated[str, typer.Argument(help="calling_hours or outcomes.")],
    file: Annotated[Path, typer.Argument(help="The CSV file to write; it must not exist.")],
    *,
    url: UrlOption = None,
    key: KeyOption = None,
    home: HomeOption = Path(".outdial"),
) -> None:
    """Write a table to a file, to edit it and put it in force with `rules set`."""
    if which not in _TABLES:
        raise CommandError(f"{which!r} is no table; known: {', '.join(_TABLES)}", code=Exit.USAGE)
    with Client(target=target(url, key, home)) as client:
        found = client.get(f"/v1/rules/tables/{which}")
    try:
        with file.open("x", encoding="utf-8", newline="") as made:
            made.write(found["csv"])
    except OSError as error:
        raise CommandError(f"{file}: {error.strerror}", code=Exit.USAGE) from error
    out().print(f"{file}: {which} of version {found['version']}", soft_wrap=True)


@app.command(name="set")
def change(  # noqa: PLR0913 - one parameter for each option
    *,
    note: Annotated[str, typer.Option(help="Why, for the record; at most 500 characters.")],
    per_day: Annotated[
        int | None, typer.Option(help="Most rings of one number in any 24 hours; 0: no cap.")
    ] = None,
    per_week: Annotated[
        int | None, typer.Option(help="Most rings of one number in any seven days; 0: no cap.")
    ] = None,
    gap: Annotated[
        int | None, typer.Option(help="Least minutes between two rings of one number.")
    ] = None,
    calling_hours: Annotated[
        Path | None, typer.Option(help="The law's table as CSV; see `rules export`.")
    ] = None,
    outcomes: Annotated[
        Path | None, typer.Option(help="The table of outcomes as CSV; see `rules export`.")
    ] = None,
    json: JsonOption = False,
    url: UrlOption = None,
    key: KeyOption = None,
    home: HomeOption = Path(".outdial"),
) -> None:
    """Put a new version in force; no phone rings by the old one from then on."""
    limits: dict[str, int | None] = {
        name: value or (value if name == "gap_minutes" else None)
        for name, value in (
            ("per_number_24h", per_day),
            ("per_number_7d", per_week),
            ("gap_minutes", gap),
        )
        if value is not None
    }
    body: dict[str, Any] = {"note": note}
    if limits:
        body["limits"] = limits
    for name, path in (("calling_hours", calling_hours), ("outcomes", outcomes)):
        if path is not None:
            body[name] = _read(path)
    if len(body) == 1:
        raise CommandError("nothing is to change: name a cap or a table", code=Exit.USAGE)
    with told(json=json), Client(target=target(url, key, home)) as client:
        found = client.patch("/v1/rules", body)
    if json:
        write_json(found)
        return
    out().print(f"version {found['version']} is in force")


@app.command()
def preview(
    file: Annotated[Path, typer.Argument(help="A table of outcomes as CSV; see `rules export`.")],
    *,
    json: JsonOption = False,
    url: UrlOption = None,
    key: KeyOption = None,
    home: HomeOption = Path(".outdial"),
) -> None:
    """Try a table of outcomes on the newest past calls; nothing is changed."""
    body = {"outcomes": _read(file)}
    with told(json=json), Client(target=target(url, key, home)) as client:
        found = client.post("/v1/rules/outcomes/preview", body)
    if json:
        write_json(found)
        return
    looked = counted(found["calls"], "past call")
    out().print(f"{found['changed']:,} of {looked} would mean something else")
    if found["changed"]:
        out().print(table(("now", "then", "calls#"), map(_moved, found["changes"])))
        columns = ("call", "ended reason", "now", "then", "by")
        out().print(table(columns, map(_example, found["examples"])))


@app.command()
def versions(
    *,
    json: JsonOption = False,
    url: UrlOption = None,
    key: KeyOption = None,
    home: HomeOption = Path(".outdial"),
) -> None:
    """List who changed the rules, newest first."""
    with told(json=json), Client(target=target(url, key, home)) as client:
        found = client.get("/v1/rules/versions")["items"]
    if json:
        write_json(found)
        return
    columns = ("version#", "at", "by", "note")
    out().print(
        table(
            columns,
            [
                (row["version"], moment(row["at"]) or "", row["by"] or "", row["note"] or "")
                for row in found
            ],
        )
    )


def _moved(row: Mapping[str, Any]) -> tuple[object, ...]:
    return row["before"], row["after"], f"{row['calls']:,}"


def _example(row: Mapping[str, Any]) -> tuple[object, ...]:
    return tuple(row[name] for name in ("call_id", "ended_reason", "before", "after", "by"))


def _most(given: int | None) -> str:
    return "any number of times" if given is None else f"{given} times"


def _row(row: dict[str, str]) -> tuple[object, ...]:
    days = (_hours(row, name) for name in ("weekday", "sat", "sun"))
    return (
        row["state"],
        row["profile"],
        *days,
        row["holiday_set"],
        row["max_attempts_24h"],
        row["source"],
    )


def _hours(row: dict[str, str], day: str) -> str:
    start, end = row[f"{day}_start"], row[f"{day}_end"]
    return start if start == "closed" else f"{start}-{end}"


def _read(path: Path) -> str:
    try:
        return read_small(path)
    except (OSError, ValueError) as error:
        raise CommandError(f"{path}: {error}", code=Exit.USAGE) from error
