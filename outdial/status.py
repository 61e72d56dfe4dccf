"""The command `outdial status`: where every lead is and what stands in the way, on one screen."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.columns import Columns
from rich.console import Console
from rich.text import Text

from outdial.client import Client, JsonOption, KeyOption, UrlOption, target
from outdial.demo_ledger import BUCKETS
from outdial.login import HomeOption
from outdial.speech import out, table, write_json


def status(
    *,
    json: JsonOption = False,
    url: UrlOption = None,
    key: KeyOption = None,
    home: HomeOption = Path(".outdial"),
) -> None:
    """Show leads by bucket, calls, agents, and why anything waits."""
    with Client(target=target(url, key, home)) as client:
        found = {
            "ledger": client.get("/v1/ledger"),
            "agents": client.get("/v1/agents")["items"],
            "limits": client.get("/v1/limits"),
        }
    if json:
        write_json(found)
        return
    _show(out(), found)


def _show(console: Console, found: Mapping[str, Any]) -> None:
    ledger = found["ledger"]
    rows = [("all", "", *_counts(ledger["total"]))]
    rows += [(row["name"], row["state"], *_counts(row)) for row in ledger["campaigns"]]
    counted = (f"{name}#" for name in ("accepted", *BUCKETS))
    console.print(table(("campaign", "state", *counted), rows, title="Leads"))
    if not ledger["total"]["balanced"]:
        console.print(Text("The buckets do not add up to the accepted leads.", style="red"))
    console.print(Columns([*_tables(ledger)]))
    console.print(table(_AGENT, [_agent(agent) for agent in found["agents"]], title="Agents"))


def _tables(ledger: Mapping[str, Any]) -> list[Any]:
    shown = {
        "Calls": ledger["calls"],
        "Outcomes": ledger["outcomes"],
        "Why leads wait": ledger["waiting_reasons"],
    }
    return [
        table(("", "count#"), sorted(counts.items(), key=lambda pair: -pair[1]), title=title)
        for title, counts in shown.items()
        if counts
    ]


def _counts(row: Mapping[str, Any]) -> list[int]:
    return [row[name] for name in ("accepted", *BUCKETS)]


_AGENT = ("agent", "name", "duty", "pace#", "at once#", "state")


def _agent(agent: Mapping[str, Any]) -> tuple[object, ...]:
    duty = {True: "on", False: "off", None: "not read yet"}[agent["on_duty"]]
    state = "dialing"
    if agent["parked_reason"]:
        state = f"parked: {agent['parked_reason']}"
    if agent["paused_at"]:
        state = "paused"
    limits = (agent["calls_per_minute"], agent["concurrency"])
    return (agent["partner_agent_id"], agent["name"], duty, *limits, state)
