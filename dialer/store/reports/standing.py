"""Standing: what keeps an organization's phones from ringing, and what waits for somebody."""

from uuid import UUID

from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncConnection

from dialer.store.engine import first


async def of(conn: AsyncConnection, *, organization_id: UUID) -> RowMapping | None:
    """One organization: its pause, parking and quarantine, and its counts of what waits.

    `mistaken` are held leads that no call waits for: the upstream doesn't know the id that they
    came with.
    """
    return await first(
        conn,
        """
        SELECT o.paused_at, o.parked_reason, o.parked_until, o.restored_at, o.restored_from,
            o.recovered_at, o.recovery_problem, o.partner_secret IS NOT NULL AS connected,
            outdial_now() AS now, open.unknown, open.oldest, open.held, mistaken.n AS mistaken,
            (SELECT count(*) FROM agents a WHERE a.organization_id = o.id
                AND a.parked_reason IS NOT NULL) AS parked_agents,
            (SELECT count(*) FROM campaigns c WHERE c.organization_id = o.id
                AND c.state IN ('running', 'paused') AND c.parked_reason IS NOT NULL)
                AS parked_campaigns
        FROM organizations o CROSS JOIN LATERAL (
            SELECT count(*) FILTER (WHERE state = 'unknown') AS unknown,
                min(coalesce(armed_at, claimed_at)) FILTER (WHERE state = 'unknown') AS oldest,
                count(*) FILTER (WHERE state IN ('held', 'stale')) AS held
            FROM calls WHERE organization_id = o.id AND finished_at IS NULL
              AND state IN ('unknown', 'held', 'stale')
        ) open CROSS JOIN LATERAL (
            SELECT count(*) AS n FROM campaigns c
            JOIN leads l ON l.campaign_id = c.id AND l.state = 'held'
            WHERE c.organization_id = o.id AND l.reason = 'partner_lead_unknown'
        ) mistaken
        WHERE o.id = :org
        """,
        org=organization_id,
    )


async def gauges(conn: AsyncConnection) -> RowMapping | None:
    """The same over all organizations, as bare counts that name nobody."""
    return await first(
        conn,
        """
        SELECT
            (SELECT count(*) FROM organizations WHERE restored_at IS NOT NULL) AS quarantined,
            (SELECT count(*) FROM organizations WHERE parked_until > outdial_now())
                AS parked_organizations,
            (SELECT count(*) FROM agents WHERE parked_reason IS NOT NULL) AS parked_agents,
            (SELECT count(*) FROM campaigns WHERE state = 'running'
                AND parked_reason IS NOT NULL) AS parked_campaigns,
            (SELECT count(*) FROM disbelieved) AS disbelieved,
            count(*) FILTER (WHERE state = 'unknown') AS unknown_calls,
            count(*) FILTER (WHERE state IN ('held', 'stale')) AS held_calls
        FROM calls WHERE finished_at IS NULL AND state IN ('unknown', 'held', 'stale')
        """,
    )
