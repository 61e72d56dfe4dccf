"""What a claim and a ring cost with a million leads waiting, beside a thousand in the same run.

Two databases of one server, each with a campaign on one lane: leads of five priorities, a fifth
of them due, and as many called weeks ago. The two are asked in turn. The plans of every statement
that the claim, the arm and the record send are printed to standard error.
"""

import asyncio
import statistics
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import uuid4

import anyio.to_thread
from sqlalchemy import NullPool, RowMapping, text
from sqlalchemy.ext.asyncio import create_async_engine

from benchmarks.many_leads import Filling, fill
from benchmarks.measure import Measure
from benchmarks.plans import explain, recorded
from benchmarks.stack import percentile
from dialer.pipeline.access import setup
from dialer.pipeline.dialing.place import place
from dialer.pipeline.upstream.partners import Partners
from outdial.machine.database import upgrade
from tests.support.house import House, build_house, open_context
from tests.support.sandbox import SandboxProcess
from tests.support.servers import create_database, drop_database, postgres_url, valkey_url

LEADS = 1_000_000
FEW = 1_000
AT_ONCE = 10
TURN = 20
"""Claims of one database before it is the other's turn."""

TURNS, QUICK_TURNS = 25, 4
ROUNDS, QUICK_ROUNDS = 6, 2
CALLS = 100
WARM_UP = 10
CLAIM_LIMIT_MS = 20.0

_BACK = """
UPDATE leads SET state = 'waiting', due_at = outdial_now()
WHERE campaign_id = :campaign AND state = 'calling'
"""
_LATER = timedelta(days=7, minutes=10)
"""From a round to the next: no number's caps remember the last one."""


@dataclass
class Lane:
    """A campaign on a lane, with what was measured of it; times in milliseconds.

    `claims` is the wall time of each claim; `walls` and `database` are those of a ring, a round
    each.
    """

    name: str
    house: House
    campaign: RowMapping
    partners: Partners
    claims: list[float] = field(default_factory=list)
    walls: list[float] = field(default_factory=list)
    database: list[float] = field(default_factory=list)


def measure(leads: int = LEADS) -> list[Measure]:
    """Measure the claims, then the rings, then read the plans."""
    return asyncio.run(_measure(leads))


async def _measure(leads: int) -> list[Measure]:
    with SandboxProcess() as sandbox:
        async with _lane(sandbox, FEW) as few, _lane(sandbox, leads) as many:
            for _ in range(TURNS if leads >= LEADS else QUICK_TURNS):
                for lane in (few, many):
                    await _claim(lane)
            for _ in range(ROUNDS if leads >= LEADS else QUICK_ROUNDS):
                for lane in (few, many):
                    await _ring(lane)
            by_index, reading = await _plans(many)
    return [*_claims(few, many, leads), *_rings(few, many, leads), _indexed(by_index, reading)]


@asynccontextmanager
async def _lane(sandbox: SandboxProcess, leads: int) -> AsyncIterator[Lane]:
    name = f"bench_{uuid4().hex}"
    url = create_database(postgres_url(), name)
    await anyio.to_thread.run_sync(upgrade, url)
    async with open_context(url, valkey_url()) as context:
        house = await build_house(context)
        await setup.connect_partner(
            context,
            organization_id=house.organization_id,
            base_url=sandbox.base_url,
            api_key="sandbox-key",
        )
        campaign = await house.campaign()
        await fill(context, campaign, Filling(leads=leads, called_in_five=1))
        partners = Partners(context=context)
        yield Lane(name=name, house=house, campaign=campaign, partners=partners)
        await partners.aclose()
    drop_database(postgres_url(), name)


async def _claim(lane: Lane) -> None:
    for _ in range(TURN):
        began = time.perf_counter()
        claimed = await lane.house.claim(lane.campaign["agent_id"], wanted=AT_ONCE)
        lane.claims.append(1000 * (time.perf_counter() - began))
        if not claimed.call_ids:
            raise RuntimeError(f"a claim found nobody: {claimed}")
        await lane.house.run(
            "UPDATE calls SET state = 'released', finished_at = outdial_now() "
            "WHERE agent_id = :lane AND state = 'claimed' AND finished_at IS NULL",
            lane=lane.campaign["agent_id"],
        )
        await lane.house.run(_BACK, campaign=lane.campaign["id"])


async def _ring(lane: Lane) -> None:
    """Ring a round of phones one after the other, by the wall and by the database's own time."""
    before = await _active_ms(lane)
    for _ in range(WARM_UP):
        await _ring_one(lane)
    began = time.perf_counter()
    for _ in range(CALLS):
        await _ring_one(lane)
    lane.walls.append(1000 * (time.perf_counter() - began) / CALLS)
    lane.database.append((await _active_ms(lane) - before) / (CALLS + WARM_UP))
    await lane.house.run(
        "UPDATE calls SET state = 'ended', outcome = 'no_answer', finished_at = outdial_now() "
        "WHERE agent_id = :lane AND finished_at IS NULL",
        lane=lane.campaign["agent_id"],
    )
    await lane.house.run(_BACK, campaign=lane.campaign["id"])
    await lane.house.set_time(await lane.house.now() + _LATER)


async def _ring_one(lane: Lane) -> None:
    claimed = await lane.house.claim(lane.campaign["agent_id"], wanted=1)
    if not claimed.call_ids:
        raise RuntimeError(f"nobody was left to be called: {claimed}")
    for call_id in claimed.call_ids:
        await place(lane.house.context, lane.partners, call_id)


async def _active_ms(lane: Lane) -> float:
    """How long the server has been at work for this database, in all (`pg_stat_database`)."""
    # A server process hands its count in when it ends.
    await lane.house.context.engine.dispose()
    engine = create_async_engine(postgres_url(), poolclass=NullPool)
    try:
        while True:
            async with engine.connect() as conn:
                row = (await conn.execute(text(_ACTIVE), {"name": lane.name})).one()
            if row.connected == 0:
                return float(row.active_time)
            await asyncio.sleep(0.02)
    finally:
        await engine.dispose()


_ACTIVE = """
SELECT active_time, (SELECT count(*) FROM pg_stat_activity a
    WHERE a.datname = d.datname AND a.backend_type = 'client backend') AS connected
FROM pg_stat_database d WHERE d.datname = :name
"""


async def _plans(lane: Lane) -> tuple[int, int]:
    """Print the plans of a claim and a ring; how many statements read by index, and how many read.

    Only what reads `leads` or `calls` is counted.
    """
    engine = lane.house.context.engine
    with recorded(engine) as sent:
        await _ring_one(lane)
    reading = [one for one in await explain(engine, sent) if one.reads_large]
    for one in reading:
        print(one, file=sys.stderr)
    return sum(not one.is_sequential for one in reading), len(reading)


def _claims(few: Lane, many: Lane, leads: int) -> list[Measure]:
    return [
        Measure(
            name="claim_p99",
            value=percentile(many.claims, 0.99),
            unit="ms",
            reference=f"the limit for {AT_ONCE} of {leads:,} waiting leads",
            reference_value=CLAIM_LIMIT_MS,
        ),
        *(
            Measure(
                name=f"claim_p{round(100 * share)}_beside_few",
                value=percentile(many.claims, share),
                unit="ms",
                reference=f"the same of {FEW:,} waiting leads, not {leads:,}",
                reference_value=percentile(few.claims, share),
            )
            for share in (0.5, 0.99)
        ),
    ]


def _rings(few: Lane, many: Lane, leads: int) -> list[Measure]:
    found = (("wall", many.walls, few.walls), ("database", many.database, few.database))
    return [
        Measure(
            name=f"ring_{name}_time",
            value=statistics.median(of_many),
            unit="ms",
            reference=f"the same with {FEW:,} waiting leads, not {leads:,}",
            reference_value=statistics.median(of_few),
        )
        for name, of_many, of_few in found
    ]


def _indexed(by_index: int, reading: int) -> Measure:
    return Measure(
        name="statements_by_index",
        value=float(by_index),
        unit="queries",
        reference="all of a ring that read leads or calls",
        reference_value=float(reading),
    )
