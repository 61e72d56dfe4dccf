"""The do-not-call list, by organization and, narrower, by campaign."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncConnection

from dialer.clock import new_id
from dialer.store.compliance import dnc
from dialer.store.engine import first, rows, run, run_many


async def guard(
    conn: AsyncConnection, *, organization_id: UUID, phone: str, exclusive: bool
) -> None:
    """Lock a number until the transaction ends, so that a suppression and an arm can't cross.

    An arm takes the lock shared, and with it the registry's, which a new part of the copy takes
    alone; a suppression takes the number's alone. Once either has committed, no arm that did not
    see it is left.
    """
    if exclusive:
        await guard_all(conn, organization_id=organization_id, phones=[phone])
        return
    await first(
        conn,
        """
        SELECT pg_advisory_xact_lock_shared(hashtextextended(:number, 0)),
            pg_advisory_xact_lock_shared(hashtextextended(:registry, 0))
        """,
        number=_key(organization_id, phone),
        registry=dnc.lock_key(organization_id),
    )


async def guard_all(
    conn: AsyncConnection, *, organization_id: UUID, phones: Collection[str]
) -> None:
    """Lock numbers for suppressions; in one order, so that two lists can't block each other."""
    await rows(
        conn,
        """
        SELECT pg_advisory_xact_lock(hash) FROM (
            SELECT DISTINCT hashtextextended(key, 0) AS hash
            FROM unnest(CAST(:keys AS text[])) AS key ORDER BY hash OFFSET 0
        ) AS ordered
        """,
        keys=[_key(organization_id, phone) for phone in phones],
    )


def _key(organization_id: UUID, phone: str) -> str:
    return f"{organization_id}/{phone}"


async def add(
    conn: AsyncConnection,
    *,
    organization_id: UUID,
    phone: str,
    reason: str,
    campaign_id: UUID | None = None,
    until: datetime | None = None,
) -> UUID:
    """Put a number on the list and return the entry's id."""
    await guard(conn, organization_id=organization_id, phone=phone, exclusive=True)
    made = new_id()
    await run(
        conn,
        """
        INSERT INTO suppressions (id, organization_id, campaign_id, phone, reason, until)
        VALUES (:id, :organization_id, :campaign_id, :phone, :reason, :until)
        """,
        id=made,
        organization_id=organization_id,
        campaign_id=campaign_id,
        phone=phone,
        reason=reason,
        until=until,
    )
    return made


async def add_all(
    conn: AsyncConnection,
    *,
    organization_id: UUID,
    entries: Sequence[Mapping[str, object]],
) -> None:
    """Put numbers on the list; the guard of each must be held.

    Args:
        conn: In a transaction.
        organization_id: Whose list it is.
        entries: Members `id`, `phone`, `reason`, `campaign_id` and `until`.
    """
    await run_many(
        conn,
        """
        INSERT INTO suppressions (id, organization_id, campaign_id, phone, reason, until)
        VALUES (:id, :organization_id, :campaign_id, :phone, :reason, :until)
        """,
        [{**entry, "organization_id": organization_id} for entry in entries],
    )


async def in_force(
    conn: AsyncConnection, *, organization_id: UUID, phones: Collection[str]
) -> Sequence[RowMapping]:
    """The entries of these numbers that hold now: `id`, `phone`, `campaign_id`, `until`."""
    return await rows(
        conn,
        """
        SELECT id, phone, campaign_id, until FROM suppressions
        WHERE organization_id = :org AND phone = ANY(:phones)
          AND coalesce(until, 'infinity') > outdial_now() ORDER BY id
        """,
        org=organization_id,
        phones=list(phones),
    )


async def end_waiting(
    conn: AsyncConnection,
    *,
    organization_id: UUID,
    scopes: Sequence[tuple[str, UUID | None]],
) -> Sequence[RowMapping]:
    """Move the waiting leads of numbers to suppressed; which, with their campaigns.

    Args:
        conn: In a transaction.
        organization_id: Whose they are.
        scopes: Numbers, each with the campaign that it is suppressed in; None for all.
    """
    return await rows(
        conn,
        """
        UPDATE leads SET state = 'suppressed', reason = 'suppressed', updated_at = outdial_now()
        WHERE id IN (
            SELECT l.id FROM unnest(CAST(:phones AS text[]), CAST(:campaigns AS uuid[]))
                AS barred(phone, campaign_id)
            JOIN leads l ON l.organization_id = :org AND l.phone = barred.phone
              AND (barred.campaign_id IS NULL OR l.campaign_id = barred.campaign_id)
            WHERE l.state = 'waiting' ORDER BY l.id FOR UPDATE OF l
        ) AND state = 'waiting' RETURNING id, campaign_id
        """,
        org=organization_id,
        phones=[phone for phone, _ in scopes],
        campaigns=[campaign for _, campaign in scopes],
    )


async def remove(
    conn: AsyncConnection, *, organization_id: UUID, suppression_id: UUID
) -> RowMapping | None:
    """Take an entry off the list; what it was, None when there is none."""
    return await first(
        conn,
        """
        DELETE FROM suppressions WHERE organization_id = :org AND id = :id
        RETURNING phone, campaign_id, reason
        """,
        org=organization_id,
        id=suppression_id,
    )


async def among(
    conn: AsyncConnection, *, organization_id: UUID, phones: Collection[str]
) -> set[tuple[str, UUID | None]]:
    """Which of these numbers are on the list now: pairs of a number and a campaign (or None)."""
    found = await rows(
        conn,
        """
        SELECT phone, campaign_id FROM suppressions
        WHERE organization_id = :organization_id AND phone = ANY(:phones)
          AND coalesce(until, 'infinity') > outdial_now()
        """,
        organization_id=organization_id,
        phones=list(phones),
    )
    return {(row["phone"], row["campaign_id"]) for row in found}


async def campaigns_among(
    conn: AsyncConnection, *, organization_id: UUID, campaign_ids: Collection[UUID]
) -> set[UUID]:
    """Which of these are campaigns of the organization."""
    found = await rows(
        conn,
        "SELECT id FROM campaigns WHERE organization_id = :org AND id = ANY(:ids)",
        org=organization_id,
        ids=list(campaign_ids),
    )
    return {row["id"] for row in found}
