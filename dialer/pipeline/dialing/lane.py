"""A lane under its locks: who may call how much in it, in whose turn, and at which instants."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncConnection

from dialer.context import Context
from dialer.pipeline.compliance.binding import Row
from dialer.rules import pacing
from dialer.rules.precall import PATIENCE_SECONDS
from dialer.rules.shares import Claimant, charged, in_turn
from dialer.rules.spending import Allowance, Room, Used, room
from dialer.store import clock
from dialer.store.dialing import agents, pacers, tallies
from dialer.store.planning import campaigns

_LIMITS = ("max_calls_per_day", "max_calls", "budget")


@dataclass(slots=True)
class Lane:
    """One claim's view of a lane, under its locks.

    Attributes:
        row: The agent, with what shuts its business and organization.
        campaigns: Its running campaigns, by id.
        queues: The campaign of each queue that its agent calls.
        pacers: Limits by whom they bind: organization, business, agent and campaigns.
        held: How many calls of each of these hold a slot.
        rooms: How many calls the campaigns that have a limit may still make.
        now: Campaign time.
        speed: Campaign seconds in a real one.
        horizon: How far ahead slots are given away.
    """

    row: RowMapping
    campaigns: Mapping[UUID, RowMapping]
    queues: Mapping[UUID, UUID]
    pacers: Mapping[UUID, RowMapping]
    held: dict[UUID, int]
    rooms: Mapping[UUID, Room]
    now: datetime
    speed: float
    horizon: timedelta
    next_at: dict[UUID, datetime] = field(default_factory=dict)
    made: Counter[UUID] = field(default_factory=Counter)

    def roomy(self) -> list[UUID]:
        """The queues of the campaigns that may make a call now."""
        return [queue for queue, campaign in self.queues.items() if self.has_room(campaign)]

    def has_room(self, campaign_id: UUID) -> bool:
        """Whether a campaign may make one more call, by concurrency and by its own limits."""
        if self.is_spent(campaign_id):
            return False
        for subject in self._levels(campaign_id):
            cap = self.pacers[subject]["concurrency"] if subject in self.pacers else None
            if cap is not None and self.held.get(subject, 0) >= cap:
                return False
        return True

    def is_spent(self, campaign_id: UUID) -> bool:
        """Whether a campaign has used up what it may call today, in all or for its budget."""
        left = self.rooms.get(campaign_id)
        return left is not None and self.made[campaign_id] >= left.calls

    def spent(self) -> dict[UUID, str]:
        """The campaigns that have used up a limit for good, and which."""
        return {
            key: left.why
            for key, left in self.rooms.items()
            if left.final and left.why is not None
        }

    def in_turn(self, due: Sequence[Row]) -> list[Row]:
        """Due leads in the order of their slots."""
        return in_turn(due, self._claimants(), floor=self._share(self.row["id"]))

    def slot(self, campaign_id: UUID) -> datetime | None:
        """Take the next slot that every level allows; None when there is none within sight."""
        rated = [s for s in self._levels(campaign_id) if self._rate(s)]
        paces = [pacing.Pace(self._rate(s), self._next(s)) for s in rated]
        granted = pacing.grant(
            paces, wanted=1, now=self.now + self._lead(campaign_id, rated), horizon=self.horizon
        )
        if not granted.at:
            return None
        self.next_at.update(zip(rated, granted.next_at, strict=True))
        self.made[campaign_id] += 1
        for subject in self._levels(campaign_id):
            self.held[subject] = self.held.get(subject, 0) + 1
        return granted.at[0]

    def shares(self, due: Sequence[Row]) -> dict[UUID, float]:
        """The virtual time that campaigns and lane have used after the slots that were taken."""
        if not self.made:
            return {}
        hungry = {lead["campaign_id"] for lead in due}
        claimants = {key: one for key, one in self._claimants().items() if key in hungry}
        used, floor = charged(claimants, self.made, floor=self._share(self.row["id"]))
        return {**used, self.row["id"]: floor}

    def paced(self, campaign_id: UUID) -> bool:
        """Whether any level has a rate."""
        return any(self._rate(s) for s in self._levels(campaign_id))

    def _lead(self, campaign_id: UUID, rated: Sequence[UUID]) -> timedelta:
        # An address that is asked first takes its time, and a paced call must not miss its slot.
        asks = rated and self.campaigns[campaign_id]["precall_url"] is not None
        return timedelta(seconds=PATIENCE_SECONDS * self.speed) if asks else timedelta()

    def _levels(self, campaign_id: UUID) -> tuple[UUID, ...]:
        row = self.row
        return (row["organization_id"], row["business_id"], row["id"], campaign_id)

    def _claimants(self) -> dict[UUID, Claimant]:
        return {
            key: Claimant(row["weight"], row["priority"], self._share(key))
            for key, row in self.campaigns.items()
        }

    def _share(self, subject: UUID) -> float:
        return float(self.pacers[subject]["share"]) if subject in self.pacers else 0.0

    def _next(self, subject: UUID) -> datetime | None:
        return self.next_at.get(subject) or self.pacers[subject]["next_at"]

    def _rate(self, subject: UUID) -> float:
        row = self.pacers.get(subject)
        if row is None or row["calls_per_minute"] is None:
            return 0.0
        quiet = self.now - (row["factor_at"] or self.now)
        return float(row["calls_per_minute"] * pacing.recovered(row["factor"], quiet))


async def locked(context: Context, conn: AsyncConnection, agent_id: UUID) -> Lane | None:
    """A lane with its pacers locked, in a fixed order; None while it is shut."""
    row = await agents.lane(conn, agent_id)
    if row is None or _is_shut(row):
        return None
    queues = await campaigns.of_lane(conn, agent_id)
    running = {row["id"]: row for row in queues}
    subjects = (row["organization_id"], row["business_id"], agent_id, *running)
    limits = await pacers.lock(conn, subjects)
    return Lane(
        row=row,
        campaigns=running,
        queues={one["queue_id"]: one["id"] for one in queues},
        pacers=limits,
        held=await pacers.occupied(conn, organization_id=row["organization_id"]),
        rooms=await _rooms(conn, running),
        now=await clock.now(conn),
        speed=row["speed"],
        horizon=timedelta(seconds=context.settings.claim_horizon_seconds * row["speed"]),
    )


async def _rooms(conn: AsyncConnection, running: Mapping[UUID, RowMapping]) -> dict[UUID, Room]:
    limited = [key for key, row in running.items() if any(row[name] for name in _LIMITS)]
    used = await tallies.used(conn, limited) if limited else ()
    return {row["campaign_id"]: room_of(row) for row in used}


def room_of(row: Row) -> Room:
    """How many calls a campaign may still make, by what it has used (a row of `tallies.used`)."""
    return room(
        Allowance(
            per_day=row["max_calls_per_day"],
            in_all=row["max_calls"],
            price_per_minute=row["price_per_minute"],
            budget=row["budget"],
        ),
        Used(
            today=row["today"],
            calls=row["calls"],
            minutes=Decimal(row["talk_ms"]) / 60_000,
            in_progress=tuple(Decimal(one) / 60_000 for one in row["open_ms"]),
        ),
    )


def _is_shut(row: RowMapping) -> bool:
    until = row["organization_parked_until"]
    paused = row["paused_at"] or row["business_paused_at"] or row["organization_paused_at"]
    parked = row["parked_reason"] or (until is not None and until > row["now"])
    restored = row["organization_restored_at"] is not None
    # Duty that was never read is a gate that can't be read: closed.
    return bool(restored or paused or parked or not (row["deployed"] and row["on_duty"]))
