"""Valkey comes to harm: it only carries hints, so calls go on by the database's sweep.

In each scenario the API answers 202 as ever, and every phone rings once.
"""

import asyncio
import shutil
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import uuid4

import pytest
import pytest_asyncio
from redis import Redis

from dialer.wakeups import JOB, QUEUE, connect
from tests.faults.rig.rig import Rig
from tests.faults.rig.servers import Servers
from tests.faults.stage import Lane, all_kept
from tests.faults.traffic import ACCEPTED, Client, Person, at_work, rang_once
from tests.support.people import leads

SPEED = 120.0
MARK = "what-was-there"
NO_MASTER = ("127.0.0.1", "1")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def rig(
    own_servers: Servers, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Rig]:
    """API and two workers."""
    async with at_work(own_servers, home=tmp_path_factory.mktemp("valkey"), speed=SPEED) as made:
        yield made


async def _served(rig: Rig, lane: Lane, people: Sequence[Person]) -> None:
    """Post these, each of whom is accepted at once, and see each of their phones ring once."""
    client = Client(rig=rig, lane=lane)
    await client.post(people)
    assert client.answers == {ACCEPTED: len(people)}
    await rang_once(lane, people)


async def _heard_again(rig: Rig, lane: Lane) -> None:
    """See a worker take a wake-up: the queue is in use again."""
    redis = connect(_url(rig))
    job = uuid4().hex

    async def taken() -> bool:
        return await redis.zscore(QUEUE, job) is None

    try:
        agent_id = str(await lane.agent_id())
        assert await redis.enqueue_job(JOB, agent_id, _job_id=job, _queue_name=QUEUE)
        await rig.system.eventually("a wake-up is taken", taken)
    finally:
        await redis.aclose(close_connection_pool=True)


def _url(rig: Rig) -> str:
    return rig.system.environment["OUTDIAL_REDIS_URL"]


def _valkey(rig: Rig) -> Redis:
    return Redis.from_url(_url(rig))


@pytest.mark.asyncio
async def test_valkey_is_flushed_with_the_wake_ups_in_it(rig: Rig) -> None:
    lane, people = await Lane.open(rig.system), leads(4, codes=("201",))
    for worker in rig.workers:
        worker.queue.hold()
    client = Client(rig=rig, lane=lane)
    await client.post(people)
    with _valkey(rig) as valkey:
        assert valkey.zcard(QUEUE) > 0
        valkey.flushall()
    for worker in rig.workers:
        worker.queue.release()
    assert client.answers == {ACCEPTED: len(people)}
    await rang_once(lane, people)
    await _heard_again(rig, lane)
    await all_kept(rig.system)


@pytest.mark.asyncio
async def test_valkey_is_down_from_before_the_leads_until_after_their_calls(
    rig: Rig, own_servers: Servers
) -> None:
    lane = await Lane.open(rig.system)
    await asyncio.to_thread(own_servers.valkey.stop)
    try:
        await _served(rig, lane, leads(4, codes=("202",)))
    finally:
        await own_servers.restart_valkey()
    await _heard_again(rig, lane)
    await all_kept(rig.system)


@asynccontextmanager
async def _configured(rig: Rig, name: str, value: str) -> AsyncIterator[None]:
    with _valkey(rig) as valkey:
        (was,) = valkey.config_get(name).values()
        valkey.config_set(name, value)
        try:
            yield
        finally:
            valkey.config_set(name, was)


@pytest.mark.asyncio
async def test_valkey_refuses_writes_since_it_has_too_few_replicas(rig: Rig) -> None:
    lane = await Lane.open(rig.system)
    async with _configured(rig, "min-replicas-to-write", "1"):
        await _served(rig, lane, leads(4, codes=("203",)))
    await _heard_again(rig, lane)
    await all_kept(rig.system)


@pytest.mark.asyncio
async def test_valkey_is_a_read_only_replica_of_a_dead_primary(rig: Rig) -> None:
    lane = await Lane.open(rig.system)
    with _valkey(rig) as valkey:
        valkey.replicaof(*NO_MASTER)
        try:
            await _served(rig, lane, leads(4, codes=("207",)))
        finally:
            valkey.replicaof("NO", "ONE")
    await _heard_again(rig, lane)
    await all_kept(rig.system)


@pytest.mark.asyncio
async def test_valkey_is_out_of_memory(rig: Rig) -> None:
    lane = await Lane.open(rig.system)
    async with _configured(rig, "maxmemory", "1"):
        await _served(rig, lane, leads(4, codes=("212",)))
    await _heard_again(rig, lane)
    await all_kept(rig.system)


@pytest.mark.asyncio
async def test_valkey_is_restarted_without_its_data(rig: Rig, own_servers: Servers) -> None:
    """The count that it kept for the database is gone, too: that is no restore."""
    lane, people = await Lane.open(rig.system), leads(4, codes=("215",))
    client = Client(rig=rig, lane=lane)
    await client.post(people[:2])
    with _valkey(rig) as valkey:
        valkey.set(MARK, 1)
    await asyncio.to_thread(own_servers.valkey.stop)
    _empty(own_servers.folder / "valkey")
    await own_servers.restart_valkey()
    with _valkey(rig) as valkey:
        assert not valkey.exists(MARK)
    await client.post(people[2:])
    assert client.answers == {ACCEPTED: len(people)}
    await rang_once(lane, people)
    await _heard_again(rig, lane)
    assert not await rig.system.rows("SELECT id FROM events WHERE name = 'organization.restored'")
    await all_kept(rig.system)


def _empty(folder: Path) -> None:
    for path in (folder / "data").iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()


@pytest.mark.asyncio
async def test_valkey_is_frozen_for_everybody(rig: Rig) -> None:
    """Connections stand, and no byte comes: each wait for it has an end."""
    lane = await Lane.open(rig.system)
    wires = [program.queue for program in (rig.api, *rig.workers)]
    for wire in wires:
        wire.hold()
    try:
        await _served(rig, lane, leads(4, codes=("239",)))
    finally:
        for wire in wires:
            wire.release()
    await _heard_again(rig, lane)
    await all_kept(rig.system)
