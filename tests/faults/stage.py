"""A running system lent to a module of scenarios, and what each of them asks of it.

Each scenario takes a lane of its own, and people whom no other scenario of its module calls.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Self
from uuid import UUID, uuid4

import httpx2
from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncConnection

from dialer.pipeline.access import setup
from dialer.store import clock
from tests.faults.promises import promises, witness
from tests.support.processes import running
from tests.support.servers import database
from tests.support.system import System, balanced, running_system

MORNING = "2026-03-03T13:05:00Z"
"""A Tuesday, five past eight in New York: thirteen hours until nobody may be called there."""

ONCE = {"max_attempts": 1}
ROUND_SECONDS = 2.5
"""Real seconds in which every worker has swept, tidied and buried at least twice."""

HELD_SECONDS = 0.4
"""How long a slow stop keeps its transaction open: a dozen arms of a stream run into it."""


@asynccontextmanager
async def lend(
    template: str, *, redis_url: str, home: Path, speed: float, **settings: str
) -> AsyncIterator[System]:
    """A system on a database of its own, with its witness and no worker yet."""
    with database(template, name=f"faults_{uuid4().hex}") as url:
        async with running_system(
            database_url=url,
            redis_url=redis_url,
            home=home,
            speed=speed,
            start=MORNING,
            **settings,
        ) as system:
            await witness(system)
            yield system


@asynccontextmanager
async def api_of(system: System) -> AsyncIterator[httpx2.AsyncClient]:
    """A service process of the system, and a client of it with a key for everything."""
    key = await setup.mint_key(
        system.context, organization_id=system.organization_id, name=uuid4().hex
    )
    with running("service", "--port", "0", environment=system.environment) as ready:
        async with httpx2.AsyncClient(
            base_url=ready["url"],
            headers={"Authorization": f"Bearer {key}"},
            timeout=60,
            trust_env=False,
        ) as client:
            yield client


@dataclass(frozen=True, kw_only=True)
class Lane:
    """A scenario's own agent with one campaign, and all that is on record of it."""

    system: System
    agent: str
    campaign_id: UUID

    @classmethod
    async def open(cls, system: System, *, agent: str | None = None, **plan: Any) -> Self:  # noqa: ANN401 -- a plan's parts differ
        """Put an agent on duty upstream, and make a campaign for it that calls each lead once."""
        name = agent or f"agent_{uuid4().hex[:12]}"
        if agent is None:
            system.sandbox.add(
                "agents", business_id="biz_demo", id=name, deployed=True, on_duty=True
            )
        made = await system.campaign(agent=name, **{"cadence": ONCE, **plan})
        return cls(system=system, agent=name, campaign_id=made)

    async def agent_id(self) -> UUID:
        """Our own id of the agent."""
        (row,) = await self.system.rows(
            "SELECT agent_id FROM campaigns WHERE id = :id", id=self.campaign_id
        )
        found: UUID = row["agent_id"]
        return found

    async def calls(self) -> Sequence[RowMapping]:
        """The campaign's calls, in the order of their claims."""
        return await self.system.rows(
            """
            SELECT id, lead_id, phone, state, worker, armed_at, claimed_at, finished_at,
                window_until FROM calls WHERE campaign_id = :id ORDER BY claimed_at, id
            """,
            id=self.campaign_id,
        )

    async def called(self, *states: str) -> int:
        """How many of its calls are in these states."""
        return sum(1 for call in await self.calls() if call["state"] in states)

    async def armed(self) -> list[datetime]:
        """When its calls were armed, in order."""
        return sorted(call["armed_at"] for call in await self.calls() if call["armed_at"])

    async def leads(self) -> dict[str, int]:
        """How many of its leads are in each bucket."""
        found = await self.system.rows(
            "SELECT state, count(*) AS n FROM leads WHERE campaign_id = :id GROUP BY state",
            id=self.campaign_id,
        )
        return {row["state"]: row["n"] for row in found}

    async def rings(self) -> list[dict[str, Any]]:
        """What the sandbox says rang for the campaign's calls, oldest first."""
        mine = {str(call["id"]) for call in await self.calls()}
        return [r for r in self.system.sandbox.rings() if r["request_id"] in mine]

    async def phones(self) -> list[str]:
        """The phones that rang, sorted, each as often as it rang."""
        return sorted(ring["phone"] for ring in await self.rings())

    async def told(self, name: str) -> list[datetime]:
        """When events of this name stood on the campaign's timeline."""
        found = await self.system.rows(
            "SELECT at FROM events WHERE campaign_id = :id AND name = :name ORDER BY id",
            id=self.campaign_id,
            name=name,
        )
        return [row["at"] for row in found]

    async def until_rung(self, least: int) -> None:
        """Wait until that many phones rang."""

        async def enough() -> bool:
            return len(await self.rings()) >= least

        await self.system.eventually(f"{least} phones ring", enough)

    async def until_quiet(self) -> None:
        """Wait until no call of the campaign is about to ring or being answered."""

        async def quiet() -> bool:
            return not await self.called("claimed", "dialing")

        await self.system.eventually("nothing is about to ring", quiet)

    async def until_over(self) -> None:
        """Wait until no lead waits or is being called."""

        async def over() -> bool:
            return not (await self.leads()).keys() & {"waiting", "calling"}

        await self.system.eventually("every lead is in its last bucket", over)


async def now(system: System) -> datetime:
    """Campaign time, by the database."""
    async with system.context.engine.connect() as conn:
        return await clock.now(conn)


async def all_kept(system: System) -> None:
    """Every lead is in one bucket, and every invariant holds for all that happened so far."""
    assert all(balanced(row) for row in await system.ledger())
    await promises(system)


async def slowly(
    system: System,
    stop: Callable[[AsyncConnection], Awaitable[object]],
    *,
    seconds: float = HELD_SECONDS,
) -> datetime:
    """Carry out a stop whose commit takes a while; the instant from which it stands."""
    async with system.context.engine.begin() as conn:
        await stop(conn)
        stands = await clock.now(conn)
        await asyncio.sleep(seconds)
    return stands
