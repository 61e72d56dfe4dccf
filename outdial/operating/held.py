"""The commands `outdial held`: calls in doubt, those that are looked for and those to decide."""

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer
from rich.console import Console
from rich.text import Text

from dialer.rules.phones.phone import mask
from dialer.rules.proof.decision import EFFECTS, Decision
from outdial.speaking.client import Client, JsonOption, KeyOption, UrlOption, target
from outdial.speaking.lines import moment, plain
from outdial.speaking.login import HomeOption
from outdial.speaking.speech import err, out, table, write_json
from outdial.speaking.told import told
from outdial.upstream.confirm import confirm
from outdial.upstream.view import details, indented

app = typer.Typer(
    help="Calls in doubt: those that a person decides, and those that are still looked for.",
    no_args_is_help=True,
)

CallArgument = Annotated[UUID, typer.Argument(help="The call's id, as `held list` shows it.")]


class Choice(StrEnum):
    """What a person may decide."""

    REACHED = "reached"
    AGAIN = "again"
    DROP = "drop"

    @property
    def decision(self) -> Decision:
        """As the API names it."""
        match self:
            case Choice.REACHED:
                return "reached"
            case Choice.AGAIN:
                return "call_again"
            case Choice.DROP:
                return "drop"


@app.command(name="list")
def list_held(
    *,
    json: JsonOption = False,
    url: UrlOption = None,
    key: KeyOption = None,
    home: HomeOption = Path(".outdial"),
) -> None:
    """List the calls that wait for a decision, the oldest attempt first."""
    with told(json=json), Client(target=target(url, key, home)) as client:
        items = list(client.every("/v1/held"))
    if json:
        write_json(items)
        return
    if not items:
        out().print("No call waits for a decision.")
        return
    columns = ("id", "lead", "number", "campaign", "since", "state", "answer", "sweeps#", "why")
    out().print(table(columns, [_row(item) for item in items]))


@app.command()
def unknown(
    *,
    json: JsonOption = False,
    url: UrlOption = None,
    key: KeyOption = None,
    home: HomeOption = Path(".outdial"),
) -> None:
    """List the calls that may have rung: they need nobody, and each says what it waits for."""
    with told(json=json), Client(target=target(url, key, home)) as client:
        items = list(client.every("/v1/unknown"))
    if json:
        write_json(items)
        return
    if not items:
        out().print("No call is looked for.")
        return
    columns = ("id", "lead", "number", "campaign", "sent", "sweeps#", "a person by", "waits for")
    out().print(table(columns, [_unknown(item) for item in items]))


@app.command()
def show(
    call: CallArgument,
    *,
    json: JsonOption = False,
    url: UrlOption = None,
    key: KeyOption = None,
    home: HomeOption = Path(".outdial"),
) -> None:
    """Show one: why it waits, what to look for, what was answered, what each decision does."""
    with told(json=json), Client(target=target(url, key, home)) as client:
        found = client.get(f"/v1/held/{call}")
    if json:
        write_json(found)
        return
    _show(out(), found)


@app.command()
def decide(
    call: CallArgument,
    decision: Annotated[
        Choice,
        typer.Argument(
            help="reached: the person was talked to. again: call again, the phone may ring a "
            "second time. drop: cancel the lead."
        ),
    ],
    *,
    note: Annotated[
        str | None, typer.Option(help="Why, for the timeline; at most 500 characters.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask.")] = False,
    json: JsonOption = False,
    url: UrlOption = None,
    key: KeyOption = None,
    home: HomeOption = Path(".outdial"),
) -> None:
    """Decide what became of a call, once it was said plainly what that does."""
    chosen = decision.decision
    with told(json=json), Client(target=target(url, key, home)) as client:
        if not yes:
            found = client.get(f"/v1/held/{call}")
            confirm(err(), _question(found, chosen), yes=False)
        body = {"decision": chosen, **({"note": note} if note is not None else {})}
        decided = client.post(f"/v1/calls/{call}/decide", body)
    if json:
        write_json(decided)
        return
    outcome = f", {decided['outcome']}" if decided["outcome"] else ""
    out().print(f"decided: {decision.value}; the call is {decided['state']}{outcome}")


def _question(found: Mapping[str, Any], decision: Decision) -> str:
    who = plain(found["name"] or "a lead without a name")
    return f"{EFFECTS[decision]} Do that for {who}, {mask(found['phone'])}?"


def _row(item: Mapping[str, Any]) -> tuple[object, ...]:
    return (
        item["id"],
        item["name"],
        mask(item["phone"]),
        item["campaign_name"],
        moment(item["held_at"]),
        item["state"],
        _answer(item),
        item["sweeps"],
        item["says"],
    )


def _unknown(item: Mapping[str, Any]) -> tuple[object, ...]:
    waits = str(item["says"])
    if item["waits_for"] == "settling":
        waits = f"{waits} {moment(item['settled_at'])}"
    return (
        item["id"],
        item["name"],
        mask(item["phone"]),
        item["campaign_name"],
        moment(item["armed_at"]),
        item["sweeps"],
        moment(item["held_at"]),
        waits,
    )


def _answer(item: Mapping[str, Any]) -> str:
    if item["answer_status"]:
        return f"HTTP {item['answer_status']}"
    return str(item["answer_code"] or "none recorded")


def _show(console: Console, found: Mapping[str, Any]) -> None:
    console.print(details(_facts(found)))
    console.print()
    console.print(Text("Look for it in the platform's history", style="bold"))
    console.print(indented(details(_looked_for(found["looked_for"]))))
    if found["evidence"]:
        console.print()
        console.print(Text("What came back", style="bold"))
        for one in found["evidence"]:
            console.print(indented(details([("at", moment(one["at"])), *one["body"].items()])))
    console.print()
    happened = [(moment(e["at"]), e["name"], e["body"].get("why")) for e in found["timeline"]]
    console.print(table(("at", "event", "why"), happened, title="What happened"))
    effects = [
        (f"outdial held decide {found['id']} {choice}", EFFECTS[choice.decision])
        for choice in Choice
    ]
    for command, effect in effects:
        console.print(command, soft_wrap=True)
        console.print(f"  {effect}", soft_wrap=True)


def _facts(found: Mapping[str, Any]) -> list[tuple[str, object]]:
    return [
        ("call", found["id"]),
        ("state", found["state"]),
        ("since", moment(found["held_at"])),
        ("why", found["says"]),
        ("lead", found["name"]),
        ("number", found["phone"]),
        ("campaign", found["campaign_name"]),
        ("agent", found["agent_name"]),
        ("attempt", found["attempt"]),
        ("request sent", moment(found["armed_at"])),
        ("answer", _answer(found)),
        ("complete sweeps", found["sweeps"]),
        ("last sweep", moment(found["swept_at"])),
    ]


def _looked_for(sought: Mapping[str, Any]) -> list[tuple[str, object]]:
    since, until = _zulu(sought["start"]), _zulu(sought["end"])
    window = f"--since {since}" + (f" --until {until}" if until else "")
    business = plain(sought["partner_business_id"])
    by_id = sought["partner_call_id"]
    look = (
        f"outdial calls show {plain(by_id)} --business {business}"
        if by_id
        else f"outdial calls list --business {business} --type outbound {window}"
    )
    return [
        ("its id", by_id),
        ("number", sought["phone"]),
        ("agent", sought["partner_agent_id"]),
        ("started from", moment(sought["start"])),
        ("started until", moment(sought["end"])),
        ("command", look),
    ]


def _zulu(given: str | None) -> str | None:
    return None if given is None else f"{given[:19]}Z"
