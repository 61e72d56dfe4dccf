"""Writes calls of the past down, as the stages would have left them."""

from datetime import timedelta
from uuid import UUID

from dialer.clock import new_id
from dialer.store import schema
from tests.support.house import House


async def rang(
    house: House,
    lead_id: UUID,
    *,
    ago: timedelta = timedelta(),
    state: str = "ended",
    **columns: object,
) -> UUID:
    """A call of a lead that was armed some time ago; its id."""
    lead = await house.lead_row(lead_id)
    campaign = await house.row("SELECT * FROM campaigns WHERE id = :id", id=lead["campaign_id"])
    at = await house.now() - ago
    made = new_id()
    values: dict[str, object] = {
        "id": made,
        "organization_id": lead["organization_id"],
        "business_id": campaign["business_id"],
        "agent_id": campaign["agent_id"],
        "campaign_id": campaign["id"],
        "lead_id": lead_id,
        "phone": lead["phone"],
        "state": state,
        "outcome": "no_answer" if state == "ended" else None,
        "partner_status": "COMPLETED" if state == "ended" else None,
        "finished_at": at if state in {"ended", "absent", "refused", "released"} else None,
        **dict.fromkeys(("place_at", "claim_expires_at", "window_until", "armed_at"), at),
    }
    async with house.context.engine.begin() as conn:
        await conn.execute(schema.calls.insert().values(**(values | columns)))
    return made
