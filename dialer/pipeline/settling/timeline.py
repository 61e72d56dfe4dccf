"""The timeline of a lead, as its calls write it."""

from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncConnection

from dialer.store import events


async def tell(conn: AsyncConnection, call: RowMapping, name: str, **body: object) -> None:
    """Put an event on the timeline of the call's lead."""
    happened = events.event(
        name,
        organization_id=call["organization_id"],
        campaign_id=call["campaign_id"],
        lead_id=call["lead_id"],
        call_id=call["id"],
        body=body,
    )
    await events.append(conn, [happened])
