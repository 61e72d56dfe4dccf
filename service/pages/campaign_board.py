"""What a campaign's page shows while it runs: one reading, shared by all who look."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from dialer.context import Context
from dialer.pipeline.reports import explain
from dialer.pipeline.reports.explain import Idle
from dialer.rules.errors import NotFoundError
from dialer.rules.phones.phone import mask
from dialer.store import clock
from dialer.store.compliance import stops
from dialer.store.planning import campaigns
from dialer.store.reports import ledger as ledger_store
from dialer.store.reports import progress
from service.pages.charts import Column, Segment, columns, shares, stacked
from service.pages.shelf import Shelf

Rows = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """A campaign at one instant of campaign time.

    Attributes:
        at: The instant.
        speed: How much faster time passes in a rehearsal; None outside one.
        campaign: Its row.
        leads: How many it has.
        counts: Its leads by bucket; empty ones are left out.
        buckets: The same, drawn.
        outcomes: Its ended calls by outcome, drawn.
        hours: Its calls of today by hour of the campaign's day, drawn.
        in_last_minute: Calls of the last minute.
        idle: Why it does what it does.
        waiting: Its waiting leads by what they wait for, drawn.
        in_flight: Calls that nothing can stop any more.
        last_ring_at: When its last phone rang, or may have.
        calls: Its last calls, with masked numbers.
    """

    at: datetime
    speed: float | None
    campaign: Mapping[str, Any]
    leads: int
    counts: Mapping[str, int]
    buckets: tuple[Segment, ...]
    outcomes: tuple[Segment, ...]
    hours: tuple[Column, ...]
    in_last_minute: int
    idle: Idle
    waiting: tuple[Segment, ...]
    in_flight: int
    last_ring_at: datetime | None
    calls: Rows

    def differs(self, other: "Progress") -> bool:
        """Whether it shows anything else than another, the time aside."""
        same_time = replace(self.idle, at=other.idle.at)
        return replace(self, at=other.at, idle=same_time) != other

    @property
    def today(self) -> int:
        """Calls of today."""
        return sum(column.count for column in self.hours)

    @property
    def news(self) -> str:
        """One sentence for those who listen; it changes only when something of weight does."""
        campaign = self.campaign
        parked = f", parked: {campaign['parked_reason']}" if campaign["parked_reason"] else ""
        return f"The campaign is {campaign['state']}{parked}. {self.idle.says}"


class CampaignBoard:
    """Readings by campaign, each at most as old as it is worth."""

    def __init__(self, *, context: Context) -> None:
        self._context = context
        self._shelf: Shelf[tuple[UUID, UUID], Progress] = Shelf()

    async def read(self, organization_id: UUID, campaign_id: UUID) -> Progress:
        """A campaign now, or up to a second (where it is large, a few) ago.

        Raises:
            NotFoundError: the organization has no such campaign.
        """
        key = (organization_id, campaign_id)
        return await self._shelf.read(key, lambda: self._make(organization_id, campaign_id))

    def forget(self, organization_id: UUID, campaign_id: UUID) -> None:
        """Read anew next time: something was just changed through a page."""
        self._shelf.forget((organization_id, campaign_id))

    async def _make(self, organization_id: UUID, campaign_id: UUID) -> Progress:
        async with self._context.engine.connect() as conn:
            campaign = await campaigns.get(
                conn, organization_id=organization_id, campaign_id=campaign_id
            )
        if campaign is None:
            raise NotFoundError("there is no such campaign")
        idle = await explain.idle(
            self._context, organization_id=organization_id, campaign_id=campaign_id
        )
        async with self._context.engine.connect() as conn:
            return await _read(conn, dict(campaign), idle)


async def _read(conn: AsyncConnection, campaign: Mapping[str, Any], idle: Idle) -> Progress:
    org, key = campaign["organization_id"], campaign["id"]
    found = await progress.buckets(conn, organization_id=org, campaign_id=key)
    hours = await progress.rings_by_hour(
        conn, organization_id=org, campaign_id=key, zone=campaign["day_zone"]
    )
    proof = await stops.proof(conn, organization_id=org, level="campaign", subject_id=key)
    calls = await progress.latest_calls(conn, organization_id=org, campaign_id=key)
    return Progress(
        at=await clock.now(conn),
        speed=await clock.speed(conn),
        campaign=campaign,
        leads=sum(found.values()),
        counts=found,
        buckets=stacked({name: found.get(name, 0) for name in ledger_store.BUCKETS}),
        outcomes=shares(await ledger_store.outcomes(conn, organization_id=org, campaign_id=key)),
        hours=columns([(f"{hour:02d}:00", count) for hour, count in enumerate(hours)]),
        in_last_minute=await progress.rings_in_last_minute(
            conn, organization_id=org, campaign_id=key
        ),
        idle=idle,
        waiting=shares({row["reason"]: row["leads"] for row in idle.waiting}),
        in_flight=proof["in_flight"],
        last_ring_at=proof["last_ring_at"],
        calls=[{**row, "phone": mask(row["phone"])} for row in calls],
    )
