"""Leads that a word from the CRM ends: found by whatever it calls them, locked, marked."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncConnection

from dialer.store.engine import first, rows

MOST = 1_000
"""Leads of one name that are looked at together."""

_NAMED = """
    FROM leads l WHERE l.organization_id = :org
      AND (CAST(:lead AS uuid) IS NULL OR l.id = :lead)
      AND (CAST(:phone AS text) IS NULL OR l.phone = :phone)
      AND (CAST(:source AS uuid) IS NULL OR l.source_id = :source)
      AND (CAST(:campaign AS uuid) IS NULL OR l.campaign_id = :campaign)
"""
_BY_EXTERNAL_ID = """
    FROM campaigns c CROSS JOIN sources s
    JOIN leads l ON l.campaign_id = c.id AND l.source_id = s.id AND l.external_id = :external_id
    WHERE c.organization_id = :org AND s.organization_id = :org AND l.organization_id = :org
      AND (CAST(:source AS uuid) IS NULL OR s.id = :source)
      AND (CAST(:campaign AS uuid) IS NULL OR c.id = :campaign)
"""
"""An external id is indexed within its campaign and source, of which there are few."""


async def named(
    conn: AsyncConnection,
    *,
    organization_id: UUID,
    lead_id: UUID | None,
    external_id: str | None,
    phone: str | None,
    source_id: UUID | None,
    campaign_id: UUID | None,
) -> Sequence[RowMapping]:
    """Leads by what they are called: `id`, `phone`, `state`; unfinished ones first, at most 1,000.

    Exactly one of `lead_id`, `external_id` and `phone` is to be given; the others narrow.
    """
    values: dict[str, Any] = {"org": organization_id, "source": source_id, "campaign": campaign_id}
    if external_id is not None:
        where, values["external_id"] = _BY_EXTERNAL_ID, external_id
    else:
        where = _NAMED
        values |= {"lead": lead_id, "phone": phone}
    return await rows(
        conn,
        f"""
        SELECT l.id, l.phone, l.state {where}
        ORDER BY l.state NOT IN ('waiting', 'calling', 'held'), l.id LIMIT :most
        """,
        most=MOST,
        **values,
    )


async def lock(conn: AsyncConnection, ids: Sequence[UUID]) -> Sequence[RowMapping]:
    """Lock leads in one order, and return them as they are; an arm in progress is waited for."""
    return await rows(
        conn,
        """
        SELECT id, organization_id, campaign_id, phone, state, stop_word FROM leads
        WHERE id = ANY(:ids) ORDER BY id FOR UPDATE
        """,
        ids=list(ids),
    )


async def end(conn: AsyncConnection, ids: Sequence[UUID], *, to: str, reason: str) -> None:
    """Move locked leads that wait, or are held, into their last bucket."""
    await rows(
        conn,
        """
        UPDATE leads SET state = :to, reason = :reason, updated_at = outdial_now()
        WHERE id = ANY(:ids) AND state IN ('waiting', 'held') RETURNING id
        """,
        ids=list(ids),
        to=to,
        reason=reason,
    )


async def mark(conn: AsyncConnection, ids: Sequence[UUID], *, word: str) -> None:
    """Keep the word for locked leads that are in a call; do-not-call is never taken back."""
    await rows(
        conn,
        """
        UPDATE leads SET stop_word = :word, updated_at = outdial_now()
        WHERE id = ANY(:ids) AND state = 'calling'
          AND stop_word IS DISTINCT FROM 'do_not_call' RETURNING id
        """,
        ids=list(ids),
        word=word,
    )


async def in_flight(conn: AsyncConnection, ids: Sequence[UUID]) -> int:
    """Calls of these leads that nothing stops any more."""
    row = await first(
        conn,
        """
        SELECT count(*) AS n FROM calls WHERE lead_id = ANY(:ids) AND finished_at IS NULL
          AND state IN ('dialing', 'placed', 'live', 'unknown')
        """,
        ids=list(ids),
    )
    return int(row["n"]) if row else 0
