"""How one campaign goes: its leads by bucket, its calls of today and its last ones."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncConnection

from dialer.store.engine import first, rows

HOURS = 24
_RANG = "state NOT IN ('claimed', 'absent', 'refused', 'released')"


async def buckets(
    conn: AsyncConnection, *, organization_id: UUID, campaign_id: UUID
) -> dict[str, int]:
    """How many leads of a campaign are in each bucket; empty buckets are left out."""
    found = await rows(
        conn,
        """
        SELECT state, count(*) AS n FROM leads
        WHERE organization_id = :org AND campaign_id = :campaign GROUP BY state
        """,
        org=organization_id,
        campaign=campaign_id,
    )
    return {row["state"]: row["n"] for row in found}


async def rings_by_hour(
    conn: AsyncConnection, *, organization_id: UUID, campaign_id: UUID, zone: str
) -> Sequence[int]:
    """Calls of a campaign that rang, or may have, in each hour of today in a time zone.

    Returns:
        24 counts, from midnight on. An hour that a clock change repeats is counted in one.
    """
    found = await rows(
        conn,
        f"""
        SELECT extract(hour FROM armed_at AT TIME ZONE :zone)::int AS hour, count(*) AS n
        FROM calls WHERE organization_id = :org AND campaign_id = :campaign AND {_RANG}
          AND armed_at >= date_trunc('day', outdial_now(), :zone) AND armed_at <= outdial_now()
        GROUP BY 1
        """,  # noqa: S608 -- a condition of ours
        org=organization_id,
        campaign=campaign_id,
        zone=zone,
    )
    counted = {row["hour"]: int(row["n"]) for row in found}
    return [counted.get(hour, 0) for hour in range(HOURS)]


async def rings_in_last_minute(
    conn: AsyncConnection, *, organization_id: UUID, campaign_id: UUID
) -> int:
    """Calls of a campaign that were armed in the last minute of campaign time."""
    row = await first(
        conn,
        """
        SELECT count(*) AS n FROM calls WHERE organization_id = :org AND campaign_id = :campaign
          AND armed_at > outdial_now() - interval '1 minute' AND armed_at <= outdial_now()
        """,
        org=organization_id,
        campaign=campaign_id,
    )
    return int(row["n"]) if row else 0


async def latest_calls(
    conn: AsyncConnection, *, organization_id: UUID, campaign_id: UUID, limit: int = 12
) -> Sequence[RowMapping]:
    """A campaign's last armed calls, newest first, with names and numbers to show."""
    return await rows(
        conn,
        """
        SELECT ca.id, ca.lead_id, ca.phone, ca.attempt, ca.state, ca.outcome, ca.armed_at, l.name
        FROM (
            SELECT * FROM calls WHERE campaign_id = :campaign AND organization_id = :org
              AND armed_at IS NOT NULL ORDER BY armed_at DESC LIMIT :limit
        ) AS ca JOIN leads l ON l.id = ca.lead_id ORDER BY ca.armed_at DESC
        """,
        org=organization_id,
        campaign=campaign_id,
        limit=limit,
    )


async def finished_by_outcome(
    conn: AsyncConnection, *, organization_id: UUID, campaign_id: UUID
) -> dict[str, int]:
    """How many finished leads of a campaign ended with each outcome, most first."""
    found = await rows(
        conn,
        """
        SELECT last_outcome, count(*) AS n FROM leads
        WHERE organization_id = :org AND campaign_id = :campaign AND state = 'done'
          AND last_outcome IS NOT NULL GROUP BY 1 ORDER BY 2 DESC, 1
        """,
        org=organization_id,
        campaign=campaign_id,
    )
    return {row["last_outcome"]: row["n"] for row in found}


async def newest(
    conn: AsyncConnection, *, organization_id: UUID, before: UUID | None, limit: int
) -> Sequence[RowMapping]:
    """The organization's campaigns, newest first, with their agents and their own limits."""
    return await rows(
        conn,
        """
        SELECT c.id, c.name, c.state, c.parked_reason, c.agent_id, a.name AS agent_name,
            a.partner_agent_id, a.parked_reason AS agent_parked_reason,
            p.calls_per_minute, p.concurrency
        FROM campaigns c JOIN agents a ON a.id = c.agent_id
        LEFT JOIN pacers p ON p.subject_id = c.id
        WHERE c.organization_id = :org
          AND (CAST(:before AS uuid) IS NULL OR c.id < CAST(:before AS uuid))
        ORDER BY c.id DESC LIMIT :limit
        """,
        org=organization_id,
        before=before,
        limit=limit,
    )


async def buckets_of(
    conn: AsyncConnection, *, organization_id: UUID, campaign_ids: Sequence[UUID]
) -> dict[UUID, dict[str, int]]:
    """How many leads of these campaigns are in each bucket; empty buckets are left out."""
    found = await rows(
        conn,
        """
        SELECT campaign_id, state, count(*) AS n FROM leads
        WHERE organization_id = :org AND campaign_id = ANY(:campaigns) GROUP BY 1, 2
        """,
        org=organization_id,
        campaigns=list(campaign_ids),
    )
    counted: dict[UUID, dict[str, int]] = {}
    for row in found:
        counted.setdefault(row["campaign_id"], {})[row["state"]] = row["n"]
    return counted
