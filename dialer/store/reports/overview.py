"""Reads for the API and its pages that no stage needs."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncConnection

from dialer.store.engine import first, rows


async def lead_in_flight(conn: AsyncConnection, *, organization_id: UUID, lead_id: UUID) -> int:
    """Calls of a lead that a cancellation can no longer stop."""
    return await _count(
        conn,
        """
        SELECT count(*) AS n FROM calls WHERE organization_id = :org AND lead_id = :id
          AND finished_at IS NULL AND state IN ('dialing', 'placed', 'live', 'unknown')
        """,
        organization_id,
        lead_id,
    )


async def agent_in_flight(conn: AsyncConnection, *, organization_id: UUID, agent_id: UUID) -> int:
    """Calls of an agent that a pause can no longer stop."""
    return await _count(
        conn,
        """
        SELECT count(*) AS n FROM calls WHERE organization_id = :org AND agent_id = :id
          AND finished_at IS NULL AND state IN ('dialing', 'placed', 'live', 'unknown')
        """,
        organization_id,
        agent_id,
    )


async def agent(
    conn: AsyncConnection, *, organization_id: UUID, agent_id: UUID
) -> RowMapping | None:
    """One agent with its business and limits, as `agents.listing` shows it."""
    return await first(
        conn,
        """
        SELECT a.*, b.partner_business_id, b.name AS business_name,
            p.calls_per_minute, p.concurrency, p.factor
        FROM agents a JOIN businesses b ON b.id = a.business_id
        LEFT JOIN pacers p ON p.subject_id = a.id
        WHERE a.organization_id = :org AND a.id = :id
        """,
        org=organization_id,
        id=agent_id,
    )


async def limits(conn: AsyncConnection, *, organization_id: UUID) -> RowMapping | None:
    """The organization's own pace and concurrency; None when it never had any."""
    return await first(
        conn,
        """
        SELECT calls_per_minute, concurrency FROM pacers
        WHERE organization_id = :org AND subject_id = :org
        """,
        org=organization_id,
    )


async def key_in_force(
    conn: AsyncConnection, *, organization_id: UUID, key_id: UUID
) -> RowMapping | None:
    """A key that is not revoked, by its id."""
    return await first(
        conn,
        """
        SELECT id, name, source_id, scopes FROM api_keys
        WHERE organization_id = :org AND id = :id AND revoked_at IS NULL
        """,
        org=organization_id,
        id=key_id,
    )


async def suppression(
    conn: AsyncConnection, *, organization_id: UUID, suppression_id: UUID
) -> RowMapping | None:
    """One entry of the do-not-call list."""
    return await first(
        conn,
        "SELECT * FROM suppressions WHERE organization_id = :org AND id = :id",
        org=organization_id,
        id=suppression_id,
    )


async def suppressions(
    conn: AsyncConnection,
    *,
    organization_id: UUID,
    phone: str | None,
    after: UUID | None,
    limit: int,
) -> Sequence[RowMapping]:
    """Entries of the do-not-call list by id, oldest first, those that have lapsed included."""
    return await rows(
        conn,
        """
        SELECT * FROM suppressions WHERE organization_id = :org
          AND (CAST(:phone AS text) IS NULL OR phone = :phone)
          AND id > coalesce(CAST(:after AS uuid), '00000000-0000-0000-0000-000000000000')
        ORDER BY id LIMIT :limit
        """,
        org=organization_id,
        phone=phone,
        after=after,
        limit=limit,
    )


async def in_progress(
    conn: AsyncConnection, *, organization_id: UUID, limit: int = 20
) -> Sequence[RowMapping]:
    """Calls that ring or are talked on now, newest first, with names and numbers to show."""
    return await rows(
        conn,
        """
        SELECT ca.id, ca.lead_id, ca.phone, ca.attempt, ca.state, ca.armed_at, l.name,
            c.name AS campaign_name,
            extract(epoch FROM outdial_now() - ca.armed_at) AS seconds
        FROM (
            SELECT * FROM calls WHERE organization_id = :org AND finished_at IS NULL
              AND state IN ('dialing', 'placed', 'live', 'unknown')
            ORDER BY armed_at DESC NULLS LAST LIMIT :limit
        ) ca JOIN leads l ON l.id = ca.lead_id JOIN campaigns c ON c.id = ca.campaign_id
        ORDER BY ca.armed_at DESC NULLS LAST
        """,
        org=organization_id,
        limit=limit,
    )


async def rings_by_minute(
    conn: AsyncConnection, *, organization_id: UUID, minutes: int = 30
) -> Sequence[int]:
    """Calls armed in each of the last minutes of campaign time, oldest first."""
    found = await rows(
        conn,
        """
        SELECT floor(extract(epoch FROM outdial_now() - armed_at) / 60)::int AS ago,
            count(*) AS n
        FROM calls WHERE organization_id = :org
          AND armed_at > outdial_now() - make_interval(mins => :minutes)
          AND armed_at <= outdial_now()
        GROUP BY 1
        """,
        org=organization_id,
        minutes=minutes,
    )
    counted = {int(row["ago"]): int(row["n"]) for row in found}
    return [counted.get(ago, 0) for ago in reversed(range(minutes))]


async def deliveries_by_problem(conn: AsyncConnection, *, organization_id: UUID) -> dict[str, int]:
    """How many deliveries need attention, by the code of their problem."""
    found = await rows(
        conn,
        """
        SELECT coalesce(problem->>'code', 'not_mapped_yet') AS code, count(*) AS n
        FROM deliveries WHERE organization_id = :org
          AND state IN ('needs_attention', 'partial') GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 20
        """,
        org=organization_id,
    )
    return {row["code"]: row["n"] for row in found}


async def _count(conn: AsyncConnection, sql: str, organization_id: UUID, subject: UUID) -> int:
    row = await first(conn, sql, org=organization_id, id=subject)
    return int(row["n"]) if row else 0
