"""A whole Outdial for a test: database, context, sandbox, real worker processes, a clock."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from cryptography.fernet import Fernet
from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncEngine

from dialer.context import Context
from dialer.pipeline.access import setup
from dialer.pipeline.intake.intake import Door, Receipt, accept
from dialer.pipeline.planning import campaigns
from dialer.pipeline.planning.plans import Plan
from dialer.pipeline.upstream.partners import Partners
from dialer.rules.campaign import CampaignState
from dialer.settings import Settings
from dialer.store import clock, engine
from dialer.store.intake import sources
from dialer.store.reports import ledger
from dialer.vault import Vault
from dialer.wakeups import QueueWakeups, connect
from tests.support.sandbox import ROOT, SandboxProcess

NOON = "2026-03-03T17:30:00Z"
"""A Tuesday, half past noon in New York and half past nine in Los Angeles."""

GRACE_SECONDS = 90.0
TALKS = {"answered_interested": 1.0}


@dataclass
class System:
    """What a flow test drives and asserts on."""

    context: Context
    partners: Partners
    sandbox: SandboxProcess
    organization_id: UUID
    environment: Mapping[str, str]
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    async def campaign(
        self,
        *,
        agent: str = "agent_demo",
        start: bool = True,
        **plan: Any,  # noqa: ANN401 -- a plan's parts differ
    ) -> UUID:
        """Create a campaign, and start it."""
        row = await campaigns.create(
            self.context,
            organization_id=self.organization_id,
            partner_business_id="biz_demo",
            partner_agent_id=agent,
            plan=Plan(**{"name": "Test", **plan}),
        )
        if start:
            await self.move_to_running(row["id"])
        campaign_id: UUID = row["id"]
        return campaign_id

    async def move(self, campaign_id: UUID, to: CampaignState) -> campaigns.Moved:
        """Start, pause, resume or cancel a campaign."""
        return await campaigns.move(
            self.context, organization_id=self.organization_id, campaign_id=campaign_id, to=to
        )

    async def move_to_running(self, campaign_id: UUID) -> None:
        """Start a campaign."""
        await self.move(campaign_id, CampaignState.RUNNING)

    async def post(
        self, campaign_id: UUID, leads: Sequence[Mapping[str, object]]
    ) -> tuple[Receipt, ...]:
        """Take leads in through the organization's own source."""
        async with self.context.engine.connect() as conn:
            source = await sources.by_name(conn, organization_id=self.organization_id, name="api")
        assert source is not None
        door = Door(
            organization_id=self.organization_id, campaign_id=campaign_id, source_id=source["id"]
        )
        return await accept(self.context, door=door, given=leads)

    def start_worker(self, program: str = "workers", **settings: str) -> subprocess.Popen[bytes]:
        """Start a worker process, by the module that runs it."""
        process = subprocess.Popen(  # noqa: S603 -- a program of this repository
            [sys.executable, "-m", program],
            cwd=ROOT,
            env={**os.environ, **self.environment, **settings},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )
        self.workers.append(process)
        return process

    def stop_workers(self, number: int = signal.SIGTERM) -> None:
        """Signal every worker, and wait for all of them to end."""
        for process in self.workers:
            if process.poll() is None:
                process.send_signal(number)
        for process in self.workers:
            try:
                process.wait(timeout=45)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(timeout=10)
        self.workers.clear()

    async def rows(self, sql: str, **values: object) -> Sequence[RowMapping]:
        """Read rows."""
        async with self.context.engine.connect() as conn:
            return await engine.rows(conn, sql, **values)

    async def states(self, table: str) -> dict[str, int]:
        """How many rows of a table are in each state."""
        found = await self.rows(f"SELECT state, count(*) AS n FROM {table} GROUP BY state")  # noqa: S608 -- a test names its table
        return {row["state"]: row["n"] for row in found}

    async def ledger(self) -> Sequence[RowMapping]:
        """The ledger, a campaign a row."""
        async with self.context.engine.connect() as conn:
            return await ledger.by_campaign(conn, organization_id=self.organization_id)

    async def eventually(
        self, what: str, check: Callable[[], Awaitable[bool]], *, seconds: float = GRACE_SECONDS
    ) -> None:
        """Wait until a condition holds; fail with its name and the states otherwise."""
        deadline = time.monotonic() + seconds
        while not await check():
            if time.monotonic() > deadline:
                leads, calls = await self.states("leads"), await self.states("calls")
                raise AssertionError(f"{what}: not after {seconds} s; {leads=} {calls=}")
            await asyncio.sleep(0.05)


def balanced(row: RowMapping) -> bool:
    """Whether a row of the ledger adds up."""
    return bool(row["accepted"] == sum(row[bucket] for bucket in ledger.BUCKETS))


@asynccontextmanager
async def running_system(
    *,
    database_url: str,
    redis_url: str,
    home: Path,
    speed: float = 1.0,
    start: str = NOON,
    **settings: str,
) -> AsyncIterator[System]:
    """Build a system whose campaign time starts at `start` and passes `speed` times as fast."""
    environment = {
        "OUTDIAL_DATABASE_URL": database_url,
        "OUTDIAL_REDIS_URL": redis_url,
        "OUTDIAL_SECRET_KEY": Fernet.generate_key().decode(),
        "OUTDIAL_HOME": str(home),
        "OUTDIAL_HISTORY_SECONDS": "0.3",
        "OUTDIAL_LOG_LEVEL": "warning",
        **settings,
    }
    known = {k.removeprefix("OUTDIAL_").lower(): v for k, v in environment.items()}
    made = Settings(**known)  # type: ignore[arg-type]  # parsed from text, as from the environment
    began = time.time()
    with SandboxProcess(clock_start=start, clock_speed=speed) as sandbox:
        # Whoever is called answers and talks, so that one call finishes a lead.
        sandbox.set_outcomes(TALKS)
        redis = connect(redis_url)
        db = create(made)
        context = Context(
            settings=made,
            engine=db,
            wakeups=QueueWakeups(redis=redis),
            vault=Vault(key=made.secret_key.get_secret_value()),
        )
        system = await _first_steps(context, sandbox, environment, _Clock(start, began, speed))
        try:
            yield system
        finally:
            system.stop_workers()
            await system.partners.aclose()
            await db.dispose()
            await redis.aclose()
            await redis.connection_pool.disconnect()


def create(settings: Settings) -> AsyncEngine:
    """The engine of the test itself."""
    return engine.create_engine(settings.database_url.get_secret_value(), pool=10, name="test")


@dataclass(frozen=True)
class _Clock:
    start: str
    began: float
    speed: float


async def _first_steps(
    context: Context,
    sandbox: SandboxProcess,
    environment: Mapping[str, str],
    given: _Clock,
) -> System:
    async with context.engine.begin() as conn:
        await clock.set_rehearsal(
            conn,
            virtual_start=datetime.fromisoformat(given.start),
            real_start=datetime.fromtimestamp(given.began, UTC),
            factor=given.speed,
        )
    first = await setup.ensure_first_organization(context, name="Example Roofing")
    await setup.connect_partner(
        context,
        organization_id=first.organization_id,
        base_url=sandbox.base_url,
        api_key="sandbox-key",
    )
    return System(
        context=context,
        partners=Partners(context=context),
        sandbox=sandbox,
        organization_id=first.organization_id,
        environment=environment,
    )
