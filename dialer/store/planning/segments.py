"""Segments: saved choices among an organization's leads, and who is in one right now."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncConnection

from dialer.clock import new_id
from dialer.rules.outcomes.outcome import OPTED_OUT
from dialer.rules.segment import Segment
from dialer.store.engine import first, rows, run
from dialer.store.planning.campaigns import as_json

IN_SEGMENT = """
    l.state = ANY(:states)
    AND (CAST(:campaign_ids AS uuid[]) IS NULL OR l.campaign_id = ANY(:campaign_ids))
    AND (CAST(:source_ids AS uuid[]) IS NULL OR l.source_id = ANY(:source_ids))
    AND (CAST(:last_outcomes AS text[]) IS NULL OR l.last_outcome = ANY(:last_outcomes))
    AND (CAST(:us_states AS text[]) IS NULL OR l.us_state = ANY(:us_states)
        OR (l.us_state IS NULL AND substr(l.phone, 3, 3) = ANY(:area_codes)))
    AND l.attributes @> CAST(:attributes AS jsonb)
    AND l.attempts >= coalesce(CAST(:attempts_min AS int), 0)
    AND l.attempts <= coalesce(CAST(:attempts_max AS int), l.attempts)
    AND (CAST(:created_within_days AS int) IS NULL
        OR l.created_at > outdial_now() - make_interval(days => :created_within_days))
    AND (CAST(:not_called_for_days AS int) IS NULL OR NOT EXISTS (
        SELECT FROM calls c WHERE c.organization_id = l.organization_id AND c.phone = l.phone
          AND c.armed_at > outdial_now() - make_interval(days => :not_called_for_days)
          AND c.state NOT IN ('absent', 'refused', 'released')
    ))
    AND coalesce(l.last_outcome, '') <> :opted_out AND l.stop_word IS NULL
    AND coalesce(l.reason, '') NOT IN ('crm_won', 'crm_lost')
    AND coalesce(l.expires_at, 'infinity') > outdial_now()
    AND NOT EXISTS (
        SELECT FROM suppressions s WHERE s.organization_id = l.organization_id
          AND s.phone = l.phone AND (s.campaign_id IS NULL OR s.campaign_id = l.campaign_id)
          AND coalesce(s.until, 'infinity') > outdial_now()
    )
"""
"""Whether the lead `l` is in a segment, whose parts are the parameters that `parameters` gives.

Never in one, whatever it names: whoever asked not to be called, is on the do-not-call list of
the organization or of the lead's campaign, was stopped by the CRM, or has expired by a date of
their own.
"""


def parameters(segment: Segment) -> dict[str, object]:
    """The parameters of `IN_SEGMENT`; None for a part that narrows nothing."""
    return {
        "states": list(segment.states),
        "campaign_ids": list(segment.campaign_ids) or None,
        "source_ids": list(segment.source_ids) or None,
        "last_outcomes": list(segment.last_outcomes) or None,
        "us_states": list(segment.us_states) or None,
        "area_codes": list(segment.area_codes),
        "attributes": as_json(dict(segment.attributes)),
        "attempts_min": segment.attempts_min,
        "attempts_max": segment.attempts_max,
        "created_within_days": segment.created_within_days,
        "not_called_for_days": segment.not_called_for_days,
        "opted_out": OPTED_OUT,
    }


async def create(
    conn: AsyncConnection, *, organization_id: UUID, name: str, given: Mapping[str, object]
) -> UUID | None:
    """Save a segment; None when the name is taken."""
    row = await first(
        conn,
        """
        INSERT INTO segments (id, organization_id, name, filter)
        VALUES (:id, :org, :name, CAST(:filter AS jsonb))
        ON CONFLICT (organization_id, name) DO NOTHING RETURNING id
        """,
        id=new_id(),
        org=organization_id,
        name=name,
        filter=as_json(given),
    )
    return row["id"] if row else None


async def get(
    conn: AsyncConnection, *, organization_id: UUID, segment_id: UUID
) -> RowMapping | None:
    """One segment."""
    return await first(
        conn,
        "SELECT * FROM segments WHERE organization_id = :org AND id = :id",
        org=organization_id,
        id=segment_id,
    )


async def hold(conn: AsyncConnection, *, organization_id: UUID, segment_id: UUID) -> bool:
    """Lock a segment FOR SHARE, so that it isn't deleted meanwhile; False when there is none."""
    row = await first(
        conn,
        "SELECT id FROM segments WHERE organization_id = :org AND id = :id FOR SHARE",
        org=organization_id,
        id=segment_id,
    )
    return row is not None


async def listing(
    conn: AsyncConnection, *, organization_id: UUID, after: UUID | None, limit: int
) -> Sequence[RowMapping]:
    """The organization's segments by id, oldest first."""
    return await rows(
        conn,
        """
        SELECT * FROM segments WHERE organization_id = :org
          AND id > coalesce(CAST(:after AS uuid), '00000000-0000-0000-0000-000000000000')
        ORDER BY id LIMIT :limit
        """,
        org=organization_id,
        after=after,
        limit=limit,
    )


async def users(
    conn: AsyncConnection, *, organization_id: UUID, segment_id: UUID
) -> Sequence[str]:
    """The names of the schedules that use a segment, at most ten; the segment is locked."""
    await first(
        conn,
        "SELECT id FROM segments WHERE organization_id = :org AND id = :id FOR UPDATE",
        org=organization_id,
        id=segment_id,
    )
    found = await rows(
        conn,
        """
        SELECT name FROM schedules WHERE organization_id = :org AND segment_id = :id
        ORDER BY name LIMIT 10
        """,
        org=organization_id,
        id=segment_id,
    )
    return [row["name"] for row in found]


async def delete(conn: AsyncConnection, *, organization_id: UUID, segment_id: UUID) -> bool:
    """Delete a segment that no schedule uses; False when there is none."""
    return bool(
        await run(
            conn,
            "DELETE FROM segments WHERE organization_id = :org AND id = :id",
            org=organization_id,
            id=segment_id,
        )
    )


async def count(
    conn: AsyncConnection, *, organization_id: UUID, segment: Segment, most: int
) -> int:
    """How many leads are in a segment now; `most` stands for that many or more."""
    row = await first(
        conn,
        f"""
        SELECT count(*) AS n FROM (
            SELECT FROM leads l WHERE l.organization_id = :org AND {IN_SEGMENT} LIMIT :most
        ) AS found
        """,  # noqa: S608 -- words of ours
        org=organization_id,
        most=most,
        **parameters(segment),
    )
    return int(row["n"]) if row else 0


async def strangers(
    conn: AsyncConnection,
    *,
    organization_id: UUID,
    campaign_ids: Sequence[UUID],
    source_ids: Sequence[UUID],
) -> set[UUID]:
    """Which of these ids are no campaign, or no source, of the organization."""
    found = await rows(
        conn,
        """
        SELECT id FROM unnest(CAST(:campaigns AS uuid[])) AS asked(id)
        WHERE NOT EXISTS (
            SELECT FROM campaigns c WHERE c.id = asked.id AND c.organization_id = :org
        )
        UNION ALL
        SELECT id FROM unnest(CAST(:sources AS uuid[])) AS asked(id)
        WHERE NOT EXISTS (
            SELECT FROM sources s WHERE s.id = asked.id AND s.organization_id = :org
        )
        """,
        campaigns=list(campaign_ids),
        sources=list(source_ids),
        org=organization_id,
    )
    return {row["id"] for row in found}
