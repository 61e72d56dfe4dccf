"""What follows an answer, once it is on record: read the agent, park, slow down, move on."""

import random
from uuid import UUID

from sqlalchemy import RowMapping

from dialer.context import Context
from dialer.pipeline.settling import following, timeline
from dialer.pipeline.upstream import breaker, duty
from dialer.pipeline.upstream.answer import Answer
from dialer.pipeline.upstream.partners import Partners
from dialer.rules import pacing
from dialer.rules.lead import MISTAKEN, LeadState
from dialer.rules.proof.answers import step_after
from dialer.store import clock
from dialer.store.dialing import agents, calls, pacers
from dialer.store.intake import leads
from dialer.store.planning import campaigns

RETRY_AFTER_SECONDS = (1.0, 900.0)
NO_RETRY_AFTER_SECONDS = 10.0
REFRESH_SECONDS = 60.0
REFUSALS_BELIEVED = 2
"""A refusal that the agent's state doesn't explain is believed the second time."""

SECOND_CHANCE_SECONDS = 60.0


async def follow_up(
    context: Context,
    partners: Partners,
    call: RowMapping,
    answer: Answer,
) -> None:
    """Do what the table of answers asks for after the call's own state is recorded."""
    match step_after(answer.kind, answer.status, on_probation=call["on_probation"]):
        case "widen":
            await _went_well(context, call)
        case "slow_down":
            await _slow_down(context, call, answer.retry_after)
        case "renew_token":
            await _unauthorized(context, partners, call, answer)
        case "park_organization":
            await duty.park_organization(context, call["organization_id"], answer.why)
        case "read_agent":
            await _explain(context, partners, call, answer)
        case "count_failure":
            await breaker.went_wrong(context, call)
        case None:
            pass


async def _went_well(context: Context, call: RowMapping) -> None:
    await breaker.went_well(context, call)
    async with context.engine.begin() as conn:
        await campaigns.count_refusal(conn, call["campaign_id"], reset=True)


async def _unauthorized(
    context: Context, partners: Partners, call: RowMapping, answer: Answer
) -> None:
    """Refresh the token once for everybody; a 401 to a call that began after that parks."""
    organization_id = call["organization_id"]
    refreshed = partners.refreshed_at(organization_id)
    if refreshed is None or answer.began > refreshed + REFRESH_SECONDS:
        # Reading the agent takes a fresh token; where that fails too, it parks by itself.
        read = await duty.check(context, partners, call["agent_id"])
        if read:
            partners.note_refreshed(organization_id)
    elif answer.began > refreshed:
        await duty.park_organization(context, organization_id, "call_unauthorized")


async def _slow_down(context: Context, call: RowMapping, retry_after: float | None) -> None:
    least, most = RETRY_AFTER_SECONDS
    asked = NO_RETRY_AFTER_SECONDS if retry_after is None else retry_after
    wait = min(max(asked, least), most) * random.uniform(1.0, 1.2)  # noqa: S311 -- jitter
    lane = await _lane(context, call["agent_id"])
    async with context.engine.begin() as conn:
        locked = await pacers.lock(conn, [call["agent_id"], call["campaign_id"]])
        now = await clock.now(conn)
        for subject, row in locked.items():
            factor = pacing.slowed(
                row["factor"], since=row["factor_at"], claimed_at=call["claimed_at"], now=now
            )
            if factor is not None:
                await pacers.set_factor(conn, subject, factor)
    if lane is not None:
        await duty.park_lane(context, lane, "rate_limited", seconds=wait)


async def _explain(context: Context, partners: Partners, call: RowMapping, answer: Answer) -> None:
    if not await duty.check(context, partners, call["agent_id"]):
        return
    not_found = 404
    async with context.engine.begin() as conn:
        if answer.status == not_found and call["partner_lead_id"]:
            if call["call_without_lead"]:
                await leads.forget_partner_lead(conn, call["lead_id"])
                await timeline.tell(conn, call, "lead.waiting", why=MISTAKEN)
            elif await leads.move(conn, call["lead_id"], LeadState.HELD, reason=MISTAKEN):
                await timeline.tell(conn, call, "lead.held", why=MISTAKEN)
            return
        if await calls.count_refused(conn, lead_id=call["lead_id"]) < REFUSALS_BELIEVED:
            # The agent may have been off duty for just as long as it took to read it afresh.
            await leads.defer_waiting(conn, call["lead_id"], seconds=SECOND_CHANCE_SECONDS)
            return
        # The reading took its time: only a lead that still waits is finished by it.
        if await leads.finish_waiting(conn, call["lead_id"], reason="refused_by_upstream"):
            await timeline.tell(
                conn, call, "lead.done", why="refused_by_upstream", answer=answer.why
            )
        count = await campaigns.count_refusal(conn, call["campaign_id"], reset=False)
        if count >= following.FAULTS_THAT_PARK:
            await following.park_campaign(conn, call, reason="unexplained_refusals")


async def _lane(context: Context, agent_id: UUID) -> RowMapping | None:
    async with context.engine.connect() as conn:
        return await agents.lane(conn, agent_id)
