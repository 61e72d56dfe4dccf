"""How long an unknown call stays unknown, in campaign time, while others are being made.

Four in a hundred requests end with no answer: half of them had rung. The strict proof is asked
for. Those that rang are found in the history; the others are proven absent.
"""

import asyncio

from benchmarks.measure import Measure
from benchmarks.stack import percentile, stack
from tests.faults.books import Books
from tests.faults.promises import promises, witness
from tests.support.people import leads
from tests.support.system import System

SPEED = 15.0
PER_MINUTE = 60
WARM_UP = 1_300
DOUBTED = 2_000
AFTER = 1_900
BATCH = 500
SHARE = 0.02
LIMIT_MINUTES = 20.0
PATIENCE_SECONDS = 600.0
CODES = (
    *("201", "202", "203", "207", "212", "215", "239", "240", "302", "304", "305", "315"),
    *("321", "401", "404", "407", "412", "413", "434", "443", "470", "484", "508", "513"),
    *("516", "518", "540", "551", "561", "571", "585", "603", "607", "609", "610", "614"),
    *("617", "631", "646", "678", "703", "704", "716", "717", "718", "727", "732", "740"),
    *("757", "770", "772", "774"),
)


def measure() -> list[Measure]:
    """Let 1,300 calls measure the list's lag, then lose answers for 2,000 calls."""
    return asyncio.run(_measure())


async def _measure() -> list[Measure]:
    async with stack(speed=SPEED) as system:
        await witness(system)
        campaign = await system.campaign(
            start=False, calls_per_minute=PER_MINUTE, cadence={"max_attempts": 1}
        )
        everyone = leads(WARM_UP + DOUBTED + AFTER, codes=CODES)
        for first in range(0, len(everyone), BATCH):
            await system.post(campaign, everyone[first : first + BATCH])
        system.start_worker()
        await system.move_to_running(campaign)
        await _until_armed(system, WARM_UP)
        for name in ("drop", "drop_before_ring"):
            system.sandbox.fault(name, probability=SHARE)
        await _until_armed(system, WARM_UP + DOUBTED)
        system.sandbox.clear_faults()
        await _until_armed(system, len(everyone))
        spans = _unknown_minutes(await promises(system))
    settled = sum(1 for span in spans if span <= LIMIT_MINUTES)
    return [
        Measure(
            name="unknown_settled_in_20_minutes",
            value=100.0 * settled / len(spans),
            unit=f"% of {len(spans)}",
            reference="the least share promised, per cent",
            reference_value=95.0,
        ),
        *(
            Measure(
                name=f"unknown_minutes_p{share}",
                value=percentile(spans, share / 100),
                unit="minutes",
                reference="the limit for 95 in 100",
                reference_value=LIMIT_MINUTES,
            )
            for share in (50, 95, 100)
        ),
    ]


async def _until_armed(system: System, count: int) -> None:
    async def armed() -> bool:
        row = await system.rows("SELECT count(*) AS n FROM calls WHERE armed_at IS NOT NULL")
        return bool(row[0]["n"] >= count)

    await system.eventually(f"{count} calls are made", armed, seconds=PATIENCE_SECONDS)


def _unknown_minutes(books: Books) -> list[float]:
    """Campaign minutes from each doubt to its end; a doubt without an end counts as endless."""
    begun: dict[str, float] = {}
    spans: list[float] = []
    for line in books.audit:
        name, at = str(line["id"]), line["at"].timestamp()
        if line["now"] == "unknown":
            begun[name] = at
        elif line["was"] == "unknown":
            spans.append((at - begun.pop(name)) / 60)
    return spans + [float("inf")] * len(begun)
