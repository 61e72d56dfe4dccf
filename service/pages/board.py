"""What the status page shows: one reading of an organization, shared by all who look."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from dialer.pipeline.reports import held, standing
from dialer.pipeline.reports.standing import Standing
from dialer.rules.errors import UnavailableError
from dialer.rules.phones.phone import mask
from dialer.store import clock, events, organizations
from dialer.store.compliance import stops
from dialer.store.dialing import agents
from dialer.store.planning import campaigns
from dialer.store.reports import held as held_store
from dialer.store.reports import ledger as ledger_store
from dialer.store.reports import overview
from service import ledger
from service.pages.charts import Segment, Sparkline, shares, sparkline, stacked
from service.pages.shelf import Shelf
from service.refusals import Refusals
from service.shapes.operations import Ledger

MAX_WATCHERS = 100
_EVENTS = 30
_CAMPAIGNS = 100
_HELD = 20

Rows = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """An organization at one instant of campaign time."""

    at: datetime
    speed: float | None
    organization: Mapping[str, Any]
    last_ring_at: datetime | None
    """When the last phone rang; read only while everything is paused, as its proof."""

    standing: Standing
    ledger: Ledger
    buckets: tuple[Segment, ...]
    outcomes: tuple[Segment, ...]
    waiting: tuple[Segment, ...]
    refused: tuple[Segment, ...]
    deliveries: tuple[Segment, ...]
    pace: int
    pace_line: Sparkline
    in_progress: Rows
    held: Rows
    held_count: int
    campaigns: Rows
    agents: Rows
    events: Rows

    def differs(self, other: "Reading") -> bool:
        """Whether it shows anything else than another, the time aside."""
        same_time = replace(self.standing, at=other.standing.at)
        return replace(self, at=other.at, standing=same_time) != other

    @property
    def flying(self) -> int:
        """Calls that ring, are talked on, or may be."""
        return sum(self.ledger.calls.get(s, 0) for s in ("dialing", "placed", "live", "unknown"))

    @property
    def news(self) -> str:
        """One sentence for those who listen; it changes only when something of weight does."""
        running = sum(row["state"] == "running" for row in self.campaigns)
        books = "balances" if self.ledger.total.balanced else "does not balance"
        waiting = sum(segment.count for segment in self.deliveries)
        attention = f" Deliveries that need attention: {waiting}." if waiting else ""
        held = f" Calls that need a decision: {self.held_count}." if self.held_count else ""
        stopped = "" if self.standing.quarantine is None else " Nothing dials: quarantine."
        if self.organization.get("paused_at"):
            stopped += f" Everything is paused; calls still in flight: {self.flying}."
        doubted = len(self.standing.disbelieved)
        answers = f" Answers that are not believed: {doubted}." if doubted else ""
        return (
            f"{running} of {len(self.campaigns)} campaigns run. The ledger {books}."
            f"{attention}{held}{stopped}{answers}"
        )


class Board:
    """Readings by organization, each at most as old as it is worth."""

    def __init__(self, *, engine: AsyncEngine, refusals: Refusals) -> None:
        self._engine = engine
        self._refusals = refusals
        self._shelf: Shelf[UUID, Reading] = Shelf()
        self._watchers = 0

    async def read(self, organization_id: UUID) -> Reading:
        """The organization now, or up to a second (on a large database, a few) ago."""
        return await self._shelf.read(organization_id, lambda: self._make(organization_id))

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Hold a place among those who watch.

        Raises:
            UnavailableError: all places are taken.
        """
        if self._watchers >= MAX_WATCHERS:
            raise UnavailableError(f"{MAX_WATCHERS} pages are open already; close some")
        self._watchers += 1
        try:
            yield
        finally:
            self._watchers -= 1

    def forget(self, organization_id: UUID) -> None:
        """Read anew next time: something was just changed through a page."""
        self._shelf.forget(organization_id)

    async def _make(self, organization_id: UUID) -> Reading:
        async with self._engine.connect() as conn:
            return await _read(conn, organization_id, self._refusals.of(organization_id))


async def _read(conn: AsyncConnection, org: UUID, refused: Mapping[str, int]) -> Reading:
    books = await ledger.read(conn, organization_id=org)
    organization = dict(await organizations.get(conn, org) or {})
    ringing = await overview.in_progress(conn, organization_id=org)
    return Reading(
        at=await clock.now(conn),
        speed=await clock.speed(conn),
        organization=organization,
        last_ring_at=await _last_ring(conn, org) if organization.get("paused_at") else None,
        standing=await standing.read(conn, organization_id=org),
        ledger=books,
        buckets=stacked({b: getattr(books.total, b) for b in ledger_store.BUCKETS}),
        outcomes=shares(books.outcomes),
        waiting=shares(books.waiting_reasons),
        refused=shares(refused),
        deliveries=shares(await overview.deliveries_by_problem(conn, organization_id=org)),
        pace=await ledger_store.pace(conn, organization_id=org),
        pace_line=sparkline(await overview.rings_by_minute(conn, organization_id=org)),
        in_progress=[{**row, "phone": mask(row["phone"])} for row in ringing],
        held=await _held(conn, org),
        held_count=await held_store.count(conn, organization_id=org),
        campaigns=await _campaigns(conn, org, books),
        agents=[dict(row) for row in await agents.listing(conn, organization_id=org)],
        events=await _events(conn, org),
    )


async def _last_ring(conn: AsyncConnection, org: UUID) -> datetime | None:
    proof = await stops.proof(conn, organization_id=org, level="organization", subject_id=org)
    found: datetime | None = proof["last_ring_at"]
    return found


async def _held(conn: AsyncConnection, org: UUID) -> Rows:
    found = await held.listing(conn, organization_id=org, after=None, limit=_HELD)
    return [{**row, "phone": mask(row["phone"])} for row in found]


async def _campaigns(conn: AsyncConnection, org: UUID, books: Ledger) -> Rows:
    counted = {row.campaign_id: row for row in books.campaigns}
    found = await campaigns.listing(conn, organization_id=org, after=None, limit=_CAMPAIGNS)
    return [{**row, "buckets": counted.get(row["id"])} for row in found]


async def _events(conn: AsyncConnection, org: UUID) -> Rows:
    latest = await events.latest(conn, organization_id=org, limit=_EVENTS)
    return [{**row, "says": events.NAMES.get(row["name"], "")} for row in latest]
