"""The beat: a counter that only grows, by which a database that went back is recognised."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncConnection

from dialer.store.engine import first, rows, run

_CLUSTER = """
SELECT (SELECT system_identifier FROM pg_control_system()) || '/' ||
    (SELECT timeline_id FROM pg_control_checkpoint()) AS cluster
"""


async def locked(conn: AsyncConnection) -> RowMapping:
    """The beat as it stands, locked; made where there is none yet."""
    await run(conn, "INSERT INTO witness DEFAULT VALUES ON CONFLICT DO NOTHING")
    row = await first(conn, "SELECT * FROM witness FOR UPDATE")
    if row is None:
        raise LookupError("the witness was neither found nor made")
    return row


async def cluster(conn: AsyncConnection) -> str | None:
    """Which server and which timeline this is; None where the role may not ask."""
    may = await first(
        conn,
        """
        SELECT has_function_privilege('pg_control_system()', 'EXECUTE')
            AND has_function_privilege('pg_control_checkpoint()', 'EXECUTE') AS may
        """,
    )
    if may is None or not may["may"]:
        return None
    row = await first(conn, _CLUSTER)
    return None if row is None else str(row["cluster"])


async def count_on(conn: AsyncConnection, *, beat: int, cluster: str | None) -> None:
    """Let the counter stand at `beat` now."""
    await run(
        conn,
        "UPDATE witness SET beat = :beat, cluster = :cluster, at = outdial_now()",
        beat=beat,
        cluster=cluster,
    )


async def may_have_rung(conn: AsyncConnection) -> list[RowMapping]:
    """Calls that stood before or at their arm when the database was copied, locked."""
    return list(
        await rows(
            conn,
            """
            SELECT id FROM calls WHERE state IN ('claimed', 'dialing') AND finished_at IS NULL
            ORDER BY phone FOR UPDATE
            """,
        )
    )


async def quarantine(conn: AsyncConnection, *, since: datetime) -> list[RowMapping]:
    """Let no organization dial until the calls since an instant were looked for.

    Returns:
        The organizations.
    """
    return list(
        await rows(
            conn,
            """
            UPDATE organizations SET restored_at = outdial_now(), recovered_at = NULL,
                restored_from = least(restored_from, CAST(:since AS timestamptz))
            RETURNING id, restored_from
            """,
            since=since,
        )
    )


async def quarantined(conn: AsyncConnection, *, seconds: float) -> list[RowMapping]:
    """Organizations in quarantine that nobody looked at for `seconds` of real time."""
    return list(
        await rows(
            conn,
            """
            SELECT id, restored_at, restored_from, recovered_at, outdial_now() AS now
            FROM organizations WHERE restored_at IS NOT NULL AND partner_secret IS NOT NULL
              AND coalesce(recovered_at, '-infinity') <= outdial_now() - outdial_real(:seconds)
            FOR UPDATE SKIP LOCKED
            """,
            seconds=seconds,
        )
    )


async def looked_at(conn: AsyncConnection, organization_ids: Sequence[UUID]) -> None:
    """Note that organizations in quarantine are being looked at."""
    await run(
        conn,
        "UPDATE organizations SET recovered_at = outdial_now() WHERE id = ANY(:ids)",
        ids=list(organization_ids),
    )


async def note_look(conn: AsyncConnection, *, organization_id: UUID, problem: str | None) -> None:
    """Keep why a look came to nothing, for whoever waits for the quarantine's end."""
    await run(
        conn,
        """
        UPDATE organizations SET recovery_problem = :problem
        WHERE id = :org AND restored_at IS NOT NULL
          AND recovery_problem IS DISTINCT FROM CAST(:problem AS text)
        """,
        org=organization_id,
        problem=problem,
    )


async def link(conn: AsyncConnection, call_id: UUID, *, partner_call_id: str) -> None:
    """Give a doubted call the upstream's id that it was found under."""
    await run(
        conn,
        """
        UPDATE calls SET partner_call_id = :partner_call_id
        WHERE id = :id AND state IN ('unknown', 'held') AND partner_call_id IS NULL
        """,
        id=call_id,
        partner_call_id=partner_call_id,
    )


async def lead_of(
    conn: AsyncConnection, *, organization_id: UUID, phone: str, partner_agent_id: str
) -> RowMapping | None:
    """The waiting lead that an agent's call to a number was for, the one due first; locked.

    The agent may be any that its campaign calls through: which variant it had drawn by then may
    be among what the database has lost.
    """
    return await first(
        conn,
        """
        SELECT l.*, a.id AS agent_id, a.business_id FROM leads l
        JOIN campaigns c ON c.id = l.campaign_id JOIN agents a ON a.id = c.agent_id
          OR a.id IN (SELECT v.agent_id FROM variants v WHERE v.campaign_id = c.id)
        WHERE l.organization_id = :org AND l.phone = :phone AND l.state = 'waiting'
          AND a.partner_agent_id = :agent
        ORDER BY l.due_at LIMIT 1 FOR UPDATE OF l
        """,
        org=organization_id,
        phone=phone,
        agent=partner_agent_id,
    )


async def claimed_anew(
    conn: AsyncConnection,
    *,
    organization_id: UUID,
    phone: str,
    partner_agent_id: str,
    at: datetime,
) -> RowMapping | None:
    """The doubted call that the lead of an older, lost call got before the restore was noticed.

    The database as it was put back had the lead waiting, so somebody could claim it; nobody could
    arm that call. It is locked.

    Args:
        conn: In a transaction.
        organization_id: In quarantine.
        phone: Whom the lost call rang.
        partner_agent_id: Any agent that the call's campaign calls through.
        at: When the lost call started.
    """
    return await first(
        conn,
        """
        SELECT ca.* FROM calls ca JOIN organizations o ON o.id = ca.organization_id
        JOIN campaigns c ON c.id = ca.campaign_id JOIN agents a ON a.id = c.agent_id
          OR a.id IN (SELECT v.agent_id FROM variants v WHERE v.campaign_id = c.id)
        WHERE ca.organization_id = :org AND ca.phone = :phone AND a.partner_agent_id = :agent
          AND ca.state = 'unknown' AND ca.partner_call_id IS NULL
          AND ca.claimed_at > CAST(:at AS timestamptz) AND ca.claimed_at >= o.restored_from
        LIMIT 1 FOR UPDATE OF ca
        """,
        org=organization_id,
        phone=phone,
        agent=partner_agent_id,
        at=at,
    )


async def is_that(
    conn: AsyncConnection, call_id: UUID, *, partner_call_id: str, at: datetime
) -> RowMapping | None:
    """Let a doubted call be one that started at an instant; None if it was found to be another."""
    return await first(
        conn,
        """
        UPDATE calls SET partner_call_id = :partner_call_id, armed_at = :at
        WHERE id = :id AND state = 'unknown' AND partner_call_id IS NULL RETURNING *
        """,
        id=call_id,
        partner_call_id=partner_call_id,
        at=at,
    )


async def lift(conn: AsyncConnection, *, organization_id: UUID, restored_at: datetime) -> bool:
    """End a quarantine, unless another restore was noticed meanwhile."""
    return bool(
        await run(
            conn,
            """
            UPDATE organizations SET restored_at = NULL, restored_from = NULL,
                recovered_at = NULL, recovery_problem = NULL
            WHERE id = :org AND restored_at = :restored_at
            """,
            org=organization_id,
            restored_at=restored_at,
        )
    )
