"""Sources (doors for leads), what they delivered, and idempotency keys."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncConnection

from dialer.clock import new_id
from dialer.store.engine import first, rows, run
from dialer.store.planning.campaigns import as_json


async def create(
    conn: AsyncConnection,
    *,
    organization_id: UUID,
    campaign_id: UUID,
    name: str,
    field_map: Mapping[str, object],
) -> UUID | None:
    """Create a webhook source; None when the name is taken."""
    row = await first(
        conn,
        """
        INSERT INTO sources (id, organization_id, campaign_id, name, kind, field_map)
        VALUES (:id, :organization_id, :campaign_id, :name, 'hook', CAST(:field_map AS jsonb))
        ON CONFLICT (organization_id, name) DO NOTHING RETURNING id
        """,
        id=new_id(),
        organization_id=organization_id,
        campaign_id=campaign_id,
        name=name,
        field_map=as_json(field_map),
    )
    return row["id"] if row else None


async def change(
    conn: AsyncConnection,
    *,
    organization_id: UUID,
    source_id: UUID,
    state: str | None,
    field_map: Mapping[str, object] | None,
    campaign_id: UUID | None,
) -> bool:
    """Pause or resume a source, or change its map or campaign; False when there is none."""
    return bool(
        await run(
            conn,
            """
            UPDATE sources SET state = coalesce(:state, state),
                field_map = coalesce(CAST(:field_map AS jsonb), field_map),
                campaign_id = coalesce(CAST(:campaign_id AS uuid), campaign_id)
            WHERE id = :id AND organization_id = :organization_id AND kind = 'hook'
            """,
            id=source_id,
            organization_id=organization_id,
            state=state,
            field_map=None if field_map is None else as_json(field_map),
            campaign_id=campaign_id,
        )
    )


async def listing(conn: AsyncConnection, *, organization_id: UUID) -> Sequence[RowMapping]:
    """The organization's sources, with how many of their deliveries need attention."""
    return await rows(
        conn,
        """
        SELECT s.*, (
            SELECT count(*) FROM deliveries d
            WHERE d.source_id = s.id AND d.state <> 'accepted'
        ) AS needs_attention
        FROM sources s WHERE s.organization_id = :org ORDER BY s.id
        """,
        org=organization_id,
    )


async def get(
    conn: AsyncConnection, *, organization_id: UUID, source_id: UUID
) -> RowMapping | None:
    """One source."""
    return await first(
        conn,
        "SELECT * FROM sources WHERE organization_id = :org AND id = :id",
        org=organization_id,
        id=source_id,
    )


async def by_name(conn: AsyncConnection, *, organization_id: UUID, name: str) -> RowMapping | None:
    """One source, by its name."""
    return await first(
        conn,
        "SELECT * FROM sources WHERE organization_id = :org AND name = :name",
        org=organization_id,
        name=name,
    )


async def keep_delivery(
    conn: AsyncConnection,
    *,
    organization_id: UUID,
    source_id: UUID,
    content_type: str,
    body: bytes,
    dedupe_key: str | None,
) -> tuple[UUID, RowMapping | None]:
    """Store a delivery as it came, before it is read.

    Returns:
        The delivery's id, and the row when the same key was delivered before.
    """
    row = await first(
        conn,
        """
        INSERT INTO deliveries
            (id, organization_id, source_id, content_type, body, dedupe_key, state)
        VALUES (:id, :org, :source_id, :content_type, :body, :dedupe_key, 'needs_attention')
        ON CONFLICT DO NOTHING RETURNING id
        """,
        id=new_id(),
        org=organization_id,
        source_id=source_id,
        content_type=content_type,
        body=body,
        dedupe_key=dedupe_key,
    )
    if row is not None:
        return row["id"], None
    was = await first(
        conn,
        "SELECT * FROM deliveries WHERE source_id = :source_id AND dedupe_key = :dedupe_key",
        source_id=source_id,
        dedupe_key=dedupe_key,
    )
    if was is None:
        raise LookupError("the delivery was neither stored nor found")
    return was["id"], was


async def settle_delivery(
    conn: AsyncConnection,
    *,
    delivery_id: UUID,
    state: str,
    problem: Mapping[str, object],
    answer: Mapping[str, object],
) -> None:
    """Note what became of a delivery."""
    await run(
        conn,
        """
        UPDATE deliveries SET state = :state, problem = CAST(:problem AS jsonb),
            answer = CAST(:answer AS jsonb) WHERE id = :id
        """,
        id=delivery_id,
        state=state,
        problem=as_json(problem),
        answer=as_json(answer),
    )


async def delivery(
    conn: AsyncConnection, *, organization_id: UUID, delivery_id: UUID
) -> RowMapping | None:
    """One delivery with its raw body."""
    return await first(
        conn,
        "SELECT * FROM deliveries WHERE organization_id = :org AND id = :id",
        org=organization_id,
        id=delivery_id,
    )


async def deliveries(
    conn: AsyncConnection,
    *,
    organization_id: UUID,
    state: str | None,
    after: UUID | None,
    limit: int,
) -> Sequence[RowMapping]:
    """Deliveries by id, oldest first, without their bodies."""
    return await rows(
        conn,
        """
        SELECT id, source_id, received_at, content_type, dedupe_key, state, problem,
            octet_length(body) AS size
        FROM deliveries WHERE organization_id = :org
          AND (CAST(:state AS text) IS NULL OR state = :state)
          AND id > coalesce(CAST(:after AS uuid), '00000000-0000-0000-0000-000000000000')
        ORDER BY id LIMIT :limit
        """,
        org=organization_id,
        state=state,
        after=after,
        limit=limit,
    )


async def begin_once(
    conn: AsyncConnection, *, organization_id: UUID, scope: str, key: str, digest: bytes
) -> RowMapping | None:
    """Take an idempotency key; the earlier row when it was taken.

    A second request with the same key waits here until the first has committed.
    """
    fresh = await run(
        conn,
        """
        INSERT INTO idempotency_keys (organization_id, scope, key, request_digest)
        VALUES (:org, :scope, :key, :digest) ON CONFLICT DO NOTHING
        """,
        org=organization_id,
        scope=scope,
        key=key,
        digest=digest,
    )
    if fresh:
        return None
    return await first(
        conn,
        """
        SELECT * FROM idempotency_keys
        WHERE organization_id = :org AND scope = :scope AND key = :key
        """,
        org=organization_id,
        scope=scope,
        key=key,
    )


async def end_once(
    conn: AsyncConnection,
    *,
    organization_id: UUID,
    scope: str,
    key: str,
    status: int,
    answer: Mapping[str, object],
) -> None:
    """Keep the answer that the key's request got."""
    await run(
        conn,
        """
        UPDATE idempotency_keys SET status = :status, answer = CAST(:answer AS jsonb)
        WHERE organization_id = :org AND scope = :scope AND key = :key
        """,
        org=organization_id,
        scope=scope,
        key=key,
        status=status,
        answer=as_json(answer),
    )
