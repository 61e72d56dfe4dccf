"""The do-not-call list, by organization and, narrower, by campaign."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncConnection

from dialer.clock import new_id
from dialer.store.engine import first, rows, run


async def guard(
    conn: AsyncConnection, *, organization_id: UUID, phone: str, exclusive: bool
) -> None:
    """Lock a number until the transaction ends, so that a suppression and an arm can't cross.

    An arm takes the lock shared, a suppression takes it alone: once the suppression has
    committed, no arm that did not see it is left.
    """
    kind = "" if exclusive else "_shared"
    await first(
        conn,
        f"SELECT pg_advisory_xact_lock{kind}(hashtextextended(:key, 0))",
        key=f"{organization_id}/{phone}",
    )


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
