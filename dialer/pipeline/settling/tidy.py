"""Tidy: once a second, find whatever a crash, a deadline or a finished campaign left behind."""

from uuid import UUID

import structlog

from dialer.context import Context
from dialer.pipeline.settling import settle
from dialer.rules.campaign import CampaignState
from dialer.rules.lead import LeadState
from dialer.store import events
from dialer.store.dialing import calls
from dialer.store.intake import leads
from dialer.store.planning import campaigns

SILENT_SECONDS = 60.0
"""An armed call of which nobody recorded an answer for so long is unknown."""

log = structlog.get_logger(__name__)


async def tidy(context: Context) -> None:
    """Look once. Any number of workers may do it at the same time."""
    await _claims(context)
    await _dials(context)
    await _expired_leads(context)
    await _ended_campaigns(context)
    await _finished_campaigns(context)


async def bury(context: Context, worker: str) -> None:
    """A worker provably died: free its claims, and close what it had armed.

    The proof is the operating system's: its lock on its slot file is gone.
    """
    async with context.engine.begin() as conn:
        for claim in await calls.release_claims_of(conn, worker):
            await settle.release(conn, claim["id"], fence=claim["fence"], why="worker_died")
        closed = await calls.close_for_dead_worker(conn, worker)
        for call in closed:
            if call["state"] == "dialing":
                await settle.doubt(
                    conn, call["id"], fence=call["fence"], why="worker_died", by="worker_death"
                )
    log.info("worker_buried", worker=worker, calls=len(closed))


async def _claims(context: Context) -> None:
    async with context.engine.begin() as conn:
        for claim in await calls.expired_claims(conn):
            await settle.release(conn, claim["id"], fence=claim["fence"], why="claim_expired")


async def _dials(context: Context) -> None:
    async with context.engine.begin() as conn:
        for call in await calls.silent_dials(conn, seconds=SILENT_SECONDS):
            await settle.doubt(
                conn, call["id"], fence=call["fence"], why="no_answer_recorded", by=None
            )


async def _expired_leads(context: Context) -> None:
    async with context.engine.begin() as conn:
        gone = await leads.expire_due(conn)
        await events.append(
            conn,
            [
                events.event(
                    "lead.expired",
                    organization_id=lead["organization_id"],
                    campaign_id=lead["campaign_id"],
                    lead_id=lead["id"],
                    body={"why": "expired"},
                )
                for lead in gone
            ],
        )


async def _ended_campaigns(context: Context) -> None:
    async with context.engine.begin() as conn:
        for row in await campaigns.past_their_end(conn):
            if await campaigns.move(
                conn,
                organization_id=row["organization_id"],
                campaign_id=row["id"],
                to=CampaignState.COMPLETED,
            ):
                told = events.event(
                    "campaign.completed",
                    organization_id=row["organization_id"],
                    campaign_id=row["id"],
                )
                await events.append(conn, [told])


async def _finished_campaigns(context: Context) -> None:
    async with context.engine.connect() as conn:
        finished = await campaigns.finished_with_waiting(conn)
    for row in finished:
        cancelled = row["state"] == CampaignState.CANCELLED
        to = LeadState.CANCELLED if cancelled else LeadState.EXPIRED
        await _close(context, row["organization_id"], row["id"], to)


async def _close(
    context: Context, organization_id: UUID, campaign_id: UUID, to: LeadState
) -> None:
    async with context.engine.begin() as conn:
        closed = await leads.close_waiting(
            conn, campaign_id=campaign_id, to=to, reason="campaign_over"
        )
        await events.append(
            conn,
            [
                events.event(
                    f"lead.{to.value}",
                    organization_id=organization_id,
                    campaign_id=campaign_id,
                    lead_id=lead_id,
                    body={"why": "campaign_over"},
                )
                for lead_id in closed
            ],
        )
