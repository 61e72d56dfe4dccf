"""A job comes often, or is run by two workers at once: it says where to look, and decides nothing.

The only job of the queue wakes a lane. What keeps a phone from ringing twice is in the database:
claims of a lane take turns, and a call is armed once, under a fence of the run that arms it.
"""

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import pytest
import pytest_asyncio
from arq.connections import ArqRedis
from arq.constants import in_progress_key_prefix, retry_key_prefix
from redis import Redis

from dialer.pipeline.dialing.place import place
from dialer.wakeups import JOB, QUEUE, connect
from tests.faults.rig.proxy import LOOPBACK, Do, Proxy, Way
from tests.faults.stage import Lane, all_kept, lend
from tests.support.people import leads
from tests.support.system import System

TIMES = 20
SECOND_RUN_SECONDS = 2.0
"""How long the first run is held; a worker that hears nothing for three gives its queue up."""


@dataclass(eq=False)
class Amnesia:
    """Has the queue forgotten that a job runs, when it is about to hear that the job is done.

    Attributes:
        url: The queue.
        job: How the job's id begins.
        done_by_another: Whether another worker ran the job before its first run ended.
    """

    url: str
    job: str = "no job yet"
    done_by_another: bool = False
    came: threading.Event = field(default_factory=threading.Event)
    _once: threading.Lock = field(default_factory=threading.Lock)

    def see(self, way: Way, piece: bytes) -> Do:
        """Hold the end of the job's first run until somebody else has run it, too."""
        ends = b"DEL" in piece and f"{in_progress_key_prefix}{self.job}".encode() in piece
        # Once: the second run's end comes while the first one's is held.
        if way is Way.TO_SERVER and ends and self._once.acquire(blocking=False):
            self._forget()
            self.came.set()
        return Do.PASS

    def passed(self, _: Way) -> Do:
        """Leave the connection as it is."""
        return Do.PASS

    def _forget(self) -> None:
        with Redis.from_url(self.url) as redis:
            (job,) = (
                key.decode().removeprefix(in_progress_key_prefix)
                for key in redis.scan_iter(f"{in_progress_key_prefix}{self.job}*")
            )
            redis.delete(in_progress_key_prefix + job, retry_key_prefix + job)
            self.done_by_another = self._is_done(redis, job)

    def _is_done(self, redis: Redis, job: str) -> bool:
        rest = threading.Event()
        for _ in range(int(SECOND_RUN_SECONDS / 0.01)):
            if redis.zscore(QUEUE, job) is None:
                return True
            rest.wait(0.01)
        return False


@dataclass(frozen=True)
class Stage:
    """Two workers, each with a wire of its own to the queue."""

    system: System
    redis: ArqRedis
    amnesia: Amnesia


@asynccontextmanager
async def _staged(template: str, redis_url: str, home: Path) -> AsyncIterator[Stage]:
    port = urlsplit(redis_url).port or 0
    amnesia = Amnesia(redis_url)
    with ExitStack() as stack:
        async with lend(template, redis_url=redis_url, home=home, speed=120) as system:
            redis = connect(redis_url)
            for _ in range(2):
                wire = stack.enter_context(Proxy(LOOPBACK, port, tap=lambda: amnesia))
                own = redis_url.replace(f":{port}/", f":{wire.own_port}/")
                system.start_worker(OUTDIAL_REDIS_URL=own, OUTDIAL_CALLS_IN_FLIGHT="3")
            yield Stage(system, redis, amnesia)
            # Before their wires are cut.
            system.stop_workers()
            await redis.aclose(close_connection_pool=True)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def stage(
    template: str, redis_url: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Stage]:
    """Two workers at work."""
    async with _staged(template, redis_url, tmp_path_factory.mktemp("jobs")) as staged:
        yield staged


@pytest.mark.asyncio
async def test_the_same_job_delivered_twenty_times_rings_each_phone_once(stage: Stage) -> None:
    """Twenty jobs alike at once, and one that comes again as soon as it was done."""
    lane = await Lane.open(stage.system)
    people = leads(9, codes=("203",))
    await stage.system.post(lane.campaign_id, people)
    agent_id = str(await lane.agent_id())
    await asyncio.gather(*(_deliver(stage, agent_id, f"{uuid4()}") for _ in range(TIMES)))
    for _ in range(TIMES):
        await _deliver(stage, agent_id, f"again-{agent_id}")
    await lane.until_over()
    assert await lane.phones() == sorted(str(lead["phone"]) for lead in people)
    assert len(await lane.calls()) == len(people)
    await all_kept(stage.system)


async def _deliver(stage: Stage, agent_id: str, job: str) -> None:
    """Put a job into the queue, and see it taken and done."""
    assert await stage.redis.enqueue_job(JOB, agent_id, _job_id=job, _queue_name=QUEUE)

    async def done() -> bool:
        return await stage.redis.zscore(QUEUE, job) is None

    await stage.system.eventually(f"job {job} is done", done)


@pytest.mark.asyncio
async def test_a_call_placed_twenty_times_at_once_beside_its_own_worker_rings_once(
    stage: Stage,
) -> None:
    """The guard: the arm moves the row from claimed to dialing under the claim's fence."""
    system = stage.system
    # A call every half second: all but the first are claimed well ahead of their slots.
    lane = await Lane.open(system, calls_per_minute=1)
    people, seen = leads(4, codes=("207",)), set[UUID]()
    await system.post(lane.campaign_id, people)
    async with asyncio.TaskGroup() as group:

        async def every_call_was_seen() -> bool:
            for call in await lane.calls():
                if call["id"] not in seen:
                    seen.add(call["id"])
                    for _ in range(TIMES):
                        group.create_task(place(system.context, system.partners, call["id"]))
            return len(seen) >= len(people)

        await system.eventually("every call was claimed", every_call_was_seen)
    await lane.until_over()
    assert await lane.phones() == sorted(str(lead["phone"]) for lead in people)
    assert len(await lane.told("call.dialing")) == len(people)
    await all_kept(system)


@pytest.mark.asyncio
async def test_a_job_whose_in_progress_key_is_deleted_is_run_by_two_workers_and_rings_once(
    stage: Stage,
) -> None:
    """Arq then takes the job for one that nobody has begun; both workers look at the lane."""
    lane = await Lane.open(stage.system, start=False)
    people = leads(12, codes=("240",))
    await stage.system.post(lane.campaign_id, people)
    stage.amnesia.job = str(await lane.agent_id())
    stage.system.sandbox.set_latency(call_ms=400)
    await stage.system.move_to_running(lane.campaign_id)
    assert await asyncio.to_thread(stage.amnesia.came.wait, 30)
    assert stage.amnesia.done_by_another
    stage.system.sandbox.set_latency(call_ms=0)
    await lane.until_over()
    assert await lane.phones() == sorted(str(lead["phone"]) for lead in people)
    assert len({call["worker"] for call in await lane.calls()}) == 2
    await all_kept(stage.system)
