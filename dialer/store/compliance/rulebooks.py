"""Rulebooks: what holds over all campaigns of an organization, every version of it kept."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncConnection

from dialer.store import schema
from dialer.store.engine import first, rows, run


async def current(conn: AsyncConnection, *, organization_id: UUID) -> RowMapping | None:
    """The version that is in force; None while it is as shipped."""
    return await first(
        conn,
        """
        SELECT r.* FROM organizations o JOIN rulebooks r
          ON r.organization_id = o.id AND r.version = o.rulebook WHERE o.id = :org
        """,
        org=organization_id,
    )


async def get(conn: AsyncConnection, *, organization_id: UUID, version: int) -> RowMapping | None:
    """One version."""
    return await first(
        conn,
        "SELECT * FROM rulebooks WHERE organization_id = :org AND version = :version",
        org=organization_id,
        version=version,
    )


async def hold(conn: AsyncConnection, *, organization_id: UUID) -> int:
    """Lock the organization's rules against every arm and every other edit; their version."""
    row = await first(
        conn, "SELECT rulebook FROM organizations WHERE id = :org FOR UPDATE", org=organization_id
    )
    return int(row["rulebook"]) if row else 0


async def add(
    conn: AsyncConnection,
    *,
    organization_id: UUID,
    version: int,
    calling_hours: str | None,
    outcomes: str | None,
    limits: Mapping[str, object],
    note: str | None,
    by: str | None,
) -> None:
    """Put a version in force, in a transaction that holds the rules.

    Once it has committed, no call that was claimed under an older version can be armed.
    """
    await conn.execute(
        schema.rulebooks.insert().values(
            organization_id=organization_id,
            version=version,
            calling_hours=calling_hours,
            outcomes=outcomes,
            limits=dict(limits),
            note=note,
            by=by,
        )
    )
    await run(
        conn,
        "UPDATE organizations SET rulebook = :version WHERE id = :org",
        org=organization_id,
        version=version,
    )


async def versions(
    conn: AsyncConnection, *, organization_id: UUID, before: int | None, limit: int
) -> Sequence[RowMapping]:
    """Who changed what, newest first, without the tables themselves."""
    return await rows(
        conn,
        """
        SELECT version, limits, note, by, at, calling_hours IS NOT NULL AS own_calling_hours,
            outcomes IS NOT NULL AS own_outcomes
        FROM rulebooks WHERE organization_id = :org
          AND version < coalesce(CAST(:before AS integer), 2147483647)
        ORDER BY version DESC LIMIT :limit
        """,
        org=organization_id,
        before=before,
        limit=limit,
    )
