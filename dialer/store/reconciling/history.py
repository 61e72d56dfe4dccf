"""What is known of the upstream's history: when it was read, its lag, its skew."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncConnection

from dialer.rules.proof.absence import HOLD_AFTER
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
    """Keep how the last reading went.

    Of the skew the largest of a day counts, since a call is looked for as long: its entry keeps
    the time that the upstream's clock told when it rang, also after that clock was set right.
    """
    await run(
        conn,
        """
        UPDATE history SET polled_at = outdial_now(), problem = :problem,
            skew_ms = CASE WHEN measured.counts THEN measured.skew_ms ELSE history.skew_ms END,
            skew_at = CASE WHEN measured.counts THEN outdial_now() ELSE skew_at END
        FROM (
            SELECT h.organization_id, given.skew_ms, given.skew_ms IS NOT NULL AND (
                abs(given.skew_ms) >= abs(h.skew_ms)
                OR coalesce(h.skew_at, '-infinity') < outdial_now() - CAST(:day AS interval)
            ) AS counts
            FROM history h CROSS JOIN (SELECT CAST(:skew_ms AS integer) AS skew_ms) AS given
            WHERE h.organization_id = :org
        ) AS measured WHERE history.organization_id = measured.organization_id
        """,
        org=organization_id,
        skew_ms=skew_ms,
        problem=problem,
        day=HOLD_AFTER,
    )


async def rest(conn: AsyncConnection, *, organization_id: UUID, span: timedelta) -> None:
    """Let the next reading be due after a span of campaign time."""
    await run(
        conn,
        "UPDATE history SET next_poll_at = outdial_now() + :span WHERE organization_id = :org",
        org=organization_id,
        span=span,
    )


async def skew(conn: AsyncConnection, *, organization_id: UUID) -> timedelta:
    """How far the upstream's clock was off at most within a day, as an absolute amount."""
    row = await first(
        conn, "SELECT skew_ms FROM history WHERE organization_id = :org", org=organization_id
    )
    return timedelta(milliseconds=abs(row["skew_ms"]) if row else 0)


async def progress(
    conn: AsyncConnection, *, organization_id: UUID, seconds: float
) -> RowMapping | None:
    """How far the history was read; `usual` is `seconds` of real time as campaign time."""
    return await first(
        conn,
        """
        SELECT *, outdial_now() AS now, outdial_real(:seconds) AS usual
        FROM history WHERE organization_id = :org
        """,
        org=organization_id,
        seconds=seconds,
    )


async def keep_log(
    conn: AsyncConnection,
    *,
    organization_id: UUID,
    scope: str | None,
    start: datetime | None,
    page: int | None,
) -> None:
    """Keep which list is read as a log, from which start on, and its next page."""
    await run(
        conn,
        """
        UPDATE history SET log_scope = :scope, log_start = :start, log_page = :page
        WHERE organization_id = :org
        """,
        org=organization_id,
        scope=scope,
        start=start,
        page=page,
    )


async def distrust_order(conn: AsyncConnection, *, organization_id: UUID) -> None:
    """Note that the list did not come in the order asked for."""
    await run(
        conn,
        """
        UPDATE history SET unordered_at = outdial_now(), log_scope = NULL, log_start = NULL,
            log_page = NULL
        WHERE organization_id = :org
        """,
        org=organization_id,
    )


async def traffic(
    conn: AsyncConnection, *, organization_id: UUID, since: datetime
) -> tuple[int, int, float]:
    """What went into the history lately, as our own rows tell.

    Returns:
        Calls since an instant; those of them that started after it and are known to have ended;
        calls a second of campaign time over the last three minutes.
    """
    row = await first(
        conn,
        """
        SELECT count(*) FILTER (WHERE closed_at >= :since) AS span,
            count(*) FILTER (WHERE state = 'ended' AND started_at > :since) AS ended,
            count(*) FILTER (WHERE closed_at >= outdial_now() - interval '3 minutes') / 180.0
                AS per_second
        FROM calls WHERE organization_id = :org AND answer IN ('placed', 'unknown', 'conflict')
          AND closed_at >= least(:since, outdial_now() - interval '3 minutes')
        """,
        org=organization_id,
        since=since,
    )
    return (row["span"], row["ended"], float(row["per_second"])) if row else (0, 0, 0.0)


async def saw(conn: AsyncConnection, call_ids: Sequence[UUID], *, whole: bool = False) -> None:
    """Note the first time that calls were listed.

    A `whole` reading would have shown a call as soon as it was listed. So the first such reading
    after a call's answer measures its lag, unless it came late; other readings, which show a
    call when it ended, only bound it.
    """
    await run(
        conn,
        """
        UPDATE calls SET seen_at = outdial_now(), looked_at = CASE
                WHEN :whole AND (looked_at IS NOT NULL
                    OR answered_at > outdial_now() - outdial_real(90)) THEN outdial_now()
                ELSE looked_at
            END
        WHERE id = ANY(:ids) AND seen_at IS NULL
        """,
        ids=list(call_ids),
        whole=whole,
    )


async def missed(
    conn: AsyncConnection, *, organization_id: UUID, since: datetime, until: datetime
) -> None:
    """Note that a whole reading of a span did not show calls that it should have.

    A call starts some seconds after it was answered, so the youngest prove nothing.
    """
    await run(
        conn,
        """
        UPDATE calls SET looked_at = outdial_now()
        WHERE organization_id = :org AND finished_at IS NULL AND state = 'placed'
          AND seen_at IS NULL AND armed_at >= :since
          AND answered_at <= CAST(:until AS timestamptz) - interval '15 seconds'
        """,
        org=organization_id,
        since=since,
        until=until,
    )


async def asked(
    conn: AsyncConnection, call_ids: Sequence[UUID], *, not_there: Sequence[UUID]
) -> None:
    """Note that calls were asked for by their ids, and which the upstream doesn't know."""
    await run(
        conn,
        """
        UPDATE calls SET asked_at = outdial_now(), looked_at = CASE
                WHEN id = ANY(:not_there) AND seen_at IS NULL THEN outdial_now()
                ELSE looked_at
            END
        WHERE id = ANY(:ids)
        """,
        ids=list(call_ids),
        not_there=list(not_there),
    )


async def lag(conn: AsyncConnection, *, organization_id: UUID) -> Sequence[tuple[int, timedelta]]:
    """How many of the last calls were measured, and the p99.9 of their lag.

    Returns:
        First of those alone that a whole reading looked for early: the lag as it is. Then of
        all, with those first seen when they had ended: never too short, often too long. What
        has no sample is left out.
    """
    row = await first(
        conn,
        """
        SELECT count(*) AS n, percentile_cont(0.999) WITHIN GROUP (ORDER BY lag) AS lag,
            count(*) FILTER (WHERE early) AS early_n,
            percentile_cont(0.999) WITHIN GROUP (ORDER BY lag) FILTER (WHERE early) AS early_lag
        FROM (
            SELECT seen_at - answered_at AS lag, looked_at IS NOT NULL AS early FROM calls
            WHERE organization_id = :org AND seen_at IS NOT NULL AND answered_at IS NOT NULL
            ORDER BY id DESC LIMIT 10000
        ) AS recent
        """,
        org=organization_id,
    )
    if row is None:
        return []
    both = ((row["early_n"], row["early_lag"]), (row["n"], row["lag"]))
    return [(samples, lag) for samples, lag in both if samples]


async def next_sweep(
    conn: AsyncConnection, *, organization_id: UUID, least: timedelta
) -> timedelta | None:
    """How soon an unknown call is due to be swept for or judged; None when none is soon."""
    row = await first(
        conn,
        """
        SELECT min(CASE
            WHEN sweeps = 0 THEN closed_at + CAST(:least AS interval)
            WHEN sweeps < 3 THEN swept_at + interval '1 minute'
            ELSE swept_at
        END) - outdial_now() AS span
        FROM calls WHERE organization_id = :org AND finished_at IS NULL AND state = 'unknown'
          AND answer <> 'conflict' AND CASE
            WHEN sweeps = 0 THEN closed_at > outdial_now() - CAST(:least AS interval)
            ELSE swept_at > outdial_now() - interval '2 minutes'
        END
        """,
        org=organization_id,
        least=least,
    )
    return None if row is None or row["span"] is None else max(row["span"], timedelta())


async def watermarks(
    conn: AsyncConnection, *, organization_id: UUID, since: datetime
) -> Sequence[tuple[datetime, datetime]]:
    """Our listed calls that started since an instant, the first and the last of them.

    When they started is told by the arm, our own clock: by the upstream's, if that is ahead, a
    call that rang too early to prove anything would pass for a later one.

    Returns:
        Pairs of the arm, before which it can't have rung, and the instant it was first listed.
    """
    found = await rows(
        conn,
        """
        WITH since AS (
            SELECT CAST(:since AS timestamptz) - abs(skew_ms) * interval '1 millisecond' AS at
            FROM history WHERE organization_id = :org
        )
        (SELECT armed_at, seen_at FROM calls WHERE organization_id = :org
           AND started_at >= (SELECT at FROM since) AND seen_at IS NOT NULL AND answer = 'placed'
         ORDER BY started_at LIMIT 5000)
        UNION
        (SELECT armed_at, seen_at FROM calls WHERE organization_id = :org
           AND started_at >= (SELECT at FROM since) AND seen_at IS NOT NULL AND answer = 'placed'
         ORDER BY started_at DESC LIMIT 5000)
        """,
        org=organization_id,
        since=since,
    )
    return [(row["armed_at"], row["seen_at"]) for row in found]


async def known_call_missing(
    conn: AsyncConnection, *, organization_id: UUID, older_than: timedelta
) -> bool:
    """Whether a call that the upstream accepted was looked for later than that, in vain."""
    row = await first(
        conn,
        """
        SELECT EXISTS (
            SELECT FROM calls WHERE organization_id = :org AND finished_at IS NULL
              AND state = 'placed' AND seen_at IS NULL
              AND looked_at > answered_at + CAST(:older AS interval)
        ) AS missing
        """,
        org=organization_id,
        older=older_than,
    )
    return bool(row and row["missing"])


async def swept(
    conn: AsyncConnection, judged: Sequence[RowMapping], *, counting: Collection[UUID]
) -> None:
    """Note a sweep that found none of these calls; count it for those in `counting`.

    It counts only if the call is as it was judged before the sweep began. So each counts after
    the one before it has, a minute apart: two readers at once see the same gap, and what was read
    before the closing says nothing of what was sent after it.

    Args:
        conn: In a transaction.
        judged: The calls with `swept_at`, `closed_at` and `sweeps` as they were judged.
        counting: Ids of those for which the sweep was complete, and due.
    """
    await run(
        conn,
        """
        UPDATE calls SET swept_at = outdial_now(),
            sweeps = calls.sweeps + CASE
                WHEN was.counts AND calls.sweeps = was.sweeps
                    AND calls.swept_at IS NOT DISTINCT FROM was.swept_at
                    AND calls.closed_at IS NOT DISTINCT FROM was.closed_at THEN 1
                ELSE 0
            END
        FROM unnest(
            CAST(:ids AS uuid[]), CAST(:swept AS timestamptz[]), CAST(:closed AS timestamptz[]),
            CAST(:sweeps AS integer[]), CAST(:counts AS boolean[])
        ) AS was (id, swept_at, closed_at, sweeps, counts)
        WHERE calls.id = was.id AND state IN ('unknown', 'held')
        """,
        ids=[call["id"] for call in judged],
        swept=[call["swept_at"] for call in judged],
        closed=[call["closed_at"] for call in judged],
        sweeps=[call["sweeps"] for call in judged],
        counts=[call["id"] in counting for call in judged],
    )
