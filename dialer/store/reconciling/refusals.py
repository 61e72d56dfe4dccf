"""Refused calls that are still looked for, and answers that are no longer taken for refusals."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncConnection

from dialer.store.engine import first, rows, run


async def due(conn: AsyncConnection, *, seconds: float) -> Sequence[RowMapping]:
    """Organizations with refused calls to look for, none of them looked at for `seconds`."""
    return await rows(
        conn,
        """
        SELECT h.organization_id AS id FROM history h
        WHERE coalesce(h.refusals_at, '-infinity') <= outdial_now() - make_interval(secs => :secs)
          AND EXISTS (
            SELECT FROM calls c WHERE c.organization_id = h.organization_id
              AND c.state = 'refused' AND c.swept_at IS NULL AND c.answer <> 'not_sent'
              AND c.closed_at BETWEEN outdial_now() - interval '1 day'
                AND outdial_now() - make_interval(secs => :secs)
        )
        """,
        secs=seconds,
    )


async def take_turn(conn: AsyncConnection, *, organization_id: UUID, seconds: float) -> bool:
    """Whether it is the caller's turn to look for refused calls."""
    return bool(
        await run(
            conn,
            """
            UPDATE history SET refusals_at = outdial_now() WHERE organization_id = :org
              AND coalesce(refusals_at, '-infinity')
                <= outdial_now() - make_interval(secs => :secs)
            """,
            org=organization_id,
            secs=seconds,
        )
    )


async def unseen(
    conn: AsyncConnection, *, organization_id: UUID, seconds: float, limit: int = 1000
) -> Sequence[RowMapping]:
    """Refused calls that were answered at least `seconds` ago and never looked for, oldest first.

    Left out are those of which this side knows that nothing was sent. `next_at` is when the next
    call to the same number was armed.
    """
    return await rows(
        conn,
        """
        SELECT ca.*, a.partner_agent_id, b.partner_business_id, outdial_now() AS now, (
            SELECT min(later.armed_at) FROM leads l JOIN calls later ON later.lead_id = l.id
            WHERE l.organization_id = ca.organization_id AND l.phone = ca.phone
              AND later.armed_at > ca.armed_at
        ) AS next_at
        FROM calls ca JOIN agents a ON a.id = ca.agent_id
        JOIN businesses b ON b.id = ca.business_id
        WHERE ca.organization_id = :org AND ca.state = 'refused' AND ca.swept_at IS NULL
          AND ca.answer <> 'not_sent' AND ca.armed_at IS NOT NULL
          AND ca.closed_at BETWEEN outdial_now() - interval '1 day'
            AND outdial_now() - make_interval(secs => :secs)
        ORDER BY ca.closed_at LIMIT :limit
        """,
        org=organization_id,
        secs=seconds,
        limit=limit,
    )


async def looked_for(conn: AsyncConnection, call_ids: Sequence[UUID]) -> None:
    """Note that a complete sweep was made for refused calls."""
    await run(
        conn,
        """
        UPDATE calls SET swept_at = outdial_now()
        WHERE id = ANY(:ids) AND state = 'refused' AND swept_at IS NULL
        """,
        ids=list(call_ids),
    )


async def disbelieve(
    conn: AsyncConnection, *, organization_id: UUID, answer: str, call_id: UUID
) -> bool:
    """Take an answer for a refusal no longer; True when it counted as one until now."""
    return bool(
        await run(
            conn,
            """
            INSERT INTO disbelieved (organization_id, answer, call_id)
            VALUES (:org, :answer, :call) ON CONFLICT DO NOTHING
            """,
            org=organization_id,
            answer=answer,
            call=call_id,
        )
    )


async def is_disbelieved(conn: AsyncConnection, *, organization_id: UUID, answer: str) -> bool:
    """Whether a call so answered was once found to have rung."""
    row = await first(
        conn,
        "SELECT 1 FROM disbelieved WHERE organization_id = :org AND answer = :answer",
        org=organization_id,
        answer=answer,
    )
    return row is not None


async def disbelieved(conn: AsyncConnection, *, organization_id: UUID) -> Sequence[RowMapping]:
    """Answers that are no longer taken for refusals, the oldest first, with what showed it."""
    return await rows(
        conn,
        """
        SELECT d.answer, d.at AS since, d.call_id, c.lead_id FROM disbelieved d
        JOIN calls c ON c.id = d.call_id WHERE d.organization_id = :org ORDER BY d.at, d.answer
        """,
        org=organization_id,
    )


async def believe(
    conn: AsyncConnection, *, organization_id: UUID, answer: str
) -> RowMapping | None:
    """Take an answer for a refusal again; the call that had spoken against it, None without."""
    return await first(
        conn,
        """
        WITH believed AS (
            DELETE FROM disbelieved WHERE organization_id = :org AND answer = :answer
            RETURNING call_id
        )
        SELECT c.* FROM calls c JOIN believed ON believed.call_id = c.id
        """,
        org=organization_id,
        answer=answer,
    )


async def link(conn: AsyncConnection, call_id: UUID, *, partner_call_id: str) -> RowMapping | None:
    """Give a refused call the upstream's id, so that its end is found; None if it has one."""
    return await first(
        conn,
        """
        UPDATE calls SET partner_call_id = :partner_call_id, finished_at = NULL
        WHERE id = :id AND state = 'refused' AND partner_call_id IS NULL RETURNING *
        """,
        id=call_id,
        partner_call_id=partner_call_id,
    )
