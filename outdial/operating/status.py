"""The command `outdial status`: where every lead is and what stands in the way, on one screen."""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.columns import Columns
from rich.console import Console
from rich.table import Table
from rich.text import Text

from outdial.demo.ledger import BUCKETS
from outdial.operating import standing
from outdial.planning.campaigns import state_of
from outdial.speaking.client import Client, JsonOption, KeyOption, UrlOption, target
from outdial.speaking.login import HomeOption
from outdial.speaking.speech import out, table, write_json


def status(
    *,
    json: JsonOption = False,
    url: UrlOption = None,
    key: KeyOption = None,
    home: HomeOption = Path(".outdial"),
) -> None:
    """Show what stands in the way, leads by bucket, calls, agents, and why anything waits."""
    with Client(target=target(url, key, home)) as client:
        found = {
            "status": client.get("/v1/status"),
            "ledger": client.get("/v1/ledger"),
            "agents": client.get("/v1/agents")["items"],
            "limits": client.get("/v1/limits"),
            "campaigns": list(client.every("/v1/campaigns")),
        }
    if json:
        write_json(found)
        return
    _show(out(), found)


def _show(console: Console, found: Mapping[str, Any]) -> None:
    for line in standing.lines(found["status"]):
        console.print(line, soft_wrap=True)
    ledger = found["ledger"]
    # A bucket that is empty everywhere would only push the others off the screen.
    shown = ["accepted", *(name for name in BUCKETS if ledger["total"][name])]
    rows = [("all", "", *(ledger["total"][name] for name in shown))]
    states = {item["id"]: state_of(item) for item in found["campaigns"]}
    rows += [
        (row["name"], states.get(row["campaign_id"], row["state"]), *(row[name] for name in shown))
        for row in ledger["campaigns"]
    ]
    counted = (f"{name}#" for name in shown)
    console.print(table(("campaign", "state", *counted), rows, title="Leads"))
    if not ledger["total"]["balanced"]:
        console.print(Text("The buckets do not add up to the accepted leads.", style="red"))
    console.print(Columns([*_tables(ledger)]))
    console.print(table(_AGENT, [_agent(agent) for agent in found["agents"]], title="Agents"))


def _tables(ledger: Mapping[str, Any]) -> list[Table]:
    shown: dict[str, dict[str, int]] = {
        "Calls": ledger["calls"],
        "Outcomes": ledger["outcomes"],
        "Why leads wait": ledger["waiting_reasons"],
    }
    return [
        table(("", "count#"), Counter(counts).most_common(), title=title)
        for title, counts in shown.items()
        if counts
    ]


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
