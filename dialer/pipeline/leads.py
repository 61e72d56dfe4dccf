"""What a person does to one lead: cancel it."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import RowMapping

from dialer.context import Context
from dialer.rules.errors import ConflictError, NotFoundError
from dialer.rules.lead import LeadState
from dialer.store import events, leads, overview


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
