"""Adds the ledger up: every campaign's buckets, all of them together, and whether they balance."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from dialer.store.reports import ledger
from service.shapes.operations import Buckets, CampaignBuckets, Ledger


async def read(conn: AsyncConnection, *, organization_id: UUID) -> Ledger:
    """Read an organization's ledger in one transaction."""
    rows = [dict(r) for r in await ledger.by_campaign(conn, organization_id=organization_id)]
    return Ledger(
        total=_total(rows),
        campaigns=[
            CampaignBuckets.model_validate({**row, "balanced": _balances(row)}) for row in rows
        ],
        calls=await ledger.calls_by_state(conn, organization_id=organization_id),
        outcomes=await ledger.outcomes(conn, organization_id=organization_id),
        waiting_reasons=await ledger.reasons(conn, organization_id=organization_id),
    )


def _total(rows: Sequence[Mapping[str, int]]) -> Buckets:
    summed = {n: sum(row[n] for row in rows) for n in ("accepted", *ledger.BUCKETS)}
    return Buckets(**summed, balanced=_balances(summed))


def _balances(counted: Mapping[str, int]) -> bool:
    return counted["accepted"] == sum(counted[bucket] for bucket in ledger.BUCKETS)
