"""The commands `outdial campaigns show`, `edit` and `versions`: a plan, and what became of it."""

from collections.abc import Iterator, Mapping, Sequence
from json import JSONDecodeError, dumps, loads
from pathlib import Path
from typing import Annotated, Any

import typer

from outdial.planning.campaigns import CampaignArgument, find, state_of
from outdial.speaking.client import Client, JsonOption, KeyOption, UrlOption, target
from outdial.speaking.lines import moment, plain
from outdial.speaking.login import HomeOption
from outdial.speaking.speech import CommandError, Exit, out, table, write_json
from outdial.speaking.told import told

LONGEST = 120
"""Characters of a value that are shown."""

_HIDDEN = frozenset({"id", "name", "state", "business_id", "agent_id", "version"})


def show(
    campaign: CampaignArgument,
    *,
    json: JsonOption = False,
    url: UrlOption = None,
    key: KeyOption = None,
    home: HomeOption = Path(".outdial"),
) -> None:
    """Show a campaign's plan as it is now."""
    with told(json=json), Client(target=target(url, key, home)) as client:
        found = client.get(f"/v1/campaigns/{find(client, campaign)}")
    if json:
        write_json(found)
        return
    told_of = f"{plain(found['name'])}: {state_of(found)}, version {found['version']}"
    out().print(told_of, soft_wrap=True)
    parts = [(name, _shown(value)) for name, value in found.items() if name not in _HIDDEN]
    out().print(table(("part", "value"), [part for part in parts if part[1]]))


def edit(
    campaign: CampaignArgument,
    parts: Annotated[
        list[str],
        typer.Argument(
            metavar="PART=VALUE...",
            help="Such as calls_per_minute=20, budget=null or closed_dates='[\"2026-12-24\"]'; "
            "the parts of POST /v1/campaigns, the value as JSON or plain text.",
        ),
    ],
    *,
    json: JsonOption = False,
    url: UrlOption = None,
    key: KeyOption = None,
    home: HomeOption = Path(".outdial"),
) -> None:
    """Change parts of a plan, also while it runs: no phone rings by the old one from then on."""
    body = read_parts(parts)
    with told(json=json), Client(target=target(url, key, home)) as client:
        path = f"/v1/campaigns/{find(client, campaign)}"
        changed = client.patch(path, body)
    if json:
        write_json(changed)
        return
    out().print(f"{plain(changed['name'])}: version {changed['version']}", soft_wrap=True)
    for name in body.keys() & changed.keys():
        out().print(f"  {name}: {_shown(changed[name]) or 'none'}", soft_wrap=True)


def versions(
    campaign: CampaignArgument,
    *,
    json: JsonOption = False,
    url: UrlOption = None,
    key: KeyOption = None,
    home: HomeOption = Path(".outdial"),
) -> None:
    """List what was edited, by whom and when; the newest first."""
    with told(json=json), Client(target=target(url, key, home)) as client:
        found = client.get(f"/v1/campaigns/{find(client, campaign)}/versions")["items"]
    if json:
        write_json(found)
        return
    columns = ("version#", "at", "by", "changed")
    out().print(table(columns, list(_edits(found))))


def read_parts(given: Sequence[str]) -> dict[str, Any]:
    """Reads what is to change.

    Args:
        given: `PART=VALUE` each; the value is read as JSON where it is any, else as text.

    Returns:
        The body of a PATCH.

    Raises:
        CommandError: One has no `=`, or a part comes twice.
    """
    body: dict[str, Any] = {}
    for text in given:
        name, equals, value = text.partition("=")
        name = name.strip().replace("-", "_")
        if not (name and equals):
            message = f'"{text[:LONGEST]}": write PART=VALUE, such as calls_per_minute=20'
            raise CommandError(message, code=Exit.USAGE)
        if name in body:
            raise CommandError(f"{name[:LONGEST]} is given twice", code=Exit.USAGE)
        body[name] = _value(value)
    return body


def _value(text: str) -> Any:  # noqa: ANN401 - whatever JSON holds
    try:
        return loads(text)
    except (JSONDecodeError, RecursionError):
        return text


def _edits(found: Sequence[Mapping[str, Any]]) -> Iterator[tuple[object, ...]]:
    for newer, older in zip(found, [*found[1:], None], strict=True):
        yield (
            newer["version"],
            moment(newer["at"]),
            plain(newer["by"] or "command line"),
            "the first plan" if older is None else _difference(older["plan"], newer["plan"]),
        )


def _difference(was: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    changed = [name for name in now if now[name] != was.get(name)]
    lines = (f"{name}: {_shown(was.get(name)) or '-'} -> {_shown(now[name])}" for name in changed)
    return "; ".join(lines) or "a secret, or nothing"


def _shown(value: object) -> str:
    if value is None or value in ({}, []):
        return ""
    text = value if isinstance(value, str) else dumps(value, ensure_ascii=False)
    text = plain(text)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
