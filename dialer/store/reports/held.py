"""Held: the calls that wait for a person, with what is known of them."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncConnection

from dialer.store.engine import first, rows

_WAITING = """
    SELECT * FROM calls WHERE organization_id = :org AND finished_at IS NULL
      AND state IN ('held', 'stale')
"""
_SHOWN = """
    SELECT ca.*, l.name, c.name AS campaign_name, a.name AS agent_name, a.partner_agent_id,
        b.partner_business_id, since.at AS held_at, since.why, seen.code AS answer_code,
        CAST(seen.status AS integer) AS answer_status FROM
"""
_JOINS = """
    JOIN leads l ON l.id = ca.lead_id JOIN campaigns c ON c.id = ca.campaign_id
    JOIN agents a ON a.id = ca.agent_id JOIN businesses b ON b.id = ca.business_id
    LEFT JOIN LATERAL (
        SELECT e.at, e.body->>'why' AS why FROM events e
        WHERE e.lead_id = ca.lead_id AND e.organization_id = ca.organization_id
          AND e.call_id = ca.id AND e.name IN ('call.held', 'call.stale')
        ORDER BY e.id DESC LIMIT 1
    ) AS since ON true
    LEFT JOIN LATERAL (
        SELECT body->>'code' AS code, body->>'status' AS status FROM evidence
        WHERE call_id = ca.id AND organization_id = ca.organization_id
          AND kind IN ('placed', 'refused', 'unknown') ORDER BY id DESC LIMIT 1
    ) AS seen ON true
"""


async def listing(
    conn: AsyncConnection, *, organization_id: UUID, after: UUID | None, limit: int
) -> Sequence[RowMapping]:
    """Calls that wait for a person, by id, the oldest attempt first.

    Returns:
        Each call with the names of its lead, campaign and agent; since when and why it is held;
        and the code and status of what its request was answered.
    """
    return await rows(
        conn,
        f"""
        {_SHOWN} (
            {_WAITING}
              AND id > coalesce(CAST(:after AS uuid), '00000000-0000-0000-0000-000000000000')
            ORDER BY id LIMIT :limit
        ) AS ca {_JOINS} ORDER BY ca.id
        """,
        org=organization_id,
        after=after,
        limit=limit,
    )


async def get(conn: AsyncConnection, *, organization_id: UUID, call_id: UUID) -> RowMapping | None:
    """One call that waits for a person, as `listing` shows it."""
    return await first(
        conn,
        f"{_SHOWN} ({_WAITING} AND id = :id) AS ca {_JOINS}",
        org=organization_id,
        id=call_id,
    )


async def count(conn: AsyncConnection, *, organization_id: UUID) -> int:
    """How many calls wait for a person."""
    row = await first(
        conn,
        """
        SELECT count(*) AS n FROM calls WHERE organization_id = :org AND finished_at IS NULL
          AND state IN ('held', 'stale')
        """,
        org=organization_id,
    )
    return int(row["n"]) if row else 0


async def timeline(
    conn: AsyncConnection, *, organization_id: UUID, lead_id: UUID, call_id: UUID
) -> Sequence[RowMapping]:
    """What happened to one call, oldest first."""
    return await rows(
        conn,
        """
        SELECT id, at, name, call_id, body FROM events
        WHERE organization_id = :org AND lead_id = :lead AND call_id = :call
        ORDER BY id LIMIT 200
        """,
        org=organization_id,
        lead=lead_id,
        call=call_id,
    )
