"""Who is next, where a lead stands among those that are due, and what the others wait for."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncConnection

from dialer.store.engine import first, rows

MOST_COUNTED = 100_000
"""Leads ahead are counted so far and no further: nobody waits for the count of a million."""


_RANKS = """
    WITH RECURSIVE ranks(rank) AS (
        (SELECT rank FROM leads WHERE queue_id = q.id AND state = 'waiting'
            ORDER BY rank LIMIT 1)
        UNION ALL
        SELECT (SELECT l.rank FROM leads l WHERE l.queue_id = q.id AND l.state = 'waiting'
            AND l.rank > ranks.rank ORDER BY l.rank LIMIT 1)
        FROM ranks WHERE ranks.rank IS NOT NULL
    )
"""
# The ranks that a queue has, one probe of the index each: within a rank leads stand by due_at,
# so those that are due are read without those that aren't, be they a million.

HAS_DUE = f"""
    EXISTS ({_RANKS} SELECT FROM ranks WHERE EXISTS (
        SELECT FROM leads l WHERE l.queue_id = q.id AND l.rank = ranks.rank
          AND l.state = 'waiting' AND l.due_at <= outdial_now()
    ))
"""  # noqa: S608 -- words of ours
"""Whether the queue `q` has a due lead."""


async def take_due(
    conn: AsyncConnection, *, queue_ids: Sequence[UUID], limit: int
) -> Sequence[RowMapping]:
    """Lock up to `limit` due leads of each queue that nobody else holds.

    A queue is a campaign, or a variant of one that another agent calls. Within it the order is
    by rank (urgency, then priority), then by how long they have been due.
    """
    return await rows(
        conn,
        f"""
        SELECT l.* FROM unnest(CAST(:queues AS uuid[])) AS q(id)
        CROSS JOIN LATERAL (
            {_RANKS}
            SELECT due.* FROM ranks CROSS JOIN LATERAL (
                SELECT * FROM leads WHERE leads.queue_id = q.id AND leads.rank = ranks.rank
                  AND leads.state = 'waiting' AND leads.due_at <= outdial_now()
                ORDER BY leads.due_at LIMIT :limit FOR UPDATE SKIP LOCKED
            ) AS due LIMIT :limit
        ) AS l
        """,  # noqa: S608 -- words of ours
        queues=list(queue_ids),
        limit=limit,
    )


async def ahead(conn: AsyncConnection, lead: Mapping[Any, Any]) -> int:
    """How many due leads of its queue come before a waiting lead, up to `MOST_COUNTED`."""
    row = await first(
        conn,
        """
        SELECT count(*) AS n FROM (
            SELECT FROM leads WHERE queue_id = :queue AND state = 'waiting'
              AND due_at <= outdial_now() AND id <> :id
              AND (rank < :rank OR (rank = :rank AND due_at < :due))
            LIMIT :most
        ) AS before
        """,
        queue=lead["queue_id"],
        id=lead["id"],
        rank=lead["rank"],
        due=lead["due_at"],
        most=MOST_COUNTED,
    )
    return int(row["n"]) if row else 0


async def waiting(conn: AsyncConnection, campaign_id: UUID) -> Sequence[RowMapping]:
    """A campaign's waiting leads by what they wait for: how many, how many due, the next due."""
    return await rows(
        conn,
        """
        SELECT coalesce(reason, 'new') AS reason, count(*) AS leads,
            count(*) FILTER (WHERE due_at <= outdial_now()) AS due,
            min(due_at) FILTER (WHERE due_at > outdial_now()) AS next_due_at
        FROM leads WHERE campaign_id = :campaign AND state = 'waiting'
        GROUP BY reason ORDER BY count(*) DESC
        """,
        campaign=campaign_id,
    )
