"""What is known of the upstream's history: when it was read, its lag, its skew."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from dialer.store.engine import first, rows, run


async def take_turn(conn: AsyncConnection, *, organization_id: UUID, seconds: float) -> bool:
    """Whether it is the caller's turn to read the history; the next one is in `seconds`."""
    return bool(
        await run(
            conn,
            """
            UPDATE history SET next_poll_at = outdial_now() + outdial_real(:seconds)
            WHERE organization_id = :org
              AND coalesce(next_poll_at, '-infinity') <= outdial_now()
            """,
            org=organization_id,
            seconds=seconds,
        )
    )


async def note(
    conn: AsyncConnection, *, organization_id: UUID, skew_ms: int | None, problem: str | None
) -> None:
    """Keep how the last reading went."""
    await run(
        conn,
        """
        UPDATE history SET polled_at = outdial_now(), skew_ms = coalesce(:skew_ms, skew_ms),
            problem = :problem WHERE organization_id = :org
        """,
        org=organization_id,
        skew_ms=skew_ms,
        problem=problem,
    )


async def skew(conn: AsyncConnection, *, organization_id: UUID) -> timedelta:
    """How far the upstream's clock was off at the last reading, as an absolute amount."""
    row = await first(
        conn, "SELECT skew_ms FROM history WHERE organization_id = :org", org=organization_id
    )
    return timedelta(milliseconds=abs(row["skew_ms"]) if row else 0)


async def saw(conn: AsyncConnection, call_ids: Sequence[UUID]) -> None:
    """Note the first time that calls were listed."""
    await run(
        conn,
        "UPDATE calls SET seen_at = outdial_now() WHERE id = ANY(:ids) AND seen_at IS NULL",
        ids=list(call_ids),
    )


async def lag(conn: AsyncConnection, *, organization_id: UUID) -> tuple[int, timedelta]:
    """How many of the last calls were measured, and the p99.9 of their lag."""
    row = await first(
        conn,
        """
        SELECT count(*) AS n, percentile_cont(0.999) WITHIN GROUP (ORDER BY lag) AS lag FROM (
            SELECT seen_at - answered_at AS lag FROM calls
            WHERE organization_id = :org AND seen_at IS NOT NULL AND answered_at IS NOT NULL
            ORDER BY id DESC LIMIT 10000
        ) AS recent
        """,
        org=organization_id,
    )
    return (row["n"], row["lag"] or timedelta()) if row else (0, timedelta())


async def watermarks(
    conn: AsyncConnection, *, organization_id: UUID, since: datetime
) -> Sequence[tuple[datetime, datetime]]:
    """Our listed calls that started since an instant, the first and the last of them.

    Returns:
        Pairs of the start and the instant it was first listed.
    """
    found = await rows(
        conn,
        """
        (SELECT started_at, seen_at FROM calls WHERE organization_id = :org
           AND started_at >= :since AND seen_at IS NOT NULL AND answer = 'placed'
         ORDER BY started_at LIMIT 5000)
        UNION
        (SELECT started_at, seen_at FROM calls WHERE organization_id = :org
           AND started_at >= :since AND seen_at IS NOT NULL AND answer = 'placed'
         ORDER BY started_at DESC LIMIT 5000)
        """,
        org=organization_id,
        since=since,
    )
    return [(row["started_at"], row["seen_at"]) for row in found]


async def known_call_missing(
    conn: AsyncConnection, *, organization_id: UUID, older_than: timedelta
) -> bool:
    """Whether a call that the upstream accepted longer ago than that was never listed."""
    row = await first(
        conn,
        """
        SELECT EXISTS (
            SELECT FROM calls WHERE organization_id = :org AND finished_at IS NULL
              AND state = 'placed' AND seen_at IS NULL
              AND answered_at < outdial_now() - CAST(:older AS interval)
        ) AS missing
        """,
        org=organization_id,
        older=older_than,
    )
    return bool(row and row["missing"])


async def swept(
    conn: AsyncConnection, call_ids: Sequence[UUID], *, counting: Sequence[UUID]
) -> None:
    """Note a complete sweep that found none of these calls; count it for those in `counting`."""
    await run(
        conn,
        """
        UPDATE calls SET swept_at = outdial_now(),
            sweeps = sweeps + CASE WHEN id = ANY(:counting) THEN 1 ELSE 0 END
        WHERE id = ANY(:ids) AND state IN ('unknown', 'held')
        """,
        ids=list(call_ids),
        counting=list(counting),
    )
