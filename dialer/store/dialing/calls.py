"""Calls: one row an attempt. States change only by conditional update."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import RowMapping, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from dialer.rules.call import CallState, sources_of
from dialer.store import schema
from dialer.store.engine import first, rows, run


async def insert_claimed(
    conn: AsyncConnection, claims: Sequence[Mapping[str, object]]
) -> set[UUID]:
    """Write the decision to ring; a number that is already in an open call is left out.

    Returns:
        The ids of the calls that were written.
    """
    if not claims:
        return set()
    statement = insert(schema.calls).on_conflict_do_nothing().returning(schema.calls.c.id)
    made = await conn.execute(statement, [dict(claim) for claim in claims])
    return {row.id for row in made}


async def to_place(conn: AsyncConnection, call_id: UUID) -> RowMapping | None:
    """A call with all that its request is made of, and how long until its slot (seconds).

    Templates are its variant's where that has its own, and its campaign's otherwise.
    """
    return await first(
        conn,
        """
        SELECT ca.*, l.name, l.email, l.external_id, l.partner_lead_id, l.context,
            l.additional_info, l.image_urls, l.attributes, l.timezone, l.postal_code, l.us_state,
            coalesce(v.context_template, c.context_template) AS context_template,
            coalesce(v.additional_info_template, c.additional_info_template)
                AS additional_info_template, c.call_without_lead, c.precall_url, c.precall_secret,
            a.partner_agent_id, b.partner_business_id,
            a.ramp IS NOT NULL OR o.ramp IS NOT NULL OR c.unexplained_refusals > 0
                AS on_probation,
            extract(epoch FROM ca.place_at - outdial_now())
                / extract(epoch FROM outdial_real(1)) AS wait_seconds
        FROM calls ca JOIN leads l ON l.id = ca.lead_id JOIN campaigns c ON c.id = ca.campaign_id
        JOIN agents a ON a.id = ca.agent_id JOIN businesses b ON b.id = ca.business_id
        JOIN organizations o ON o.id = ca.organization_id
        LEFT JOIN variants v ON v.id = ca.variant_id WHERE ca.id = :id
        """,
        id=call_id,
    )


async def move(
    conn: AsyncConnection,
    call_id: UUID,
    to: CallState,
    *,
    fence: int | None = None,
    new_fence: int | None = None,
    source: CallState | None = None,
    **values: object,
) -> RowMapping | None:
    """Change the state where the table of transitions allows it, under the fence if given.

    Args:
        conn: In a transaction.
        call_id: The call.
        to: The state to reach.
        fence: Only while the call carries this fence.
        new_fence: What it carries from then on.
        source: Only from this state, where the table allows more.
        values: Further columns.

    Returns:
        The changed row; None when the call is elsewhere by now.
    """
    table = schema.calls
    statement = (
        update(table)
        .where(table.c.id == call_id, table.c.state.in_(sources_of(to)))
        .values(state=to, **values)
        .returning(table)
    )
    if source is not None:
        statement = statement.where(table.c.state == source)
    if fence is not None:
        statement = statement.where(table.c.fence == fence)
    if new_fence is not None:
        statement = statement.values(fence=new_fence)
    changed: RowMapping | None = (await conn.execute(statement)).mappings().first()
    return changed


async def note_closed(
    conn: AsyncConnection,
    call_id: UUID,
    *,
    fence: int,
    conflict: bool,
    partner_call_id: str | None,
) -> None:
    """Note that the sender has its answer, where the sweep was quicker to doubt the call.

    Only the run that armed the call knows that nothing more will be sent: any other one carries
    another fence. What the answer hints at is kept: a 409, or an id that no other call has.
    Sweeps count anew, since the call was not closed when they were made.
    """
    await run(
        conn,
        """
        UPDATE calls SET closed_at = outdial_now(), closed_by = 'sender', sweeps = 0,
            answer = CASE WHEN :conflict THEN 'conflict' ELSE answer END,
            partner_call_id = CASE
                WHEN EXISTS (
                    SELECT FROM calls other WHERE other.partner_call_id = :partner_call_id
                      AND other.organization_id = calls.organization_id
                ) THEN partner_call_id
                ELSE coalesce(partner_call_id, :partner_call_id)
            END
        WHERE id = :id AND state = 'unknown' AND closed_at IS NULL AND fence = :fence
        """,
        id=call_id,
        fence=fence,
        conflict=conflict,
        partner_call_id=partner_call_id,
    )


async def is_as_judged(conn: AsyncConnection, call: RowMapping) -> bool:
    """Lock a call, and say whether its closing and its sweeps are still what was judged."""
    row = await first(
        conn, "SELECT closed_at, sweeps FROM calls WHERE id = :id FOR UPDATE", id=call["id"]
    )
    return (
        row is not None
        and row["closed_at"] == call["closed_at"]
        and row["sweeps"] == call["sweeps"]
    )


async def unfinished(conn: AsyncConnection, *, organization_id: UUID) -> Sequence[RowMapping]:
    """Calls whose end must still be found in the history, oldest first."""
    return await rows(
        conn,
        """
        SELECT ca.*, a.partner_agent_id, b.partner_business_id, c.absence_proof,
            outdial_now() AS now
        FROM calls ca JOIN agents a ON a.id = ca.agent_id
        JOIN businesses b ON b.id = ca.business_id JOIN campaigns c ON c.id = ca.campaign_id
        WHERE ca.organization_id = :org AND ca.finished_at IS NULL
          AND ca.state IN ('placed', 'live', 'unknown', 'stale', 'held', 'refused')
        ORDER BY ca.armed_at LIMIT 20000
        """,
        org=organization_id,
    )


async def linked(
    conn: AsyncConnection, *, organization_id: UUID, partner_call_ids: Sequence[str]
) -> dict[str, UUID]:
    """Which calls of the upstream are already linked to calls of ours."""
    found = await rows(
        conn,
        """
        SELECT id, partner_call_id FROM calls
        WHERE organization_id = :org AND partner_call_id = ANY(:ids)
        """,
        org=organization_id,
        ids=list(partner_call_ids),
    )
    return {row["partner_call_id"]: row["id"] for row in found}


async def tried(conn: AsyncConnection, *, lead_id: UUID, last: UUID) -> Sequence[RowMapping]:
    """A lead's ended calls in order, this one last: when, how each ended, whether it counted."""
    return await rows(
        conn,
        """
        SELECT coalesce(armed_at, claimed_at) AS at, outcome, coalesce(counted, true) AS counted
        FROM calls WHERE lead_id = :lead AND state = 'ended' AND outcome IS NOT NULL
        ORDER BY id = :last, coalesce(armed_at, claimed_at)
        """,
        lead=lead_id,
        last=last,
    )


async def count_refused(conn: AsyncConnection, *, lead_id: UUID) -> int:
    """How many of a lead's calls the upstream refused as such (400 or 404)."""
    row = await first(
        conn,
        """
        SELECT count(*) AS n FROM calls WHERE lead_id = :lead AND state = 'refused'
          AND answer IN ('bad_request', 'not_found')
        """,
        lead=lead_id,
    )
    return int(row["n"]) if row else 0


async def expired_claims(conn: AsyncConnection, *, limit: int = 500) -> Sequence[RowMapping]:
    """Claims that nobody armed in time."""
    return await rows(
        conn,
        """
        SELECT id, fence FROM calls WHERE state = 'claimed' AND finished_at IS NULL
          AND claim_expires_at <= outdial_now() LIMIT :limit FOR UPDATE SKIP LOCKED
        """,
        limit=limit,
    )


async def silent_dials(
    conn: AsyncConnection, *, seconds: float, limit: int = 500
) -> Sequence[RowMapping]:
    """Armed calls of which nobody recorded an answer for `seconds` (real time)."""
    return await rows(
        conn,
        """
        SELECT id, fence FROM calls WHERE state = 'dialing' AND finished_at IS NULL
          AND armed_at <= outdial_now() - outdial_real(:seconds)
        LIMIT :limit FOR UPDATE SKIP LOCKED
        """,
        seconds=seconds,
        limit=limit,
    )


async def close_for_dead_worker(conn: AsyncConnection, worker: str) -> Sequence[RowMapping]:
    """Note that a worker provably died: what it armed will not be sent any more."""
    return await rows(
        conn,
        """
        UPDATE calls SET closed_at = outdial_now(), closed_by = 'worker_death', sweeps = 0
        WHERE worker = :worker AND state IN ('dialing', 'unknown') AND closed_at IS NULL
        RETURNING id, state, fence
        """,
        worker=worker,
    )


async def release_claims_of(conn: AsyncConnection, worker: str) -> Sequence[RowMapping]:
    """The claims that a dead worker left behind, locked."""
    return await rows(
        conn,
        """
        SELECT id, fence FROM calls WHERE worker = :worker AND state = 'claimed'
        FOR UPDATE SKIP LOCKED
        """,
        worker=worker,
    )


async def claimed_by(conn: AsyncConnection, worker: str) -> list[UUID]:
    """The claims of a worker that nobody has armed, the next one first."""
    found = await rows(
        conn,
        """
        SELECT id FROM calls WHERE worker = :worker AND state = 'claimed'
          AND finished_at IS NULL AND claim_expires_at > outdial_now()
        ORDER BY place_at
        """,
        worker=worker,
    )
    return [row["id"] for row in found]


async def get(conn: AsyncConnection, *, organization_id: UUID, call_id: UUID) -> RowMapping | None:
    """One call."""
    return await first(
        conn,
        "SELECT * FROM calls WHERE organization_id = :org AND id = :id",
        org=organization_id,
        id=call_id,
    )


async def listing(
    conn: AsyncConnection,
    *,
    organization_id: UUID,
    campaign_id: UUID | None,
    lead_id: UUID | None,
    state: str | None,
    outcome: str | None,
    after: UUID | None,
    limit: int,
) -> Sequence[RowMapping]:
    """Calls by id, oldest first, narrowed by whatever is given."""
    return await rows(
        conn,
        """
        SELECT * FROM calls WHERE organization_id = :org
          AND (CAST(:campaign_id AS uuid) IS NULL OR campaign_id = :campaign_id)
          AND (CAST(:lead_id AS uuid) IS NULL OR lead_id = :lead_id)
          AND (CAST(:state AS text) IS NULL OR state = :state)
          AND (CAST(:outcome AS text) IS NULL OR outcome = :outcome)
          AND id > coalesce(CAST(:after AS uuid), '00000000-0000-0000-0000-000000000000')
        ORDER BY id LIMIT :limit
        """,
        org=organization_id,
        campaign_id=campaign_id,
        lead_id=lead_id,
        state=state,
        outcome=outcome,
        after=after,
        limit=limit,
    )
