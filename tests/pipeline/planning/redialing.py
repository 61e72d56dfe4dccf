"""Campaigns whose leads were called to the end, and redials of them."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping

from dialer.pipeline.planning import runs
from dialer.pipeline.planning.runs import Redial
from tests.support.house import House


async def redial(house: House, campaign_id: UUID, **ask: Any) -> RowMapping:  # noqa: ANN401 -- any part of an order
    """Ask for a redial of whoever didn't answer, unless told otherwise: the run."""
    once = ask.pop("once", None)
    return await runs.redial(
        house.context,
        organization_id=house.organization_id,
        campaign_id=campaign_id,
        ask=Redial(**{"outcomes": ["no_answer"], **ask}),
        by="tests",
        once=once,
    )


async def finish(house: House, lead_id: UUID, outcome: str = "no_answer") -> UUID:
    """Let a lead have been called to the end."""
    await house.run(
        """
        UPDATE leads SET state = 'done', last_outcome = :o, attempts = 3, reason = 'exhausted'
        WHERE id = :id
        """,
        o=outcome,
        id=lead_id,
    )
    return lead_id


async def called(
    house: House, campaign_id: UUID, count: int = 1, outcome: str = "no_answer"
) -> list[UUID]:
    """Leads that were called to the end."""
    leads = [await house.lead(campaign_id) for _ in range(count)]
    return [await finish(house, lead_id, outcome) for lead_id in leads]


async def leads_of(house: House, campaign_id: UUID) -> Sequence[RowMapping]:
    """A campaign's leads, oldest first."""
    return await house.rows(
        "SELECT * FROM leads WHERE campaign_id = :c ORDER BY id", c=campaign_id
    )


async def run_row(house: House, run_id: UUID) -> RowMapping:
    """A run's row."""
    return await house.row("SELECT * FROM runs WHERE id = :id", id=run_id)


async def campaign_of(house: House, run: Mapping[Any, Any]) -> RowMapping:
    """A run's campaign."""
    return await house.row("SELECT * FROM campaigns WHERE id = :id", id=run["campaign_id"])
