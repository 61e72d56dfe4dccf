"""Schedules: campaigns that are run again and again, and which of them are due."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import RowMapping, update
from sqlalchemy.ext.asyncio import AsyncConnection

from dialer.clock import new_id
from dialer.store import schema
from dialer.store.engine import first, rows, run

_COLUMNS = "s.*, c.name AS campaign_name, g.name AS segment_name, g.filter"
_JOINS = """
    FROM schedules s JOIN campaigns c ON c.id = s.campaign_id
    JOIN segments g ON g.id = s.segment_id
"""


async def create(
    conn: AsyncConnection, *, organization_id: UUID, values: Mapping[str, object]
) -> UUID:
    """Save a schedule; `values` holds its other columns by name."""
    made = new_id()
    await conn.execute(
        schema.schedules.insert().values(id=made, organization_id=organization_id, **values)
    )
    return made


async def named(conn: AsyncConnection, *, organization_id: UUID, name: str) -> UUID | None:
    """The schedule that has a name, if any; no other takes it until the transaction ends."""
    await first(
        conn,
        "SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))",
        key=f"{organization_id}/schedules/{name}",
    )
    row = await first(
        conn,
        "SELECT id FROM schedules WHERE organization_id = :org AND name = :name",
        org=organization_id,
        name=name,
    )
    return row["id"] if row else None


async def change(
    conn: AsyncConnection,
    *,
    organization_id: UUID,
    schedule_id: UUID,
    values: Mapping[str, object],
) -> bool:
    """Change columns of a schedule; False when there is none."""
    table = schema.schedules
    statement = (
        update(table)
        .where(table.c.id == schedule_id, table.c.organization_id == organization_id)
        .values(**values)
    )
    return bool((await conn.execute(statement)).rowcount)


async def get(
    conn: AsyncConnection, *, organization_id: UUID, schedule_id: UUID
) -> RowMapping | None:
    """One schedule, with its segment's filter and the names of its parts."""
    return await first(
        conn,
        f"SELECT {_COLUMNS} {_JOINS} WHERE s.organization_id = :org AND s.id = :id",
        org=organization_id,
        id=schedule_id,
    )


async def lock(conn: AsyncConnection, *, organization_id: UUID, schedule_id: UUID) -> bool:
    """Lock a schedule, so that it isn't run meanwhile; False when there is none."""
    row = await first(
        conn,
        "SELECT id FROM schedules WHERE organization_id = :org AND id = :id FOR UPDATE",
        org=organization_id,
        id=schedule_id,
    )
    return row is not None


async def listing(
    conn: AsyncConnection, *, organization_id: UUID, after: UUID | None, limit: int
) -> Sequence[RowMapping]:
    """The organization's schedules by id, oldest first."""
    return await rows(
        conn,
        f"""
        SELECT {_COLUMNS} {_JOINS} WHERE s.organization_id = :org
          AND s.id > coalesce(CAST(:after AS uuid), '00000000-0000-0000-0000-000000000000')
        ORDER BY s.id LIMIT :limit
        """,
        org=organization_id,
        after=after,
        limit=limit,
    )


async def delete(conn: AsyncConnection, *, organization_id: UUID, schedule_id: UUID) -> bool:
    """Delete a schedule; its runs stay, as runs of none. False when there is none."""
    await run(
        conn,
        "UPDATE runs SET schedule_id = NULL WHERE organization_id = :org AND schedule_id = :id",
        org=organization_id,
        id=schedule_id,
    )
    return bool(
        await run(
            conn,
            "DELETE FROM schedules WHERE organization_id = :org AND id = :id",
            org=organization_id,
            id=schedule_id,
        )
    )


async def due(conn: AsyncConnection) -> Sequence[UUID]:
    """Schedules of all organizations whose time has come, longest due first, at most 100."""
    found = await rows(
        conn,
        """
        SELECT id FROM schedules WHERE state = 'active' AND next_run_at <= outdial_now()
        ORDER BY next_run_at LIMIT 100
        """,
    )
    return [row["id"] for row in found]


async def take(conn: AsyncConnection, schedule_id: UUID) -> RowMapping | None:
    """Lock a due schedule; None when it isn't any more, or somebody else has it."""
    return await first(
        conn,
        f"""
        SELECT {_COLUMNS} {_JOINS} WHERE s.id = :id AND s.state = 'active'
          AND s.next_run_at <= outdial_now() FOR UPDATE OF s SKIP LOCKED
        """,
        id=schedule_id,
    )


async def settle(
    conn: AsyncConnection,
    schedule_id: UUID,
    *,
    next_run_at: datetime | None,
    ran_at: datetime | None,
    problem: str | None,
) -> None:
    """Note what became of a due schedule, and when it is due again; None: never."""
    await run(
        conn,
        """
        UPDATE schedules SET next_run_at = :next, problem = :problem,
            last_run_at = coalesce(CAST(:ran AS timestamptz), last_run_at) WHERE id = :id
        """,
        id=schedule_id,
        next=next_run_at,
        ran=ran_at,
        problem=problem,
    )
