"""The commands `outdial variants`: what a campaign compares, and what came of each."""

import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer

from outdial.planning.campaigns import CampaignArgument, find
from outdial.speaking.client import Client, JsonOption, KeyOption, UrlOption, target
from outdial.speaking.lines import plain
from outdial.speaking.login import HomeOption
from outdial.speaking.speech import CommandError, Exit, counted, out, table, write_json
from outdial.speaking.told import told

app = typer.Typer(
    help="Variants of a campaign: add, list and compare, set, retire.", no_args_is_help=True
)

VariantArgument = Annotated[str, typer.Argument(help="The variant's id, or its exact name.")]
WeightOption = Annotated[
    int | None,
    typer.Option(help="Its part in the draw beside the others' weights; 1 if left out."),
]
ContextOption = Annotated[
    str | None, typer.Option(help="What the agent is told instead of the campaign's words.")
]
InfoOption = Annotated[
    str | None, typer.Option(help="What is appended to it instead of the campaign's.")
]

BAR = 30
"""Characters of a bar."""

_STEP = 0.1


@app.command(name="list")
def list_variants(
    campaign: CampaignArgument,
    *,
    goal: Annotated[
        list[str] | None,
        typer.Option(
            help="An outcome that counts as reached, repeated; those that mean a conversation "
            "by default."
        ),
    ] = None,
    json: JsonOption = False,
    url: UrlOption = None,
    key: KeyOption = None,
    home: HomeOption = Path(".outdial"),
) -> None:
    """Compare variants: how often each reached the goal, and whether that differs."""
    with told(json=json), Client(target=target(url, key, home)) as client:
        found = client.get(
            f"/v1/campaigns/{find(client, campaign)}/variants",
            goal=",".join(goal) if goal else None,
        )
    if json:
        write_json(found)
        return
    if not found["items"]:
        out().print("No variants; `outdial variants add` makes one.")
        return
    top = scale([item["rate"] for item in found["items"]])
    columns = ("id", "name", "draw", "agent", "leads#", "called#", "reached#", "rate#")
    bars = (f"0 to {top:.0%}", "against the first")
    out().print(table((*columns, *bars), [_row(item, top) for item in found["items"]]))
    for line in _notes(found):
        out().print(line, soft_wrap=True)


@app.command()
def add(  # noqa: PLR0913 - one parameter for each option
    campaign: CampaignArgument,
    name: Annotated[str, typer.Argument(help="For people.")],
    *,
    weight: WeightOption = None,
    agent: Annotated[
        str | None,
        typer.Option(help="Another agent's id in the calling platform; the campaign's if absent."),
    ] = None,
    context: ContextOption = None,
    info: InfoOption = None,
    json: JsonOption = False,
    url: UrlOption = None,
    key: KeyOption = None,
    home: HomeOption = Path(".outdial"),
) -> None:
    """Compare one more variant, from now on, with leads that were never called."""
    given = {
        "name": name,
        "weight": weight,
        "partner_agent_id": agent,
        "context_template": context,
        "additional_info_template": info,
    }
    body = {field: value for field, value in given.items() if value is not None}
    with told(json=json), Client(target=target(url, key, home)) as client:
        made = client.post(f"/v1/campaigns/{find(client, campaign)}/variants", body)
    _say(made, json=json)


@app.command(name="set")
def change(  # noqa: PLR0913 - one parameter for each option
    campaign: CampaignArgument,
    variant: VariantArgument,
    *,
    name: Annotated[str | None, typer.Option(help="Another name.")] = None,
    weight: Annotated[
        int | None, typer.Option(help="Its part in the draw; 0: nobody is drawn to it.")
    ] = None,
    context: ContextOption = None,
    info: InfoOption = None,
    no_context: Annotated[
        bool, typer.Option("--no-context", help="The campaign's words again.")
    ] = False,
    no_info: Annotated[bool, typer.Option("--no-info", help="The same for --info.")] = False,
    json: JsonOption = False,
    url: UrlOption = None,
    key: KeyOption = None,
    home: HomeOption = Path(".outdial"),
) -> None:
    """Change a variant's name, weight or words; leads keep the variant that they have."""
    if (no_context and context is not None) or (no_info and info is not None):
        raise CommandError("give a variant words or take them away, not both", code=Exit.USAGE)
    given = {
        "name": name,
        "weight": weight,
        "context_template": context,
        "additional_info_template": info,
    }
    body: dict[str, object] = {k: v for k, v in given.items() if v is not None}
    body |= {"context_template": None} if no_context else {}
    body |= {"additional_info_template": None} if no_info else {}
    if not body:
        raise CommandError("say what to change; see --help", code=Exit.USAGE)
    with told(json=json), Client(target=target(url, key, home)) as client:
        changed = client.patch(_place(client, campaign, variant), body)
    _say(changed, json=json)


@app.command()
def retire(
    campaign: CampaignArgument,
    variant: VariantArgument,
    *,
    json: JsonOption = False,
    url: UrlOption = None,
    key: KeyOption = None,
    home: HomeOption = Path(".outdial"),
) -> None:
    """Draw nobody to a variant any more; leads that it called stay with it."""
    with told(json=json), Client(target=target(url, key, home)) as client:
        found = client.post(f"{_place(client, campaign, variant)}/retire")
    if json:
        write_json(found)
        return
    freed = counted(found["freed"], "lead")
    out().print(f"{plain(found['variant']['name'])} is retired; {freed} drawn again")


def scale(rates: Sequence[Mapping[str, float] | None]) -> float:
    """Chooses where bars end.

    Args:
        rates: As the API gives them, None where nobody was called.

    Returns:
        The next tenth above all intervals, 0.1 to 1.
    """
    highest = max((rate["high"] for rate in rates if rate), default=1.0)
    return min(1.0, max(_STEP, math.ceil(round(highest / _STEP, 9)) * _STEP))


def bar(rate: Mapping[str, float] | None, top: float) -> str:
    """Draws a rate and its interval.

    Args:
        rate: As the API gives it; None where nobody was called.
        top: The rate at the bar's right end.

    Returns:
        `BAR` characters: `o` at the rate, `-` in its interval, `.` elsewhere.
    """
    if rate is None:
        return ""
    low, value, high = (
        min(BAR - 1, int(rate[name] / top * BAR)) for name in ("low", "value", "high")
    )
    drawn = "." * low + "-" * (high - low + 1) + "." * (BAR - 1 - high)
    return f"{drawn[:value]}o{drawn[value + 1 :]}"


def _row(item: Mapping[str, Any], top: float) -> tuple[object, ...]:
    variant, rate = item["variant"], item["rate"]
    parked = variant["agent_parked_reason"]
    return (
        variant["id"],
        variant["name"],
        "retired" if variant["retired_at"] else f"{item['share']:.0%}",
        variant["partner_agent_id"] + (f" (parked: {parked})" if parked else ""),
        item["leads"],
        item["called"],
        item["reached"],
        None if rate is None else f"{rate['value']:.1%} ({rate['low']:.1%} to {rate['high']:.1%})",
        bar(rate, top),
        _difference(item["difference"]),
    )


def _difference(found: Mapping[str, Any] | None) -> str | None:
    if found is None:
        return None
    points = [f"{100 * found[name]:+.1f}" for name in ("value", "low", "high")]
    return f"{found['verdict']}: {points[0]} points ({points[1]} to {points[2]})"


def _notes(found: Mapping[str, Any]) -> Iterator[str]:
    goal = plain(", ".join(found["goal"]))
    yield f"Reached: some call ended with {goal}. Intervals at {found['confidence']:.0%}, each."
    if found["undrawn"]:
        yield f"{counted(found['undrawn'], 'lead')} not drawn yet: that happens when one is due."
    if found["outside"]:
        yield f"{counted(found['outside'], 'lead')} called without a variant, and not compared."


def _place(client: Client, campaign: str, variant: str) -> str:
    base = f"/v1/campaigns/{find(client, campaign)}/variants"
    try:
        return f"{base}/{UUID(variant)}"
    except ValueError:
        known = [item["variant"] for item in client.get(base)["items"]]
    named = [one["id"] for one in known if one["name"] == variant]
    if not named:
        raise CommandError(f'no variant is named "{variant}"; see `outdial variants list`')
    return f"{base}/{named[0]}"


def _say(variant: Mapping[str, Any], *, json: bool) -> None:
    if json:
        write_json(variant)
        return
    through = plain(variant["partner_agent_id"])
    out().print(f"{variant['id']}  weight {variant['weight']}, calls through {through}")
