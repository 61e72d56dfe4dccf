"""PostgreSQL comes to harm while leads come in and phones ring: restarted, killed, away, slow.

In each scenario the API answers 202, or 503 with a code; whoever was answered with 202 is called,
and every phone rings once.
"""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager

import pytest
import pytest_asyncio

from tests.faults.rig.moment import When
from tests.faults.rig.proxy import Do
from tests.faults.rig.rig import ARM, CLAIM, Rig
from tests.faults.rig.servers import Servers
from tests.faults.stage import ROUND_SECONDS, Lane, all_kept
from tests.faults.traffic import (
    ACCEPTED,
    UNAVAILABLE,
    Client,
    Person,
    altered,
    at_work,
    not_sent,
    rang_once,
)
from tests.support.people import leads

SPEED = 120.0
SLOW_SECONDS = 0.02
TOO_SLOW_SECONDS = 0.6
"""An answer and two statements take as long as an arm may: three seconds."""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def rig(
    own_servers: Servers, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Rig]:
    """API and two workers."""
    async with at_work(own_servers, home=tmp_path_factory.mktemp("postgres"), speed=SPEED) as made:
        yield made


@asynccontextmanager
async def _sending(rig: Rig, lane: Lane, people: Sequence[Person]) -> AsyncIterator[Client]:
    """Send these leads meanwhile, in a trickle; at the end all are in, and rang once."""
    client = Client(rig=rig, lane=lane)
    task = asyncio.create_task(_trickle(client, people))
    try:
        yield client
        await task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    assert client.answers[ACCEPTED] == len(people)
    await rang_once(lane, people)
    await all_kept(rig.system)


async def _trickle(client: Client, people: Sequence[Person]) -> None:
    for first in range(0, len(people), 2):
        await client.post(people[first : first + 2])
        await asyncio.sleep(0.2)


async def _rings(rig: Rig, more: int) -> None:
    """Wait until so many phones have rung since."""
    before = len(rig.sandbox.rings())

    async def rung() -> bool:
        return len(rig.sandbox.rings()) >= before + more

    await rig.system.eventually(f"{more} more phones ring", rung)


@pytest.mark.asyncio
async def test_postgresql_is_restarted_every_few_seconds(rig: Rig, own_servers: Servers) -> None:
    lane = await Lane.open(rig.system)
    async with _sending(rig, lane, leads(30, codes=("201",))):
        for _ in range(3):
            await _rings(rig, 4)
            await own_servers.restart_postgres()


@pytest.mark.asyncio
async def test_postgresql_is_killed_and_recovers(rig: Rig, own_servers: Servers) -> None:
    """What it had committed it still has: nobody who was armed is armed again."""
    lane = await Lane.open(rig.system)
    async with _sending(rig, lane, leads(16, codes=("202",))):
        await _rings(rig, 4)
        os.kill(own_servers.postgres.pid, signal.SIGKILL)
        await own_servers.restart_postgres()


@pytest.mark.asyncio
async def test_postgresql_takes_no_more_connections(rig: Rig) -> None:
    """SQLSTATE 53300, at whatever each program does next."""
    lane = await Lane.open(rig.system)
    async with _sending(rig, lane, leads(16, codes=("203",))) as client:
        await _rings(rig, 4)
        async with altered(rig, "CONNECTION LIMIT 0", "CONNECTION LIMIT -1"):
            await _turned_away(rig, client)


@pytest.mark.asyncio
async def test_postgresql_is_read_only_for_a_while(rig: Rig) -> None:
    """SQLSTATE 25006, as after a fail-over to a replica that is not promoted yet."""
    lane = await Lane.open(rig.system)
    setting = "default_transaction_read_only"
    async with _sending(rig, lane, leads(16, codes=("207",))) as client:
        await _rings(rig, 4)
        async with altered(rig, f"SET {setting} = on", f"RESET {setting}"):
            await _turned_away(rig, client)


async def _turned_away(rig: Rig, client: Client) -> None:
    """Wait until the API has said so, and every loop of the workers has met it."""
    before = client.answers[UNAVAILABLE]

    async def said() -> bool:
        return client.answers[UNAVAILABLE] > before

    await rig.system.eventually("the API is turned away", said)
    await asyncio.sleep(ROUND_SECONDS)


@pytest.mark.asyncio
async def test_postgresql_refuses_connections_for_a_while(rig: Rig) -> None:
    """Nobody listens any more; workers are cut off with their calls claimed."""
    lane = await Lane.open(rig.system)
    wires = [program.database for program in (rig.api, *rig.workers)]
    async with _sending(rig, lane, leads(16, codes=("212",))) as client:
        await rig.reached(rig.at(CLAIM, When.HEARD, then=Do.CUT, skip=1))
        try:
            for wire in wires:
                wire.refuse()
            await _turned_away(rig, client)
        finally:
            for wire in wires:
                wire.open()


@contextmanager
def _as_slow_as_it_gets(rig: Rig) -> Iterator[None]:
    """Have PostgreSQL as fast as ever in the end, however slow it was made meanwhile."""
    try:
        yield
    finally:
        _delay(rig, 0.0)


def _delay(rig: Rig, seconds: float) -> None:
    for program in (rig.api, *rig.workers):
        program.database.delay = seconds


@pytest.mark.asyncio
async def test_postgresql_is_slow(rig: Rig) -> None:
    lane = await Lane.open(rig.system)
    async with _sending(rig, lane, leads(4, codes=("215",))):
        with _as_slow_as_it_gets(rig):
            _delay(rig, SLOW_SECONDS)
            await _rings(rig, 4)


@pytest.mark.asyncio
async def test_postgresql_is_too_slow_for_an_arm(rig: Rig) -> None:
    """An arm that takes longer than three seconds sends nothing, though it was committed."""
    lane = await Lane.open(rig.system)

    async def armed() -> bool:
        return await lane.called("dialing") > 0

    rig.at(ARM, When.STATEMENT, lambda: _delay(rig, TOO_SLOW_SECONDS))
    async with _sending(rig, lane, leads(2, codes=("239",))):
        with _as_slow_as_it_gets(rig):
            await rig.system.eventually("a call is armed", armed)
    assert "refused" in {call["state"] for call in await not_sent(lane)}
