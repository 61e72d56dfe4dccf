"""What campaigns with a limit have called and talked, without adding up a year at every claim."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncConnection

from dialer.store.engine import first, rows

SETTLED_AFTER = timedelta(hours=1)
"""A call that was armed so long ago, and before any that is open, is added up for good."""

_LIMITED = "coalesce(max_calls_per_day, max_calls) IS NOT NULL OR budget IS NOT NULL"
_RANG = "state NOT IN ('absent', 'refused', 'released')"


async def used(conn: AsyncConnection, campaign_ids: Sequence[UUID]) -> Sequence[RowMapping]:
    """What each of these campaigns that has a limit has used, by `campaign_id`.

    `today` and `calls` count claims, and all that rang or may have; `talk_ms` is of ended calls,
    and `open_ms` tells of each call in progress how long it has lasted.
    """
    return await rows(
        conn,
        f"""
        SELECT c.id AS campaign_id, c.max_calls_per_day, c.max_calls, c.price_per_minute,
            c.budget, today.n + claimed.n AS today,
            coalesce(t.calls, 0) + since.n + claimed.n AS calls,
            coalesce(t.talk_ms, 0) + since.talk_ms AS talk_ms,
            since.open_ms || array_fill(CAST(0 AS bigint), ARRAY[claimed.n]) AS open_ms
        FROM campaigns c LEFT JOIN tallies t ON t.campaign_id = c.id
        CROSS JOIN LATERAL (
            SELECT CAST(count(*) AS int) AS n FROM calls WHERE campaign_id = c.id
              AND armed_at IS NOT NULL AND {_RANG}
              AND armed_at >= date_trunc('day', outdial_now() AT TIME ZONE c.day_zone)
                AT TIME ZONE c.day_zone
        ) AS today
        CROSS JOIN LATERAL (
            SELECT count(*) AS n,
                coalesce(sum(duration_ms) FILTER (WHERE finished_at IS NOT NULL), 0) AS talk_ms,
                coalesce(array_agg(CAST(extract(epoch FROM outdial_now() - armed_at) * 1000
                    AS bigint)) FILTER (WHERE finished_at IS NULL),
                    CAST('{{}}' AS bigint[])) AS open_ms
            FROM calls WHERE campaign_id = c.id AND {_RANG}
              AND armed_at >= coalesce(t.through, '-infinity')
        ) AS since
        CROSS JOIN LATERAL (
            SELECT CAST(count(*) AS int) AS n FROM calls WHERE state = 'claimed'
              AND finished_at IS NULL AND campaign_id = c.id AND agent_id IN (
                SELECT c.agent_id
                UNION SELECT v.agent_id FROM variants v WHERE v.campaign_id = c.id
              )
        ) AS claimed
        WHERE c.id = ANY(:campaigns) AND ({_LIMITED})
        """,  # noqa: S608 -- words of ours
        campaigns=list(campaign_ids),
    )


async def settle(conn: AsyncConnection) -> int:
    """Add up for good what nothing will change any more; how many campaigns that concerned."""
    # One at a time, or what two read at once would be added twice.
    lock = "SELECT pg_try_advisory_xact_lock(hashtextextended('outdial tallies', 0)) AS mine"
    turn = await first(conn, lock)
    if turn is None or not turn["mine"]:
        return 0
    found = await rows(
        conn,
        f"""
        INSERT INTO tallies AS kept (campaign_id, organization_id, through, calls, talk_ms)
        SELECT c.id, c.organization_id, till.at, since.n, since.talk_ms
        FROM campaigns c LEFT JOIN tallies t ON t.campaign_id = c.id
        CROSS JOIN LATERAL (
            SELECT least(outdial_now() - CAST(:age AS interval), min(armed_at)) AS at
            FROM calls WHERE campaign_id = c.id AND armed_at IS NOT NULL
              AND finished_at IS NULL AND armed_at >= coalesce(t.through, '-infinity')
        ) AS till
        CROSS JOIN LATERAL (
            SELECT count(*) AS n, coalesce(sum(duration_ms), 0) AS talk_ms
            FROM calls WHERE campaign_id = c.id AND {_RANG}
              AND armed_at >= coalesce(t.through, '-infinity') AND armed_at < till.at
        ) AS since
        WHERE c.state = 'running' AND ({_LIMITED}) AND since.n > 0
        ON CONFLICT (campaign_id) DO UPDATE SET through = excluded.through,
            calls = kept.calls + excluded.calls, talk_ms = kept.talk_ms + excluded.talk_ms
        RETURNING campaign_id
        """,  # noqa: S608 -- words of ours
        age=SETTLED_AFTER,
    )
    return len(found)
