"""1,000 leads while the worker is killed again and again and Valkey loses what it holds."""

import asyncio
import random
from pathlib import Path

import pytest

from dialer.wakeups import connect
from outdial.embedded.valkey import EmbeddedValkey
from tests.faults.promises import promises, witness
from tests.support.people import leads
from tests.support.system import System, running_system

LEADS = 1_000
BATCH = 20
SEED = 20261122


async def _post_all(system: System, campaign: object) -> None:
    everyone = leads(LEADS)
    for first in range(0, LEADS, BATCH):
        receipts = await system.post(campaign, everyone[first : first + BATCH])  # type: ignore[arg-type]  # a campaign id
        assert {r.status for r in receipts} == {"accepted"}
        await asyncio.sleep(0.3)


async def _kill_again_and_again(system: System, chance: random.Random, done: asyncio.Event) -> int:
    kills = 0
    while not done.is_set():
        worker = system.start_worker()
        await asyncio.sleep(chance.uniform(2.5, 5.0))
        worker.kill()
        worker.wait()
        kills += 1
    return kills


async def _lose_the_queue(valkey: EmbeddedValkey, url: str) -> None:
    await asyncio.sleep(5)
    redis = connect(url)
    await redis.flushall()
    await redis.aclose()
    await redis.connection_pool.disconnect()
    await asyncio.sleep(4)
    await asyncio.to_thread(valkey.stop)
    await asyncio.sleep(1)
    await asyncio.to_thread(valkey.start)


@pytest.mark.slow
@pytest.mark.asyncio
async def test_a_thousand_leads_survive_killed_workers_and_a_lost_queue(
    database_url: str, tmp_path: Path
) -> None:
    valkey = EmbeddedValkey(directory=tmp_path / "valkey")
    url = await asyncio.to_thread(valkey.start)
    chance = random.Random(SEED)  # noqa: S311 -- a reproducible schedule
    try:
        async with running_system(
            database_url=database_url, redis_url=url, home=tmp_path / "home", speed=120
        ) as system:
            await witness(system)
            campaign = await system.campaign(
                cadence={"max_attempts": 1}, absence_proof="balanced", concurrency=200
            )
            done = asyncio.Event()
            killer = asyncio.create_task(_kill_again_and_again(system, chance, done))
            loser = asyncio.create_task(_lose_the_queue(valkey, url))
            await _post_all(system, campaign)
            await loser
            done.set()
            kills = await killer
            system.start_worker()
            await _assert_all_is_well(system, kills)
    finally:
        await asyncio.to_thread(valkey.remove)


async def _assert_all_is_well(system: System, kills: int) -> None:
    async def nothing_open() -> bool:
        states = await system.states("leads")
        return sum(states.values()) == LEADS and not states.keys() & {"waiting", "calling"}

    await system.eventually("every lead is in its last bucket", nothing_open, seconds=240)
    assert kills >= 3
    assert all(row["accepted"] == LEADS for row in await system.ledger())
    books = await promises(system)
    linked = {call["partner_call_id"] for call in books.calls if call["partner_call_id"]}
    assert {ring["call_id"] for ring in books.rings} == linked
