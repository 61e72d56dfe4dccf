"""Variants of campaigns: what they are, who is drawn to them, and what became of it."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import RowMapping, update
from sqlalchemy.ext.asyncio import AsyncConnection

from dialer.clock import new_id
from dialer.store import schema
from dialer.store.engine import first, rows, run

UNCALLED = "attempts = 0 AND last_outcome IS NULL"
"""No call of such a lead has ended: a failure that spends no attempt leaves its outcome."""

_COLUMNS = """
    v.*, coalesce(v.agent_id, c.agent_id) AS lane_agent_id, a.partner_agent_id,
    a.name AS agent_name, a.parked_reason AS agent_parked_reason
"""
_JOINS = """
    FROM variants v JOIN campaigns c ON c.id = v.campaign_id
    JOIN agents a ON a.id = coalesce(v.agent_id, c.agent_id)
"""


async def hold_campaign(
    conn: AsyncConnection, *, organization_id: UUID, campaign_id: UUID
) -> RowMapping | None:
    """A campaign whose variants nobody else changes meanwhile; calls of it go on being claimed."""
    # Not FOR UPDATE: a claim that has locked the variants writes calls, whose foreign key would
    # wait for the campaign while we wait for the variants.
    return await first(
        conn,
        """
        SELECT id, state, agent_id, business_id FROM campaigns
        WHERE id = :id AND organization_id = :org FOR NO KEY UPDATE
        """,
        id=campaign_id,
        org=organization_id,
    )


async def add(
    conn: AsyncConnection,
    *,
    organization_id: UUID,
    campaign_id: UUID,
    values: Mapping[str, object],
) -> UUID:
    """Add a variant; `values` holds the other columns by name."""
    made = new_id()
    await conn.execute(
        schema.variants.insert().values(
            id=made, organization_id=organization_id, campaign_id=campaign_id, **values
        )
    )
    return made


async def change(
    conn: AsyncConnection,
    *,
    organization_id: UUID,
    variant_id: UUID,
    values: Mapping[str, object],
) -> None:
    """Change columns of a variant."""
    table = schema.variants
    await conn.execute(
        update(table)
        .where(table.c.id == variant_id, table.c.organization_id == organization_id)
        .values(**values)
    )


async def retire(conn: AsyncConnection, *, organization_id: UUID, variant_id: UUID) -> bool:
    """Draw a variant no more; True when it was drawn before."""
    return bool(
        await run(
            conn,
            """
            UPDATE variants SET retired_at = outdial_now()
            WHERE id = :id AND organization_id = :org AND retired_at IS NULL
            """,
            id=variant_id,
            org=organization_id,
        )
    )


async def of_campaign(
    conn: AsyncConnection, *, organization_id: UUID, campaign_id: UUID
) -> Sequence[RowMapping]:
    """All variants of a campaign with the agents they call through, the oldest first."""
    return await rows(
        conn,
        f"""
        SELECT {_COLUMNS} {_JOINS} WHERE v.organization_id = :org AND v.campaign_id = :campaign
        ORDER BY v.created_at, v.id
        """,
        org=organization_id,
        campaign=campaign_id,
    )


async def drawn_for(
    conn: AsyncConnection, *, organization_id: UUID, campaign_ids: Sequence[UUID]
) -> Sequence[RowMapping]:
    """The variants that these campaigns draw, locked: none is retired or weighed meanwhile."""
    return await rows(
        conn,
        """
        SELECT id, campaign_id, weight, agent_id FROM variants
        WHERE organization_id = :org AND campaign_id = ANY(:campaigns) AND retired_at IS NULL
        ORDER BY id FOR SHARE
        """,
        org=organization_id,
        campaigns=list(campaign_ids),
    )


async def assign(
    conn: AsyncConnection,
    *,
    organization_id: UUID,
    drawn: Sequence[tuple[UUID, UUID | None, UUID | None]],
) -> None:
    """Give leads their variants, and move them into its queue where it has one.

    Args:
        conn: In a transaction that holds the leads' locks.
        organization_id: Whose leads they are.
        drawn: (lead, variant, variant whose queue it waits in); None for the campaign's own.
    """
    await run(
        conn,
        """
        UPDATE leads SET variant_id = d.variant, lane_variant_id = d.lane,
            updated_at = outdial_now()
        FROM unnest(
            CAST(:leads AS uuid[]), CAST(:variants AS uuid[]), CAST(:lanes AS uuid[])
        ) AS d(lead, variant, lane)
        WHERE leads.id = d.lead AND leads.organization_id = :org AND leads.state = 'waiting'
        """,
        org=organization_id,
        leads=[lead for lead, _, _ in drawn],
        variants=[variant for _, variant, _ in drawn],
        lanes=[lane for _, _, lane in drawn],
    )


async def free_uncalled(
    conn: AsyncConnection,
    *,
    organization_id: UUID,
    campaign_id: UUID,
    variant_id: UUID,
    after: UUID | None,
    limit: int = 5_000,
) -> list[UUID]:
    """Let leads that wait for their first call by a variant be drawn again, some at a time.

    Args:
        conn: In a transaction of its own.
        organization_id: Whose they are.
        campaign_id: Whose leads they are.
        variant_id: The variant.
        after: Only leads of a greater id; None to begin with.
        limit: How many at most, by id.

    Returns:
        Those that were given back; fewer than `limit` when there are no more.
    """
    found = await rows(
        conn,
        f"""
        UPDATE leads SET variant_id = NULL, lane_variant_id = NULL, updated_at = outdial_now()
        WHERE id IN (
            SELECT id FROM leads WHERE organization_id = :org AND campaign_id = :campaign
              AND variant_id = :variant AND state = 'waiting' AND {UNCALLED}
              AND id > coalesce(CAST(:after AS uuid), '00000000-0000-0000-0000-000000000000')
            ORDER BY id LIMIT :limit FOR UPDATE
        ) RETURNING id
        """,  # noqa: S608 -- words of ours
        org=organization_id,
        campaign=campaign_id,
        variant=variant_id,
        after=after,
        limit=limit,
    )
    return [row["id"] for row in found]


async def outcomes(
    conn: AsyncConnection, *, organization_id: UUID, campaign_id: UUID, goal: Sequence[str]
) -> Sequence[RowMapping]:
    """A campaign's leads by variant and last outcome: `leads`, and how many `reached` the goal.

    A lead reached it when any call of it ended so, whatever the last one's outcome. Leads without
    a variant have a row of their own; those without an ended call, the outcome None.
    """
    return await rows(
        conn,
        """
        SELECT l.variant_id, l.last_outcome AS outcome, count(*) AS leads,
            count(won.lead_id) FILTER (WHERE l.last_outcome IS NOT NULL) AS reached
        FROM leads l LEFT JOIN (
            SELECT DISTINCT lead_id FROM calls
            WHERE organization_id = :org AND campaign_id = :campaign AND armed_at IS NOT NULL
              AND variant_id IS NOT NULL AND outcome = ANY(:goal)
        ) AS won ON won.lead_id = l.id
        WHERE l.organization_id = :org AND l.campaign_id = :campaign
        GROUP BY l.variant_id, l.last_outcome
        """,
        org=organization_id,
        campaign=campaign_id,
        goal=list(goal),
    )


async def calls_made(
    conn: AsyncConnection, *, organization_id: UUID, campaign_id: UUID
) -> dict[UUID, int]:
    """How many calls of each variant rang, or may have."""
    found = await rows(
        conn,
        """
        SELECT variant_id, count(*) AS n FROM calls
        WHERE organization_id = :org AND campaign_id = :campaign AND armed_at IS NOT NULL
          AND variant_id IS NOT NULL AND state NOT IN ('refused', 'absent', 'released')
        GROUP BY variant_id
        """,
        org=organization_id,
        campaign=campaign_id,
    )
    return {row["variant_id"]: row["n"] for row in found}
