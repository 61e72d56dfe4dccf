"""Pacers: a rate and a concurrency cap at one level, counted where the calls are."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncConnection

from dialer.clock import new_id
from dialer.store.engine import rows, run, run_many

LEVELS = ("organization", "business", "agent", "campaign")
NEARLY = 0.9
"""A cap of which so much is used counts as used up: ends that wait to be read use the rest."""


async def set_limits(
    conn: AsyncConnection,
    *,
    organization_id: UUID,
    level: str,
    subject_id: UUID,
    calls_per_minute: int | None,
    concurrency: int | None,
) -> None:
    """Set a level's limits; None means no limit of its own."""
    await run(
        conn,
        """
        INSERT INTO pacers
            (id, organization_id, level, subject_id, calls_per_minute, concurrency)
        VALUES (:id, :organization_id, :level, :subject_id, :calls_per_minute, :concurrency)
        ON CONFLICT (subject_id) DO UPDATE SET
            calls_per_minute = :calls_per_minute, concurrency = :concurrency
        """,
        id=new_id(),
        organization_id=organization_id,
        level=level,
        subject_id=subject_id,
        calls_per_minute=calls_per_minute,
        concurrency=concurrency,
    )


async def lock(conn: AsyncConnection, subject_ids: Sequence[UUID]) -> dict[UUID, RowMapping]:
    """Lock the pacers of these subjects, always in the same order, and return them."""
    found = await rows(
        conn,
        """
        SELECT * FROM pacers WHERE subject_id = ANY(:subjects)
        ORDER BY level, subject_id FOR UPDATE
        """,
        subjects=list(subject_ids),
    )
    return {row["subject_id"]: row for row in found}


async def of(conn: AsyncConnection, subject_ids: Sequence[UUID]) -> Sequence[RowMapping]:
    """The pacers of these subjects, unlocked, from the organization's to the campaign's."""
    return await rows(
        conn,
        """
        SELECT * FROM pacers WHERE subject_id = ANY(:subjects)
        ORDER BY array_position(
            ARRAY['organization', 'business', 'agent', 'campaign'], level), subject_id
        """,
        subjects=list(subject_ids),
    )


async def occupied(conn: AsyncConnection, *, organization_id: UUID) -> dict[UUID, int]:
    """How many calls hold a slot, by campaign, agent, business and organization id."""
    found = await rows(
        conn,
        """
        SELECT campaign_id, agent_id, business_id, count(*) AS held FROM calls
        WHERE organization_id = :organization_id AND finished_at IS NULL
          AND state IN ('claimed', 'dialing', 'placed', 'live', 'unknown')
          AND coalesce(slot_until, 'infinity') > outdial_now()
        GROUP BY campaign_id, agent_id, business_id
        """,
        organization_id=organization_id,
    )
    held: dict[UUID, int] = {}
    for row in found:
        for subject in (row["campaign_id"], row["agent_id"], row["business_id"], organization_id):
            held[subject] = held.get(subject, 0) + row["held"]
    return held


async def is_short(conn: AsyncConnection, *, organization_id: UUID) -> bool:
    """Whether some concurrency cap of the organization is used up, or nearly."""
    capped = await rows(
        conn,
        """
        SELECT subject_id, concurrency FROM pacers
        WHERE organization_id = :organization_id AND concurrency IS NOT NULL
        """,
        organization_id=organization_id,
    )
    if not capped:
        return False
    held = await occupied(conn, organization_id=organization_id)
    return any(held.get(row["subject_id"], 0) >= NEARLY * row["concurrency"] for row in capped)


async def debit(
    conn: AsyncConnection, next_at: Mapping[UUID, datetime], shares: Mapping[UUID, float]
) -> None:
    """Write each subject's next free slot, and the virtual time that it has used."""
    await run_many(
        conn,
        """
        UPDATE pacers SET next_at = coalesce(:next_at, next_at), share = coalesce(:share, share)
        WHERE subject_id = :subject
        """,
        [
            {"subject": one, "next_at": next_at.get(one), "share": shares.get(one)}
            for one in sorted(next_at.keys() | shares.keys())
        ],
    )


async def set_factor(conn: AsyncConnection, subject_id: UUID, factor: float) -> None:
    """Scale a lane's rate after the upstream asked for less."""
    await run(
        conn,
        """
        UPDATE pacers SET factor = :factor, factor_at = outdial_now()
        WHERE subject_id = :subject
        """,
        subject=subject_id,
        factor=factor,
    )
