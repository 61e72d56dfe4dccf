"""What a campaign manager does: plan, start, pause, resume, cancel."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncConnection

from dialer.context import Context
from dialer.pipeline.compliance import rulebook
from dialer.pipeline.planning.plans import LIMITS, VERSIONED, LimitName, Plan, columns
from dialer.rules.campaign import CampaignState, sources_of
from dialer.rules.errors import ConflictError, NotFoundError
from dialer.store import events, organizations
from dialer.store.dialing import agents, pacers
from dialer.store.planning import campaigns


async def create(
    context: Context,
    *,
    organization_id: UUID,
    partner_business_id: str,
    partner_agent_id: str,
    plan: Plan,
    by: str | None = None,
) -> RowMapping:
    """Create a draft for an agent of the upstream; `by` whom is kept with its first version.

    Raises:
        InvalidInputError: naming each part of the plan that can't be.
    """
    values = columns(plan, None) | _sealed(context, plan)
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
        row = await _get(conn, organization_id, campaign_id)
        await _keep_version(conn, row, by)
        return row


async def change(
    context: Context,
    *,
    organization_id: UUID,
    campaign_id: UUID,
    plan: Plan,
    by: str | None = None,
) -> RowMapping:
    """Change parts of a campaign's plan, as a new version, also while it runs.

    Once this returns, no call that was claimed under an older version can be armed: it is
    released, and its lead is looked at anew. So are leads that a gate had put off.

    Raises:
        NotFoundError: there is no such campaign.
        ConflictError: it is finished.
        InvalidInputError: naming each part that can't be.
    """
    async with context.engine.begin() as conn:
        was = await _get(conn, organization_id, campaign_id, hold=True)
        values = {**columns(plan, was), **_sealed(context, plan), "version": was["version"] + 1}
        if not await campaigns.change(
            conn, organization_id=organization_id, campaign_id=campaign_id, plan=values
        ):
            raise ConflictError(f"the campaign is {was['state']}; its plan is history")
        if any(getattr(plan, name) is not None or name in plan.lifts for name in LIMITS):
            await _limit(conn, organization_id, campaign_id, plan, was)
        await _tell(conn, "changed", organization_id, campaign_id, version=values["version"])
        row = await _get(conn, organization_id, campaign_id)
        await _keep_version(conn, row, by)
    await rulebook.reconsider(context, organization_id=organization_id, campaign_id=campaign_id)
    return row


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


def _sealed(context: Context, plan: Plan) -> dict[str, object]:
    if plan.precall_secret is None:
        return {}
    secret = plan.precall_secret.get_secret_value()
    return {"precall_secret": context.vault.seal({"secret": secret})}


async def _keep_version(conn: AsyncConnection, row: RowMapping, by: str | None) -> None:
    await campaigns.keep_version(conn, row, plan={name: row[name] for name in VERSIONED}, by=by)


async def _get(
    conn: AsyncConnection, organization_id: UUID, campaign_id: UUID, *, hold: bool = False
) -> RowMapping:
    if hold:
        await campaigns.lock(conn, organization_id=organization_id, campaign_id=campaign_id)
    row = await campaigns.get(conn, organization_id=organization_id, campaign_id=campaign_id)
    if row is None:
        raise NotFoundError("there is no such campaign")
    return row


async def _tell(
    conn: AsyncConnection,
    what: str,
    organization_id: UUID,
    campaign_id: UUID,
    **body: object,
) -> None:
    happened = events.event(
        f"campaign.{what}", organization_id=organization_id, campaign_id=campaign_id, body=body
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
