"""Held: what a person needs to know of the calls that wait for a decision."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncConnection

from dialer.rules.call import CallState
from dialer.rules.errors import NotFoundError
from dialer.rules.proof import matching
from dialer.rules.proof.decision import reason
from dialer.store import events
from dialer.store.reports import held as store


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """What is looked for in the platform's history, to look it up by hand.

    Attributes:
        phone: Whom it was to ring, E.164.
        partner_business_id: The business's id upstream.
        partner_agent_id: The agent's id upstream.
        partner_call_id: The call's own id upstream, where the platform gave one.
        start: The earliest start that would fit.
        end: The latest start that would fit; None where the id says it all.
    """

    phone: str
    partner_business_id: str
    partner_agent_id: str
    partner_call_id: str | None
    start: datetime
    end: datetime | None


async def listing(
    conn: AsyncConnection, *, organization_id: UUID, after: UUID | None, limit: int
) -> list[Mapping[str, Any]]:
    """Calls that wait for a person, oldest first, each with why and what is looked for."""
    found = await store.listing(conn, organization_id=organization_id, after=after, limit=limit)
    return [_told(row) for row in found]


async def get(conn: AsyncConnection, *, organization_id: UUID, call_id: UUID) -> Mapping[str, Any]:
    """One such call, with its evidence and its own part of the timeline.

    Raises:
        NotFoundError: there is no such call, or it waits for nobody.
    """
    row = await store.get(conn, organization_id=organization_id, call_id=call_id)
    if row is None:
        raise NotFoundError("there is no such call that waits for a decision")
    seen = await events.evidence_of(conn, organization_id=organization_id, call_id=call_id)
    happened = await store.timeline(
        conn, organization_id=organization_id, lead_id=row["lead_id"], call_id=call_id
    )
    return {
        **_told(row),
        "evidence": [dict(one) for one in seen],
        "timeline": [dict(one) for one in happened],
    }


def _told(row: RowMapping) -> Mapping[str, Any]:
    # A claim that a restored database makes doubtful was perhaps armed; its row can't say when.
    armed_at = row["armed_at"] or row["claimed_at"]
    return {
        **row,
        "armed_at": armed_at,
        "says": reason(row["why"], CallState(row["state"])),
        "looked_for": _sought(row, armed_at),
    }


def _sought(row: RowMapping, armed_at: datetime) -> Sought:
    call = matching.Sought(
        phone=row["phone"],
        agent_id=row["partner_agent_id"],
        armed_at=armed_at,
        closed_at=row["closed_at"],
    )
    by_id = row["state"] == CallState.STALE
    return Sought(
        phone=call.phone,
        partner_business_id=row["partner_business_id"],
        partner_agent_id=call.agent_id,
        partner_call_id=row["partner_call_id"],
        start=call.armed_at - matching.BEFORE_ARM,
        end=None if by_id else matching.latest_start(call),
    )
