"""Leads: insert once, take what is due, move between buckets."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import RowMapping, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from dialer.rules.lead import LeadState, Urgency, sources_of
from dialer.store import schema
from dialer.store.columns import NOW
from dialer.store.engine import first, rows, run, run_many

HOT_FOR = timedelta(minutes=15)
"""A lead that is put off for longer is no longer in a hurry."""


async def insert_new(
    conn: AsyncConnection, leads: Sequence[Mapping[str, object]]
) -> dict[UUID, datetime]:
    """Insert leads; one whose external id its source already sent is left out.

    Returns:
        The ids that are new, with the instant each was accepted.
    """
    if not leads:
        return {}
    statement = (
        insert(schema.leads)
        .on_conflict_do_nothing()
        .returning(schema.leads.c.id, schema.leads.c.created_at)
    )
    made = await conn.execute(statement, [dict(lead) for lead in _in_one_order(leads)])
    return {row.id: row.created_at for row in made}


def _in_one_order(leads: Sequence[Mapping[str, object]]) -> list[Mapping[str, object]]:
    # By number, or two posts of the same rows in other orders would wait for each other for ever.
    # Rows with one external id stay together as they came: the first of them wins.
    anchors: dict[object, str] = {}

    def place(lead: Mapping[str, object]) -> str:
        phone = str(lead["phone"])
        return anchors.setdefault(lead.get("external_id") or phone, phone)

    return sorted(leads, key=place)


async def by_external_ids(
    conn: AsyncConnection, *, campaign_id: UUID, source_id: UUID, external_ids: Sequence[str]
) -> dict[str, RowMapping]:
    """The leads that a source already sent, by external id."""
    found = await rows(
        conn,
        """
        SELECT id, external_id, phone, phone_code, state, created_at FROM leads
        WHERE campaign_id = :campaign_id AND source_id = :source_id
          AND external_id = ANY(:external_ids)
        """,
        campaign_id=campaign_id,
        source_id=source_id,
        external_ids=list(external_ids),
    )
    return {row["external_id"]: row for row in found}


async def open_by_number(
    conn: AsyncConnection, *, campaign_id: UUID, phones: Sequence[str]
) -> dict[str, RowMapping]:
    """The campaign's unfinished leads with these numbers, by number."""
    found = await rows(
        conn,
        """
        SELECT id, phone, phone_code, state, created_at FROM leads
        WHERE campaign_id = :campaign_id AND number_key = ANY(:phones)
          AND state IN ('waiting', 'calling', 'held')
        """,
        campaign_id=campaign_id,
        phones=list(phones),
    )
    return {row["phone"]: row for row in found}


async def reconsider(
    conn: AsyncConnection,
    *,
    organization_id: UUID,
    campaign_id: UUID | None,
    reasons: Sequence[str],
    before: datetime,
    limit: int = 5_000,
) -> set[UUID]:
    """Let up to `limit` leads that wait for one of these reasons be due now.

    Those that a gate has looked at since `before` are left as they are.

    Returns:
        The lanes that have such leads; empty when there were none.
    """
    found = await rows(
        conn,
        """
        UPDATE leads SET due_at = outdial_now(), updated_at = outdial_now()
        FROM campaigns c
        WHERE c.id = leads.campaign_id AND leads.id IN (
            SELECT id FROM leads WHERE organization_id = :org AND state = 'waiting'
              AND campaign_id = coalesce(CAST(:campaign AS uuid), campaign_id)
              AND reason = ANY(:reasons) AND due_at > outdial_now() AND updated_at <= :before
            LIMIT :limit FOR UPDATE SKIP LOCKED
        ) RETURNING coalesce(
            (SELECT v.agent_id FROM variants v WHERE v.id = leads.lane_variant_id), c.agent_id
        ) AS agent_id
        """,
        org=organization_id,
        campaign=campaign_id,
        reasons=list(reasons),
        before=before,
        limit=limit,
    )
    return {row["agent_id"] for row in found}


async def move(
    conn: AsyncConnection, lead_id: UUID, to: LeadState, **values: object
) -> RowMapping | None:
    """Change the bucket where the table of transitions allows it; None otherwise."""
    table = schema.leads
    statement = (
        update(table)
        .where(table.c.id == lead_id, table.c.state.in_(sources_of(to)))
        .values(state=to, updated_at=NOW, **values)
        .returning(table)
    )
    changed: RowMapping | None = (await conn.execute(statement)).mappings().first()
    return changed


async def call(conn: AsyncConnection, lead_ids: Sequence[UUID]) -> None:
    """Move claimed leads, whose rows are locked, into `calling` where the table allows it."""
    await run(
        conn,
        """
        UPDATE leads SET state = 'calling', reason = NULL, updated_at = outdial_now()
        WHERE id = ANY(:ids) AND state = ANY(:sources)
        """,
        ids=list(lead_ids),
        sources=[state.value for state in sources_of(LeadState.CALLING)],
    )


async def finish_waiting(conn: AsyncConnection, lead_id: UUID, *, reason: str) -> bool:
    """Finish a lead unless a call of it has begun in the meantime."""
    return bool(
        await run(
            conn,
            """
            UPDATE leads SET state = 'done', reason = :reason, updated_at = outdial_now()
            WHERE id = :id AND state = 'waiting'
            """,
            id=lead_id,
            reason=reason,
        )
    )


async def defer_waiting(conn: AsyncConnection, lead_id: UUID, *, seconds: float) -> None:
    """Let a waiting lead be due no sooner than in `seconds` (real time)."""
    await run(
        conn,
        """
        UPDATE leads SET due_at = greatest(due_at, outdial_now() + outdial_real(:seconds)),
            updated_at = outdial_now() WHERE id = :id AND state = 'waiting'
        """,
        id=lead_id,
        seconds=seconds,
    )


async def forget_partner_lead(conn: AsyncConnection, lead_id: UUID) -> None:
    """Drop an id that the upstream doesn't know, and call without it now."""
    await run(
        conn,
        """
        UPDATE leads SET partner_lead_id = NULL, due_at = outdial_now(),
            updated_at = outdial_now() WHERE id = :id AND state = 'waiting'
        """,
        id=lead_id,
    )


async def release_mistaken(
    conn: AsyncConnection, *, organization_id: UUID, lead_id: UUID, partner_lead_id: str | None
) -> RowMapping | None:
    """Let a lead wait again that is held for an id that the upstream doesn't know.

    Only once its refused call was looked for in the history, and did not appear there.

    Returns:
        The lead, due now, with the other id or none; None when it is not held so.
    """
    return await first(
        conn,
        """
        UPDATE leads l SET state = 'waiting', reason = 'released',
            partner_lead_id = :partner_lead_id,
            due_at = outdial_now(), updated_at = outdial_now()
        WHERE organization_id = :org AND id = :id
          AND state = 'held' AND reason = 'partner_lead_unknown' AND NOT EXISTS (
            SELECT FROM calls c WHERE c.lead_id = l.id AND c.answer = 'not_found'
              AND (c.partner_call_id IS NOT NULL OR (c.state = 'refused' AND c.swept_at IS NULL
                AND c.closed_at > outdial_now() - interval '1 day'))
          )
        RETURNING *
        """,
        org=organization_id,
        id=lead_id,
        partner_lead_id=partner_lead_id,
    )


async def defer(conn: AsyncConnection, deferred: Sequence[tuple[UUID, datetime, str]]) -> None:
    """Look at these waiting leads again later: (lead, when, why)."""
    await run_many(
        conn,
        """
        UPDATE leads SET due_at = :until, reason = :why, updated_at = outdial_now(),
            urgency = CASE WHEN :until > outdial_now() + CAST(:soon AS interval)
                THEN least(urgency, :early) ELSE urgency END
        WHERE id = :id AND state = 'waiting'
        """,
        [
            {"id": lead, "until": until, "why": why, "soon": HOT_FOR, "early": Urgency.EARLY}
            for lead, until, why in deferred
        ],
    )


async def close_waiting(
    conn: AsyncConnection, *, campaign_id: UUID, to: LeadState, reason: str, limit: int = 5_000
) -> Sequence[UUID]:
    """Move up to `limit` waiting leads of a finished campaign into their last bucket."""
    found = await rows(
        conn,
        """
        UPDATE leads SET state = :to, reason = :reason, updated_at = outdial_now()
        WHERE id IN (
            SELECT id FROM leads WHERE campaign_id = :campaign_id AND state = 'waiting'
            LIMIT :limit FOR UPDATE SKIP LOCKED
        ) AND state = 'waiting' RETURNING id
        """,
        campaign_id=campaign_id,
        to=to.value,
        reason=reason,
        limit=limit,
    )
    return [row["id"] for row in found]


async def expire_due(conn: AsyncConnection, *, limit: int = 1_000) -> Sequence[RowMapping]:
    """Move waiting leads whose time has passed to expired."""
    return await rows(
        conn,
        """
        UPDATE leads SET state = 'expired', reason = 'expired', updated_at = outdial_now()
        WHERE id IN (
            SELECT id FROM leads WHERE state = 'waiting' AND expires_at <= outdial_now()
            LIMIT :limit FOR UPDATE SKIP LOCKED
        ) RETURNING id, organization_id, campaign_id
        """,
        limit=limit,
    )


async def get(conn: AsyncConnection, *, organization_id: UUID, lead_id: UUID) -> RowMapping | None:
    """One lead."""
    return await first(
        conn,
        "SELECT * FROM leads WHERE organization_id = :org AND id = :id",
        org=organization_id,
        id=lead_id,
    )


async def listing(
    conn: AsyncConnection,
    *,
    organization_id: UUID,
    campaign_id: UUID | None,
    state: str | None,
    phone: str | None,
    external_id: str | None,
    after: UUID | None,
    limit: int,
) -> Sequence[RowMapping]:
    """Leads by id, oldest first, narrowed by whatever is given."""
    return await rows(
        conn,
        """
        SELECT * FROM leads WHERE organization_id = :org
          AND (CAST(:campaign_id AS uuid) IS NULL OR campaign_id = :campaign_id)
          AND (CAST(:state AS text) IS NULL OR state = :state)
          AND (CAST(:phone AS text) IS NULL OR phone = :phone)
          AND (CAST(:external_id AS text) IS NULL OR external_id = :external_id)
          AND id > coalesce(CAST(:after AS uuid), '00000000-0000-0000-0000-000000000000')
        ORDER BY id LIMIT :limit
        """,
        org=organization_id,
        campaign_id=campaign_id,
        state=state,
        phone=phone,
        external_id=external_id,
        after=after,
        limit=limit,
    )


async def held_stop_word(conn: AsyncConnection, lead_id: UUID) -> str | None:
    """What the CRM has said of a lead, locked: a further word waits for the transaction's end."""
    row = await first(conn, "SELECT stop_word FROM leads WHERE id = :id FOR UPDATE", id=lead_id)
    return row["stop_word"] if row else None


async def lane_of(conn: AsyncConnection, lead_id: UUID) -> UUID:
    """The agent whose lane calls a lead: its campaign's, or that of its variant's own queue."""
    row = await first(
        conn,
        """
        SELECT coalesce(v.agent_id, c.agent_id) AS agent_id
        FROM leads l JOIN campaigns c ON c.id = l.campaign_id
        LEFT JOIN variants v ON v.id = l.lane_variant_id WHERE l.id = :id
        """,
        id=lead_id,
    )
    if row is None:
        raise LookupError("there is no such lead")
    found: UUID = row["agent_id"]
    return found


async def of_call(conn: AsyncConnection, lead_id: UUID) -> RowMapping | None:
    """A lead with its campaign's plan, for whatever follows of one of its calls."""
    return await first(
        conn,
        """
        SELECT l.*, c.cadence, c.hours, c.purpose, c.closed_dates, c.holidays, c.starts_at,
            c.ends_at, c.consent AS campaign_consent
        FROM leads l JOIN campaigns c ON c.id = l.campaign_id WHERE l.id = :lead
        """,
        lead=lead_id,
    )
