"""Why a lead is not called, or a campaign idle: what each gate says now, and when it goes on."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncConnection

from dialer.context import Context
from dialer.pipeline.compliance.binding import Row
from dialer.pipeline.dialing.gates import Look, look
from dialer.pipeline.dialing.lane import room_of
from dialer.rules.calling.explain import Verdict, next_instant, verdicts
from dialer.rules.errors import NotFoundError
from dialer.rules.pacing import recovered
from dialer.store import clock
from dialer.store.dialing import agents, pacers, queue, tallies
from dialer.store.intake import leads
from dialer.store.planning import campaigns, variants

_WAITING = "waiting"
_LEVELS = {
    "organization": "The organization",
    "business": "The business",
    "agent": "The agent",
    "campaign": "The campaign",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """Where a lead stands.

    Attributes:
        at: Campaign time.
        state: The lead's bucket.
        verdicts: Every gate's, in the order in which they are asked.
        blocks: The first that is shut; None when all are open.
        next_at: The first instant at which time alone has opened every gate; None when there is
            none to be foreseen.
        ahead: Due leads of its campaign that come before it.
        estimate_at: About when its phone rings, by the pace in force; None when a person has to
            act first, or nothing can be said.
    """

    at: datetime
    state: str
    verdicts: tuple[Verdict, ...]
    next_at: datetime | None
    ahead: int
    estimate_at: datetime | None

    @property
    def blocks(self) -> Verdict | None:
        """The first gate that is shut."""
        return next((verdict for verdict in self.verdicts if not verdict.open), None)


async def why(context: Context, *, organization_id: UUID, lead_id: UUID) -> Why:
    """Explain one lead; nothing is changed and nothing is locked.

    Raises:
        NotFoundError: there is no such lead.
    """
    async with context.engine.connect() as conn:
        lead = await leads.get(conn, organization_id=organization_id, lead_id=lead_id)
        if lead is None:
            raise NotFoundError("there is no such lead")
        campaign = await campaigns.get(
            conn, organization_id=organization_id, campaign_id=lead["campaign_id"]
        )
        if campaign is None:
            raise NotFoundError("there is no such campaign")
        now = await clock.now(conn)
        (seen,) = await look(conn, organization_id, [lead], {campaign["id"]: campaign})
        # A variant may have the lead called through another agent than its campaign's.
        through = {**campaign, "agent_id": await leads.lane_of(conn, lead_id)}
        told = [*await _around(conn, through, now), *_of_lead(lead, seen, now)]
        ahead = await queue.ahead(conn, lead) if lead["state"] == _WAITING else 0
        pace = await pace_of(conn, through)
    told.append(_pace_verdict(ahead, pace))
    ready = _next(lead, seen, now)
    stuck = any(not one.open and one.until is None for one in told)
    return Why(
        at=now,
        state=lead["state"],
        verdicts=tuple(told),
        next_at=ready,
        ahead=ahead,
        estimate_at=None if stuck or ready is None else ready + _wait(ahead, pace),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Idle:
    """Why a campaign does what it does.

    Attributes:
        at: Campaign time.
        verdicts: What each level says, from the organization to the campaign's limits.
        waiting: Rows of `reason`, `leads`, `due` and `next_due_at`, the largest first.
        in_flight: Calls that ring or are talked on, or may be.
        pace: Calls a minute that the levels allow together; None is no limit.
    """

    at: datetime
    verdicts: tuple[Verdict, ...]
    waiting: Sequence[RowMapping]
    in_flight: int
    pace: float | None

    @property
    def says(self) -> str:
        """The answer in a sentence."""
        shut = next((verdict for verdict in self.verdicts if not verdict.open), None)
        if shut is not None:
            return shut.says
        if any(row["due"] for row in self.waiting):
            return "It is not idle: leads are due, and every level dials."
        if not self.waiting:
            return "No lead waits."
        first = min(row["next_due_at"] for row in self.waiting)
        return (
            f"Every lead waits for a later time; the first is due at {first:%Y-%m-%d %H:%M} UTC."
        )


async def idle(context: Context, *, organization_id: UUID, campaign_id: UUID) -> Idle:
    """Explain a campaign; nothing is changed and nothing is locked.

    Raises:
        NotFoundError: there is no such campaign.
    """
    async with context.engine.connect() as conn:
        campaign = await campaigns.get(
            conn, organization_id=organization_id, campaign_id=campaign_id
        )
        if campaign is None:
            raise NotFoundError("there is no such campaign")
        now = await clock.now(conn)
        held = await pacers.occupied(conn, organization_id=organization_id)
        return Idle(
            at=now,
            verdicts=(
                *await _around(conn, campaign, now),
                *await _through_others(conn, campaign),
                *await _full(conn, campaign, held),
            ),
            waiting=await queue.waiting(conn, campaign_id),
            in_flight=held.get(campaign_id, 0),
            pace=await pace_of(conn, campaign),
        )


async def _through_others(conn: AsyncConnection, campaign: RowMapping) -> list[Verdict]:
    """What is shut of the agents that variants have of their own."""
    found = await variants.of_campaign(
        conn, organization_id=campaign["organization_id"], campaign_id=campaign["id"]
    )
    told: list[Verdict] = []
    for variant in found:
        lane = await agents.lane(conn, variant["agent_id"]) if variant["agent_id"] else None
        if lane is not None and not (says := _agent(lane)).open:
            told.append(replace(says, says=f"Of the variant {variant['name']!r}: {says.says}"))
    return told


async def _full(
    conn: AsyncConnection, campaign: RowMapping, held: Mapping[UUID, int]
) -> list[Verdict]:
    return [
        Verdict(
            "pace",
            open=False,
            says=f"{_LEVELS[row['level']]} has as many calls at once as it may: "
            f"{row['concurrency']:,}.",
            why="concurrency",
        )
        for row in await pacers.of(conn, _levels(campaign))
        if row["concurrency"] is not None and held.get(row["subject_id"], 0) >= row["concurrency"]
    ]


def _levels(campaign: Row) -> tuple[UUID, ...]:
    return tuple(campaign[name] for name in ("organization_id", "business_id", "agent_id", "id"))


def _next(lead: RowMapping, seen: Look, now: datetime) -> datetime | None:
    if lead["state"] != _WAITING or seen.facts is None or seen.rules is None:
        return None
    return next_instant(seen.facts, seen.rules, now, due_at=lead["due_at"])


def _of_lead(lead: RowMapping, seen: Look, now: datetime) -> Iterator[Verdict]:
    if lead["state"] != _WAITING:
        says = f"The lead is {lead['state']}, so it waits for no call."
        yield Verdict("lead", open=False, says=says, why=lead["reason"] or lead["state"])
        return
    if seen.facts is None or seen.rules is None:
        says = "The rules, the plan or the lead's place can't be read: the gate is shut."
        yield Verdict("rules", open=False, says=says, why="gate_unreadable")
        return
    yield from verdicts(seen.facts, seen.rules, now)
    yield _due(lead, now)


def _due(lead: RowMapping, now: datetime) -> Verdict:
    if lead["due_at"] > now:
        last = f" (last: {lead['reason'].replace('_', ' ')})" if lead["reason"] else ""
        says = f"It is looked at again then{last}."
        return Verdict("due", open=False, says=says, why=lead["reason"], until=lead["due_at"])
    return Verdict("due", open=True, says="It is due.")


async def _around(conn: AsyncConnection, campaign: Row, now: datetime) -> list[Verdict]:
    lane = await agents.lane(conn, campaign["agent_id"])
    if lane is None:
        return []
    return [
        _organization(lane, now),
        _paused("business", lane["business_paused_at"], "The business"),
        _agent(lane),
        _campaign(campaign),
        *[_spending(row) for row in await tallies.used(conn, [campaign["id"]])],
    ]


def _organization(lane: RowMapping, now: datetime) -> Verdict:
    if lane["organization_restored_at"] is not None:
        says = "The database was put back to an older copy; nothing dials until it is compared."
        return Verdict("organization", open=False, says=says, why="restored")
    until = lane["organization_parked_until"]
    if until is not None and until > now:
        says = f"Nothing dials for a while: {lane['organization_parked']}."
        return Verdict(
            "organization", open=False, says=says, why=lane["organization_parked"], until=until
        )
    return _paused("organization", lane["organization_paused_at"], "The organization")


def _paused(gate: str, since: datetime | None, name: str) -> Verdict:
    if since is not None:
        says = f"{name} was paused by a person."
        return Verdict(gate, open=False, says=says, why="paused")  # type: ignore[arg-type]  # a level's own gate
    return Verdict(gate, open=True, says=f"{name} dials.")  # type: ignore[arg-type]  # a level's own gate


def _agent(lane: RowMapping) -> Verdict:
    if lane["paused_at"] is not None:
        return _paused("agent", lane["paused_at"], "The agent")
    if lane["parked_reason"]:
        says = f"The agent can't dial: {lane['parked_reason']}."
        return Verdict(
            "agent", open=False, says=says, why=lane["parked_reason"], until=lane["probe_at"]
        )
    if not (lane["deployed"] and lane["on_duty"]):
        says = "The agent is not known to be deployed and on duty."
        return Verdict("agent", open=False, says=says, why="off_duty")
    return Verdict("agent", open=True, says="The agent is deployed and on duty.")


def _campaign(campaign: Row) -> Verdict:
    if campaign["state"] != "running":
        says = f"The campaign is {campaign['state']}."
        return Verdict("campaign", open=False, says=says, why=f"campaign_{campaign['state']}")
    if campaign["parked_reason"]:
        says = f"The campaign is parked ({campaign['parked_reason']}); resume it."
        return Verdict("campaign", open=False, says=says, why="campaign_parked")
    return Verdict("campaign", open=True, says="The campaign runs.")


_SPENT = {
    "calls_per_day_reached": "The campaign made as many calls today as it may.",
    "max_calls_reached": "The campaign made as many calls as it may.",
    "budget_spent": "The campaign's budget is used up, or held by calls in progress.",
}


def _spending(used: RowMapping) -> Verdict:
    left = room_of(used)
    if left.why is not None:
        return Verdict("spending", open=False, says=_SPENT[left.why], why=left.why)
    says = f"The campaign may make {left.calls:,} more calls by its limits."
    return Verdict("spending", open=True, says=says)


async def pace_of(conn: AsyncConnection, campaign: Row) -> float | None:
    """Calls a minute that all levels of a campaign allow together now; None is no limit."""
    now = await clock.now(conn)
    found = await pacers.of(conn, _levels(campaign))
    rates = [
        row["calls_per_minute"] * recovered(row["factor"], now - (row["factor_at"] or now))
        for row in found
        if row["calls_per_minute"] is not None
    ]
    return min(rates, default=None)


def _pace_verdict(ahead: int, pace: float | None) -> Verdict:
    told = "no pace is set" if pace is None else f"the pace is {pace:g} calls a minute"
    return Verdict("pace", open=True, says=f"{ahead:,} due leads come before it; {told}.")


def _wait(ahead: int, pace: float | None) -> timedelta:
    return timedelta() if not pace else timedelta(minutes=ahead / pace)
