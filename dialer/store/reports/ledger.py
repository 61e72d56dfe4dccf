"""The ledger: every accepted lead is in exactly one bucket, and the buckets add up."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncConnection

from dialer.store.engine import first, rows

BUCKETS = ("waiting", "calling", "held", "done", "suppressed", "expired", "cancelled")


async def by_campaign(conn: AsyncConnection, *, organization_id: UUID) -> Sequence[RowMapping]:
    """Each campaign's leads: accepted (counted from the timeline) and one count a bucket.

    `accepted` is counted from the append-only events, the buckets from the leads' states: two
    independent books that must agree.
    """
    return await rows(
        conn,
        """
        WITH accepted AS (
            SELECT campaign_id, count(*) AS n FROM events
            WHERE organization_id = :org AND name = 'lead.accepted' GROUP BY campaign_id
        ), buckets AS (
            SELECT campaign_id,
                count(*) FILTER (WHERE state = 'waiting') AS waiting,
                count(*) FILTER (WHERE state = 'calling') AS calling,
                count(*) FILTER (WHERE state = 'held') AS held,
                count(*) FILTER (WHERE state = 'done') AS done,
                count(*) FILTER (WHERE state = 'suppressed') AS suppressed,
                count(*) FILTER (WHERE state = 'expired') AS expired,
                count(*) FILTER (WHERE state = 'cancelled') AS cancelled
            FROM leads WHERE organization_id = :org GROUP BY campaign_id
        )
        SELECT c.id AS campaign_id, c.name, c.state, coalesce(a.n, 0) AS accepted,
            coalesce(b.waiting, 0) AS waiting, coalesce(b.calling, 0) AS calling,
            coalesce(b.held, 0) AS held, coalesce(b.done, 0) AS done,
            coalesce(b.suppressed, 0) AS suppressed, coalesce(b.expired, 0) AS expired,
            coalesce(b.cancelled, 0) AS cancelled
        FROM campaigns c LEFT JOIN accepted a ON a.campaign_id = c.id
        LEFT JOIN buckets b ON b.campaign_id = c.id
        WHERE c.organization_id = :org ORDER BY c.id
        """,
        org=organization_id,
    )


async def calls_by_state(conn: AsyncConnection, *, organization_id: UUID) -> dict[str, int]:
    """How many calls are in each state."""
    found = await rows(
        conn,
        "SELECT state, count(*) AS n FROM calls WHERE organization_id = :org GROUP BY state",
        org=organization_id,
    )
    return {row["state"]: row["n"] for row in found}


async def outcomes(
    conn: AsyncConnection, *, organization_id: UUID, campaign_id: UUID | None = None
) -> dict[str, int]:
    """How many ended calls had each outcome."""
    found = await rows(
        conn,
        """
        SELECT outcome, count(*) AS n FROM calls
        WHERE organization_id = :org AND outcome IS NOT NULL
          AND (CAST(:campaign AS uuid) IS NULL OR campaign_id = :campaign)
        GROUP BY outcome
        """,
        org=organization_id,
        campaign=campaign_id,
    )
    return {row["outcome"]: row["n"] for row in found}


async def reasons(conn: AsyncConnection, *, organization_id: UUID) -> dict[str, int]:
    """Why waiting leads wait: how many by reason.

    The reason of the lead's own last deferral; for a lead that was never deferred, what stops
    its campaign or lane: `draft`, `campaign_paused`, `campaign_parked`, `organization_` and
    `agent_` with why those are parked. `limit`: only pace and concurrency hold it back.
    """
    found = await rows(
        conn,
        """
        SELECT CASE
            WHEN l.reason IS NOT NULL THEN l.reason
            WHEN c.state = 'draft' THEN 'draft'
            WHEN c.state = 'paused' THEN 'campaign_paused'
            WHEN c.state <> 'running' THEN 'campaign_' || c.state
            WHEN c.parked_reason IS NOT NULL THEN 'campaign_parked'
            WHEN o.restored_at IS NOT NULL THEN 'organization_restored'
            WHEN o.parked_until > outdial_now() THEN 'organization_' || o.parked_reason
            WHEN a.paused_at IS NOT NULL THEN 'agent_paused'
            WHEN a.parked_reason IS NOT NULL
                THEN 'agent_' || regexp_replace(a.parked_reason, '^agent_', '')
            WHEN l.due_at <= outdial_now() THEN 'limit'
            WHEN l.not_before > outdial_now() THEN 'not_before'
            ELSE 'not_due'
        END AS why, count(*) AS n
        FROM leads l JOIN campaigns c ON c.id = l.campaign_id
        LEFT JOIN variants v ON v.id = l.lane_variant_id
        JOIN agents a ON a.id = coalesce(v.agent_id, c.agent_id)
        JOIN organizations o ON o.id = l.organization_id
        WHERE l.organization_id = :org AND l.state = 'waiting' GROUP BY 1
        """,
        org=organization_id,
    )
    return {row["why"]: row["n"] for row in found}


async def pace(conn: AsyncConnection, *, organization_id: UUID, seconds: float = 60) -> int:
    """Calls armed in the last `seconds` of campaign time."""
    row = await first(
        conn,
        """
        SELECT count(*) AS n FROM calls WHERE organization_id = :org
          AND armed_at > outdial_now() - make_interval(secs => :seconds)
        """,
        org=organization_id,
        seconds=seconds,
    )
    return int(row["n"]) if row else 0
