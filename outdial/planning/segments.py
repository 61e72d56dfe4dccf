"""The commands `outdial segments`: saved choices among all leads."""

from collections.abc import Mapping, Sequence
from json import JSONDecodeError, loads
from pathlib import Path
from typing import Annotated, Any

import typer

from outdial.planning.campaigns import find
from outdial.speaking.client import Client, JsonOption, KeyOption, UrlOption, target
from outdial.speaking.login import HomeOption
from outdial.speaking.named import find_named
from outdial.speaking.speech import CommandError, Exit, counted, out, table, write_json
from outdial.speaking.told import told

app = typer.Typer(
    help="Segments: saved choices among all leads, for schedules.", no_args_is_help=True
)

SegmentArgument = Annotated[str, typer.Argument(help="The segment's id, or its exact name.")]
StateOption = Annotated[
    list[str] | None,
    typer.Option(help="Only people of this US state, such as TX, by address or number; repeated."),
]
AttributeOption = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NAME=VALUE",
        help="Only leads with this attribute; a value such as 5 or true is no text, "
        "write 'plan=\"5\"' for one; repeated.",
    ),
]

_PATH = "/v1/segments"


@app.command()
def add(  # noqa: PLR0913 - one parameter for each option
    name: Annotated[str, typer.Argument(help="For people.")],
    *,
    campaign: Annotated[
        list[str] | None, typer.Option(help="Only leads of this campaign; repeated.")
    ] = None,
    source: Annotated[
        list[str] | None, typer.Option(help="Only leads of this source's id; repeated.")
    ] = None,
    bucket: Annotated[
        list[str] | None,
        typer.Option(help="Only leads in this bucket, such as done; done and expired by default."),
    ] = None,
    outcome: Annotated[
        list[str] | None,
        typer.Option(help="Only whose last call ended so, such as no_answer; repeated."),
    ] = None,
    us_state: StateOption = None,
    attribute: AttributeOption = None,
    attempts_min: Annotated[int | None, typer.Option(help="Calls that counted, at least.")] = None,
    attempts_max: Annotated[int | None, typer.Option(help="Calls that counted, at most.")] = None,
    not_called_for: Annotated[
        int | None, typer.Option(help="Only whose phone didn't ring for so many days.")
    ] = None,
    created_within: Annotated[
        int | None, typer.Option(help="Only leads of the last so many days.")
    ] = None,
    json: JsonOption = False,
    url: UrlOption = None,
    key: KeyOption = None,
    home: HomeOption = Path(".outdial"),
) -> None:
    """Save a choice among all leads; it is read anew whenever it is used."""
    with told(json=json), Client(target=target(url, key, home)) as client:
        given = {
            "campaign_ids": [find(client, one) for one in campaign or ()] or None,
            "source_ids": source,
            "states": bucket,
            "last_outcomes": outcome,
            "us_states": us_state,
            "attributes": parse_attributes(attribute) if attribute else None,
            "attempts_min": attempts_min,
            "attempts_max": attempts_max,
            "not_called_for_days": not_called_for,
            "created_within_days": created_within,
        }
        narrowed = {k: v for k, v in given.items() if v is not None}
        made = client.post(_PATH, {"name": name, "filter": narrowed})
        counts = client.get(f"{_PATH}/{made['id']}/count")
    if json:
        write_json({**made, "now": counts})
        return
    out().print(f"{made['id']}  {_many(counts)} now", soft_wrap=True)


@app.command(name="list")
def list_segments(
    *,
    json: JsonOption = False,
    url: UrlOption = None,
    key: KeyOption = None,
    home: HomeOption = Path(".outdial"),
) -> None:
    """List segments and what each means."""
    with told(json=json), Client(target=target(url, key, home)) as client:
        found = list(client.every(_PATH))
    if json:
        write_json(found)
        return
    if not found:
        out().print("No segments; `outdial segments add` makes one.")
        return
    rows = [(item["id"], item["name"], _means(item["filter"])) for item in found]
    out().print(table(("id", "name", "leads"), rows))


@app.command()
def count(
    segment: SegmentArgument,
    *,
    json: JsonOption = False,
    url: UrlOption = None,
    key: KeyOption = None,
    home: HomeOption = Path(".outdial"),
) -> None:
    """Count the leads that are in a segment now."""
    with told(json=json), Client(target=target(url, key, home)) as client:
        found = client.get(f"{_PATH}/{find_named(client, _PATH, segment, what='segment')}/count")
    if json:
        write_json(found)
        return
    out().print(_many(found))


@app.command()
def remove(
    segment: SegmentArgument,
    *,
    json: JsonOption = False,
    url: UrlOption = None,
    key: KeyOption = None,
    home: HomeOption = Path(".outdial"),
) -> None:
    """Delete a segment that no schedule uses; no lead changes."""
    with told(json=json), Client(target=target(url, key, home)) as client:
        found = find_named(client, _PATH, segment, what="segment")
        client.delete(f"{_PATH}/{found}")
    if json:
        write_json({"removed": found})
        return
    out().print("removed")


def parse_attributes(given: Sequence[str]) -> dict[str, object]:
    """Reads attributes as they are written on a command line.

    Args:
        given: Such as `plan=gold`, `score=5` (a number) or `plan="5"` (a text).

    Returns:
        Name -> value.

    Raises:
        CommandError: One has no `=` or no name.
    """
    found: dict[str, object] = {}
    for text in given:
        name, sign, value = text.partition("=")
        if not (sign and name.strip()):
            raise CommandError(
                f'--attribute "{text}": write it as NAME=VALUE, such as plan=gold',
                code=Exit.USAGE,
            )
        found[name.strip()] = _value(value)
    return found


def _value(text: str) -> object:
    try:
        found = loads(text)
    except (JSONDecodeError, RecursionError, ValueError):
        return text
    return text if found is None or isinstance(found, dict | list) else found


def _many(counts: Mapping[str, Any]) -> str:
    least = "at least " if counts["at_least"] else ""
    return f"{least}{counted(counts['count'], 'lead')}"


def _means(given: Mapping[str, Any]) -> str:
    return "; ".join(f"{name}: {_shown(value)}" for name, value in given.items())


def _shown(value: object) -> str:
    match value:
        case list():
            return ", ".join(str(one) for one in value)
        case dict():
            return ", ".join(f"{name}={one}" for name, one in value.items())
        case _:
            return str(value)
