"""Campaigns: what a manager planned, and its state."""

import json
from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import RowMapping, update
from sqlalchemy.ext.asyncio import AsyncConnection

from dialer.clock import new_id
from dialer.rules.campaign import CampaignState, sources_of
from dialer.store import schema
from dialer.store.engine import first, rows, run

_COLUMNS = """
    c.*, a.partner_agent_id, a.name AS agent_name, b.partner_business_id,
    p.calls_per_minute, p.concurrency, a.parked_reason AS agent_parked_reason
"""
_JOINS = """
    FROM campaigns c JOIN agents a ON a.id = c.agent_id JOIN businesses b ON b.id = c.business_id
    LEFT JOIN pacers p ON p.subject_id = c.id
"""


async def create(
    conn: AsyncConnection,
    *,
    organization_id: UUID,
    business_id: UUID,
    agent_id: UUID,
    name: str,
    plan: Mapping[str, object],
) -> UUID:
    """Create a draft campaign; `plan` holds the other columns by name."""
    made = new_id()
    await conn.execute(
        schema.campaigns.insert().values(
            id=made,
            organization_id=organization_id,
            business_id=business_id,
            agent_id=agent_id,
            name=name,
            **plan,
        )
    )
    return made


async def change(
    conn: AsyncConnection, *, organization_id: UUID, campaign_id: UUID, plan: Mapping[str, object]
) -> bool:
    """Change columns of a campaign that is not finished; False when there is none."""
    table = schema.campaigns
    statement = (
        update(table)
        .where(
            table.c.id == campaign_id,
            table.c.organization_id == organization_id,
            table.c.state.in_(("draft", "running", "paused")),
        )
        .values(**plan)
    )
    return bool((await conn.execute(statement)).rowcount)


async def get(
    conn: AsyncConnection, *, organization_id: UUID, campaign_id: UUID
) -> RowMapping | None:
    """One campaign with its agent (and why that is parked), business and limits."""
    return await first(
        conn,
        f"SELECT {_COLUMNS} {_JOINS} WHERE c.organization_id = :org AND c.id = :id",
        org=organization_id,
        id=campaign_id,
    )


async def lock(conn: AsyncConnection, *, organization_id: UUID, campaign_id: UUID) -> None:
    """Lock a campaign's row: no arm and no other edit comes between."""
    await first(
        conn,
        "SELECT id FROM campaigns WHERE id = :id AND organization_id = :org FOR UPDATE",
        id=campaign_id,
        org=organization_id,
    )


async def keep_version(
    conn: AsyncConnection, row: RowMapping, *, plan: Mapping[str, object], by: str | None
) -> None:
    """Keep a campaign's plan under its version, for good."""
    await run(
        conn,
        """
        INSERT INTO campaign_versions (campaign_id, version, organization_id, plan, by)
        VALUES (:campaign, :version, :org, CAST(:plan AS jsonb), :by)
        """,
        campaign=row["id"],
        version=row["version"],
        org=row["organization_id"],
        plan=as_json(dict(plan)),
        by=by,
    )


async def versions(
    conn: AsyncConnection, *, organization_id: UUID, campaign_id: UUID
) -> Sequence[RowMapping]:
    """Every version of a campaign's plan, newest first, at most 200."""
    return await rows(
        conn,
        """
        SELECT version, plan, by, at FROM campaign_versions
        WHERE organization_id = :org AND campaign_id = :id ORDER BY version DESC LIMIT 200
        """,
        org=organization_id,
        id=campaign_id,
    )


async def hold(
    conn: AsyncConnection, *, organization_id: UUID, campaign_id: UUID
) -> RowMapping | None:
    """What taking leads in depends on, locked FOR SHARE: the campaign can't end meanwhile."""
    return await first(
        conn,
        """
        SELECT state, agent_id, same_number, priority FROM campaigns
        WHERE id = :id AND organization_id = :org FOR SHARE
        """,
        id=campaign_id,
        org=organization_id,
    )


async def held_state(conn: AsyncConnection, campaign_id: UUID) -> str | None:
    """A campaign's state, locked FOR SHARE: it stays so until the transaction ends."""
    row = await first(conn, "SELECT state FROM campaigns WHERE id = :id FOR SHARE", id=campaign_id)
    return row["state"] if row else None


async def listing(
    conn: AsyncConnection, *, organization_id: UUID, after: UUID | None, limit: int
) -> Sequence[RowMapping]:
    """The organization's campaigns by id, newest last."""
    return await rows(
        conn,
        f"""
        SELECT {_COLUMNS} {_JOINS} WHERE c.organization_id = :org
          AND c.id > coalesce(CAST(:after AS uuid), '00000000-0000-0000-0000-000000000000')
        ORDER BY c.id LIMIT :limit
        """,
        org=organization_id,
        after=after,
        limit=limit,
    )


async def of_lane(conn: AsyncConnection, agent_id: UUID) -> Sequence[RowMapping]:
    """The running campaigns of a lane, once for each queue (`queue_id`) that they have there.

    A campaign's own queue stands with its agent; a variant with another agent has its own.
    """
    return await rows(
        conn,
        """
        SELECT c.*, c.id AS queue_id FROM campaigns c
        WHERE c.agent_id = :agent_id AND c.state = 'running' AND c.parked_reason IS NULL
        UNION ALL
        SELECT c.*, v.id AS queue_id FROM variants v JOIN campaigns c ON c.id = v.campaign_id
        WHERE v.agent_id = :agent_id AND v.agent_id <> c.agent_id
          AND c.state = 'running' AND c.parked_reason IS NULL
        """,
        agent_id=agent_id,
    )


async def move(
    conn: AsyncConnection, *, organization_id: UUID, campaign_id: UUID, to: CampaignState
) -> bool:
    """Change the state where the table of transitions allows it; False otherwise.

    Starting a campaign that runs but is parked lifts the parking.
    """
    row = await first(
        conn,
        """
        UPDATE campaigns SET state = :to,
            parked_reason = CASE WHEN :to = 'running' THEN NULL ELSE parked_reason END,
            unexplained_refusals = CASE WHEN :to = 'running' THEN 0
                ELSE unexplained_refusals END,
            faults_in_a_row = CASE WHEN :to = 'running' THEN 0 ELSE faults_in_a_row END,
            started_at = CASE WHEN :to = 'running' THEN coalesce(started_at, outdial_now())
                ELSE started_at END,
            finished_at = CASE WHEN :to IN ('completed', 'cancelled') THEN outdial_now() END
        WHERE id = :id AND organization_id = :organization_id AND (
            state = ANY(:from)
            OR (:to = 'running' AND state = 'running' AND parked_reason IS NOT NULL)
        ) RETURNING id
        """,
        id=campaign_id,
        organization_id=organization_id,
        to=to.value,
        **{"from": [state.value for state in sources_of(to)]},
    )
    return row is not None


async def count_refusal(conn: AsyncConnection, campaign_id: UUID, *, reset: bool) -> int:
    """Count refusals in a row that nothing explains, or start again; the count so far."""
    row = await first(
        conn,
        """
        UPDATE campaigns SET unexplained_refusals =
            CASE WHEN :reset THEN 0 ELSE unexplained_refusals + 1 END
        WHERE id = :id AND (NOT :reset OR unexplained_refusals > 0)
        RETURNING unexplained_refusals AS n
        """,
        id=campaign_id,
        reset=reset,
    )
    return int(row["n"]) if row else 0


async def count_fault(conn: AsyncConnection, campaign_id: UUID, *, reset: bool) -> int:
    """Count calls in a row that ended by a fault of the set-up, or start again; the count."""
    row = await first(
        conn,
        """
        UPDATE campaigns SET faults_in_a_row =
            CASE WHEN :reset THEN 0 ELSE faults_in_a_row + 1 END
        WHERE id = :id AND (NOT :reset OR faults_in_a_row > 0)
        RETURNING faults_in_a_row AS n
        """,
        id=campaign_id,
        reset=reset,
    )
    return int(row["n"]) if row else 0


async def park(conn: AsyncConnection, campaign_id: UUID, *, reason: str) -> bool:
    """Stop claiming for a campaign until it is resumed; True when it dialed before."""
    return bool(
        await run(
            conn,
            """
            UPDATE campaigns SET parked_reason = :reason
            WHERE id = :id AND parked_reason IS NULL
            """,
            id=campaign_id,
            reason=reason,
        )
    )


async def past_their_end(conn: AsyncConnection) -> Sequence[RowMapping]:
    """Campaigns whose end has come while they run or are paused."""
    return await rows(
        conn,
        """
        SELECT id, organization_id FROM campaigns
        WHERE state IN ('running', 'paused') AND ends_at <= outdial_now() LIMIT 50
        """,
    )


async def finished_with_waiting(conn: AsyncConnection) -> Sequence[RowMapping]:
    """Finished campaigns that still have waiting leads to be closed."""
    return await rows(
        conn,
        """
        SELECT c.id, c.organization_id, c.state FROM campaigns c
        WHERE c.state IN ('completed', 'cancelled') AND EXISTS (
            SELECT FROM leads l WHERE l.campaign_id = c.id AND l.state = 'waiting'
        ) LIMIT 50
        """,
    )


async def in_flight(conn: AsyncConnection, *, organization_id: UUID, campaign_id: UUID) -> int:
    """Calls of a campaign that a pause can no longer stop."""
    row = await first(
        conn,
        """
        SELECT count(*) AS n FROM calls
        WHERE organization_id = :organization_id AND campaign_id = :campaign_id
          AND finished_at IS NULL AND state IN ('dialing', 'placed', 'live', 'unknown')
        """,
        organization_id=organization_id,
        campaign_id=campaign_id,
    )
    return int(row["n"]) if row else 0


def as_json(value: object) -> str:
    """A value for a JSONB column of a textual statement."""
    return json.dumps(value, default=str)
