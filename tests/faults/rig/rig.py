"""The rig: API, workers, PostgreSQL, Valkey and the sandbox, with a proxy between each pair."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import httpx2

from dialer.pipeline.access import setup
from tests.faults.books import witness
from tests.faults.rig.http_tap import HttpTap
from tests.faults.rig.moment import Moment, When
from tests.faults.rig.postgres_tap import PostgresTap
from tests.faults.rig.program import Program
from tests.faults.rig.proxy import LOOPBACK, Do, Proxy
from tests.faults.rig.servers import Servers
from tests.support.sandbox import SandboxProcess
from tests.support.system import NOON, System, running_system

CLAIM = "INSERT INTO calls"
ARM = "FOR NO KEY UPDATE OF ca FOR SHARE"
RECORD = "INSERT INTO evidence"
INTAKE = "INSERT INTO leads"
CALL = "/call "
HISTORY = "/calls?"
ANSWER_SECONDS = 15.0


@dataclass(eq=False)
class Rig:
    """What a fault test holds.

    Attributes:
        system: Rows and campaigns, over lines of its own that no fault touches.
        servers: PostgreSQL and Valkey.
        partner: The wire from the workers to the sandbox.
        workers: The workers, started or not.
        api: The API.
        moments: What the taps of every wire strike at; see `at`.
    """

    system: System
    servers: Servers
    partner: Proxy
    workers: Sequence[Program]
    api: Program
    key: str
    moments: list[Moment] = field(default_factory=list)

    @property
    def sandbox(self) -> SandboxProcess:
        """The upstream."""
        return self.system.sandbox

    @property
    def worker(self) -> Program:
        """The first worker."""
        return self.workers[0]

    def at(
        self,
        of: str,
        when: When,
        strike: Callable[[], None] = lambda: None,
        *,
        then: Do = Do.PASS,
        skip: int = 0,
        times: int = 1,
    ) -> Moment:
        """Strike once at the next such moment on any wire."""
        moment = Moment(of=of, when=when, strike=strike, then=then, skip=skip, times=times)
        self.moments.append(moment)
        return moment

    async def reached(self, moment: Moment, *, seconds: float = 60.0) -> None:
        """Wait until a moment came, and what was to be done was done."""
        came = await asyncio.to_thread(moment.came.wait, seconds)
        assert came, f"{moment.when.name} of {moment.of!r} never came"

    async def start(self, *programs: Program) -> None:
        """Start programs side by side, and wait until all are ready."""
        await asyncio.gather(*(asyncio.to_thread(program.start) for program in programs))

    async def post(
        self, campaign_id: UUID, leads: Sequence[Mapping[str, Any]], **headers: str
    ) -> httpx2.Response:
        """Send leads to the API as a client does.

        Raises:
            httpx2.TransportError: The API is down, or went away.
        """
        async with httpx2.AsyncClient(trust_env=False, timeout=ANSWER_SECONDS) as client:
            return await client.post(
                f"{self.api.ready['url']}/v1/leads/bulk",
                json={"campaign_id": str(campaign_id), "leads": list(leads)},
                headers={"Authorization": f"Bearer {self.key}", **headers},
            )

    async def done(self, count: int, *, state: str = "done", seconds: float = 90.0) -> None:
        """Wait until so many leads are in a state."""

        async def all_there() -> bool:
            return (await self.system.states("leads")).get(state, 0) == count

        await self.system.eventually(f"{count} leads are {state}", all_there, seconds=seconds)

    def rings_of(self, phone: str) -> int:
        """How often a phone rang, as the sandbox wrote down."""
        return sum(1 for ring in self.sandbox.rings() if ring["phone"] == phone)


@asynccontextmanager
async def rigged(
    servers: Servers,
    *,
    home: Path,
    speed: float = 120.0,
    workers: int = 2,
    start: str = NOON,
    **settings: str,
) -> AsyncIterator[Rig]:
    """Build a rig on a database of its own; start nothing but the sandbox.

    Args:
        servers: PostgreSQL and Valkey, which must run.
        home: A folder of its own.
        speed: Virtual seconds per real second.
        workers: How many workers it has.
        start: When campaign time starts.
        settings: Environment of the programs.
    """
    url, name = await servers.database()
    redis_url = await asyncio.to_thread(servers.valkey.start)
    try:
        with ExitStack() as stack:
            async with running_system(
                database_url=url,
                redis_url=redis_url,
                home=home,
                speed=speed,
                start=start,
                **settings,
            ) as system:
                await witness(system)
                rig = await _wired(stack, system, servers, workers)
                try:
                    yield rig
                finally:
                    await _all_ended(rig)
    finally:
        await servers.drop(name)


async def _wired(stack: ExitStack, system: System, servers: Servers, workers: int) -> Rig:
    moments: list[Moment] = []
    upstream = urlsplit(system.sandbox.base_url)
    partner = stack.enter_context(
        Proxy(LOOPBACK, upstream.port or 0, tap=lambda: HttpTap(moments))
    )
    await setup.connect_partner(
        system.context,
        organization_id=system.organization_id,
        base_url=system.sandbox.base_url.replace(f":{upstream.port}", f":{partner.own_port}"),
        api_key="sandbox-key",
    )
    return Rig(
        system=system,
        servers=servers,
        partner=partner,
        workers=[_program(stack, system, servers, moments, "workers") for _ in range(workers)],
        api=_program(stack, system, servers, moments, "service", "--port", "0"),
        key=await setup.mint_key(
            system.context, organization_id=system.organization_id, name="faults"
        ),
        moments=moments,
    )


def _program(
    stack: ExitStack,
    system: System,
    servers: Servers,
    moments: list[Moment],
    module: str,
    *arguments: str,
) -> Program:
    told = dict(system.environment)
    wires = {}
    for name, tap in (
        ("OUTDIAL_DATABASE_URL", lambda: PostgresTap(moments)),
        ("OUTDIAL_REDIS_URL", None),
    ):
        port = urlsplit(told[name]).port or 0
        wires[name] = stack.enter_context(Proxy(LOOPBACK, port, tap=tap))
        told[name] = told[name].replace(f":{port}/", f":{wires[name].own_port}/")
    return Program(
        nursery=servers.nursery,
        module=module,
        arguments=arguments,
        environment=told,
        database=wires["OUTDIAL_DATABASE_URL"],
        queue=wires["OUTDIAL_REDIS_URL"],
    )


async def _all_ended(rig: Rig) -> None:
    rig.moments.clear()
    for proxy in (rig.partner, *(wire for p in (*rig.workers, rig.api) for wire in _wires(p))):
        proxy.delay = 0.0
        proxy.release()
        proxy.open()
    await asyncio.gather(*(asyncio.to_thread(program.end) for program in (*rig.workers, rig.api)))


def _wires(program: Program) -> tuple[Proxy, Proxy]:
    return program.database, program.queue
