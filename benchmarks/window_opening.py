"""What a fresh lead waits while a window opens for 200,000 others on the same lane.

One campaign at a pace, one worker. Fresh leads are posted one by one, first while the others'
window is closed and then while it opens; of each the time from its acceptance to the slot that its
claim gave it. The pace's own spacing is in both.
"""

import asyncio
import time
from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

from sqlalchemy import RowMapping

from benchmarks.many_leads import Filling, fill
from benchmarks.measure import Measure
from benchmarks.stack import percentile, stack
from dialer.pipeline.intake.intake import Door, accept
from tests.support.leaps import leap
from tests.support.people import numbers
from tests.support.system import System

LEADS = 200_000
PER_MINUTE = 600
APART_SECONDS = 0.2
SECONDS = 20.0
QUICK_SECONDS = 8.0
WARM_UP = 20
BEFORE = timedelta(seconds=3)
"""So long the stream runs before the window opens."""

OPENS = timedelta(hours=2)
LIMIT_SECONDS = 1.0
FRESH_CODES = ("404", "407", "412", "413")

_WAITS = """
SELECT extract(epoch FROM max(c.place_at) - l.created_at)::float8 AS seconds
FROM leads l JOIN calls c ON c.lead_id = l.id
WHERE l.external_id LIKE :stream || '-%' GROUP BY l.id
"""
_OTHERS = """
SELECT count(*) AS n FROM calls c JOIN leads l ON l.id = c.lead_id WHERE l.external_id IS NULL
"""


def measure(leads: int = LEADS) -> list[Measure]:
    """Post both streams, the one before the opening and the one over it."""
    return asyncio.run(_measure(leads, SECONDS if leads >= LEADS else QUICK_SECONDS))


async def _measure(leads: int, seconds: float) -> list[Measure]:
    posts = round(seconds / APART_SECONDS)
    phones = numbers(3 * posts, codes=FRESH_CODES)
    async with stack(OUTDIAL_HISTORY_SECONDS="5") as system:
        campaign = await _campaign(system)
        filling = Filling(leads=leads, due_in_five=5, due=OPENS, spread=1)
        await fill(system.context, campaign, filling)
        row = await system.rows("SELECT min(due_at) AS at FROM leads")
        system.start_worker()
        await _stream(system, campaign["id"], "first", min(posts, WARM_UP), phones)
        quiet = await _stream(system, campaign["id"], "quiet", posts, phones)
        await leap(system.context, system.sandbox, to=row[0]["at"] - BEFORE)
        opened = await _stream(system, campaign["id"], "opened", posts, phones)
        others = await system.rows(_OTHERS)
    if others[0]["n"] == 0:
        raise RuntimeError("the window never opened: none of the others was called")
    return _said(quiet, opened, leads)


async def _campaign(system: System) -> RowMapping:
    made = await system.campaign(calls_per_minute=PER_MINUTE, cadence={"max_attempts": 1})
    (row,) = await system.rows("SELECT * FROM campaigns WHERE id = :id", id=made)
    return row


async def _stream(
    system: System, campaign_id: UUID, name: str, posts: int, phones: Iterator[str]
) -> list[float]:
    """Post leads one by one, and wait until all have been claimed; seconds waited by each."""
    door = await _door(system, campaign_id)
    began = time.monotonic()
    for number in range(posts):
        await asyncio.sleep(max(began + number * APART_SECONDS - time.monotonic(), 0.0))
        lead = {"phone": next(phones), "external_id": f"{name}-{number}"}
        await accept(system.context, door=door, given=[lead])

    async def all_claimed() -> bool:
        await asyncio.sleep(0.5)
        return len(await system.rows(_WAITS, stream=name)) == posts

    await system.eventually(f"all leads of {name} are claimed", all_claimed)
    return [row["seconds"] for row in await system.rows(_WAITS, stream=name)]


async def _door(system: System, campaign_id: UUID) -> Door:
    """The door of what is posted singly: such leads are fresh."""
    (source,) = await system.rows("SELECT id FROM sources WHERE name = 'api'")
    return Door(
        organization_id=system.organization_id,
        campaign_id=campaign_id,
        source_id=source["id"],
        fresh=True,
    )


def _said(quiet: list[float], opened: list[float], leads: int) -> list[Measure]:
    before, after = percentile(quiet, 0.99), percentile(opened, 0.99)
    return [
        Measure(
            name="fresh_wait_added_p99",
            value=1000 * (after - before),
            unit="ms",
            reference=f"the limit while a window opens for {leads:,}",
            reference_value=1000 * LIMIT_SECONDS,
        ),
        *(
            Measure(
                name=f"fresh_wait_p{round(100 * share)}",
                value=1000 * percentile(opened, share),
                unit="ms",
                reference="the same stream before the opening",
                reference_value=max(1000 * percentile(quiet, share), 0.001),
            )
            for share in (0.5, 0.99)
        ),
    ]
