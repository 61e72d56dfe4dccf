"""What a campaign manager does: plan, start, pause, resume, cancel."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncConnection

from dialer.context import Context
from dialer.rules.briefing import template_faults
from dialer.rules.cadence import Cadence
from dialer.rules.campaign import CampaignState, sources_of
from dialer.rules.errors import ConflictError, Fault, InvalidInputError, NotFoundError
from dialer.rules.hours import ALWAYS, WeeklyHours
from dialer.store import agents, campaigns, events, organizations, pacers

MAX_RATE = 6_000
MAX_CONCURRENCY = 1_000

LimitName = Literal["calls_per_minute", "concurrency"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a manager says of a campaign; None leaves a part as it is (or at its default).

    `lifts` names the limits that were taken away on purpose, which None alone can't say.
    """

    name: str | None = None
    hours: Mapping[str, list[list[str]]] | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    cadence: Mapping[str, object] | None = None
    context_template: str | None = None
    additional_info_template: str | None = None
    priority: int | None = None
    absence_proof: str | None = None
    same_number: str | None = None
    call_without_lead: bool | None = None
    calls_per_minute: int | None = None
    concurrency: int | None = None
    lifts: frozenset[LimitName] = frozenset()


async def create(
    context: Context,
    *,
    organization_id: UUID,
    partner_business_id: str,
    partner_agent_id: str,
    plan: Plan,
) -> RowMapping:
    """Create a draft for an agent of the upstream.

    Raises:
        InvalidInputError: naming each part of the plan that can't be.
    """
    values = _columns(plan, fresh=True)
    async with context.engine.begin() as conn:
        business_id = await organizations.ensure_business(
            conn,
            organization_id=organization_id,
            partner_business_id=partner_business_id,
            name=partner_business_id,
        )
        agent_id = await agents.ensure(
            conn,
            organization_id=organization_id,
            business_id=business_id,
            partner_agent_id=partner_agent_id,
            name="",
        )
        await _ensure_lane(conn, organization_id, agent_id)
        campaign_id = await campaigns.create(
            conn,
            organization_id=organization_id,
            business_id=business_id,
            agent_id=agent_id,
            name=plan.name or "Campaign",
            plan={k: v for k, v in values.items() if k != "name"},
        )
        await _limit(conn, organization_id, campaign_id, plan)
        await _tell(conn, "created", organization_id, campaign_id)
        return await _get(conn, organization_id, campaign_id)


async def change(
    context: Context, *, organization_id: UUID, campaign_id: UUID, plan: Plan
) -> RowMapping:
    """Change parts of a campaign's plan; calls that are claimed already keep the old one.

    Raises:
        NotFoundError: there is no such campaign.
        ConflictError: it is finished.
        InvalidInputError: naming each part that can't be.
    """
    values = _columns(plan, fresh=False)
    async with context.engine.begin() as conn:
        was = await _get(conn, organization_id, campaign_id)
        if values and not await campaigns.change(
            conn, organization_id=organization_id, campaign_id=campaign_id, plan=values
        ):
            raise ConflictError(f"the campaign is {was['state']}; its plan is history")
        if plan.calls_per_minute is not None or plan.concurrency is not None or plan.lifts:
            await _limit(conn, organization_id, campaign_id, plan, was)
        await _tell(conn, "changed", organization_id, campaign_id)
        return await _get(conn, organization_id, campaign_id)


@dataclass(frozen=True, slots=True)
class Moved:
    """A campaign after a command, and how many of its calls nothing can stop any more."""

    campaign: RowMapping
    in_flight: int


async def move(
    context: Context,
    *,
    organization_id: UUID,
    campaign_id: UUID,
    to: CampaignState,
    again: bool = False,
) -> Moved:
    """Start, pause, resume, complete or cancel. Asking for the state it has is no error.

    `again` is for a resumption: a draft, which never ran, is refused and not started.

    Once this returns for a pause, no call of the campaign that was not armed before can be:
    an arm locks the campaign's row, and this waited for it.

    Raises:
        NotFoundError: there is no such campaign.
        ConflictError: the table of transitions does not allow it.
    """
    async with context.engine.begin() as conn:
        if again:
            was = await _get(conn, organization_id, campaign_id)
            if was["state"] == CampaignState.DRAFT:
                raise ConflictError("the campaign is a draft and never ran; start it instead")
        moved = await campaigns.move(
            conn, organization_id=organization_id, campaign_id=campaign_id, to=to
        )
        row = await _get(conn, organization_id, campaign_id)
        if not moved and row["state"] != to:
            allowed = ", ".join(sources_of(to))
            raise ConflictError(f"the campaign is {row['state']}; {to} follows only {allowed}")
        if moved:
            await _tell(conn, to.value, organization_id, campaign_id)
        flying = await campaigns.in_flight(
            conn, organization_id=organization_id, campaign_id=campaign_id
        )
    if to is CampaignState.RUNNING:
        await context.wakeups.lanes([row["agent_id"]])
    return Moved(row, flying)


async def _get(conn: AsyncConnection, organization_id: UUID, campaign_id: UUID) -> RowMapping:
    row = await campaigns.get(conn, organization_id=organization_id, campaign_id=campaign_id)
    if row is None:
        raise NotFoundError("there is no such campaign")
    return row


async def _tell(
    conn: AsyncConnection, what: str, organization_id: UUID, campaign_id: UUID
) -> None:
    happened = events.event(
        f"campaign.{what}", organization_id=organization_id, campaign_id=campaign_id
    )
    await events.append(conn, [happened])


async def _ensure_lane(conn: AsyncConnection, organization_id: UUID, agent_id: UUID) -> None:
    # Every lane has a pacer, since its lock is what makes claims of a lane take turns.
    if agent_id not in await pacers.lock(conn, [agent_id]):
        await pacers.set_limits(
            conn,
            organization_id=organization_id,
            level="agent",
            subject_id=agent_id,
            calls_per_minute=None,
            concurrency=None,
        )


async def _limit(
    conn: AsyncConnection,
    organization_id: UUID,
    campaign_id: UUID,
    plan: Plan,
    was: RowMapping | None = None,
) -> None:
    await pacers.set_limits(
        conn,
        organization_id=organization_id,
        level="campaign",
        subject_id=campaign_id,
        calls_per_minute=_limited(plan, "calls_per_minute", was),
        concurrency=_limited(plan, "concurrency", was),
    )


def _limited(plan: Plan, name: LimitName, was: RowMapping | None) -> int | None:
    given: int | None = getattr(plan, name)
    if given is not None or name in plan.lifts or was is None:
        return given
    kept: int | None = was[name]
    return kept


_PLAIN = (
    "name",
    "starts_at",
    "ends_at",
    "context_template",
    "additional_info_template",
    "priority",
    "absence_proof",
    "same_number",
    "call_without_lead",
)


def _columns(plan: Plan, *, fresh: bool) -> dict[str, object]:
    faults = [*_template_faults(plan), *_date_faults(plan)]
    values = {name: getattr(plan, name) for name in _PLAIN if getattr(plan, name) is not None}
    if plan.hours is not None or fresh:
        hours = dict(plan.hours if plan.hours is not None else ALWAYS)
        try:
            WeeklyHours(hours)
        except ValueError as error:
            faults.append(Fault("/hours", "invalid_hours", str(error)))
        values["hours"] = hours
    if plan.cadence is not None or fresh:
        try:
            values["cadence"] = Cadence.parse(plan.cadence or {}).as_dict()
        except ValueError as error:
            faults.append(Fault("/cadence", "invalid_cadence", str(error)))
    if faults:
        raise InvalidInputError("the campaign can't be planned so", faults=tuple(faults))
    return values


def _template_faults(plan: Plan) -> list[Fault]:
    return [
        Fault(f"/{name}", "invalid_template", message)
        for name in ("context_template", "additional_info_template")
        for message in template_faults(getattr(plan, name) or "")
    ]


def _date_faults(plan: Plan) -> list[Fault]:
    if plan.starts_at and plan.ends_at and plan.ends_at <= plan.starts_at:
        return [Fault("/ends_at", "ends_before_start", "the campaign ends before it starts")]
    return []
