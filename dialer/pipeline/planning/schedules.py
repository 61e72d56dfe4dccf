"""Schedules: plan a campaign's runs, and make each run that is due, once."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice, takewhile
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncConnection

from dialer.context import Context
from dialer.pipeline.planning import runs as stage
from dialer.pipeline.planning import segments
from dialer.rules.campaign import CampaignState
from dialer.rules.errors import ConflictError, Fault, InvalidInputError, NotFoundError
from dialer.rules.recurrence import Recurrence, occurrences
from dialer.rules.segment import Segment
from dialer.store import clock, events
from dialer.store.planning import campaigns, runs, schedules

LATEST = timedelta(hours=6)
"""An occurrence that was missed by more is left out: a morning's list is not called at night."""

SHOWN = 3

_INSTANT = timedelta(microseconds=1)

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Timetable:
    """What a person says of a schedule; None leaves a part as it is.

    Attributes:
        campaign_id: The campaign whose plan every run has.
        segment_id: Whom a run calls, as they are by then.
        rule: When, as `Recurrence.parse` reads it.
        state: `active` or `paused`.
    """

    name: str | None = None
    campaign_id: UUID | None = None
    segment_id: UUID | None = None
    rule: Mapping[str, object] | None = None
    blackout_dates: Sequence[date] | None = None
    state: str | None = None


async def create(
    context: Context, *, organization_id: UUID, given: Timetable, by: str | None
) -> RowMapping:
    """Plan a campaign's runs, from now on.

    Raises:
        InvalidInputError: naming each part of the rule that can't be, or that it never comes.
        NotFoundError: there is no such campaign or segment.
        ConflictError: the name is taken.
    """
    async with context.engine.begin() as conn:
        values = await _values(conn, organization_id, given, {})
        made = await schedules.create(conn, organization_id=organization_id, values=values)
        await _tell(conn, "created", organization_id, made, by=by)
        return await get(conn, organization_id, made)


async def change(
    context: Context, *, organization_id: UUID, schedule_id: UUID, given: Timetable, by: str | None
) -> RowMapping:
    """Change parts of a schedule; it goes on with the first occurrence after now.

    A run that was made already goes on as it is.

    Raises:
        InvalidInputError, ConflictError: as for a new one.
        NotFoundError: there is no such schedule, campaign or segment.
    """
    async with context.engine.begin() as conn:
        await _hold(conn, organization_id, schedule_id)
        was = await get(conn, organization_id, schedule_id)
        values = await _values(conn, organization_id, given, was)
        await schedules.change(
            conn, organization_id=organization_id, schedule_id=schedule_id, values=values
        )
        await _tell(conn, "changed", organization_id, schedule_id, by=by, state=values["state"])
        return await get(conn, organization_id, schedule_id)


async def delete(
    context: Context, *, organization_id: UUID, schedule_id: UUID, by: str | None
) -> None:
    """Delete a schedule. The campaigns of its runs stay, and run on.

    Raises:
        NotFoundError: there is no such schedule.
    """
    async with context.engine.begin() as conn:
        await _hold(conn, organization_id, schedule_id)
        await schedules.delete(conn, organization_id=organization_id, schedule_id=schedule_id)
        await _tell(conn, "deleted", organization_id, schedule_id, by=by)


async def get(conn: AsyncConnection, organization_id: UUID, schedule_id: UUID) -> RowMapping:
    """One schedule.

    Raises:
        NotFoundError: there is no such schedule.
    """
    row = await schedules.get(conn, organization_id=organization_id, schedule_id=schedule_id)
    if row is None:
        raise NotFoundError("there is no such schedule")
    return row


def upcoming(row: Mapping[Any, Any]) -> list[datetime]:
    """The next occurrences (UTC) of a schedule's row, three at most; none while it is paused."""
    if row["state"] != "active" or row["next_run_at"] is None:
        return []
    try:
        return list(islice(_from(row, row["next_run_at"]), SHOWN))
    except InvalidInputError:
        return []


async def run_due(context: Context) -> None:
    """Make the runs that are due, of any organization; any number of workers may do it at once."""
    async with context.engine.connect() as conn:
        due = await schedules.due(conn)
    for schedule_id in due:
        try:
            await run_one(context, schedule_id)
        except Exception as error:  # noqa: BLE001 -- one schedule's trouble must not stop the others
            log.warning("schedule_failed", schedule_id=str(schedule_id), error=repr(error)[:300])


async def run_one(context: Context, schedule_id: UUID) -> None:
    """Make the run of a schedule that is due, or leave it out with an event that says why.

    Of several occurrences that passed, the latest counts, if it is not more than six hours ago.
    The run and the time of the next are one transaction.
    """
    async with context.engine.begin() as conn:
        row = await schedules.take(conn, schedule_id)
        if row is None:
            return
        now = await clock.now(conn)
        try:
            passed, following = _split(row, now)
        except InvalidInputError:
            await schedules.settle(
                conn, schedule_id, next_run_at=None, ran_at=None, problem="rule_unreadable"
            )
            return
        ran, problem = await _act(conn, row, passed, now)
        await schedules.settle(
            conn,
            schedule_id,
            next_run_at=following,
            ran_at=passed[-1] if ran else None,
            problem=problem,
        )


def _from(row: Mapping[Any, Any], first: datetime) -> Iterator[datetime]:
    """The occurrences of a schedule from `first` on, itself included."""
    rule = Recurrence.parse(row["rule"])
    return occurrences(rule, first - _INSTANT, blackout=_blackout(row))


def _blackout(row: Mapping[Any, Any]) -> frozenset[date]:
    return frozenset(date.fromisoformat(day) for day in row["blackout_dates"])


def _split(row: RowMapping, now: datetime) -> tuple[list[datetime], datetime | None]:
    passed = list(takewhile(lambda at: at <= now, _from(row, row["next_run_at"])))
    return passed, next(_from(row, now + _INSTANT), None)


async def _act(
    conn: AsyncConnection, row: RowMapping, passed: Sequence[datetime], now: datetime
) -> tuple[bool, str | None]:
    in_time = bool(passed) and passed[-1] >= now - LATEST
    missed = passed[:-1] if in_time else passed
    if missed:
        await _skip(conn, row, "missed", occurrence=missed[-1], count=len(missed))
    if not in_time:
        return False, None
    why = await _obstacle(conn, row, passed[-1], now)
    if why is not None:
        await _skip(conn, row, why, occurrence=passed[-1], count=1)
        return False, None if why == "still_running" else why
    await _complete_spent(conn, row)
    await _run(conn, row, passed[-1])
    return True, None


async def _obstacle(
    conn: AsyncConnection, row: RowMapping, occurrence: datetime, now: datetime
) -> str | None:
    of: dict[str, Any] = {
        "organization_id": row["organization_id"],
        "schedule_id": row["id"],
    }
    if await runs.of_occurrence(conn, occurrence=occurrence, **of):
        return "made_before"
    if await runs.unfinished(conn, **of):
        return "still_running"
    parent = await _template(conn, row)
    if parent["state"] == CampaignState.CANCELLED:
        return "template_cancelled"
    if parent["ends_at"] is not None and parent["ends_at"] <= now:
        return "template_ended"
    try:
        Segment.parse(row["filter"])
    except InvalidInputError:
        return "segment_unreadable"
    return None


async def _complete_spent(conn: AsyncConnection, row: RowMapping) -> None:
    # Or a lane would have one running campaign more every day, each asked for leads at each look.
    spent = await runs.spent(conn, organization_id=row["organization_id"], schedule_id=row["id"])
    for campaign_id in spent:
        if await campaigns.move(
            conn,
            organization_id=row["organization_id"],
            campaign_id=campaign_id,
            to=CampaignState.COMPLETED,
        ):
            happened = events.event(
                "campaign.completed",
                organization_id=row["organization_id"],
                campaign_id=campaign_id,
                body={"why": "next_run", "schedule_id": row["id"]},
            )
            await events.append(conn, [happened])


async def _run(conn: AsyncConnection, row: RowMapping, occurrence: datetime) -> None:
    parent = await _template(conn, row)
    local = occurrence.astimezone(ZoneInfo(Recurrence.parse(row["rule"]).timezone))
    order = stage.Order(
        kind="schedule",
        name=stage.titled(parent["name"], local.strftime("%Y-%m-%d %H:%M")),
        segment=Segment.parse(row["filter"]),
        start=True,
        by=f"schedule {row['name']}",
        schedule_id=row["id"],
        occurrence=occurrence,
    )
    await stage.begin(conn, parent=parent, order=order)


async def _template(conn: AsyncConnection, row: RowMapping) -> RowMapping:
    parent = await campaigns.get(
        conn, organization_id=row["organization_id"], campaign_id=row["campaign_id"]
    )
    if parent is None:
        raise LookupError("the schedule has no campaign")
    return parent


async def _skip(
    conn: AsyncConnection, row: RowMapping, why: str, *, occurrence: datetime, count: int
) -> None:
    happened = events.event(
        "schedule.skipped",
        organization_id=row["organization_id"],
        campaign_id=row["campaign_id"],
        body={
            "schedule_id": row["id"],
            "name": row["name"],
            "why": why,
            "occurrence": occurrence,
            "count": count,
        },
    )
    await events.append(conn, [happened])


async def _values(
    conn: AsyncConnection, organization_id: UUID, given: Timetable, was: Mapping[Any, Any]
) -> dict[str, object]:
    plain = {
        name: getattr(given, name) if getattr(given, name) is not None else was.get(name)
        for name in ("name", "campaign_id", "segment_id")
    }
    rule = Recurrence.parse(given.rule if given.rule is not None else was["rule"])
    dates = given.blackout_dates
    blackout = was.get("blackout_dates", []) if dates is None else _sorted(dates)
    values = {
        **plain,
        "rule": rule.as_dict(),
        "blackout_dates": blackout,
        "state": given.state or was.get("state", "active"),
        "problem": None,
    }
    await _check_parts(conn, organization_id, given, was)
    values["next_run_at"] = _next(rule, values, await clock.now(conn))
    return values


def _sorted(dates: Sequence[date]) -> list[str]:
    return sorted({day.isoformat() for day in dates})


def _next(rule: Recurrence, values: Mapping[str, Any], now: datetime) -> datetime | None:
    following = next(occurrences(rule, now, blackout=_blackout(values)), None)
    if following is None and values["state"] == "active":
        told = (
            "the rule never comes any more: its end has passed, or blackout dates take all of it"
        )
        raise InvalidInputError(told, faults=(Fault("/rule", "never_comes", told),))
    return following


async def _check_parts(
    conn: AsyncConnection, organization_id: UUID, given: Timetable, was: Mapping[Any, Any]
) -> None:
    if given.campaign_id is not None and not await campaigns.get(
        conn, organization_id=organization_id, campaign_id=given.campaign_id
    ):
        raise NotFoundError("there is no such campaign")
    if given.segment_id is not None:
        await segments.hold(conn, organization_id, given.segment_id)
    if given.name is not None:
        taken = await schedules.named(conn, organization_id=organization_id, name=given.name)
        if taken not in (None, was.get("id")):
            raise ConflictError(f"there is a schedule named {given.name!r} already")


async def _hold(conn: AsyncConnection, organization_id: UUID, schedule_id: UUID) -> None:
    if not await schedules.lock(conn, organization_id=organization_id, schedule_id=schedule_id):
        raise NotFoundError("there is no such schedule")


async def _tell(
    conn: AsyncConnection, what: str, organization_id: UUID, schedule_id: UUID, **body: object
) -> None:
    happened = events.event(
        f"schedule.{what}",
        organization_id=organization_id,
        body={"schedule_id": schedule_id, **body},
    )
    await events.append(conn, [happened])
