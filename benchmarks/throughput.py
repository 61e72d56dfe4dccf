"""Calls per second of one worker, beside a bare client loop on the same sandbox."""

import asyncio
import time

from benchmarks.measure import Measure
from benchmarks.stack import stack
from partner import CallRequest, PartnerClient, StaticKey
from tests.support.people import leads, numbers
from tests.support.system import System

CALLS = 1_000
BARE_AT_ONCE = 64


def measure() -> list[Measure]:
    """Dial a list as fast as one worker can, then the same number of calls in a bare loop."""
    return asyncio.run(_measure())


async def _measure() -> list[Measure]:
    async with stack(speed=30) as system:
        ours = await _dial(system)
        bare = await _bare(system.sandbox.base_url)
    return [
        Measure(
            name="calls_per_second_one_worker",
            value=ours,
            unit="calls/s",
            reference=f"bare client loop, {BARE_AT_ONCE} at once",
            reference_value=bare,
        )
    ]


async def _dial(system: System) -> float:
    campaign = await system.campaign(start=False, cadence={"max_attempts": 1})
    await system.post(campaign, leads(CALLS))
    system.start_worker()
    await system.move_to_running(campaign)

    async def all_rang() -> bool:
        await asyncio.sleep(0.5)
        return int(system.sandbox.stats()["rings"]) >= CALLS

    await system.eventually("all phones rang", all_rang, seconds=300)
    rings: list[float] = [ring["real"] for ring in system.sandbox.rings()]
    system.stop_workers()
    return (len(rings) - 1) / (max(rings) - min(rings))


async def _bare(base_url: str) -> float:
    gate = asyncio.Semaphore(BARE_AT_ONCE)
    async with PartnerClient(base_url=base_url, credentials=StaticKey("sandbox-key")) as client:

        async def ring(phone: str) -> None:
            async with gate:
                await client.call("biz_demo", "agent_demo", CallRequest(phone_number=phone))

        began = time.monotonic()
        await asyncio.gather(*(ring(phone) for phone in numbers(CALLS)))
        return CALLS / (time.monotonic() - began)
