"""What a person does to one lead: cancel it, or let it wait again without a wrong id."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import RowMapping

from dialer.context import Context
from dialer.pipeline.settling.decide import Decider
from dialer.rules.errors import ConflictError, NotFoundError, OutdialError
from dialer.rules.lead import MISTAKEN, LeadState
from dialer.store import events
from dialer.store.intake import leads
from dialer.store.reports import overview


@dataclass(frozen=True, slots=True)
class Cancelled:
    """A lead after its cancellation, and how many of its calls nothing can stop any more."""

    lead: RowMapping
    in_flight: int


async def cancel(context: Context, *, organization_id: UUID, lead_id: UUID) -> Cancelled:
    """Cancel a lead. Once this returns, no call of it that was not armed before can be.

    An arm locks the lead's row, and this waits for it. A call already in flight runs on and
    keeps its record; the lead stays cancelled.

    Raises:
        NotFoundError: there is no such lead.
        ConflictError: the lead is finished otherwise.
    """
    async with context.engine.begin() as conn:
        was = await leads.get(conn, organization_id=organization_id, lead_id=lead_id)
        if was is None:
            raise NotFoundError("there is no such lead")
        row = await leads.move(conn, lead_id, LeadState.CANCELLED, reason="cancelled")
        if row is None:
            row = await leads.get(conn, organization_id=organization_id, lead_id=lead_id) or was
            if row["state"] != LeadState.CANCELLED:
                raise ConflictError(f"the lead is {row['state']} already")
        else:
            happened = events.event(
                "lead.cancelled",
                organization_id=organization_id,
                campaign_id=row["campaign_id"],
                lead_id=lead_id,
                body={"why": "asked"},
            )
            await events.append(conn, [happened])
        flying = await overview.lead_in_flight(
            conn, organization_id=organization_id, lead_id=lead_id
        )
    return Cancelled(row, flying)


async def release(
    context: Context,
    *,
    organization_id: UUID,
    lead_id: UUID,
    partner_lead_id: str | None,
    by: Decider,
) -> RowMapping:
    """Let a lead wait again that is held because the upstream doesn't know its id.

    No other held lead: one that a call waits for is decided by its call. And not before its
    refused call was looked for in the history, a minute after the refusal: it may have rung.

    Args:
        context: What the process holds.
        organization_id: Whose lead it is.
        lead_id: The lead.
        partner_lead_id: The right id; None to call without one.
        by: Who says so.

    Raises:
        NotFoundError: there is no such lead.
        ConflictError: it is not held for that, its refused call is still looked for, or rang.
    """
    async with context.engine.begin() as conn:
        row = await leads.release_mistaken(
            conn,
            organization_id=organization_id,
            lead_id=lead_id,
            partner_lead_id=partner_lead_id,
        )
        if row is None:
            was = await leads.get(conn, organization_id=organization_id, lead_id=lead_id)
            raise _not_released(was)
        happened = events.event(
            "lead.waiting",
            organization_id=organization_id,
            campaign_id=row["campaign_id"],
            lead_id=lead_id,
            body={"why": "released", "due_at": row["due_at"], **by.as_dict()},
        )
        await events.append(conn, [happened])
        agent_id = await leads.lane_of(conn, lead_id)
    await context.wakeups.lanes([agent_id])
    return row


def _not_released(was: RowMapping | None) -> OutdialError:
    if was is None:
        return NotFoundError("there is no such lead")
    if was["state"] != LeadState.HELD:
        return ConflictError(f"the lead is {was['state']}, not held")
    if was["reason"] != MISTAKEN:
        return ConflictError("a call of this lead waits for a decision: decide that call")
    return ConflictError(
        "the call that was refused is still looked for in the platform's history, or it appeared "
        "there: see the lead's calls, and try again in two minutes"
    )
