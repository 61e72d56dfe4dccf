"""Agents (lanes): their duty as last read, their parking, and which have work."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncConnection

from dialer.clock import new_id
from dialer.store.dialing.queue import HAS_DUE
from dialer.store.engine import first, rows, run


async def ensure(
    conn: AsyncConnection,
    *,
    organization_id: UUID,
    business_id: UUID,
    partner_agent_id: str,
    name: str,
) -> UUID:
    """Find or make the agent with the upstream's id, and return ours."""
    row = await first(
        conn,
        """
        INSERT INTO agents (id, organization_id, business_id, partner_agent_id, name)
        VALUES (:id, :organization_id, :business_id, :partner_agent_id, :name)
        ON CONFLICT (business_id, partner_agent_id)
            DO UPDATE SET name = coalesce(nullif(:name, ''), agents.name)
        RETURNING id
        """,
        id=new_id(),
        organization_id=organization_id,
        business_id=business_id,
        partner_agent_id=partner_agent_id,
        name=name,
    )
    if row is None:
        raise LookupError("the agent was neither found nor made")
    found: UUID = row["id"]
    return found


async def lane(conn: AsyncConnection, agent_id: UUID, *, cache: float = 0.0) -> RowMapping | None:
    """An agent with the upstream's ids of itself and its business, and all its pauses.

    `fresh` says whether its duty was read within the last `cache` seconds (real time).
    """
    return await first(
        conn,
        """
        SELECT a.*, b.partner_business_id, b.paused_at AS business_paused_at,
            o.paused_at AS organization_paused_at, o.parked_reason AS organization_parked,
            o.restored_at AS organization_restored_at,
            o.parked_until AS organization_parked_until, o.ramp AS organization_ramp,
            outdial_now() AS now,
            coalesce((SELECT speed FROM clock), 1) AS speed,
            coalesce(a.checked_at > outdial_now() - outdial_real(:cache), false) AS fresh
        FROM agents a JOIN businesses b ON b.id = a.business_id
        JOIN organizations o ON o.id = a.organization_id
        WHERE a.id = :id
        """,
        id=agent_id,
        cache=cache,
    )


async def aging(conn: AsyncConnection, *, seconds: float) -> Sequence[UUID]:
    """Agents of running campaigns whose duty was read longer ago than that, and not parked."""
    found = await rows(
        conn,
        """
        SELECT DISTINCT a.id FROM agents a JOIN (
            SELECT agent_id, state FROM campaigns
            UNION ALL SELECT v.agent_id, c.state FROM variants v
            JOIN campaigns c ON c.id = v.campaign_id
        ) AS c ON c.agent_id = a.id
        WHERE c.state = 'running' AND a.parked_reason IS NULL
          AND coalesce(a.checked_at, '-infinity') < outdial_now() - outdial_real(:seconds)
        """,
        seconds=seconds,
    )
    return [row["id"] for row in found]


async def listing(conn: AsyncConnection, *, organization_id: UUID) -> Sequence[RowMapping]:
    """The organization's agents with their businesses and limits."""
    return await rows(
        conn,
        """
        SELECT a.*, b.partner_business_id, b.name AS business_name,
            p.calls_per_minute, p.concurrency, p.factor
        FROM agents a JOIN businesses b ON b.id = a.business_id
        LEFT JOIN pacers p ON p.subject_id = a.id
        WHERE a.organization_id = :organization_id ORDER BY a.id
        """,
        organization_id=organization_id,
    )


async def saw(
    conn: AsyncConnection,
    agent_id: UUID,
    *,
    name: str | None,
    kind: str | None,
    deployed: bool,
    on_duty: bool,
) -> None:
    """Keep what the upstream says of an agent."""
    await run(
        conn,
        """
        UPDATE agents SET name = coalesce(:name, name), kind = :kind, deployed = :deployed,
            on_duty = :on_duty, checked_at = outdial_now() WHERE id = :id
        """,
        id=agent_id,
        name=name,
        kind=kind,
        deployed=deployed,
        on_duty=on_duty,
    )


async def park(conn: AsyncConnection, agent_id: UUID, *, reason: str, seconds: float) -> bool:
    """Stop claiming for an agent and look again in `seconds`; True when it dialed before."""
    row = await first(
        conn,
        """
        UPDATE agents a SET parked_reason = :reason, ramp = 1,
            parked_at = coalesce(a.parked_at, outdial_now()), probation_from = outdial_now(),
            -- What the upstream or the breaker asked for is waited out, whatever else is found.
            probe_at = greatest(
                outdial_now() + outdial_real(:seconds),
                CASE WHEN a.parked_reason IN ('rate_limited', 'breaker_open') THEN a.probe_at END
            )
        FROM (SELECT id, parked_reason FROM agents WHERE id = :id FOR UPDATE) was
        WHERE a.id = was.id RETURNING was.parked_reason AS was
        """,
        id=agent_id,
        reason=reason,
        seconds=seconds,
    )
    return row is not None and row["was"] != reason


async def unpark(conn: AsyncConnection, agent_id: UUID) -> bool:
    """Claim again for an agent, one call first; True when it was parked.

    A rest that the upstream or the breaker asked for is not cut short.
    """
    return bool(
        await run(
            conn,
            """
            UPDATE agents SET parked_reason = NULL, parked_at = NULL, probe_at = NULL, ramp = 1
            WHERE id = :id AND parked_reason IS NOT NULL AND (
                parked_reason NOT IN ('rate_limited', 'breaker_open')
                OR probe_at <= outdial_now()
            )
            """,
            id=agent_id,
        )
    )


async def with_work(conn: AsyncConnection) -> Sequence[UUID]:
    """Lanes that have a due lead in a running campaign, or are due for a probe."""
    found = await rows(
        conn,
        f"""
        SELECT DISTINCT a.id AS agent_id FROM (
            SELECT id, agent_id, id AS campaign_id FROM campaigns
            UNION ALL SELECT id, agent_id, campaign_id FROM variants WHERE agent_id IS NOT NULL
        ) AS q JOIN campaigns c ON c.id = q.campaign_id JOIN agents a ON a.id = q.agent_id
        WHERE c.state = 'running' AND c.parked_reason IS NULL
          AND coalesce(a.probe_at, '-infinity') <= outdial_now() AND {HAS_DUE}
        """,  # noqa: S608 -- words of ours
    )
    return [row["agent_id"] for row in found]


async def set_paused(
    conn: AsyncConnection, *, organization_id: UUID, agent_id: UUID, paused: bool
) -> bool:
    """Pause or resume an agent's dialing; False when there is no such agent."""
    return bool(
        await run(
            conn,
            """
            UPDATE agents SET paused_at = CASE WHEN :paused THEN outdial_now() END
            WHERE id = :id AND organization_id = :organization_id
            """,
            id=agent_id,
            organization_id=organization_id,
            paused=paused,
        )
    )
