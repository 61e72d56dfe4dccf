"""Pauses above the campaign, and the proof of a stop: what flies, and when a phone last rang."""

from uuid import UUID

from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncConnection

from dialer.store.engine import first

_TABLES = {"organization": "organizations", "business": "businesses"}
_OWNERS = {"organization": "id", "business": "organization_id"}
_CALLS = {
    "organization": "organization_id",
    "business": "business_id",
    "agent": "agent_id",
    "campaign": "campaign_id",
}


async def set_paused(
    conn: AsyncConnection, *, organization_id: UUID, level: str, subject_id: UUID, paused: bool
) -> RowMapping | None:
    """Pause or resume an organization or a business; what it was, None where there is none.

    Waits for every arm that has locked the row: once it has committed, no other follows.
    """
    table, owner = _TABLES[level], _OWNERS[level]
    return await first(
        conn,
        f"""
        UPDATE {table} SET paused_at = CASE WHEN :paused THEN
            coalesce({table}.paused_at, outdial_now()) END
        FROM (SELECT id, paused_at FROM {table} WHERE id = :id AND {owner} = :org FOR UPDATE) was
        WHERE {table}.id = was.id RETURNING was.paused_at AS was, {table}.paused_at
        """,  # noqa: S608 -- a level's own names
        id=subject_id,
        org=organization_id,
        paused=paused,
    )


async def proof(
    conn: AsyncConnection, *, organization_id: UUID, level: str, subject_id: UUID
) -> RowMapping:
    """How many calls of a level nothing can stop any more, and when its last one was armed."""
    row = await first(
        conn,
        f"""
        SELECT
            (SELECT count(*) FROM calls WHERE organization_id = :org
                AND {_CALLS[level]} = :id AND finished_at IS NULL
                AND state IN ('dialing', 'placed', 'live', 'unknown')) AS in_flight,
            (SELECT max(armed_at) FROM calls WHERE organization_id = :org
                AND {_CALLS[level]} = :id
                AND state NOT IN ('absent', 'refused', 'released')) AS last_ring_at
        """,  # noqa: S608 -- a level's own names
        org=organization_id,
        id=subject_id,
    )
    if row is None:
        raise LookupError("the database gave no count")
    return row
