"""A worker process: it stops when told, refuses a stale schema, and lives without its queue."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from uuid import uuid4

import pytest

from dialer.store import engine, witness
from dialer.wakeups import JOB, QUEUE, connect
from dialer.witness import FileKeeper
from tests.support.people import leads
from tests.support.sandbox import ROOT
from tests.support.servers import create_database, drop_database, postgres_url
from tests.support.system import running_system


@pytest.mark.asyncio
async def test_without_a_queue_leads_are_called_all_the_same(
    database_url: str, tmp_path: Path
) -> None:
    async with running_system(
        database_url=database_url,
        redis_url="redis://:nobody@127.0.0.1:1/0",
        home=tmp_path,
        speed=60,
    ) as system:
        worker = system.start_worker()
        campaign = await system.campaign(cadence={"max_attempts": 1})
        await system.post(campaign, leads(5))

        async def all_done() -> bool:
            return (await system.states("leads")).get("done") == 5

        await system.eventually("every lead is called", all_done)
        assert len(system.sandbox.rings()) == 5
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(timeout=40) == 0


@pytest.mark.asyncio
async def test_a_hostile_wake_up_does_no_harm(
    database_url: str, redis_url: str, tmp_path: Path
) -> None:
    async with running_system(
        database_url=database_url, redis_url=redis_url, home=tmp_path, speed=60
    ) as system:
        redis = connect(redis_url)
        await redis.enqueue_job(JOB, "not an id", _queue_name=QUEUE)
        await redis.enqueue_job("os.system", "true", _queue_name=QUEUE)
        await redis.psetex(b"arq:job:evil", 60_000, b"\x80\x04not json")
        await redis.zadd(QUEUE, {"evil": 1})
        await redis.aclose()
        await redis.connection_pool.disconnect()
        worker = system.start_worker()
        campaign = await system.campaign(cadence={"max_attempts": 1})
        await system.post(campaign, leads(2))

        async def all_done() -> bool:
            return (await system.states("leads")).get("done") == 2

        await system.eventually("every lead is called", all_done)
        assert worker.poll() is None


@pytest.mark.asyncio
async def test_wake_ups_that_piled_up_do_not_keep_a_worker_from_its_work(
    database_url: str, redis_url: str, tmp_path: Path
) -> None:
    async with running_system(
        database_url=database_url, redis_url=redis_url, home=tmp_path, speed=60
    ) as system:
        redis = connect(redis_url)
        late = (time.time() - 3600) * 1000
        await redis.zadd(QUEUE, {f"late-{number}": late for number in range(5_000)})
        fresh = [f"{uuid4()}" for _ in range(300)]
        for agent_id in fresh:
            await redis.enqueue_job(JOB, agent_id, _queue_name=QUEUE)
        system.start_worker()
        campaign = await system.campaign(cadence={"max_attempts": 1})
        await system.post(campaign, leads(2))

        async def all_done() -> bool:
            return (await system.states("leads")).get("done") == 2

        await system.eventually("every lead is called", all_done)
        assert await redis.zcount(QUEUE, "-inf", late) == 0
        await redis.aclose()
        await redis.connection_pool.disconnect()


@pytest.mark.asyncio
async def test_sigterm_lets_calls_under_way_finish(
    database_url: str, redis_url: str, tmp_path: Path
) -> None:
    async with running_system(
        database_url=database_url, redis_url=redis_url, home=tmp_path
    ) as system:
        system.sandbox.set_latency(call_ms=1500)
        worker = system.start_worker()
        campaign = await system.campaign()
        await system.post(campaign, leads(8))

        async def dialing() -> bool:
            return (await system.states("calls")).get("dialing", 0) > 0

        await system.eventually("a call is under way", dialing)
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(timeout=40) == 0
        states = await system.states("calls")
        assert not states.keys() & {"dialing", "unknown", "claimed"}
        assert states["placed"] == len(system.sandbox.rings())


_CLAIM_OF_THE_DEAD = """
INSERT INTO calls (id, organization_id, business_id, agent_id, campaign_id, lead_id, phone,
    worker, place_at, claim_expires_at, window_until)
SELECT gen_random_uuid(), l.organization_id, c.business_id, c.agent_id, c.id, l.id, l.phone,
    'dead', outdial_now(), outdial_now() + interval '1 hour', outdial_now() + interval '1 hour'
FROM leads l JOIN campaigns c ON c.id = l.campaign_id
"""


@pytest.mark.asyncio
async def test_a_restored_database_is_noticed_before_anybody_is_buried(
    database_url: str, redis_url: str, tmp_path: Path
) -> None:
    # The copy says that a dead worker never armed its call; it may have, since the copy was made.
    async with running_system(
        database_url=database_url, redis_url=redis_url, home=tmp_path
    ) as system:
        campaign = await system.campaign()
        await system.post(campaign, leads(1))
        async with system.context.engine.begin() as conn:
            await engine.run(conn, _CLAIM_OF_THE_DEAD)
            await engine.run(conn, "UPDATE leads SET state = 'calling'")
            kept = (await witness.locked(conn))["database_id"]
        await FileKeeper(folder=tmp_path / "witness").keep(kept, 1_000)
        (tmp_path / "slots").mkdir(mode=0o700)
        (tmp_path / "slots" / "000.slot").write_text("dead")
        system.start_worker()

        async def buried() -> bool:
            return (tmp_path / "slots" / "000.slot").read_text() not in ("", "dead")

        await system.eventually("the dead worker is buried", buried)
        assert await system.states("calls") == {"unknown": 1}


def test_a_stale_schema_is_refused_with_a_remedy(redis_url: str, tmp_path: Path) -> None:
    name = f"empty_{uuid4().hex}"
    url = create_database(postgres_url(), name)
    environment = {
        "OUTDIAL_DATABASE_URL": url,
        "OUTDIAL_REDIS_URL": redis_url,
        "OUTDIAL_SECRET_KEY": "0" * 43 + "=",
        "OUTDIAL_HOME": str(tmp_path),
    }
    ran = subprocess.run(
        [sys.executable, "-m", "workers"],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        timeout=60,
        check=False,
    )
    drop_database(postgres_url(), name)
    assert ran.returncode == 4
    assert b"outdial migrate" in ran.stderr


def test_a_setting_that_cannot_be_is_named_without_its_value() -> None:
    given = {"OUTDIAL_DATABASE_URL": "mysql://me:hunter2@127.0.0.1/x", "OUTDIAL_SECRET_KEY": "k"}
    kept = {k: v for k, v in os.environ.items() if not k.startswith("OUTDIAL_")}
    ran = subprocess.run(
        [sys.executable, "-m", "workers"],
        cwd=ROOT,
        env={**kept, **given},
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert ran.returncode == 2
    assert b"OUTDIAL_DATABASE_URL" in ran.stderr
    assert b"OUTDIAL_REDIS_URL" in ran.stderr
    assert b"Traceback" not in ran.stderr
    assert b"hunter2" not in ran.stderr
