"""Doubts: the unknown calls that are looked for, with the names that people know them by."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncConnection

from dialer.store.engine import rows


async def listing(
    conn: AsyncConnection, *, organization_id: UUID, after: UUID | None, limit: int
) -> Sequence[RowMapping]:
    """Unknown calls by id, the oldest attempt first."""
    return await rows(
        conn,
        """
        SELECT ca.*, l.name, c.name AS campaign_name, c.absence_proof, a.name AS agent_name,
            a.partner_agent_id
        FROM (
            SELECT * FROM calls WHERE organization_id = :org AND finished_at IS NULL
              AND state = 'unknown'
              AND id > coalesce(CAST(:after AS uuid), '00000000-0000-0000-0000-000000000000')
            ORDER BY id LIMIT :limit
        ) AS ca JOIN leads l ON l.id = ca.lead_id JOIN campaigns c ON c.id = ca.campaign_id
        JOIN agents a ON a.id = ca.agent_id ORDER BY ca.id
        """,
        org=organization_id,
        after=after,
        limit=limit,
    )
