"""The command `outdial why`: what keeps a lead's phone from ringing, or a campaign idle."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import typer
from rich.text import Text

from outdial.planning.campaigns import find
from outdial.speaking.client import Client, JsonOption, KeyOption, UrlOption, target
from outdial.speaking.lines import moment, plain
from outdial.speaking.login import HomeOption
from outdial.speaking.speech import CommandError, Exit, out, table, write_json
from outdial.speaking.told import told


def why(
    lead: Annotated[str | None, typer.Argument(help="The lead's id.")] = None,
    *,
    campaign: Annotated[
        str | None, typer.Option(help="Explain a campaign instead: its id, or its exact name.")
    ] = None,
    json: JsonOption = False,
    url: UrlOption = None,
    key: KeyOption = None,
    home: HomeOption = Path(".outdial"),
) -> None:
    """Say why a lead is not called, or why a campaign is idle, gate by gate."""
    if (lead is None) == (campaign is None):
        raise CommandError("name either a lead's id or --campaign", code=Exit.USAGE)
    with told(json=json), Client(target=target(url, key, home)) as client:
        if campaign is not None:
            found = client.get(f"/v1/campaigns/{find(client, campaign)}/why-idle")
        else:
            found = client.get(f"/v1/leads/{quote(str(lead), safe='')}/why")
    if json:
        write_json(found)
        return
    for line in _campaign(found) if campaign is not None else _lead(found):
        out().print(line, soft_wrap=True)
    if campaign is not None and found["waiting"]:
        out().print(_waiting(found["waiting"]))


def _lead(found: Mapping[str, Any]) -> Iterator[Text]:
    blocks = found["blocks"]
    yield Text(plain(blocks["says"]) if blocks else "Every gate is open.", style="bold")
    yield from _verdicts(found["verdicts"])
    if found["next_at"]:
        yield Text(f"Every gate that time opens is open at {moment(found['next_at'])}.")
    if found["estimate_at"]:
        yield Text(f"The phone rings at about {moment(found['estimate_at'])}.")


def _campaign(found: Mapping[str, Any]) -> Iterator[Text]:
    yield Text(plain(found["says"]), style="bold")
    yield from _verdicts(found["verdicts"])


def _verdicts(verdicts: Sequence[Mapping[str, Any]]) -> Iterator[Text]:
    for one in verdicts:
        mark = "open" if one["open"] else "SHUT"
        until = f" (until {moment(one['until'])})" if one["until"] else ""
        style = "" if one["open"] else "red"
        yield Text(f"  {mark}  {plain(one['gate']):<14} {plain(one['says'])}{until}", style=style)


def _waiting(rows: Sequence[Mapping[str, Any]]) -> Any:  # noqa: ANN401 -- rich's table
    columns = ("waits for", "leads#", "due#", "next due")
    return table(
        columns,
        [(r["reason"], r["leads"], r["due"], moment(r["next_due_at"]) or "") for r in rows],
    )
