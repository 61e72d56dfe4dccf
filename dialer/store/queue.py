"""Who waits: where a lead stands among those that are due, and what the others wait for."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncConnection

from dialer.store.engine import first, rows

MOST_COUNTED = 100_000
"""Leads ahead are counted so far and no further: nobody waits for the count of a million."""


async def ahead(conn: AsyncConnection, lead: Mapping[Any, Any]) -> int:
    """How many due leads of its campaign come before a waiting lead, up to `MOST_COUNTED`."""
    row = await first(
        conn,
        """
        SELECT count(*) AS n FROM (
            SELECT FROM leads WHERE campaign_id = :campaign AND state = 'waiting'
              AND due_at <= outdial_now() AND id <> :id
              AND (priority > :priority OR (priority = :priority AND due_at < :due))
            LIMIT :most
        ) AS before
        """,
        campaign=lead["campaign_id"],
        id=lead["id"],
        priority=lead["priority"],
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
