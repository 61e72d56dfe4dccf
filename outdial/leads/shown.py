"""The commands `outdial leads list` and `show`: who is where, and what happened to one."""

from collections.abc import Iterator, Mapping
from itertools import islice
from json import dumps
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import typer

from dialer.rules.lead import LeadState
from dialer.rules.phones.phone import mask
from outdial.planning.campaigns import find
from outdial.speaking.client import Client, JsonOption, KeyOption, UrlOption, target
from outdial.speaking.lines import moment, plain
from outdial.speaking.login import HomeOption
from outdial.speaking.speech import out, table, write_json
from outdial.speaking.told import told

_COLUMNS = ("id", "lead", "number", "external id", "state", "reason", "attempts#", "due")


def list_leads(  # noqa: PLR0913 - one parameter for each option
    *,
    campaign: Annotated[
        str | None, typer.Option(help="Only of this campaign: its id, or its exact name.")
    ] = None,
    state: Annotated[LeadState | None, typer.Option(help="Only in this bucket.")] = None,
    phone: Annotated[
        str | None, typer.Option(help="Only with this number, however it is written.")
    ] = None,
    external_id: Annotated[str | None, typer.Option(help="Only with your own id of it.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="At most so many.")] = 50,
    json: JsonOption = False,
    url: UrlOption = None,
    key: KeyOption = None,
    home: HomeOption = Path(".outdial"),
) -> None:
    """List leads, oldest first; numbers are masked, except in --json."""
    with told(json=json), Client(target=target(url, key, home)) as client:
        wanted = {
            "campaign_id": find(client, campaign) if campaign else None,
            "state": state.value if state else None,
            "phone": phone,
            "external_id": external_id,
        }
        given = {name: value for name, value in wanted.items() if value is not None}
        found = list(islice(client.every("/v1/leads", **given), limit))
    if json:
        write_json(found)
        return
    out().print(table(_COLUMNS, [_row(item) for item in found]) if found else "No such lead.")


def show(
    lead: Annotated[str, typer.Argument(help="The lead's id.")],
    *,
    json: JsonOption = False,
    url: UrlOption = None,
    key: KeyOption = None,
    home: HomeOption = Path(".outdial"),
) -> None:
    """Show what happened to a lead, in order; `outdial why` says what it waits for."""
    with told(json=json), Client(target=target(url, key, home)) as client:
        found = client.get(f"/v1/leads/{quote(lead, safe='')}")
    if json:
        write_json(found)
        return
    reason = f" ({plain(found['reason'])})" if found["reason"] else ""
    who = plain(found["name"] or found["external_id"] or found["id"])
    out().print(f"{who}: {found['state']}{reason}, {mask(found['phone'])}", soft_wrap=True)
    out().print(table(("at", "event", ""), list(_timeline(found))))


def _row(item: Mapping[str, Any]) -> tuple[object, ...]:
    names = ("id", "name", "phone", "external_id", "state", "reason", "attempts")
    shown = [item[name] for name in names]
    shown[2] = mask(item["phone"])
    return (*shown, moment(item["due_at"]) if item["state"] == LeadState.WAITING else "")


def _timeline(found: Mapping[str, Any]) -> Iterator[tuple[object, ...]]:
    for entry in found["timeline"]:
        yield moment(entry["at"]), plain(entry["name"]), plain(dumps(entry["body"]))[:100]
