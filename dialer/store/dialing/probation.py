"""Probation: what went wrong lately, the breaker's rows, and how who was parked comes back.

Calls that were claimed before the last parking say nothing of what came after it: late answers
of theirs neither open the breaker nor widen anything.
"""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncConnection

from dialer.store.engine import first, rows, run

BAD = ("not_sent", "unknown", "conflict")
"""Answers that count against a lane: nothing could be sent, or the call is unknown."""

UNJUDGED_SECONDS = 2.0
"""So long a call that went wrong still counts as unanswered: the breaker is yet to judge it."""


async def room(conn: AsyncConnection, *, organization_id: UUID, agent_id: UUID) -> int | None:
    """How many more calls a lane may claim while it, or its organization, is on probation.

    Locks the organization's other such claims out until the transaction ends, so that two
    can't both take the last place. None: nothing limits them any more.
    """
    await first(
        conn,
        "SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))",
        key=f"{organization_id}/probation",
    )
    row = await first(
        conn,
        """
        WITH unanswered AS (
            SELECT agent_id FROM calls WHERE organization_id = :org AND finished_at IS NULL
              AND state IN ('claimed', 'dialing')
            UNION ALL
            SELECT agent_id FROM calls WHERE organization_id = :org AND answer = ANY(:bad)
              AND closed_at > outdial_now() - outdial_real(:seconds)
        )
        SELECT least(
            a.ramp - (SELECT count(*) FROM unanswered WHERE agent_id = a.id),
            o.ramp - (SELECT count(*) FROM unanswered)
        ) AS room
        FROM agents a JOIN organizations o ON o.id = a.organization_id
        WHERE a.id = :agent AND o.id = :org
        """,
        org=organization_id,
        agent=agent_id,
        seconds=UNJUDGED_SECONDS,
        bad=list(BAD),
    )
    return None if row is None or row["room"] is None else int(row["room"])


async def lane_of(conn: AsyncConnection, call_id: UUID, *, seconds: float) -> RowMapping | None:
    """The lane that a call says something of, and how its last `seconds` (real time) went.

    None where it is parked by now, or was after the call had been claimed.

    Returns:
        Its `id`, `ramp` and `trips`, with `answered` and `bad` requests.
    """
    return await first(
        conn,
        """
        SELECT a.id, a.ramp, a.breaker_trips AS trips, lately.answered, lately.bad
        FROM calls ca JOIN agents a ON a.id = ca.agent_id CROSS JOIN LATERAL (
            SELECT count(*) AS answered, count(*) FILTER (WHERE c.answer = ANY(:bad)) AS bad
            FROM calls c WHERE c.agent_id = a.id AND c.answer IS NOT NULL
              AND c.closed_at > outdial_now() - outdial_real(:seconds)
              AND c.claimed_at >= coalesce(a.probation_from, '-infinity')
        ) AS lately
        WHERE ca.id = :id AND a.parked_reason IS NULL
          AND ca.claimed_at >= coalesce(a.probation_from, '-infinity')
        """,
        id=call_id,
        seconds=seconds,
        bad=list(BAD),
    )


async def organization_of(conn: AsyncConnection, call_id: UUID) -> RowMapping | None:
    """The organization that a call says something of: its `id`, `ramp` and `trips`.

    None where it is parked by now, or was after the call had been claimed.
    """
    return await first(
        conn,
        """
        SELECT o.id, o.ramp, o.breaker_trips AS trips
        FROM calls ca JOIN organizations o ON o.id = ca.organization_id
        WHERE ca.id = :id AND coalesce(o.parked_until, '-infinity') <= outdial_now()
          AND ca.claimed_at >= coalesce(o.probation_from, '-infinity')
        """,
        id=call_id,
    )


async def lanes(
    conn: AsyncConnection, *, organization_id: UUID, seconds: float
) -> Sequence[RowMapping]:
    """How the last `seconds` (real time) went, a lane a row: `answered` and `bad` requests."""
    return await rows(
        conn,
        """
        SELECT c.agent_id, count(*) AS answered,
            count(*) FILTER (WHERE c.answer = ANY(:bad)) AS bad
        FROM calls c JOIN organizations o ON o.id = c.organization_id
        WHERE c.organization_id = :org AND c.answer IS NOT NULL
          AND c.closed_at > outdial_now() - outdial_real(:seconds)
          AND c.claimed_at >= coalesce(o.probation_from, '-infinity')
        GROUP BY c.agent_id
        """,
        org=organization_id,
        seconds=seconds,
        bad=list(BAD),
    )


async def open_lane(conn: AsyncConnection, agent_id: UUID, *, trips: int, seconds: float) -> bool:
    """Park a lane for so long (real time); False when another answer was quicker."""
    return bool(
        await run(
            conn,
            """
            UPDATE agents SET parked_reason = 'breaker_open', parked_at = outdial_now(), ramp = 1,
                probe_at = outdial_now() + outdial_real(:seconds),
                probation_from = outdial_now(), breaker_trips = breaker_trips + 1
            WHERE id = :id AND parked_reason IS NULL AND breaker_trips = :trips
            """,
            id=agent_id,
            trips=trips,
            seconds=seconds,
        )
    )


async def open_organization(
    conn: AsyncConnection, *, organization_id: UUID, trips: int, seconds: float
) -> bool:
    """Park an organization for so long (real time); False when another answer was quicker."""
    return bool(
        await run(
            conn,
            """
            UPDATE organizations SET parked_reason = 'breaker_open', ramp = 1,
                parked_until = outdial_now() + outdial_real(:seconds),
                probation_from = outdial_now(), breaker_trips = breaker_trips + 1
            WHERE id = :org AND coalesce(parked_until, '-infinity') <= outdial_now()
              AND breaker_trips = :trips
            """,
            org=organization_id,
            trips=trips,
            seconds=seconds,
        )
    )


async def ramp_of_lane(conn: AsyncConnection, call_id: UUID) -> int | None:
    """Lock the lane of a call that went well; its ramp, None where the call can't widen it."""
    row = await first(
        conn,
        """
        SELECT a.ramp FROM agents a JOIN calls ca ON ca.agent_id = a.id
        WHERE ca.id = :id AND a.parked_reason IS NULL
          AND ca.claimed_at >= coalesce(a.probation_from, '-infinity')
        FOR NO KEY UPDATE OF a
        """,
        id=call_id,
    )
    return row["ramp"] if row else None


async def ramp_of_organization(conn: AsyncConnection, call_id: UUID) -> int | None:
    """Lock the organization of a call that went well, as `ramp_of_lane` does the lane."""
    row = await first(
        conn,
        """
        SELECT o.ramp FROM organizations o JOIN calls ca ON ca.organization_id = o.id
        WHERE ca.id = :id AND coalesce(o.parked_until, '-infinity') <= outdial_now()
          AND ca.claimed_at >= coalesce(o.probation_from, '-infinity')
        FOR NO KEY UPDATE OF o
        """,
        id=call_id,
    )
    return row["ramp"] if row else None


async def widen_lane(conn: AsyncConnection, agent_id: UUID, *, ramp: int | None) -> None:
    """Let a lane have so many calls unanswered at once; None ends its probation."""
    await run(
        conn,
        """
        UPDATE agents SET ramp = CAST(:ramp AS integer),
            breaker_trips = CASE WHEN CAST(:ramp AS integer) IS NULL THEN 0
                ELSE breaker_trips END
        WHERE id = :id
        """,
        id=agent_id,
        ramp=ramp,
    )


async def widen_organization(
    conn: AsyncConnection, *, organization_id: UUID, ramp: int | None
) -> None:
    """Let an organization have so many calls unanswered at once; None ends its probation."""
    await run(
        conn,
        """
        UPDATE organizations SET ramp = CAST(:ramp AS integer),
            breaker_trips = CASE WHEN CAST(:ramp AS integer) IS NULL THEN 0
                ELSE breaker_trips END
        WHERE id = :org
        """,
        org=organization_id,
        ramp=ramp,
    )
