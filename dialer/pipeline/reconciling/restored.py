"""Restored: a database that went back is recognised, and nothing dials until it has caught up."""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TypedDict
from uuid import UUID

import structlog
from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

from dialer.clock import new_id
from dialer.context import Context
from dialer.pipeline.reconciling import absences, history, reconcile
from dialer.pipeline.reconciling.lookout import IN_DOUBT
from dialer.pipeline.settling import settle, timeline
from dialer.pipeline.upstream.partners import Partners
from dialer.rules.call import CallState
from dialer.rules.errors import UnavailableError
from dialer.rules.lead import LeadState
from dialer.rules.proof import absence
from dialer.rules.proof.restore import BEFORE, Beat, may_dial_again, went_back
from dialer.store import events, organizations, witness
from dialer.store.columns import NOW, after
from dialer.store.dialing import calls
from dialer.store.intake import leads
from dialer.store.reconciling import history as history_store
from dialer.witness import Keeper
from partner import CallRecord, PartnerError

LOOK_SECONDS = 10.0
"""How often an organization in quarantine is looked at, in real time."""

log = structlog.get_logger(__name__)


class Whose(TypedDict):
    """Whom a lost call rang, and through which of the upstream's agents."""

    organization_id: UUID
    phone: str
    partner_agent_id: str


async def beat(context: Context, keepers: Sequence[Keeper], *, first: bool = False) -> bool:
    """Count on, once a second; whether the database had gone back, and is in quarantine now.

    Args:
        context: Its pulse is what this process saw last: no call is armed below it.
        keepers: Where the count is kept outside.
        first: Whether the process just started, and has to ask what was kept.
    """
    outside = [context.pulse.beat]
    if first:
        async with context.engine.begin() as conn:
            database_id = (await witness.locked(conn))["database_id"]
        outside += [await keeper.recall(database_id) for keeper in keepers]
    async with context.engine.begin() as conn:
        row = await witness.locked(conn)
        cluster = await witness.cluster(conn)
        inside = Beat(count=row["beat"], cluster=row["cluster"])
        gone_back = went_back(inside, outside, cluster=cluster)
        if gone_back:
            await _quarantine(conn, since=row["at"])
        count = max(row["beat"], *outside) + 1
        await witness.count_on(conn, beat=count, cluster=cluster)
    context.pulse.beat = count
    for keeper in keepers:
        await keeper.keep(row["database_id"], count)
    if gone_back:
        log.error("database_restored", since=row["at"].isoformat())
    return gone_back


async def _quarantine(conn: AsyncConnection, *, since: datetime) -> None:
    """Doubt whatever may have been armed since, and let nothing dial.

    Calls that were placed or live keep their state: their ring is proven, and their end is found
    by their id.
    """
    for call in await witness.may_have_rung(conn):
        moved = await calls.move(
            conn,
            call["id"],
            CallState.UNKNOWN,
            new_fence=secrets.randbits(62),
            answer="unknown",
            armed_at=text("coalesce(armed_at, claimed_at)"),
            closed_at=None,
            closed_by=None,
            slot_until=after(settle.SLOT),
        )
        if moved is not None:
            await timeline.tell(conn, moved, "call.unknown", why="restored")
    told = [
        events.event(
            "organization.restored",
            organization_id=row["id"],
            body={"since": row["restored_from"]},
        )
        for row in await witness.quarantine(conn, since=since)
    ]
    await events.append(conn, told)


async def recover(context: Context, partners: Partners) -> None:
    """Look for the calls that quarantined organizations have lost; lift what is complete."""
    async with context.engine.begin() as conn:
        due = await witness.quarantined(conn, seconds=LOOK_SECONDS)
        await witness.looked_at(conn, [row["id"] for row in due])
    for row in due:
        try:
            await _recover(context, partners, row)
        except (PartnerError, UnavailableError) as error:
            await _note(context, row, error.code)


async def _recover(context: Context, partners: Partners, row: RowMapping) -> None:
    organization_id: UUID = row["id"]
    async with context.engine.connect() as conn:
        lag = absence.lag_of(*await history_store.lag(conn, organization_id=organization_id))
        skew = await history_store.skew(conn, organization_id=organization_id)
        businesses = await organizations.businesses(conn, organization_id=organization_id)
    last = may_dial_again(now=row["now"], restored_at=row["restored_at"], lag=lag)
    if row["recovered_at"] is not None and not last:
        return
    complete, adopted, strangers = True, 0, 0
    if businesses:
        fetch = history.fetcher(
            await partners.of(organization_id), [b["partner_business_id"] for b in businesses]
        )
        reading = await history.sweep(
            fetch, start=row["restored_from"] - BEFORE - skew, end=row["now"] + skew
        )
        complete = reading.complete
        lost = await _unclaimed(context, organization_id, reading, skew)
        adopted = sum([await _adopt(context, organization_id, record) for record in lost])
        strangers = len(lost) - adopted
    if last and complete:
        await _lift(context, row, adopted=adopted, strangers=strangers)
    else:
        await _note(context, row, None if complete else "incomplete_sweep")


async def _note(context: Context, row: RowMapping, problem: str | None) -> None:
    """Keep why a look came to nothing, if it did, for whoever waits for the quarantine's end."""
    if problem is not None:
        log.warning("not_recovered", organization_id=str(row["id"]), why=problem)
    async with context.engine.begin() as conn:
        await witness.note_look(conn, organization_id=row["id"], problem=problem)


async def _unclaimed(
    context: Context, organization_id: UUID, reading: history.Reading, skew: timedelta
) -> list[CallRecord]:
    """The listed calls that no row of ours claims, oldest first; doubts get theirs."""
    async with context.engine.connect() as conn:
        unfinished = await calls.unfinished(conn, organization_id=organization_id)
    doubts = [call for call in unfinished if call["state"] in IN_DOUBT]
    items = reading.items.values()
    found = await absences.find(context, organization_id, doubts, items, skew=skew)
    async with context.engine.begin() as conn:
        for call_id, record in found.items():
            await witness.link(conn, call_id, partner_call_id=record.id)
    async with context.engine.connect() as conn:
        taken = await calls.linked(
            conn, organization_id=organization_id, partner_call_ids=list(reading.items)
        )
    free = [i for i in items if i.id not in taken and i.started_at and i.type != "INBOUND"]
    return sorted(free, key=lambda item: str(item.started_at))


async def _adopt(context: Context, organization_id: UUID, record: CallRecord) -> bool:
    """Write a lost call down as its lead's, if the lead waits, or was claimed anew."""
    whose = Whose(
        organization_id=organization_id,
        phone=record.customer_number or "",
        partner_agent_id=record.agent_id or "",
    )
    async with context.engine.begin() as conn:
        if await _take_over(conn, whose, record):
            return True
        lead = await witness.lead_of(conn, **whose)
        if lead is None:
            return False
        call_id = new_id()
        claim = {
            "id": call_id,
            "organization_id": organization_id,
            "business_id": lead["business_id"],
            "agent_id": lead["agent_id"],
            "campaign_id": lead["campaign_id"],
            "lead_id": lead["id"],
            "variant_id": lead["variant_id"],
            "phone": lead["phone"],
            "attempt": lead["attempts"] + 1,
            "place_at": record.started_at,
            "claim_expires_at": record.started_at,
            "window_until": record.started_at,
        }
        if not await calls.insert_claimed(conn, [claim]):
            return False
        await leads.move(conn, lead["id"], LeadState.CALLING, reason=None)
        call = await calls.move(
            conn,
            call_id,
            CallState.UNKNOWN,
            answer="unknown",
            armed_at=record.started_at,
            closed_at=NOW,
            closed_by="restored",
            partner_call_id=record.id,
        )
        if call is not None:
            await timeline.tell(conn, call, "call.unknown", why="restored")
            await reconcile.settle_one(conn, call, record)
    return True


async def _take_over(conn: AsyncConnection, whose: Whose, record: CallRecord) -> bool:
    """Let the doubted call of a lead that was claimed anew be the lost one: it never rang."""
    if record.started_at is None:
        return False
    doubted = await witness.claimed_anew(conn, **whose, at=record.started_at)
    if doubted is None:
        return False
    call = await witness.is_that(
        conn, doubted["id"], partner_call_id=record.id, at=record.started_at
    )
    if call is not None:
        await reconcile.settle_one(conn, call, record)
    return call is not None


async def _lift(context: Context, row: RowMapping, *, adopted: int, strangers: int) -> None:
    async with context.engine.begin() as conn:
        if await witness.lift(conn, organization_id=row["id"], restored_at=row["restored_at"]):
            told = events.event(
                "organization.recovered",
                organization_id=row["id"],
                body={"adopted": adopted, "not_ours": strangers},
            )
            await events.append(conn, [told])
    log.info("organization_recovered", adopted=adopted, not_ours=strangers)
