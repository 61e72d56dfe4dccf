"""Filling: copy the leads of runs, batch by batch, by whichever workers are there.

A batch and the place that it came to are one transaction, and a lead has one copy in a campaign
whatever happens: a worker that is killed leaves a run that the next one goes on with.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import structlog
from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncConnection

from dialer.context import Context
from dialer.pipeline.planning import campaigns as stage
from dialer.rules.campaign import ACCEPTING, CampaignState
from dialer.rules.errors import InvalidInputError, OutdialError
from dialer.rules.segment import Segment
from dialer.store import events
from dialer.store.planning import campaigns, runs

BATCH = 5_000
"""Leads looked at in one transaction, which holds the campaign's row for as long."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Step:
    run: RowMapping
    state: str
    agent_id: UUID
    made: int = 0
    over: bool = False
    problem: str | None = None


async def fill_all(context: Context, *, batch: int = BATCH) -> None:
    """Fill every run to its end, in turn; those that another worker has are left to it."""
    while True:
        async with context.engine.connect() as conn:
            waiting = await runs.filling(conn)
        went_on = [await _try(context, run_id, batch) for run_id in waiting]
        if not any(went_on):
            return


async def fill(context: Context, run_id: UUID, *, batch: int = BATCH) -> bool:
    """Copy a run's next batch of leads, or, with none left, start its campaign and end it.

    Returns:
        Whether there is more to do; False too where another worker is at it.
    """
    async with context.engine.begin() as conn:
        row = await runs.take(conn, run_id)
        if row is None:
            return False
        step = await _step(conn, row, batch)
    if step.made and step.state == CampaignState.RUNNING:
        await context.wakeups.lanes([step.agent_id])
    if step.over:
        await _end(context, step)
    return not step.over


async def _try(context: Context, run_id: UUID, batch: int) -> bool:
    try:
        return await fill(context, run_id, batch=batch)
    except Exception as error:  # noqa: BLE001 -- one run's trouble must not stop the others
        log.warning("run_failed", run_id=str(run_id), error=repr(error)[:300])
        return False


async def _step(conn: AsyncConnection, row: RowMapping, batch: int) -> _Step:
    # FOR SHARE: a cancellation waits, so no lead slips into a campaign that has ended.
    campaign = await campaigns.hold(
        conn, organization_id=row["organization_id"], campaign_id=row["campaign_id"]
    )
    if campaign is None:
        raise LookupError("the run has no campaign")
    of = {"run": row, "state": campaign["state"], "agent_id": campaign["agent_id"]}
    if campaign["state"] not in ACCEPTING:
        return _Step(**of, over=True, problem=f"campaign_{campaign['state']}")
    try:
        segment = Segment.parse(row["filter"])
    except InvalidInputError:
        return _Step(**of, over=True, problem="filter_unreadable")
    made, over = await _copy(conn, row, campaign, segment, batch)
    return _Step(**of, made=made, over=over)


async def _copy(
    conn: AsyncConnection, row: RowMapping, campaign: RowMapping, segment: Segment, batch: int
) -> tuple[int, bool]:
    organization_id: UUID = row["organization_id"]
    # Who came after the run was made isn't in it, and so neither are its own copies.
    end = await runs.batch_end(
        conn, organization_id=organization_id, after=row["cursor"], before=row["id"], size=batch
    )
    until: UUID = end or row["id"]
    family = await runs.family(
        conn, organization_id=organization_id, campaign_id=row["campaign_id"]
    )
    origins = await runs.candidates(
        conn,
        organization_id=organization_id,
        family=family,
        segment=segment,
        after=row["cursor"],
        until=until,
    )
    made = await runs.copy(
        conn,
        organization_id=organization_id,
        campaign_id=row["campaign_id"],
        once=campaign["same_number"] == "once",
        origins=origins,
    )
    await events.append(conn, _accepted(row, made))
    await runs.advance(conn, row["id"], cursor=until, taken=len(made))
    return len(made), end is None


def _accepted(row: RowMapping, made: Sequence[RowMapping]) -> list[events.Values]:
    return [
        events.event(
            "lead.accepted",
            organization_id=row["organization_id"],
            campaign_id=row["campaign_id"],
            lead_id=lead["id"],
            body={
                "phone_code": lead["phone_code"],
                "source_id": lead["source_id"],
                "origin_id": lead["origin_id"],
                "run_id": row["id"],
            },
        )
        for lead in made
    ]


async def _end(context: Context, step: _Step) -> None:
    # Started before it is noted as filled: whoever is killed in between does it again, and a
    # campaign that somebody has started, paused or cancelled meanwhile is no draft any more.
    row, problem = step.run, step.problem
    if problem is None and row["start"] and step.state == CampaignState.DRAFT:
        problem = await _start(context, row)
    async with context.engine.begin() as conn:
        done = await runs.finish(conn, row["id"], problem=problem)
        if done is not None:
            happened = events.event(
                "run.filled",
                organization_id=done["organization_id"],
                campaign_id=done["campaign_id"],
                body={"run_id": done["id"], "taken": done["taken"], "problem": problem},
            )
            await events.append(conn, [happened])


async def _start(context: Context, row: RowMapping) -> str | None:
    try:
        await stage.move(
            context,
            organization_id=row["organization_id"],
            campaign_id=row["campaign_id"],
            to=CampaignState.RUNNING,
        )
    except OutdialError as error:
        return error.message[:300]
    return None
