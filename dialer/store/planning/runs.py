"""Runs: a campaign made of another one's, and the leads that are copied into it, each once."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncConnection

from dialer.clock import new_id
from dialer.rules.segment import Segment
from dialer.store import schema
from dialer.store.engine import first, rows, run, run_many
from dialer.store.planning.segments import IN_SEGMENT, parameters

INPUT = (
    *("source_id", "external_id", "phone", "raw_phone", "phone_code", "name", "email"),
    *("partner_lead_id", "context", "additional_info", "image_urls", "attributes", "timezone"),
    *("postal_code", "us_state", "priority", "not_before", "expires_at", "consent"),
)
"""What was sent with a lead, and so goes along into a run."""

_OWN = frozenset(
    (
        *("id", "organization_id", "business_id", "agent_id", "name", "state", "version"),
        *("parent_id", "parked_reason", "unexplained_refusals", "faults_in_a_row"),
        *("created_at", "started_at", "finished_at"),
    )
)
PLAN = tuple(name for name in schema.campaigns.columns.keys() if name not in _OWN)  # noqa: SIM118 -- a collection of columns, whose own iteration gives columns
"""The columns of a campaign's plan, which a run of it has too."""

_COLUMNS = """
    r.*, c.name AS campaign_name, c.state AS campaign_state, p.name AS parent_name,
    s.name AS schedule_name
"""
_JOINS = """
    FROM runs r JOIN campaigns c ON c.id = r.campaign_id JOIN campaigns p ON p.id = r.parent_id
    LEFT JOIN schedules s ON s.id = r.schedule_id
"""


async def create(
    conn: AsyncConnection, *, organization_id: UUID, values: Mapping[str, object]
) -> UUID:
    """Note a run that is to be filled; `values` holds its columns by name.

    Its `cursor` is the lead before the first that is looked at, None for the very first.
    """
    made = new_id()
    await conn.execute(
        schema.runs.insert().values(id=made, organization_id=organization_id, **values)
    )
    return made


async def copy_variants(
    conn: AsyncConnection, *, organization_id: UUID, campaign_id: UUID, parent_id: UUID
) -> None:
    """Give a run's campaign the variants that its parent compares now."""
    found = await rows(
        conn,
        """
        SELECT id FROM variants
        WHERE organization_id = :org AND campaign_id = :parent AND retired_at IS NULL
        """,
        org=organization_id,
        parent=parent_id,
    )
    await run_many(
        conn,
        """
        INSERT INTO variants (id, organization_id, campaign_id, name, weight, agent_id,
            context_template, additional_info_template)
        SELECT :made, organization_id, :campaign, name, weight, agent_id,
            context_template, additional_info_template
        FROM variants WHERE id = :id AND organization_id = :org
        """,
        [
            {"made": new_id(), "campaign": campaign_id, "id": row["id"], "org": organization_id}
            for row in found
        ],
    )


async def get(conn: AsyncConnection, *, organization_id: UUID, run_id: UUID) -> RowMapping | None:
    """One run, with the names of its campaign, parent and schedule."""
    return await first(
        conn,
        f"SELECT {_COLUMNS} {_JOINS} WHERE r.organization_id = :org AND r.id = :id",
        org=organization_id,
        id=run_id,
    )


async def listing(
    conn: AsyncConnection,
    *,
    organization_id: UUID,
    parent_id: UUID | None,
    schedule_id: UUID | None,
    after: UUID | None,
    limit: int,
) -> Sequence[RowMapping]:
    """The organization's runs by id, oldest first."""
    return await rows(
        conn,
        f"""
        SELECT {_COLUMNS} {_JOINS} WHERE r.organization_id = :org
          AND (CAST(:parent AS uuid) IS NULL OR r.parent_id = :parent)
          AND (CAST(:schedule AS uuid) IS NULL OR r.schedule_id = :schedule)
          AND r.id > coalesce(CAST(:after AS uuid), '00000000-0000-0000-0000-000000000000')
        ORDER BY r.id LIMIT :limit
        """,
        org=organization_id,
        parent=parent_id,
        schedule=schedule_id,
        after=after,
        limit=limit,
    )


async def filling(conn: AsyncConnection) -> Sequence[UUID]:
    """Runs of all organizations that are still being filled, oldest first, at most 100."""
    found = await rows(conn, "SELECT id FROM runs WHERE state = 'filling' ORDER BY id LIMIT 100")
    return [row["id"] for row in found]


async def take(conn: AsyncConnection, run_id: UUID) -> RowMapping | None:
    """Lock a run that is still being filled; None when it isn't, or somebody else fills it."""
    return await first(
        conn,
        "SELECT * FROM runs WHERE id = :id AND state = 'filling' FOR UPDATE SKIP LOCKED",
        id=run_id,
    )


async def batch_end(
    conn: AsyncConnection, *, organization_id: UUID, after: UUID | None, before: UUID, size: int
) -> UUID | None:
    """The last of the organization's next `size` leads; None where fewer are left before an id."""
    row = await first(
        conn,
        """
        SELECT id FROM leads WHERE organization_id = :org AND id < :before
          AND id > coalesce(CAST(:after AS uuid), '00000000-0000-0000-0000-000000000000')
        ORDER BY id OFFSET :skip LIMIT 1
        """,
        org=organization_id,
        after=after,
        before=before,
        skip=size - 1,
    )
    return row["id"] if row else None


async def family(
    conn: AsyncConnection, *, organization_id: UUID, campaign_id: UUID
) -> Sequence[UUID]:
    """A campaign, what it is a run of, all runs of that, and so on."""
    found = await rows(
        conn,
        """
        WITH RECURSIVE up AS (
            SELECT id, parent_id FROM campaigns WHERE organization_id = :org AND id = :id
            UNION SELECT c.id, c.parent_id FROM campaigns c JOIN up ON c.id = up.parent_id
        ), down AS (
            SELECT id FROM up WHERE parent_id IS NULL
            UNION SELECT c.id FROM campaigns c JOIN down ON c.parent_id = down.id
            WHERE c.organization_id = :org
        )
        SELECT id FROM down
        """,
        org=organization_id,
        id=campaign_id,
    )
    return [row["id"] for row in found]


async def candidates(
    conn: AsyncConnection,
    *,
    organization_id: UUID,
    family: Sequence[UUID],
    segment: Segment,
    after: UUID | None,
    until: UUID,
) -> Sequence[UUID]:
    """The leads of a batch that a run takes, by id.

    Nobody whom the do-not-call list keeps from the campaign's `family`.
    """
    found = await rows(
        conn,
        f"""
        SELECT l.id FROM leads l WHERE l.organization_id = :org AND l.id <= :until
          AND l.id > coalesce(CAST(:after AS uuid), '00000000-0000-0000-0000-000000000000')
          AND {IN_SEGMENT} AND NOT EXISTS (
            SELECT FROM suppressions s WHERE s.organization_id = :org AND s.phone = l.phone
              AND s.campaign_id = ANY(:family)
              AND coalesce(s.until, 'infinity') > outdial_now()
          )
        ORDER BY l.id
        """,  # noqa: S608 -- words of ours
        org=organization_id,
        family=list(family),
        after=after,
        until=until,
        **parameters(segment),
    )
    return [row["id"] for row in found]


async def copy(
    conn: AsyncConnection,
    *,
    organization_id: UUID,
    campaign_id: UUID,
    once: bool,
    origins: Sequence[UUID],
) -> Sequence[RowMapping]:
    """Copy leads into a run's campaign as they came in, to wait there with no attempt made.

    One that is there already is left out. Where numbers may come but `once`, so is one that is
    there, even if its lead is finished; of several leads with it the oldest is taken.

    Returns:
        The copies: id, origin_id, phone_code, source_id.
    """
    if not origins:
        return ()
    columns = ", ".join(INPUT)
    theirs = ", ".join(f"l.{name}" for name in INPUT)
    return await rows(
        conn,
        f"""
        INSERT INTO leads (id, organization_id, campaign_id, origin_id, number_key, {columns})
        SELECT n.made, l.organization_id, :campaign, l.id,
            CASE WHEN :once THEN l.phone END, {theirs}
        FROM unnest(CAST(:made AS uuid[]), CAST(:origins AS uuid[])) AS n(made, origin)
        JOIN leads l ON l.id = n.origin AND l.organization_id = :org
        WHERE NOT :once OR NOT EXISTS (
            SELECT FROM leads x WHERE x.organization_id = :org AND x.phone = l.phone
              AND x.campaign_id = :campaign
        )
        ORDER BY l.phone, l.id
        ON CONFLICT DO NOTHING RETURNING id, origin_id, phone_code, source_id
        """,  # noqa: S608 -- words of ours
        org=organization_id,
        campaign=campaign_id,
        once=once,
        made=[new_id() for _ in origins],
        origins=list(origins),
    )


async def advance(conn: AsyncConnection, run_id: UUID, *, cursor: UUID, taken: int) -> None:
    """Note how far a run has come."""
    await run(
        conn,
        "UPDATE runs SET cursor = :cursor, taken = taken + :taken WHERE id = :id",
        id=run_id,
        cursor=cursor,
        taken=taken,
    )


async def finish(conn: AsyncConnection, run_id: UUID, *, problem: str | None) -> RowMapping | None:
    """Note that a run is filled, or won't be, and why; None when that was noted before."""
    return await first(
        conn,
        """
        UPDATE runs SET state = 'filled', filled_at = outdial_now(), problem = :problem
        WHERE id = :id AND state = 'filling' RETURNING *
        """,
        id=run_id,
        problem=problem,
    )


async def of_occurrence(
    conn: AsyncConnection, *, organization_id: UUID, schedule_id: UUID, occurrence: datetime
) -> UUID | None:
    """The run of a schedule's occurrence, if there is one."""
    row = await first(
        conn,
        """
        SELECT id FROM runs WHERE organization_id = :org AND schedule_id = :schedule
          AND occurrence = :occurrence
        """,
        org=organization_id,
        schedule=schedule_id,
        occurrence=occurrence,
    )
    return row["id"] if row else None


async def unfinished(
    conn: AsyncConnection, *, organization_id: UUID, schedule_id: UUID
) -> UUID | None:
    """A run of a schedule that is being filled, or whose leads are still being called."""
    row = await first(
        conn,
        """
        SELECT r.id FROM runs r JOIN campaigns c ON c.id = r.campaign_id
        WHERE r.organization_id = :org AND r.schedule_id = :schedule
          AND c.state IN ('draft', 'running', 'paused') AND (r.state = 'filling' OR EXISTS (
            SELECT FROM leads l WHERE l.campaign_id = c.id AND l.state IN ('waiting', 'calling')
          )) LIMIT 1
        """,
        org=organization_id,
        schedule=schedule_id,
    )
    return row["id"] if row else None


async def spent(
    conn: AsyncConnection, *, organization_id: UUID, schedule_id: UUID
) -> Sequence[UUID]:
    """The campaigns of a schedule's runs that run on, though every lead of theirs is finished."""
    found = await rows(
        conn,
        """
        SELECT c.id FROM runs r JOIN campaigns c ON c.id = r.campaign_id
        WHERE r.organization_id = :org AND r.schedule_id = :schedule AND r.state = 'filled'
          AND c.state IN ('running', 'paused') AND NOT EXISTS (
            SELECT FROM leads l WHERE l.campaign_id = c.id
              AND l.state IN ('waiting', 'calling', 'held')
          ) LIMIT 100
        """,
        org=organization_id,
        schedule=schedule_id,
    )
    return [row["id"] for row in found]
