"""Pace: rings in any rolling minute never above the limit, and nearly all of it used."""

import asyncio

from benchmarks.measure import Measure
from benchmarks.stack import stack
from tests.support.people import leads

LIMIT = 240
MINUTE = 60.0
SECONDS = 100.0


def measure() -> list[Measure]:
    """Dial for 100 s at a limit of 240 calls a minute, and count what rang."""
    return asyncio.run(_measure())


async def _measure() -> list[Measure]:
    async with stack() as system:
        campaign = await system.campaign(start=False, calls_per_minute=LIMIT)
        await system.post(campaign, leads(int(LIMIT * SECONDS / MINUTE) + LIMIT))
        system.start_worker()
        await system.move_to_running(campaign)

        async def begun() -> bool:
            return bool(system.sandbox.rings())

        await system.eventually("the first phone rings", begun)
        await asyncio.sleep(SECONDS)
        rings = [ring["real"] for ring in system.sandbox.rings()]
    windows = _windows(rings)
    reference = "the limit, calls in any rolling minute"
    return [
        Measure(
            name=f"pace_{name}_minute",
            value=float(value),
            unit="calls",
            reference=reference,
            reference_value=float(LIMIT),
        )
        for name, value in (("fullest", max(windows)), ("emptiest", min(windows)))
    ]


def _windows(rings: list[float]) -> list[int]:
    """Rings in each window of a minute that begins at a ring and ends before the last one."""
    ordered = sorted(rings)
    starts = [at for at in ordered if at + MINUTE <= ordered[-1]]
    return [sum(1 for at in ordered if start <= at < start + MINUTE) for start in starts]
