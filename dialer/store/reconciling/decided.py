"""Calls that a person decided, and which the history may show after all."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncConnection

from dialer.store.engine import rows
from dialer.store.schema import calls as table


async def lately(
    conn: AsyncConnection, *, within: timedelta, rest: timedelta
) -> Sequence[RowMapping]:
    """Calls that were decided lately, whose end was not seen, and not looked for just now.

    Args:
        conn: A connection.
        within: How long ago at most they were decided.
        rest: How long ago at least they were looked for or decided.
    """
    return await rows(
        conn,
        """
        SELECT ca.id, ca.organization_id, ca.decided_at, ca.swept_at AS looked_at,
            outdial_now() AS now
        FROM calls ca
        WHERE ca.decided_at > outdial_now() - CAST(:within AS interval)
          AND greatest(ca.decided_at, ca.swept_at) <= outdial_now() - CAST(:rest AS interval)
          AND coalesce(ca.partner_status, '') NOT IN ('COMPLETED', 'FAILED')
        LIMIT 20000
        """,
        within=within,
        rest=rest,
    )


async def take_turn(
    conn: AsyncConnection, call_ids: Sequence[UUID], *, rest: timedelta
) -> Sequence[UUID]:
    """Which of these calls it is the caller's turn to look for; nobody else does for a while."""
    found = await rows(
        conn,
        """
        UPDATE calls SET swept_at = outdial_now() WHERE id = ANY(:ids)
          AND coalesce(swept_at, '-infinity') <= outdial_now() - CAST(:rest AS interval)
        RETURNING id
        """,
        ids=list(call_ids),
        rest=rest,
    )
    return [row["id"] for row in found]


async def sought(conn: AsyncConnection, call_ids: Sequence[UUID]) -> Sequence[RowMapping]:
    """Decided calls with the upstream's ids, oldest first.

    `next_at` is when the next call of ours to the same number was armed: read this after the
    history, and no ring in it belongs to a call that is missing here.
    """
    return await rows(
        conn,
        """
        SELECT ca.*, a.partner_agent_id, b.partner_business_id, outdial_now() AS now, (
            SELECT min(later.armed_at) FROM leads l JOIN calls later ON later.lead_id = l.id
            WHERE l.organization_id = ca.organization_id AND l.phone = ca.phone
              AND later.id <> ca.id
              AND later.armed_at >= coalesce(ca.armed_at, ca.claimed_at)
        ) AS next_at
        FROM calls ca JOIN agents a ON a.id = ca.agent_id
        JOIN businesses b ON b.id = ca.business_id
        WHERE ca.id = ANY(:ids)
          AND coalesce(ca.partner_status, '') NOT IN ('COMPLETED', 'FAILED')
        ORDER BY ca.armed_at, ca.id
        """,
        ids=list(call_ids),
    )


async def find(
    conn: AsyncConnection, call_id: UUID, *, partner_call_id: str, seen: Mapping[str, object]
) -> RowMapping | None:
    """Keep what the history shows of a decided call; its state and outcome stay as decided.

    Returns:
        The call; None when it was kept before, or has another id.
    """
    statement = (
        table.update()
        .where(
            table.c.id == call_id,
            table.c.decided_at.is_not(None),
            table.c.partner_call_id.is_(None) | (table.c.partner_call_id == partner_call_id),
            table.c.partner_status.is_(None)
            | table.c.partner_status.not_in(("COMPLETED", "FAILED")),
        )
        .values(**seen)
        .returning(table)
    )
    found: RowMapping | None = (await conn.execute(statement)).mappings().first()
    return found
