"""The commands `outdial campaigns`: plan, start, pause, resume, cancel."""

import re
from collections.abc import Mapping, Sequence
from json import JSONDecodeError, loads
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer

from dialer.rules.calling.hours import DAYS
from outdial.machine.files import read_small
from outdial.speaking.client import Client, JsonOption, KeyOption, UrlOption, target
from outdial.speaking.login import HomeOption
from outdial.speaking.speech import CommandError, Exit, counted, out, table, write_json

app = typer.Typer(help="Campaigns: plan, start, pause, resume, cancel.", no_args_is_help=True)

CampaignArgument = Annotated[str, typer.Argument(help="The campaign's id, or its exact name.")]

_HOURS = re.compile(
    r"(?P<first>[a-z]+)(?:-(?P<last>[a-z]+))?\s+(?P<start>\d\d:\d\d)-(?P<end>\d\d:\d\d)"
)
_LETTERS = 3


@app.command()
def create(  # noqa: PLR0913 - one parameter for each option
    name: Annotated[str, typer.Argument(help="For people.")],
    *,
    business: Annotated[str, typer.Option(help="The business's id in the calling platform.")],
    agent: Annotated[str, typer.Option(help="The agent's id in the calling platform.")],
    pace: Annotated[
        int | None, typer.Option(help="Calls per minute; a default of the API's if left out.")
    ] = None,
    concurrency: Annotated[
        int | None, typer.Option(help="Calls at the same time; a default if left out.")
    ] = None,
    hours: Annotated[
        list[str] | None,
        typer.Option(
            help='Calling hours in the lead\'s time, such as "mon-fri 09:00-17:00"; repeated. '
            "They narrow the lawful 08:00 to 21:00."
        ),
    ] = None,
    context: Annotated[
        str | None, typer.Option(help="What the agent is told, with {{ name }} and so on.")
    ] = None,
    plan: Annotated[
        Path | None, typer.Option(help="A JSON file with the rest, as POST /v1/campaigns has it.")
    ] = None,
    start: Annotated[bool, typer.Option("--start", help="Start dialing at once.")] = False,
    json: JsonOption = False,
    url: UrlOption = None,
    key: KeyOption = None,
    home: HomeOption = Path(".outdial"),
) -> None:
    """Plan a campaign; it is a draft until it is started."""
    given = {
        "name": name,
        "partner_business_id": business,
        "partner_agent_id": agent,
        "calls_per_minute": pace,
        "concurrency": concurrency,
        "hours": parse_hours(hours) if hours else None,
        "context_template": context,
    }
    body = {**_read_plan(plan), **{k: v for k, v in given.items() if v is not None}}
    with Client(target=target(url, key, home)) as client:
        made = client.post("/v1/campaigns", body)
        if start:
            made = client.post(f"/v1/campaigns/{made['id']}/start")["campaign"]
    if json:
        write_json(made)
        return
    out().print(f"{made['id']}  {made['state']}", soft_wrap=True)
    out().print(_limits(made, body), soft_wrap=True)


@app.command(name="list")
def list_campaigns(
    *,
    json: JsonOption = False,
    url: UrlOption = None,
    key: KeyOption = None,
    home: HomeOption = Path(".outdial"),
) -> None:
    """List campaigns with their leads by bucket."""
    with Client(target=target(url, key, home)) as client:
        items = list(client.every("/v1/campaigns"))
        buckets = {row["campaign_id"]: row for row in client.get("/v1/ledger")["campaigns"]}
    if json:
        write_json([{**item, "buckets": buckets.get(item["id"])} for item in items])
        return
    columns = ("id", "name", "state", "pace#", "accepted#", "waiting#", "calling#", "done#")
    out().print(table(columns, [_row(item, buckets.get(item["id"], {})) for item in items]))


@app.command()
def start(
    campaign: CampaignArgument,
    *,
    json: JsonOption = False,
    url: UrlOption = None,
    key: KeyOption = None,
    home: HomeOption = Path(".outdial"),
) -> None:
    """Start dialing."""
    _move(campaign, "start", Client(target=target(url, key, home)), json=json)


@app.command()
def pause(
    campaign: CampaignArgument,
    *,
    json: JsonOption = False,
    url: UrlOption = None,
    key: KeyOption = None,
    home: HomeOption = Path(".outdial"),
) -> None:
    """Stop new rings at once; says how many calls nothing can stop any more."""
    _move(campaign, "pause", Client(target=target(url, key, home)), json=json)


@app.command()
def resume(
    campaign: CampaignArgument,
    *,
    json: JsonOption = False,
    url: UrlOption = None,
    key: KeyOption = None,
    home: HomeOption = Path(".outdial"),
) -> None:
    """Dial again."""
    _move(campaign, "resume", Client(target=target(url, key, home)), json=json)


@app.command()
def cancel(
    campaign: CampaignArgument,
    *,
    json: JsonOption = False,
    url: UrlOption = None,
    key: KeyOption = None,
    home: HomeOption = Path(".outdial"),
) -> None:
    """End a campaign for good; its waiting leads end as cancelled."""
    _move(campaign, "cancel", Client(target=target(url, key, home)), json=json)


def state_of(campaign: Mapping[str, Any]) -> str:
    """Says where a campaign is, and what keeps it from dialing.

    Args:
        campaign: As the API gives it.

    Returns:
        Such as `running`, or `running, agent parked: agent_gone`.
    """
    stops = {"parked": "parked_reason", "agent parked": "agent_parked_reason"}
    told = [f"{what}: {campaign[key]}" for what, key in stops.items() if campaign.get(key)]
    return ", ".join([campaign["state"], *told])


def find(client: Client, wanted: str) -> str:
    """Finds a campaign.

    Args:
        client: The API.
        wanted: Its id, or its exact name.

    Returns:
        Its id.

    Raises:
        CommandError: No campaign, or several, have that name.
    """
    try:
        return str(UUID(wanted))
    except ValueError:
        found = [item["id"] for item in client.every("/v1/campaigns") if item["name"] == wanted]
    if len(found) == 1:
        return str(found[0])
    many = "several campaigns are" if found else "no campaign is"
    raise CommandError(f'{many} named "{wanted}"; see `outdial campaigns list`')


def parse_hours(given: Sequence[str]) -> dict[str, list[list[str]]]:
    """Reads calling hours.

    Args:
        given: Such as `mon-fri 09:00-12:00`; days by three letters or more.

    Returns:
        Day -> spans, as the API takes them.

    Raises:
        CommandError: One can't be read.
    """
    week: dict[str, list[list[str]]] = {}
    for text in given:
        read = _HOURS.fullmatch(text.strip().casefold())
        days = _days(read["first"], read["last"] or read["first"]) if read else ()
        if not (read and days):
            raise CommandError(
                f'--hours "{text}": write it as "mon-fri 09:00-17:00" or "sat 10:00-14:00"',
                code=Exit.USAGE,
            )
        for day in days:
            week.setdefault(day, []).append([read["start"], read["end"]])
    return week


def _days(first: str, last: str) -> Sequence[str]:
    ends = [
        [place for place, day in enumerate(DAYS) if len(text) >= _LETTERS and day.startswith(text)]
        for text in (first, last)
    ]
    if not all(ends):
        return ()
    (begin, *_), (end, *_) = ends
    return DAYS[begin : end + 1] if begin <= end else (*DAYS[begin:], *DAYS[: end + 1])


def _read_plan(path: Path | None) -> dict[str, Any]:
    if path is None:
        return {}
    try:
        found = loads(read_small(path))
    except (OSError, ValueError, JSONDecodeError) as error:
        raise CommandError(f"{path}: {error}", code=Exit.USAGE) from error
    if not isinstance(found, dict):
        raise CommandError(f"{path}: not a JSON object", code=Exit.USAGE)
    return found


def _row(item: Mapping[str, Any], buckets: Mapping[str, Any]) -> tuple[object, ...]:
    counts = (buckets.get(name) for name in ("accepted", "waiting", "calling", "done"))
    return (item["id"], item["name"], state_of(item), item["calls_per_minute"], *counts)


def _limits(made: Mapping[str, Any], asked: Mapping[str, object]) -> str:
    pace, at_once = made["calls_per_minute"], made["concurrency"]
    shown = [
        "no limit of its own on calls a minute" if pace is None else f"pace {pace:,} calls/min",
        "no limit on calls at once" if at_once is None else f"{at_once:,} at once",
    ]
    options = {"--pace": "calls_per_minute", "--concurrency": "concurrency"}
    left_out = [option for option, field in options.items() if field not in asked]
    if not left_out:
        return ", ".join(shown)
    plural = "defaults; {} change them" if len(left_out) > 1 else "the default of {} holds"
    return f"{', '.join(shown)} ({plural.format(' and '.join(left_out))})"


def _move(campaign: str, command: str, client: Client, *, json: bool) -> None:
    with client:
        moved = client.post(f"/v1/campaigns/{find(client, campaign)}/{command}")
    if json:
        write_json(moved)
        return
    flying = moved["in_flight"]
    are = "is" if flying == 1 else "are"
    still = f"; {counted(flying, 'call')} {are} still in flight" if flying else ""
    out().print(f"{moved['campaign']['state']}{still}")
