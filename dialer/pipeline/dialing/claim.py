"""Claim: the one transaction that decides which phones ring, and writes it down first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from dialer.clock import new_id
from dialer.context import Context
from dialer.pipeline.compliance.binding import Row
from dialer.pipeline.dialing import variants
from dialer.pipeline.dialing.gates import Look, look
from dialer.pipeline.dialing.lane import Lane, locked
from dialer.rules.calling.gate import Allow, Defer, Refuse
from dialer.store import events
from dialer.store.dialing import calls, pacers, probation, queue
from dialer.store.intake import leads
from dialer.store.planning import campaigns

CLAIM_SECONDS = 30.0
"""Real seconds after its slot at which a claim that nobody armed is void."""

MAX_BATCH = 200
Claim = tuple[Row, dict[str, object]]
Again = Literal["now", "soon", "idle"]
NUMBER_IN_CALL_RETRY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Claimed:
    """What a claim decided.

    Attributes:
        call_ids: Calls to place, in the order of their slots.
        again: When the lane is worth another look: `now` (more may be due), `soon` (pace,
            concurrency or the ramp hold due leads back), or `idle` (nothing is due).
        elsewhere: Lanes that got leads of this one: their variant has another agent.
    """

    call_ids: tuple[UUID, ...] = ()
    again: Again = "idle"
    elsewhere: frozenset[UUID] = frozenset()


async def claim(context: Context, agent_id: UUID, *, wanted: int, worker: str) -> Claimed:
    """Decide up to `wanted` calls of a lane and commit them as claimed.

    Nothing is sent here. The lane's pacers are locked in a fixed order, so claims of a lane
    take turns and neither pace nor concurrency nor a campaign's own limits can be exceeded by
    any number of workers. A campaign that has used up a limit for good is parked.
    """
    async with context.engine.begin() as conn:
        lane = await locked(context, conn, agent_id)
        wanted = 0 if lane is None else min(wanted, await _ramp_room(conn, lane), MAX_BATCH)
        if lane is None or not lane.campaigns:
            return Claimed()
        spent, roomy = lane.spent(), lane.roomy()
        if not roomy or wanted < 1:
            all_spent = all(map(lane.is_spent, lane.campaigns))
            claimed = Claimed(again="idle" if all_spent else "soon")
        else:
            claimed = await _claim(conn, lane, roomy, wanted, worker)
    # Only now: an edit of a plan locks the campaign's row before its pacer, and claims after.
    await _park(context, lane, spent)
    await context.wakeups.lanes(sorted(claimed.elsewhere))
    return claimed


async def _claim(
    conn: AsyncConnection, lane: Lane, roomy: Sequence[UUID], wanted: int, worker: str
) -> Claimed:
    due = await queue.take_due(conn, queue_ids=roomy, limit=wanted)
    mine = await variants.settle(conn, lane.row["id"], due, lane.campaigns)
    allowed = await _pass_gates(conn, lane, lane.in_turn(mine.here))
    claims = _schedule(lane, allowed[:wanted], worker)
    call_ids = await _write(conn, lane, claims)
    await pacers.debit(conn, lane.next_at, lane.shares(due))
    again: Again = "now" if len(due) >= wanted else "idle"
    if len(claims) < len(allowed):
        again = "soon"
    return Claimed(call_ids, again, frozenset(mine.woken))


async def _park(context: Context, lane: Lane, spent: Mapping[UUID, str]) -> None:
    for campaign_id, why in spent.items():
        async with context.engine.begin() as conn:
            if await campaigns.park(conn, campaign_id, reason=why):
                told = events.event(
                    "campaign.parked",
                    organization_id=lane.row["organization_id"],
                    campaign_id=campaign_id,
                    body={"why": why},
                )
                await events.append(conn, [told])


async def _ramp_room(conn: AsyncConnection, lane: Lane) -> int:
    row = lane.row
    if row["ramp"] is None and row["organization_ramp"] is None:
        return MAX_BATCH
    room = await probation.room(conn, organization_id=row["organization_id"], agent_id=row["id"])
    return MAX_BATCH if room is None else room


async def _pass_gates(
    conn: AsyncConnection, lane: Lane, due: Sequence[Row]
) -> list[tuple[Look, datetime]]:
    allowed: list[tuple[Look, datetime]] = []
    deferred: list[tuple[UUID, datetime, str]] = []
    told: list[events.Values] = []
    for seen in await look(conn, lane.row["organization_id"], due, lane.campaigns):
        lead = seen.lead
        match seen.judge(lane.now):
            case Allow(until=until):
                allowed.append((seen, until))
            case Defer(until=until, why=why):
                deferred.append((lead["id"], until, why))
                if lead["reason"] != why:
                    told.append(_told(lead, "lead.deferred", until=until, why=why))
            case Refuse(why=why, bucket=bucket):
                await leads.move(conn, lead["id"], bucket, reason=why)
                told.append(_told(lead, f"lead.{bucket.value}", why=why))
    await leads.defer(conn, deferred)
    await events.append(conn, told)
    return allowed


def _told(lead: Row, name: str, **body: object) -> events.Values:
    return events.event(
        name,
        organization_id=lead["organization_id"],
        campaign_id=lead["campaign_id"],
        lead_id=lead["id"],
        body=body,
    )


def _schedule(lane: Lane, allowed: Sequence[tuple[Look, datetime]], worker: str) -> list[Claim]:
    claims: list[Claim] = []
    taken: set[str] = set()
    for seen, until in allowed:
        lead = seen.lead
        if lead["phone"] in taken or not lane.has_room(lead["campaign_id"]):
            continue
        at = lane.slot(lead["campaign_id"])
        if at is None or at >= until:
            continue
        taken.add(lead["phone"])
        claims.append((lead, _claim_values(lane, seen, at, until, worker)))
    return claims


def _claim_values(
    lane: Lane, seen: Look, at: datetime, until: datetime, worker: str
) -> dict[str, object]:
    lead, caps = seen.lead, seen.caps
    return {
        "id": new_id(),
        "organization_id": lead["organization_id"],
        "business_id": lane.row["business_id"],
        "agent_id": lane.row["id"],
        "campaign_id": lead["campaign_id"],
        "lead_id": lead["id"],
        "phone": lead["phone"],
        "attempt": lead["attempts"] + 1,
        "worker": worker,
        "place_at": at,
        "claim_expires_at": at + timedelta(seconds=CLAIM_SECONDS * lane.speed),
        "window_until": until,
        "paced": lane.paced(lead["campaign_id"]),
        "variant_id": lead["variant_id"],
        "campaign_version": lane.campaigns[lead["campaign_id"]]["version"],
        "rulebook": seen.rulebook,
        "most_in_24h": caps.in_24h,
        "most_in_7d": caps.in_7d,
        "gap_seconds": round(caps.gap.total_seconds()),
    }


async def _write(
    conn: AsyncConnection,
    lane: Lane,
    claims: Sequence[Claim],
) -> tuple[UUID, ...]:
    # By number, so that lanes with the same people wait for each other in one order.
    by_number = sorted((values for _, values in claims), key=lambda v: str(v["phone"]))
    written = await calls.insert_claimed(conn, by_number)
    told: list[events.Values] = []
    # A claim for the same number that another lane committed first wins; ours waits a little.
    lost = [lead for lead, values in claims if values["id"] not in written]
    won = [(lead, values) for lead, values in claims if values["id"] in written]
    for lead, values in won:
        told.append(
            _told(lead, "call.claimed", attempt=values["attempt"], place_at=values["place_at"])
            | {"call_id": values["id"]}
        )
    await leads.call(conn, [lead["id"] for lead, _ in won])
    until = lane.now + NUMBER_IN_CALL_RETRY
    await leads.defer(conn, [(lead["id"], until, "number_in_call") for lead in lost])
    await events.append(conn, told)
    return tuple(UUID(str(v["id"])) for _, v in claims if v["id"] in written)
