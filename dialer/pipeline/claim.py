"""Claim: the one transaction that decides which phones ring, and writes it down first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncConnection

from dialer.clock import new_id
from dialer.context import Context
from dialer.pipeline.gates import Look, Row, look
from dialer.rules import pacing
from dialer.rules.calling.gate import Allow, Defer, Refuse
from dialer.rules.lead import LeadState
from dialer.store import agents, calls, campaigns, clock, events, leads, pacers, probation

CLAIM_SECONDS = 30.0
"""Real seconds after its slot at which a claim that nobody armed is void."""

MAX_BATCH = 200
Claim = tuple[Row, dict[str, object]]
NUMBER_IN_CALL_RETRY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Claimed:
    """What a claim decided.

    Attributes:
        call_ids: Calls to place, in the order of their slots.
        again: When the lane is worth another look: `now` (more may be due), `soon` (pace,
            concurrency or the ramp hold due leads back), or `idle` (nothing is due).
    """

    call_ids: tuple[UUID, ...] = ()
    again: Literal["now", "soon", "idle"] = "idle"


@dataclass(slots=True)
class _Lane:
    """One claim's view of a lane, under its locks."""

    row: RowMapping
    campaigns: Mapping[UUID, RowMapping]
    pacers: Mapping[UUID, RowMapping]
    held: dict[UUID, int]
    now: datetime
    speed: float
    horizon: timedelta
    next_at: dict[UUID, datetime] = field(default_factory=dict)

    def levels(self, campaign_id: UUID) -> tuple[UUID, ...]:
        row = self.row
        return (row["organization_id"], row["business_id"], row["id"], campaign_id)

    def has_room(self, campaign_id: UUID) -> bool:
        for subject in self.levels(campaign_id):
            cap = self.pacers[subject]["concurrency"] if subject in self.pacers else None
            if cap is not None and self.held.get(subject, 0) >= cap:
                return False
        return True

    def slot(self, campaign_id: UUID) -> datetime | None:
        rated = [s for s in self.levels(campaign_id) if self._rate(s)]
        paces = [pacing.Pace(self._rate(s), self._next(s)) for s in rated]
        granted = pacing.grant(paces, wanted=1, now=self.now, horizon=self.horizon)
        if not granted.at:
            return None
        self.next_at.update(zip(rated, granted.next_at, strict=True))
        for subject in self.levels(campaign_id):
            self.held[subject] = self.held.get(subject, 0) + 1
        return granted.at[0]

    def paced(self, campaign_id: UUID) -> bool:
        return any(self._rate(s) for s in self.levels(campaign_id))

    def _next(self, subject: UUID) -> datetime | None:
        return self.next_at.get(subject) or self.pacers[subject]["next_at"]

    def _rate(self, subject: UUID) -> float:
        row = self.pacers.get(subject)
        if row is None or row["calls_per_minute"] is None:
            return 0.0
        quiet = self.now - (row["factor_at"] or self.now)
        return float(row["calls_per_minute"] * pacing.recovered(row["factor"], quiet))


async def claim(context: Context, agent_id: UUID, *, wanted: int, worker: str) -> Claimed:
    """Decide up to `wanted` calls of a lane and commit them as claimed.

    Nothing is sent here. The lane's pacers are locked in a fixed order, so claims of a lane
    take turns and neither pace nor concurrency can be exceeded by any number of workers.
    """
    async with context.engine.begin() as conn:
        lane = await _lock(context, conn, agent_id)
        wanted = 0 if lane is None else min(wanted, await _ramp_room(conn, lane), MAX_BATCH)
        if lane is None or not lane.campaigns:
            return Claimed()
        roomy = [c for c in lane.campaigns if lane.has_room(c)]
        if not roomy or wanted < 1:
            return Claimed(again="soon")
        due = await leads.take_due(conn, campaign_ids=roomy, limit=wanted)
        allowed = await _pass_gates(conn, lane, _in_order(due, lane))
        claims = _schedule(lane, allowed[:wanted], worker)
        call_ids = await _write(conn, lane, claims)
    if len(claims) < len(allowed):
        return Claimed(call_ids, again="soon")
    return Claimed(call_ids, again="now" if len(due) >= wanted else "idle")


async def _lock(context: Context, conn: AsyncConnection, agent_id: UUID) -> _Lane | None:
    row = await agents.lane(conn, agent_id)
    if row is None or _is_shut(row):
        return None
    running = {c["id"]: c for c in await campaigns.of_lane(conn, agent_id)}
    subjects = (row["organization_id"], row["business_id"], agent_id, *running)
    locked = await pacers.lock(conn, subjects)
    return _Lane(
        row=row,
        campaigns=running,
        pacers=locked,
        held=await pacers.occupied(conn, organization_id=row["organization_id"]),
        now=await clock.now(conn),
        speed=row["speed"],
        horizon=timedelta(seconds=context.settings.claim_horizon_seconds * row["speed"]),
    )


def _is_shut(row: RowMapping) -> bool:
    until = row["organization_parked_until"]
    paused = row["paused_at"] or row["business_paused_at"] or row["organization_paused_at"]
    parked = row["parked_reason"] or (until is not None and until > row["now"])
    restored = row["organization_restored_at"] is not None
    # Duty that was never read is a gate that can't be read: closed.
    return bool(restored or paused or parked or not (row["deployed"] and row["on_duty"]))


async def _ramp_room(conn: AsyncConnection, lane: _Lane) -> int:
    row = lane.row
    if row["ramp"] is None and row["organization_ramp"] is None:
        return MAX_BATCH
    room = await probation.room(conn, organization_id=row["organization_id"], agent_id=row["id"])
    return MAX_BATCH if room is None else room


def _in_order(due: Sequence[RowMapping], lane: _Lane) -> list[RowMapping]:
    def key(lead: RowMapping) -> tuple[int, int, datetime]:
        campaign = lane.campaigns[lead["campaign_id"]]
        return (-campaign["priority"], -lead["priority"], lead["due_at"])

    return sorted(due, key=key)


async def _pass_gates(
    conn: AsyncConnection, lane: _Lane, due: Sequence[RowMapping]
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
            case Refuse(why=why):
                await leads.move(conn, lead["id"], LeadState(why), reason=why)
                told.append(_told(lead, f"lead.{why}", why=why))
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


def _schedule(lane: _Lane, allowed: Sequence[tuple[Look, datetime]], worker: str) -> list[Claim]:
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
    lane: _Lane, seen: Look, at: datetime, until: datetime, worker: str
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
        "campaign_version": lane.campaigns[lead["campaign_id"]]["version"],
        "rulebook": seen.rulebook,
        "most_in_24h": caps.in_24h,
        "most_in_7d": caps.in_7d,
        "gap_seconds": round(caps.gap.total_seconds()),
    }


async def _write(
    conn: AsyncConnection,
    lane: _Lane,
    claims: Sequence[Claim],
) -> tuple[UUID, ...]:
    # By number, so that lanes with the same people wait for each other in one order.
    by_number = sorted((values for _, values in claims), key=lambda v: str(v["phone"]))
    written = await calls.insert_claimed(conn, by_number)
    told: list[events.Values] = []
    # A claim for the same number that another lane committed first wins; ours waits a little.
    lost = [lead for lead, values in claims if values["id"] not in written]
    for lead, values in claims:
        if values["id"] not in written:
            continue
        await leads.move(conn, lead["id"], LeadState.CALLING, reason=None)
        told.append(
            _told(lead, "call.claimed", attempt=values["attempt"], place_at=values["place_at"])
            | {"call_id": values["id"]}
        )
    until = lane.now + NUMBER_IN_CALL_RETRY
    await leads.defer(conn, [(lead["id"], until, "number_in_call") for lead in lost])
    await events.append(conn, told)
    await pacers.debit(conn, lane.next_at)
    return tuple(UUID(str(v["id"])) for _, v in claims if v["id"] in written)
