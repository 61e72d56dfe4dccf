"""What reading the history costs: requests for 1,000 ended calls, beside the limit of 12.

By the sandbox's count at one rate, through the database and over HTTP; and at more rates with the
same rules over a stream of calls in memory.
"""

import asyncio

from benchmarks.measure import Measure
from benchmarks.stack import stack
from tests.support.house import House
from tests.support.steady import steady_cost
from tests.support.traffic import measure as count

LIMIT = 12.0
COUNTED = 100
RATES = (10, 30, 80, 100, 200, 500)


def measure() -> list[Measure]:
    """Read a steady stream at each rate."""
    counted = [_said(f"counted_{COUNTED}", asyncio.run(_counted()))]
    return counted + [_said(str(rate), steady_cost(rate).per_thousand) for rate in RATES]


async def _counted() -> float:
    async with stack() as system:
        house = House(context=system.context, organization_id=system.organization_id)
        budget = await count(
            house,
            system.sandbox,
            system.partners,
            per_minute=COUNTED,
            warm_up=500,
            calls=1000,
        )
    return budget.per_thousand


def _said(name: str, per_thousand: float) -> Measure:
    return Measure(
        name=f"history_at_{name}_a_minute",
        value=per_thousand,
        unit="requests",
        reference="the limit for 1,000 ended calls",
        reference_value=LIMIT,
    )
