"""The commands `outdial schedules`: campaigns that are run again and again."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from dialer.rules.calling.hours import DAYS
from outdial.planning import redial
from outdial.planning.campaigns import find
from outdial.speaking.client import Client, JsonOption, KeyOption, UrlOption, target
from outdial.speaking.lines import moment, plain
from outdial.speaking.login import HomeOption
from outdial.speaking.named import find_named
from outdial.speaking.speech import CommandError, Exit, out, table, write_json
from outdial.speaking.told import told

app = typer.Typer(
    help="Schedules: run a campaign every weekday, or on the first of the month.",
    no_args_is_help=True,
)

ScheduleArgument = Annotated[str, typer.Argument(help="The schedule's id, or its exact name.")]

_PATH = "/v1/schedules"
_LETTERS = 3


@app.command()
def add(  # noqa: PLR0913 - one parameter for each option
    name: Annotated[str, typer.Argument(help="For people.")],
    *,
    campaign: Annotated[
        str, typer.Option(help="The template: every run is a campaign with its plan.")
    ],
    segment: Annotated[str, typer.Option(help="Whom a run calls: a segment's id or name.")],
    every: Annotated[str, typer.Option(help="day, weekday, week or month.")],
    at: Annotated[str, typer.Option(help="When on that day, such as 09:00.")],
    timezone: Annotated[str, typer.Option(help="By whose clock, such as America/Chicago.")],
    day: Annotated[
        list[str] | None,
        typer.Option(
            help="For every week: a weekday such as mon; for every month: 1 to 31, or "
            "last. Repeated for several weekdays."
        ),
    ] = None,
    blackout: Annotated[
        list[str] | None,
        typer.Option(metavar="DATE", help="A day without a run, such as 2026-12-24; repeated."),
    ] = None,
    starts_on: Annotated[
        str | None, typer.Option(metavar="DATE", help="No run before this day.")
    ] = None,
    ends_on: Annotated[
        str | None, typer.Option(metavar="DATE", help="No run after this day.")
    ] = None,
    json: JsonOption = False,
    url: UrlOption = None,
    key: KeyOption = None,
    home: HomeOption = Path(".outdial"),
) -> None:
    """Run a campaign again and again, each time for whoever is in a segment by then."""
    rule = {"every": every, "at": at, "timezone": timezone, **_days(every, day or [])}
    rule |= {k: v for k, v in (("starts_on", starts_on), ("ends_on", ends_on)) if v}
    with told(json=json), Client(target=target(url, key, home)) as client:
        body = {
            "name": name,
            "campaign_id": find(client, campaign),
            "segment_id": find_named(client, "/v1/segments", segment, what="segment"),
            "rule": rule,
            "blackout_dates": blackout or [],
        }
        made = client.post(_PATH, body)
    _show(made, json=json)


@app.command(name="list")
def list_schedules(
    *,
    json: JsonOption = False,
    url: UrlOption = None,
    key: KeyOption = None,
    home: HomeOption = Path(".outdial"),
) -> None:
    """List schedules and when each runs next."""
    with told(json=json), Client(target=target(url, key, home)) as client:
        found = list(client.every(_PATH))
    if json:
        write_json(found)
        return
    if not found:
        out().print("No schedules; `outdial schedules add` makes one.")
        return
    columns = ("id", "name", "campaign", "segment", "when", "next", "state")
    out().print(table(columns, [_row(item) for item in found]))


@app.command()
def pause(
    schedule: ScheduleArgument,
    *,
    json: JsonOption = False,
    url: UrlOption = None,
    key: KeyOption = None,
    home: HomeOption = Path(".outdial"),
) -> None:
    """Make no more runs; one that was made already goes on."""
    _change(schedule, "paused", Client(target=target(url, key, home)), json=json)


@app.command()
def resume(
    schedule: ScheduleArgument,
    *,
    json: JsonOption = False,
    url: UrlOption = None,
    key: KeyOption = None,
    home: HomeOption = Path(".outdial"),
) -> None:
    """Make runs again, from the next occurrence on."""
    _change(schedule, "active", Client(target=target(url, key, home)), json=json)


@app.command()
def remove(
    schedule: ScheduleArgument,
    *,
    json: JsonOption = False,
    url: UrlOption = None,
    key: KeyOption = None,
    home: HomeOption = Path(".outdial"),
) -> None:
    """Delete a schedule; the campaigns of its runs stay, and run on."""
    with told(json=json), Client(target=target(url, key, home)) as client:
        found = find_named(client, _PATH, schedule, what="schedule")
        client.delete(f"{_PATH}/{found}")
    if json:
        write_json({"removed": found})
        return
    out().print("removed")


@app.command()
def runs(
    schedule: ScheduleArgument,
    *,
    json: JsonOption = False,
    url: UrlOption = None,
    key: KeyOption = None,
    home: HomeOption = Path(".outdial"),
) -> None:
    """List the runs that a schedule made."""
    with told(json=json), Client(target=target(url, key, home)) as client:
        wanted = find_named(client, _PATH, schedule, what="schedule")
        found = list(client.every("/v1/runs", schedule_id=wanted))
    redial.show(found, json=json)


def when(rule: Mapping[str, Any]) -> str:
    """Says a rule in a few words.

    Args:
        rule: As the API gives it.

    Returns:
        Such as `every weekday at 09:00 America/Chicago`.
    """
    days = ", ".join(rule.get("days", ()))
    of_month = rule.get("day_of_month")
    on = f" on {days}" if days else f", day {of_month}," if of_month else ""
    span = "".join(
        f" {word} {rule[name]}"
        for word, name in (("from", "starts_on"), ("to", "ends_on"))
        if rule.get(name)
    )
    return f"every {rule['every']}{on} at {rule['at']} {rule['timezone']}{span}"


def _days(every: str, given: list[str]) -> dict[str, object]:
    if every == "month":
        if len(given) > 1:
            raise CommandError("a month takes one --day", code=Exit.USAGE)
        return {"day_of_month": _day_of_month(given[0])} if given else {}
    return {"days": [_weekday(text) for text in given]} if given else {}


def _day_of_month(text: str) -> int | str:
    return int(text) if text.isascii() and text.isdigit() and len(text) < _LETTERS else text


def _weekday(text: str) -> str:
    # What is no day is sent on as it is: the API says so, and which it may have been.
    found = [day for day in DAYS if len(text) >= _LETTERS and day.startswith(text.casefold())]
    return found[0] if found else text


def _change(schedule: str, state: str, client: Client, *, json: bool) -> None:
    with told(json=json), client:
        path = f"{_PATH}/{find_named(client, _PATH, schedule, what='schedule')}"
        changed = client.patch(path, {"state": state})
    _show(changed, json=json)


def _show(found: Mapping[str, Any], *, json: bool) -> None:
    if json:
        write_json(found)
        return
    out().print(f"{found['id']}  {found['state']}  {plain(when(found['rule']))}", soft_wrap=True)
    following = ", ".join(moment(at) or "" for at in found["next_occurrences"])
    out().print(f"next: {following}" if following else "next: none", soft_wrap=True)


def _row(item: Mapping[str, Any]) -> tuple[object, ...]:
    following = item["next_occurrences"]
    problem = f": {item['problem']}" if item["problem"] else ""
    return (
        item["id"],
        item["name"],
        item["campaign_name"],
        item["segment_name"],
        when(item["rule"]),
        moment(following[0]) if following else None,
        f"{item['state']}{problem}",
    )
