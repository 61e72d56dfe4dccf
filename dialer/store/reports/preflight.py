"""What a campaign's waiting leads have in common, counted by the database."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncConnection

from dialer.store.engine import first, rows

MOST_KINDS = 50_000


async def kinds(
    conn: AsyncConnection, campaign_id: UUID, *, registry: bool
) -> Sequence[RowMapping]:
    """Waiting leads by all that decides where they are and whether they agreed: a number of each.

    Columns: `phone` (one of them, for its area code), `timezone`, `postal_code`, `us_state`,
    `consented`, `leads`, of which `barred` are on the do-not-call list, and `listed` in the
    registry's copy, where that is asked. The most common kinds come first; those beyond
    `MOST_KINDS` are left out.
    """
    return await rows(
        conn,
        """
        SELECT min(phone) AS phone, timezone, postal_code, us_state, consented,
            count(*) AS leads, count(*) FILTER (WHERE barred) AS barred,
            count(*) FILTER (WHERE listed AND NOT barred) AS listed
        FROM (
            SELECT l.phone, l.timezone, l.postal_code, l.us_state,
                coalesce((l.consent ->> 'given')::boolean, false) AS consented,
                EXISTS (
                    SELECT FROM suppressions s
                    WHERE s.organization_id = l.organization_id AND s.phone = l.phone
                      AND (s.campaign_id IS NULL OR s.campaign_id = l.campaign_id)
                      AND coalesce(s.until, 'infinity') > outdial_now()
                ) AS barred,
                :registry AND EXISTS (
                    SELECT FROM dnc_numbers d
                    WHERE d.organization_id = l.organization_id AND d.phone = l.phone
                ) AS listed
            FROM leads l WHERE l.campaign_id = :campaign AND l.state = 'waiting'
        ) AS waiting
        GROUP BY substr(phone, 3, 3), timezone, postal_code, us_state, consented
        ORDER BY count(*) DESC LIMIT :most
        """,
        campaign=campaign_id,
        registry=registry,
        most=MOST_KINDS,
    )


async def talk(conn: AsyncConnection, organization_id: UUID) -> RowMapping | None:
    """How long the organization's last calls lasted, 1,000 at most.

    Columns: `calls`, and `short`, `usual` and `long`: quartiles of the minutes that were paid.
    """
    return await first(
        conn,
        """
        SELECT count(*) AS calls,
            percentile_cont(0.25) WITHIN GROUP (ORDER BY minutes) AS short,
            percentile_cont(0.5) WITHIN GROUP (ORDER BY minutes) AS usual,
            percentile_cont(0.75) WITHIN GROUP (ORDER BY minutes) AS long
        FROM (
            SELECT duration_ms / 60000.0 AS minutes FROM calls
            WHERE organization_id = :org AND state = 'ended' AND duration_ms IS NOT NULL
            ORDER BY id DESC LIMIT 1000
        ) AS latest
        """,
        org=organization_id,
    )
