"""Runs: plan a campaign like another one, for leads that are then copied into it."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncConnection

from dialer.context import Context
from dialer.pipeline.intake.intake import Once
from dialer.pipeline.planning import segments
from dialer.pipeline.planning.plans import VERSIONED
from dialer.rules.errors import IdempotencyMismatchError, NotFoundError
from dialer.rules.segment import Segment, for_redial
from dialer.store import clock, events
from dialer.store.dialing import pacers
from dialer.store.intake import sources
from dialer.store.planning import campaigns, runs

MAX_NAME = 200
_ACCEPTED = 202
_HOUR_MS = 3_600_000
_TIME_ORDERED = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Redial:
    """Who of a campaign is called again.

    Attributes:
        outcomes: How their last call ended.
        narrowed: A segment's filter besides, without campaigns, states and outcomes.
        name: Of the run's campaign; None for the campaign's own, with the date.
        start: Whether it dials as soon as all its leads are in it.
    """

    outcomes: Sequence[str]
    narrowed: Mapping[str, object] = field(default_factory=dict)
    name: str | None = None
    start: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A run that is to be made: why, of whom, and what becomes of it once it is filled."""

    kind: str
    name: str
    segment: Segment
    start: bool
    by: str | None
    schedule_id: UUID | None = None
    occurrence: datetime | None = None


async def redial(
    context: Context,
    *,
    organization_id: UUID,
    campaign_id: UUID,
    ask: Redial,
    by: str | None = None,
    once: Once | None = None,
) -> RowMapping:
    """Make a campaign like this one for those of its finished leads whose last call ended so.

    The leads follow in the background; the run says how many are in. Asking again makes another
    run, unless it comes `once`.

    Raises:
        InvalidInputError: naming each outcome or part of the filter that can't be.
        NotFoundError: there is no such campaign.
        IdempotencyMismatchError: the key came before with another body.
    """
    async with context.engine.begin() as conn:
        parent = await _parent(conn, organization_id, campaign_id)
        segment = for_redial(campaign_id=campaign_id, outcomes=ask.outcomes, narrowed=ask.narrowed)
        await segments.check_ids(conn, organization_id, segment)
        earlier = await _begin(conn, organization_id, once)
        if earlier is not None:
            return await get(conn, organization_id, earlier)
        now = await clock.now(conn)
        today = now.astimezone(ZoneInfo(parent["day_zone"])).date()
        name = ask.name or titled(parent["name"], f"redial {today.isoformat()}")
        order = Order(kind="redial", name=name, segment=segment, start=ask.start, by=by)
        made = await begin(conn, parent=parent, order=order)
        await _end(conn, organization_id, once, made)
        return await get(conn, organization_id, made)


async def get(conn: AsyncConnection, organization_id: UUID, run_id: UUID) -> RowMapping:
    """One run.

    Raises:
        NotFoundError: there is no such run.
    """
    row = await runs.get(conn, organization_id=organization_id, run_id=run_id)
    if row is None:
        raise NotFoundError("there is no such run")
    return row


async def begin(conn: AsyncConnection, *, parent: RowMapping, order: Order) -> UUID:
    """Make a run's campaign, a draft with the parent's plan, limits and variants; the run's id.

    Its start and end are the parent's as far as they are still to come. Its leads follow by
    `filling.fill`.
    """
    organization_id: UUID = parent["organization_id"]
    campaign_id = await campaigns.create(
        conn,
        organization_id=organization_id,
        business_id=parent["business_id"],
        agent_id=parent["agent_id"],
        name=order.name,
        plan=_plan(parent, await clock.now(conn)),
    )
    await pacers.set_limits(
        conn,
        organization_id=organization_id,
        level="campaign",
        subject_id=campaign_id,
        calls_per_minute=parent["calls_per_minute"],
        concurrency=parent["concurrency"],
    )
    await runs.copy_variants(
        conn,
        organization_id=organization_id,
        campaign_id=campaign_id,
        parent_id=parent["id"],
    )
    made = await _note(conn, parent, campaign_id, order)
    await _tell(conn, parent, campaign_id, made, order)
    return made


def titled(name: str, what: str) -> str:
    """A run's name: its parent's, cut where both don't fit into 200 characters, and what it is."""
    room = MAX_NAME - len(what) - len(" ()")
    return f"{name[:room]} ({what})"


def _plan(parent: RowMapping, now: datetime) -> dict[str, object]:
    plan: dict[str, object] = {name: parent[name] for name in runs.PLAN}
    for name in ("starts_at", "ends_at"):
        at = parent[name]
        plan[name] = at if at is not None and at > now else None
    return plan | {"parent_id": parent["id"]}


async def _note(
    conn: AsyncConnection, parent: RowMapping, campaign_id: UUID, order: Order
) -> UUID:
    values = {
        "campaign_id": campaign_id,
        "parent_id": parent["id"],
        "kind": order.kind,
        "filter": order.segment.as_dict(),
        "start": order.start,
        "schedule_id": order.schedule_id,
        "occurrence": order.occurrence,
        "cursor": _first(order.segment.campaign_ids),
    }
    return await runs.create(conn, organization_id=parent["organization_id"], values=values)


def _first(campaign_ids: Sequence[UUID]) -> UUID | None:
    # A campaign's leads came after it, and ids are ordered by time: older leads needn't be looked
    # at. An hour is more than the clocks of machines differ by.
    if not campaign_ids or any(one.version != _TIME_ORDERED for one in campaign_ids):
        return None
    milliseconds = (min(campaign_ids).int >> 80) - _HOUR_MS
    return UUID(int=max(0, milliseconds) << 80)


async def _tell(
    conn: AsyncConnection, parent: RowMapping, campaign_id: UUID, made: UUID, order: Order
) -> None:
    organization_id = parent["organization_id"]
    row = await campaigns.get(conn, organization_id=organization_id, campaign_id=campaign_id)
    if row is None:
        raise LookupError("the campaign was not made")
    kept = {name: row[name] for name in VERSIONED}
    await campaigns.keep_version(conn, row, plan=kept, by=order.by)
    happened = events.event(
        "campaign.created",
        organization_id=organization_id,
        campaign_id=campaign_id,
        body={"parent_id": parent["id"], "run_id": made, "by": order.by},
    )
    await events.append(conn, [happened])


async def _parent(conn: AsyncConnection, organization_id: UUID, campaign_id: UUID) -> RowMapping:
    row = await campaigns.get(conn, organization_id=organization_id, campaign_id=campaign_id)
    if row is None:
        raise NotFoundError("there is no such campaign")
    return row


async def _begin(conn: AsyncConnection, organization_id: UUID, once: Once | None) -> UUID | None:
    if once is None:
        return None
    digest = hashlib.sha256(once.body).digest()
    was = await sources.begin_once(
        conn, organization_id=organization_id, scope=once.scope, key=once.key, digest=digest
    )
    if was is None:
        return None
    if was["request_digest"] != digest:
        raise IdempotencyMismatchError(
            "this Idempotency-Key was used for a different request; take a new key for a new one"
        )
    return UUID(was["answer"]["run_id"])


async def _end(
    conn: AsyncConnection, organization_id: UUID, once: Once | None, made: UUID
) -> None:
    if once is None:
        return
    await sources.end_once(
        conn,
        organization_id=organization_id,
        scope=once.scope,
        key=once.key,
        status=_ACCEPTED,
        answer={"run_id": str(made)},
    )
