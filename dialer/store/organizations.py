"""Organizations, their businesses and their API keys."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncConnection

from dialer.clock import new_id
from dialer.store.engine import first, rows, run


async def create(conn: AsyncConnection, *, name: str) -> UUID:
    """Create an organization with its built-in sources, and return its id."""
    made = new_id()
    await run(conn, "INSERT INTO organizations (id, name) VALUES (:id, :name)", id=made, name=name)
    await run(conn, "INSERT INTO history (organization_id) VALUES (:id)", id=made)
    for kind in ("api", "file"):
        await run(
            conn,
            """
            INSERT INTO sources (id, organization_id, name, kind)
            VALUES (:id, :organization_id, :kind, :kind)
            """,
            id=new_id(),
            organization_id=made,
            kind=kind,
        )
    return made


async def only(conn: AsyncConnection) -> RowMapping | None:
    """The first organization that was made, or None."""
    return await first(conn, "SELECT * FROM organizations ORDER BY created_at, id LIMIT 1")


async def get(conn: AsyncConnection, organization_id: UUID) -> RowMapping | None:
    """One organization."""
    return await first(conn, "SELECT * FROM organizations WHERE id = :id", id=organization_id)


async def with_work(conn: AsyncConnection) -> Sequence[RowMapping]:
    """Organizations whose history is due to be read: they have unfinished calls."""
    return await rows(
        conn,
        """
        SELECT o.id FROM organizations o JOIN history h ON h.organization_id = o.id
        WHERE coalesce(h.next_poll_at, '-infinity') <= outdial_now() AND EXISTS (
            SELECT FROM calls c WHERE c.organization_id = o.id AND c.finished_at IS NULL
              AND c.state IN ('placed', 'live', 'unknown', 'stale', 'held', 'refused')
        )
        """,
    )


async def set_partner(
    conn: AsyncConnection, *, organization_id: UUID, base_url: str, secret: bytes
) -> None:
    """Keep the Partner API's address and the encrypted credentials; lift a parking."""
    await run(
        conn,
        """
        UPDATE organizations SET partner_base_url = :base_url, partner_secret = :secret,
            parked_reason = NULL, parked_until = NULL, ramp = NULL, breaker_trips = 0
        WHERE id = :id
        """,
        id=organization_id,
        base_url=base_url,
        secret=secret,
    )


async def park(
    conn: AsyncConnection, *, organization_id: UUID, reason: str, seconds: float
) -> bool:
    """Let nothing dial for a while from now; True when it was not parked for this before."""
    row = await first(
        conn,
        """
        UPDATE organizations o SET parked_reason = :reason, ramp = 1,
            parked_until = outdial_now() + outdial_real(:seconds), probation_from = outdial_now()
        FROM (SELECT id, parked_reason FROM organizations WHERE id = :id FOR UPDATE) was
        WHERE o.id = was.id RETURNING was.parked_reason AS was
        """,
        id=organization_id,
        reason=reason,
        seconds=seconds,
    )
    return row is not None and row["was"] != reason


async def unpark(conn: AsyncConnection, *, organization_id: UUID) -> bool:
    """Dial again after an agent could be read, one call first; True when it was parked.

    Reading proves that the credentials are known, not that they may place calls, nor that calls
    go well: a parking by a call's own 403 or 401, or by the breaker, stands until its time is
    over.
    """
    return bool(
        await run(
            conn,
            """
            UPDATE organizations SET parked_reason = NULL, parked_until = NULL
            WHERE id = :id AND parked_reason IS NOT NULL
              AND (parked_reason NOT IN ('forbidden', 'call_unauthorized', 'breaker_open')
                OR parked_until <= outdial_now())
            """,
            id=organization_id,
        )
    )


async def ensure_business(
    conn: AsyncConnection, *, organization_id: UUID, partner_business_id: str, name: str
) -> UUID:
    """Find or make the business with the upstream's id, and return ours."""
    row = await first(
        conn,
        """
        INSERT INTO businesses (id, organization_id, partner_business_id, name)
        VALUES (:id, :organization_id, :partner_business_id, :name)
        ON CONFLICT (organization_id, partner_business_id)
            DO UPDATE SET name = coalesce(nullif(:name, ''), businesses.name)
        RETURNING id
        """,
        id=new_id(),
        organization_id=organization_id,
        partner_business_id=partner_business_id,
        name=name,
    )
    if row is None:
        raise LookupError("the business was neither found nor made")
    found: UUID = row["id"]
    return found


async def businesses(conn: AsyncConnection, *, organization_id: UUID) -> Sequence[RowMapping]:
    """The organization's businesses with their limits."""
    return await rows(
        conn,
        """
        SELECT b.*, p.calls_per_minute, p.concurrency FROM businesses b
        LEFT JOIN pacers p ON p.subject_id = b.id
        WHERE b.organization_id = :id ORDER BY b.id
        """,
        id=organization_id,
    )


async def has(
    conn: AsyncConnection, *, organization_id: UUID, level: str, subject_id: UUID
) -> bool:
    """Whether a business or an agent is the organization's, or is itself that organization."""
    row = await first(
        conn,
        """
        SELECT CASE :level
            WHEN 'organization' THEN EXISTS (
                SELECT FROM organizations WHERE id = :org AND id = :subject)
            WHEN 'business' THEN EXISTS (
                SELECT FROM businesses WHERE organization_id = :org AND id = :subject)
            WHEN 'agent' THEN EXISTS (
                SELECT FROM agents WHERE organization_id = :org AND id = :subject)
            ELSE false
        END AS found
        """,
        level=level,
        org=organization_id,
        subject=subject_id,
    )
    return bool(row and row["found"])


async def add_key(
    conn: AsyncConnection,
    *,
    organization_id: UUID,
    name: str,
    prefix: str,
    digest: bytes,
    scopes: Sequence[str],
    source_id: UUID | None = None,
) -> UUID:
    """Keep an API key's digest, and return the key's id."""
    made = new_id()
    await run(
        conn,
        """
        INSERT INTO api_keys (id, organization_id, source_id, name, prefix, digest, scopes)
        VALUES (:id, :organization_id, :source_id, :name, :prefix, :digest, :scopes)
        """,
        id=made,
        organization_id=organization_id,
        source_id=source_id,
        name=name,
        prefix=prefix,
        digest=digest,
        scopes=list(scopes),
    )
    return made


async def key_by_prefix(conn: AsyncConnection, prefix: str) -> RowMapping | None:
    """A key in force, by its public part."""
    return await first(
        conn,
        """
        SELECT *, coalesce(last_used_at, '-infinity') < outdial_now() - interval '1 minute'
            AS unused_lately
        FROM api_keys WHERE prefix = :prefix AND revoked_at IS NULL
        """,
        prefix=prefix,
    )


async def touch_key(conn: AsyncConnection, key_id: UUID) -> None:
    """Note that a key is in use, at most once a minute."""
    await run(
        conn,
        """
        UPDATE api_keys SET last_used_at = outdial_now() WHERE id = :id
          AND coalesce(last_used_at, '-infinity') < outdial_now() - interval '1 minute'
        """,
        id=key_id,
    )


async def keys(conn: AsyncConnection, *, organization_id: UUID) -> Sequence[RowMapping]:
    """The organization's keys, without their digests."""
    return await rows(
        conn,
        """
        SELECT id, name, prefix, scopes, source_id, created_at, last_used_at, revoked_at
        FROM api_keys WHERE organization_id = :id ORDER BY id
        """,
        id=organization_id,
    )


async def revoke_key(conn: AsyncConnection, *, organization_id: UUID, key_id: UUID) -> bool:
    """Take a key out of force; False when there is no such key in force."""
    return bool(
        await run(
            conn,
            """
            UPDATE api_keys SET revoked_at = outdial_now()
            WHERE id = :id AND organization_id = :organization_id AND revoked_at IS NULL
            """,
            id=key_id,
            organization_id=organization_id,
        )
    )
