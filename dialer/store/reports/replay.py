"""Past calls as the history showed them, for a table of outcomes to be tried on."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncConnection

from dialer.rules.outcomes.turns import READ
from dialer.store.engine import rows


async def ended(
    conn: AsyncConnection, *, organization_id: UUID, before: UUID | None, limit: int
) -> Sequence[RowMapping]:
    """Ended calls of an organization, the newest first, from one on; with where each lead is.

    Calls that a person decided are left out: no table has said what those mean. Of a transcript
    there is no more than is ever read of it.
    """
    return await rows(
        conn,
        """
        SELECT ca.id, ca.outcome, ca.partner_status, ca.ended_reason, ca.duration_ms,
            ca.ended_at, ca.structured_data, l.phone, l.timezone, l.postal_code, l.us_state,
            CASE WHEN length(ca.transcript) > 2 * CAST(:read AS int)
                THEN left(ca.transcript, :read) || chr(10) || right(ca.transcript, :read)
                ELSE ca.transcript END AS transcript
        FROM calls ca JOIN leads l ON l.id = ca.lead_id
        WHERE ca.organization_id = :org AND ca.state = 'ended' AND ca.outcome IS NOT NULL
          AND ca.partner_status IS NOT NULL AND ca.decided_at IS NULL
          AND (CAST(:before AS uuid) IS NULL OR ca.id < :before)
        ORDER BY ca.id DESC LIMIT :limit
        """,
        org=organization_id,
        before=before,
        limit=limit,
        read=READ,
    )
