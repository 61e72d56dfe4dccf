"""An organization alone in its database, with no worker: a test takes each step."""

import itertools
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from cryptography.fernet import Fernet
from sqlalchemy import RowMapping

from dialer.context import Context
from dialer.pipeline.access import setup
from dialer.pipeline.dialing import claim
from dialer.pipeline.intake.intake import Door, Once, Receipt, accept
from dialer.pipeline.planning import campaigns
from dialer.pipeline.planning.plans import Plan
from dialer.rules.campaign import CampaignState
from dialer.settings import Settings
from dialer.store import clock, engine, organizations
from dialer.store.dialing import agents
from dialer.store.intake import sources
from dialer.store.reports import ledger
from dialer.store.schema import metadata
from dialer.vault import Vault
from dialer.wakeups import QueueWakeups, connect

NOON = datetime(2026, 3, 3, 17, 30, tzinfo=UTC)
"""A Tuesday, half past noon in New York."""

WORKER = "test-worker"
APPEND_ONLY = ("events", "evidence", "campaign_versions", "rulebooks")


@dataclass
class House:
    """What a test of a stage or of the store drives and looks at."""

    context: Context
    organization_id: UUID
    _numbers: "itertools.count[int]" = field(default_factory=itertools.count)

    def phone(self) -> str:
        """A number of the fiction range that nothing else in this database has."""
        count = next(self._numbers)
        area = ("212", "646", "718", "917")[count // 100 % 4]
        return f"+1{area}55501{count % 100:02d}"

    async def campaign(
        self,
        *,
        agent: str = "agent_demo",
        business: str = "biz_demo",
        start: bool = True,
        **plan: Any,  # noqa: ANN401 -- any part of a plan
    ) -> RowMapping:
        """Create a campaign for an agent that is on duty, and start it."""
        row = await campaigns.create(
            self.context,
            organization_id=self.organization_id,
            partner_business_id=business,
            partner_agent_id=agent,
            plan=Plan(**{"name": "Test", **plan}),
        )
        await self.on_duty(row["agent_id"])
        if start:
            await self.move(row["id"], CampaignState.RUNNING)
        return row

    async def move(self, campaign_id: UUID, to: CampaignState) -> campaigns.Moved:
        """Start, pause, resume, complete or cancel a campaign."""
        return await campaigns.move(
            self.context, organization_id=self.organization_id, campaign_id=campaign_id, to=to
        )

    async def on_duty(self, agent_id: UUID) -> None:
        """Say that an agent was just read as deployed and on duty."""
        async with self.context.engine.begin() as conn:
            await agents.saw(
                conn, agent_id, name="Agent", kind="OUTBOUND", deployed=True, on_duty=True
            )

    async def door(self, campaign_id: UUID) -> Door:
        """The organization's own source, into a campaign."""
        async with self.context.engine.connect() as conn:
            source = await sources.by_name(conn, organization_id=self.organization_id, name="api")
        assert source is not None
        return Door(
            organization_id=self.organization_id, campaign_id=campaign_id, source_id=source["id"]
        )

    async def post(
        self,
        campaign_id: UUID,
        given: Sequence[Mapping[str, object]],
        *,
        once: Once | None = None,
    ) -> tuple[Receipt, ...]:
        """Take leads in."""
        return await accept(
            self.context, door=await self.door(campaign_id), given=given, once=once
        )

    async def lead(self, campaign_id: UUID, **fields: object) -> UUID:
        """Take one lead in, which must be accepted."""
        (receipt,) = await self.post(campaign_id, [{"phone": self.phone(), **fields}])
        assert receipt.status == "accepted", receipt
        return UUID(receipt.lead_id)

    async def claim(self, agent_id: UUID, *, wanted: int = 10) -> claim.Claimed:
        """Claim for a lane, as a worker would."""
        return await claim.claim(self.context, agent_id, wanted=wanted, worker=WORKER)

    async def claimed(self, campaign: RowMapping, **fields: object) -> RowMapping:
        """Take a lead in and claim it: the call."""
        await self.lead(campaign["id"], **fields)
        (call_id,) = (await self.claim(campaign["agent_id"])).call_ids
        return await self.row("SELECT * FROM calls WHERE id = :id", id=call_id)

    async def dialing(self, campaign: RowMapping, **fields: object) -> RowMapping:
        """Take a lead in, claim it and arm it: the call."""
        call = await self.claimed(campaign, **fields)
        return await self.row(
            """
            UPDATE calls SET state = 'dialing', armed_at = outdial_now(),
                slot_until = outdial_now() + interval '30 minutes' WHERE id = :id RETURNING *
            """,
            id=call["id"],
        )

    async def rows(self, sql: str, **values: object) -> Sequence[RowMapping]:
        """Run a statement, commit, and return its rows."""
        async with self.context.engine.begin() as conn:
            return await engine.rows(conn, sql, **values)

    async def row(self, sql: str, **values: object) -> RowMapping:
        """Run a statement, commit, and return its only row."""
        (found,) = await self.rows(sql, **values)
        return found

    async def run(self, sql: str, **values: object) -> int:
        """Run a statement, commit, and return how many rows it touched."""
        async with self.context.engine.begin() as conn:
            return await engine.run(conn, sql, **values)

    async def call(self, call_id: UUID) -> RowMapping:
        """A call's row."""
        return await self.row("SELECT * FROM calls WHERE id = :id", id=call_id)

    async def lead_row(self, lead_id: UUID) -> RowMapping:
        """A lead's row."""
        return await self.row("SELECT * FROM leads WHERE id = :id", id=lead_id)

    async def names(self) -> list[str]:
        """The names of all events, in order."""
        return [row["name"] for row in await self.rows("SELECT name FROM events ORDER BY id")]

    async def now(self) -> datetime:
        """Campaign time."""
        async with self.context.engine.connect() as conn:
            return await clock.now(conn)

    async def pass_time(self, **span: float) -> None:
        """Move campaign time forward at once; it runs on at the real speed."""
        await self.set_time(await self.now() + timedelta(**span))

    async def set_time(self, moment: datetime) -> None:
        """Let it be this instant now; campaign time runs on at the real speed."""
        async with self.context.engine.begin() as conn:
            row = await engine.first(conn, "SELECT clock_timestamp() AS now")
            assert row is not None
            await clock.set_rehearsal(
                conn, virtual_start=moment, real_start=row["now"], factor=1.0
            )

    async def assert_balanced(self) -> None:
        """The ledger adds up, campaign by campaign."""
        async with self.context.engine.connect() as conn:
            found = await ledger.by_campaign(conn, organization_id=self.organization_id)
        for row in found:
            assert row["accepted"] == sum(row[bucket] for bucket in ledger.BUCKETS), dict(row)

    async def neighbour(self) -> "House":
        """Another organization in the same database."""
        async with self.context.engine.begin() as conn:
            made = await organizations.create(conn, name="Harbor Dental")
        return House(context=self.context, organization_id=made)


@asynccontextmanager
async def open_context(
    database_url: str, redis_url: str, *, pool: int = 20, **given: str
) -> AsyncIterator[Context]:
    """What a process holds, over a real database and a real queue."""
    made = Settings(
        **{  # type: ignore[arg-type]  # parsed from text, as from the environment
            "database_url": database_url,
            "redis_url": redis_url,
            "secret_key": Fernet.generate_key().decode(),
            **given,
        }
    )
    redis = connect(redis_url)
    db = engine.create_engine(database_url, pool=pool, name="test")
    try:
        yield Context(
            settings=made,
            engine=db,
            wakeups=QueueWakeups(redis=redis),
            vault=Vault(key=made.secret_key.get_secret_value()),
        )
    finally:
        await db.dispose()
        await redis.aclose()
        await redis.connection_pool.disconnect()


async def build_house(context: Context) -> House:
    """The first organization of an empty database, at noon."""
    first = await setup.ensure_first_organization(context, name="Example Roofing")
    house = House(context=context, organization_id=first.organization_id)
    await house.set_time(NOON)
    return house


async def clear(context: Context) -> None:
    """Empty every table, which is quicker than a new database."""
    async with context.engine.begin() as conn:
        # What is only ever added to is so for everybody but the tables' owner's ALTER TABLE.
        for kept in APPEND_ONLY:
            await engine.run(conn, f"ALTER TABLE {kept} DISABLE TRIGGER append_only")
        for table in reversed(metadata.sorted_tables):
            await conn.execute(table.delete())
        for kept in APPEND_ONLY:
            await engine.run(conn, f"ALTER TABLE {kept} ENABLE TRIGGER append_only")
