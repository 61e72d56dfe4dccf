"""The commands `outdial campaigns redial` and `runs`: call people again as a new campaign."""

import secrets
from collections.abc import Mapping
from json import dumps
from pathlib import Path
from typing import Annotated, Any

import typer

from outdial.planning.campaigns import CampaignArgument, find
from outdial.planning.segments import AttributeOption, StateOption, parse_attributes
from outdial.speaking.client import Client, JsonOption, KeyOption, UrlOption, target
from outdial.speaking.lines import moment, plain
from outdial.speaking.login import HomeOption
from outdial.speaking.speech import counted, out, table, write_json
from outdial.speaking.told import told


def redial(  # noqa: PLR0913 - one parameter for each option
    campaign: CampaignArgument,
    *,
    outcome: Annotated[
        list[str],
        typer.Option(help="How the last call ended, such as no_answer or busy; repeated."),
    ],
    name: Annotated[
        str | None,
        typer.Option(help="Of the new campaign; this one's name and the date if left out."),
    ] = None,
    start: Annotated[
        bool, typer.Option("--start", help="Start dialing once all its leads are in it.")
    ] = False,
    us_state: StateOption = None,
    attribute: AttributeOption = None,
    not_called_for: Annotated[
        int | None, typer.Option(help="Only whose phone didn't ring for so many days.")
    ] = None,
    json: JsonOption = False,
    url: UrlOption = None,
    key: KeyOption = None,
    home: HomeOption = Path(".outdial"),
) -> None:
    """Call a campaign's finished leads again whose last call ended so, as a new campaign.

    Nobody is called again who asked not to be or is on the do-not-call list.
    """
    given = {
        "us_states": us_state,
        "attributes": parse_attributes(attribute) if attribute else None,
        "not_called_for_days": not_called_for,
    }
    narrowed = {k: v for k, v in given.items() if v is not None}
    body: dict[str, Any] = {"outcomes": outcome, "start": start}
    body |= ({"name": name} if name else {}) | ({"filter": narrowed} if narrowed else {})
    with told(json=json), Client(target=target(url, key, home)) as client:
        path = f"/v1/campaigns/{find(client, campaign)}/redial"
        made = client.post_keyed(path, dumps(body).encode(), key=secrets.token_hex(16)).body
    if json:
        write_json(made)
        return
    out().print(f"{made['campaign_id']}  {plain(made['campaign_name'])}", soft_wrap=True)
    then = "it starts once all are in" if made["start"] else "a draft until it is started"
    out().print(f"Its leads are being copied; {then}. See: outdial campaigns runs")


def runs(
    *,
    campaign: Annotated[
        str | None, typer.Option(help="Only runs of this campaign: its id, or its exact name.")
    ] = None,
    json: JsonOption = False,
    url: UrlOption = None,
    key: KeyOption = None,
    home: HomeOption = Path(".outdial"),
) -> None:
    """List campaigns that were made of others, by redial or schedule, and how far each is."""
    with told(json=json), Client(target=target(url, key, home)) as client:
        parent = find(client, campaign) if campaign else None
        found = list(client.every("/v1/runs", parent_id=parent))
    show(found, json=json)


def show(found: list[dict[str, Any]], *, json: bool) -> None:
    """Prints runs.

    Args:
        found: As the API lists them.
        json: Whether as JSON.
    """
    if json:
        write_json(found)
        return
    if not found:
        out().print("No runs.")
        return
    columns = ("campaign", "name", "of", "made", "leads#", "state")
    out().print(table(columns, [_row(item) for item in found]))


def _row(item: Mapping[str, Any]) -> tuple[object, ...]:
    return (
        item["campaign_id"],
        item["campaign_name"],
        item["schedule_name"] or item["parent_name"],
        moment(item["occurrence"] or item["created_at"]),
        f"{item['taken']:,}",
        _state(item),
    )


def _state(item: Mapping[str, Any]) -> str:
    if item["state"] == "filling":
        return f"filling, {counted(item['taken'], 'lead')} so far"
    problem = f": {item['problem']}" if item["problem"] else ""
    return f"{item['campaign_state']}{problem}"
