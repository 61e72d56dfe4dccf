"""What the gates read: the numbers in a call, when they rang, and all of it again at the arm."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from dialer.rules.calling.registry import FRESH
from dialer.store.engine import first, rows


async def in_call(
    conn: AsyncConnection, *, organization_id: UUID, phones: Sequence[str]
) -> set[str]:
    """Which of these numbers have an open call."""
    found = await rows(
        conn,
        """
        SELECT phone FROM calls WHERE organization_id = :org AND phone = ANY(:phones)
          AND state IN ('claimed', 'dialing', 'held', 'live', 'placed', 'unknown')
        """,
        org=organization_id,
        phones=list(phones),
    )
    return {row["phone"] for row in found}


async def rings(
    conn: AsyncConnection, *, organization_id: UUID, phones: Sequence[str]
) -> dict[str, tuple[datetime, ...]]:
    """When these numbers rang, or may have, in the last seven days, in order, by number."""
    found = await rows(
        conn,
        """
        SELECT phone, array_agg(armed_at ORDER BY armed_at) AS at FROM calls
        WHERE organization_id = :org AND phone = ANY(:phones)
          AND armed_at > outdial_now() - interval '7 days'
          AND state NOT IN ('absent', 'refused', 'released') GROUP BY phone
        """,
        org=organization_id,
        phones=list(phones),
    )
    return {row["phone"]: tuple(row["at"]) for row in found}


async def closed(
    conn: AsyncConnection, call_id: UUID, *, fence: int, latest: float, beat: int = 0
) -> str | None:
    """Say which gate is closed for a claimed call, or None when all are open.

    The rows that decide are locked FOR SHARE: a pause that commits after this waits for the
    arm, and an arm that comes after a pause sees it. The number's guard must be held.
    The gates are judged outside the locking query: what PostgreSQL computes within one is from
    before the wait for its locks, and the window may have ended in that time.

    Args:
        conn: A connection in a transaction.
        call_id: The call to arm.
        fence: The fence that the claim gave.
        latest: Real seconds after its slot at which a paced call is too late.
        beat: How far the caller knows the database's counter to have come.
    """
    row = await first(
        conn,
        """
        SELECT CASE
            WHEN state <> 'claimed' OR fence <> :fence THEN 'not_ours'
            WHEN claim_expires_at <= outdial_now() THEN 'claim_expired'
            WHEN restored_at IS NOT NULL OR :beat > coalesce((SELECT beat FROM witness), 0)
                THEN 'restored'
            WHEN lead_state <> 'calling' THEN 'lead_' || lead_state
            WHEN stop_word IS NOT NULL THEN 'lead_stopped'
            WHEN campaign_state <> 'running' THEN 'campaign_' || campaign_state
            WHEN campaign_parked IS NOT NULL THEN 'campaign_parked'
            WHEN claimed_version <> version THEN 'plan_changed'
            WHEN claimed_rulebook <> rulebook THEN 'rules_changed'
            WHEN needs_consent AND NOT consented THEN 'no_consent'
            WHEN needs_registry AND coalesce(
                dnc_scrubbed_at + CAST(:fresh AS interval), '-infinity'
            ) <= outdial_now() THEN 'dnc_stale'
            WHEN needs_registry AND EXISTS (
                SELECT FROM dnc_numbers d
                WHERE d.organization_id = held.organization_id AND d.phone = held.phone
            ) THEN 'dnc_listed'
            WHEN paused_at IS NOT NULL THEN 'paused'
            WHEN agent_parked IS NOT NULL THEN 'agent_parked'
            WHEN parked_until > outdial_now() THEN 'organization_parked'
            WHEN window_until <= outdial_now() THEN 'window_closed'
            WHEN paced AND place_at + outdial_real(:latest) < outdial_now() THEN 'late'
            WHEN EXISTS (
                SELECT FROM suppressions s
                WHERE s.organization_id = held.organization_id AND s.phone = held.phone
                  AND (s.campaign_id IS NULL OR s.campaign_id = held.campaign_id)
                  AND coalesce(s.until, 'infinity') > outdial_now()
            ) THEN 'suppressed'
            ELSE (
                SELECT CASE
                    WHEN max(armed_at) > outdial_now() - make_interval(secs => held.gap_seconds)
                        THEN 'number_gap'
                    WHEN count(*) FILTER (WHERE armed_at > outdial_now() - interval '24 hours')
                        >= held.most_in_24h THEN 'number_cap_24h'
                    WHEN count(*) >= held.most_in_7d THEN 'number_cap_7d'
                END FROM calls rung
                WHERE rung.organization_id = held.organization_id AND rung.phone = held.phone
                  AND rung.armed_at > outdial_now() - interval '7 days'
                  AND rung.state NOT IN ('absent', 'refused', 'released')
            )
        END AS closed
        FROM (
            SELECT ca.organization_id, ca.campaign_id, ca.phone, ca.state, ca.fence,
                ca.claim_expires_at, ca.window_until, ca.paced, ca.place_at,
                ca.campaign_version AS claimed_version, c.version,
                ca.rulebook AS claimed_rulebook, o.rulebook,
                ca.most_in_24h, ca.most_in_7d, ca.gap_seconds,
                c.consent = 'required' AS needs_consent,
                coalesce((l.consent ->> 'given')::boolean, false) AS consented,
                c.dnc <> 'not_needed' AS needs_registry, o.dnc_scrubbed_at,
                l.state AS lead_state, l.stop_word, c.state AS campaign_state,
                c.parked_reason AS campaign_parked, a.parked_reason AS agent_parked,
                o.restored_at, o.parked_until,
                coalesce(a.paused_at, b.paused_at, o.paused_at) AS paused_at
            FROM calls ca JOIN leads l ON l.id = ca.lead_id
            JOIN campaigns c ON c.id = ca.campaign_id JOIN agents a ON a.id = ca.agent_id
            JOIN businesses b ON b.id = ca.business_id
            JOIN organizations o ON o.id = ca.organization_id
            WHERE ca.id = :id FOR NO KEY UPDATE OF ca FOR SHARE OF o, b, a, c, l
        ) AS held
        """,
        id=call_id,
        fence=fence,
        latest=latest,
        beat=beat,
        fresh=FRESH,
    )
    return "not_ours" if row is None else row["closed"]
