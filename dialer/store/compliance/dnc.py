"""The organization's copy of the do-not-call registry: its numbers, and of which day it is."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncConnection

from dialer.store.engine import first, rows, run

MOST_COUNTED = 10_000_000
"""So far numbers are counted; the whole national registry has a quarter of a billion."""


async def add(conn: AsyncConnection, *, organization_id: UUID, phones: Collection[str]) -> int:
    """Add numbers, and return how many are new. Once this commits, no arm misses them.

    The registry's lock is taken last: arms in progress are waited for, and none that begins
    meanwhile looks before the commit.
    """
    made = await run(
        conn,
        """
        INSERT INTO dnc_numbers (organization_id, phone)
        SELECT :org, phone FROM unnest(CAST(:phones AS text[])) AS phone
        ON CONFLICT DO NOTHING
        """,
        org=organization_id,
        # In one order, or two parts of one list would wait for each other for ever.
        phones=sorted(set(phones)),
    )
    await first(
        conn,
        "SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))",
        key=lock_key(organization_id),
    )
    return made


def lock_key(organization_id: UUID) -> str:
    """The advisory lock that arms share and a new part of the copy takes alone."""
    return f"{organization_id}/dnc"


async def among(
    conn: AsyncConnection, *, organization_id: UUID, phones: Sequence[str]
) -> set[str]:
    """Which of these numbers the copy lists."""
    found = await rows(
        conn,
        """
        SELECT phone FROM dnc_numbers WHERE organization_id = :org AND phone = ANY(:phones)
        """,
        org=organization_id,
        phones=list(phones),
    )
    return {row["phone"] for row in found}


async def scrubbed_at(conn: AsyncConnection, *, organization_id: UUID) -> datetime | None:
    """From which instant the copy counts; None where there is none to call by."""
    row = await first(
        conn, "SELECT dnc_scrubbed_at FROM organizations WHERE id = :org", org=organization_id
    )
    found: datetime | None = row["dnc_scrubbed_at"] if row else None
    return found


async def hold(conn: AsyncConnection, *, organization_id: UUID) -> datetime | None:
    """As `scrubbed_at`, locked: neither an arm nor another declaration comes between."""
    row = await first(
        conn,
        "SELECT dnc_scrubbed_at FROM organizations WHERE id = :org FOR NO KEY UPDATE",
        org=organization_id,
    )
    found: datetime | None = row["dnc_scrubbed_at"] if row else None
    return found


async def declare(conn: AsyncConnection, *, organization_id: UUID, at: datetime | None) -> None:
    """Let the copy count from an instant; None takes it out of force."""
    await run(
        conn,
        "UPDATE organizations SET dnc_scrubbed_at = :at WHERE id = :org",
        org=organization_id,
        at=at,
    )


async def count(conn: AsyncConnection, *, organization_id: UUID) -> int:
    """How many numbers the copy has; one more than `MOST_COUNTED` for all beyond it."""
    row = await first(
        conn,
        """
        SELECT count(*) AS n FROM (
            SELECT FROM dnc_numbers WHERE organization_id = :org LIMIT :most
        ) AS counted
        """,
        org=organization_id,
        most=MOST_COUNTED + 1,
    )
    return int(row["n"]) if row else 0


async def any_listed(conn: AsyncConnection, *, organization_id: UUID) -> bool:
    """Whether the copy has any number at all."""
    found: RowMapping | None = await first(
        conn, "SELECT 1 FROM dnc_numbers WHERE organization_id = :org LIMIT 1", org=organization_id
    )
    return found is not None


async def clear(conn: AsyncConnection, *, organization_id: UUID, limit: int) -> int:
    """Take up to `limit` numbers out of the copy; how many."""
    return await run(
        conn,
        """
        DELETE FROM dnc_numbers WHERE organization_id = :org AND phone IN (
            SELECT phone FROM dnc_numbers WHERE organization_id = :org ORDER BY phone LIMIT :limit
        )
        """,
        org=organization_id,
        limit=limit,
    )
