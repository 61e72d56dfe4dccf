"""A filler that is killed in the middle of a batch leaves a run that the next one goes on with."""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from dialer.pipeline import filling, runs
from dialer.pipeline.runs import Redial
from dialer.store import engine
from tests.support.house import House
from tests.support.sandbox import ROOT

TURNS = 2_000
BATCH = 4
LEADS = 14


@contextmanager
def _filler(house: House, redis_url: str) -> Iterator[subprocess.Popen[bytes]]:
    database_url = house.context.settings.database_url.get_secret_value()
    process = subprocess.Popen(  # noqa: S603 -- a program of this repository
        [sys.executable, "-m", "tests.pipeline.filler", database_url, redis_url, str(BATCH)],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait(timeout=30)


async def _run_of(house: House) -> UUID:
    parent = await house.campaign()
    for _ in range(LEADS):
        await house.lead(parent["id"])
    await house.run("UPDATE leads SET state = 'done', last_outcome = 'busy'")
    run = await runs.redial(
        house.context,
        organization_id=house.organization_id,
        campaign_id=parent["id"],
        ask=Redial(outcomes=["busy"], start=True),
    )
    found: UUID = run["id"]
    return found


async def _held_up(conn: AsyncConnection) -> int:
    """The server's process that waits for the lock of `conn`, in the middle of a batch."""
    for _ in range(TURNS):
        row = await engine.first(
            conn,
            """
            SELECT pid FROM pg_stat_activity
            WHERE datname = current_database() AND pg_backend_pid() = ANY(pg_blocking_pids(pid))
            """,
        )
        if row is not None:
            return int(row["pid"])
        await asyncio.sleep(0.02)
    raise AssertionError("the filler never came to the events")


async def _is_gone(house: House, pid: int) -> None:
    for _ in range(TURNS):
        if not await house.rows("SELECT FROM pg_stat_activity WHERE pid = :pid", pid=pid):
            return
        await asyncio.sleep(0.02)
    raise AssertionError("the server keeps the dead filler's connection")


@pytest.mark.asyncio
async def test_a_filler_killed_within_a_batch_loses_nobody_and_copies_nobody_twice(
    house: House, redis_url: str
) -> None:
    run_id = await _run_of(house)
    await filling.fill(house.context, run_id, batch=BATCH)
    before = await house.row("SELECT * FROM runs WHERE id = :id", id=run_id)
    assert before["taken"] == BATCH
    with _filler(house, redis_url) as process:
        async with house.context.engine.begin() as conn:
            # The copies are inserted by then, and their events wait for this lock.
            await engine.run(conn, "LOCK TABLE events IN EXCLUSIVE MODE")
            pid = await _held_up(conn)
            process.kill()
            process.wait(timeout=30)
        await _is_gone(house, pid)
    assert await house.row("SELECT * FROM runs WHERE id = :id", id=run_id) == before
    await house.assert_balanced()
    await filling.fill_all(house.context, batch=BATCH)
    done = await house.row("SELECT * FROM runs WHERE id = :id", id=run_id)
    copies = await house.rows(
        "SELECT origin_id FROM leads WHERE campaign_id = :c", c=done["campaign_id"]
    )
    assert (done["state"], done["taken"]) == ("filled", LEADS)
    assert len({copy["origin_id"] for copy in copies}) == len(copies) == LEADS
    await house.assert_balanced()


@pytest.mark.asyncio
async def test_two_programs_that_fill_at_once_copy_each_lead_once(
    house: House, redis_url: str
) -> None:
    with _filler(house, redis_url), _filler(house, redis_url):
        run_id = await _run_of(house)
        for _ in range(TURNS):
            done = await house.row("SELECT * FROM runs WHERE id = :id", id=run_id)
            if done["state"] == "filled":
                break
            await asyncio.sleep(0.02)
    assert (done["state"], done["taken"], done["problem"]) == ("filled", LEADS, None)
    copies = await house.rows(
        "SELECT origin_id FROM leads WHERE campaign_id = :c", c=done["campaign_id"]
    )
    assert len({copy["origin_id"] for copy in copies}) == len(copies) == LEADS
    names = await house.names()
    assert (names.count("run.filled"), names.count("campaign.running")) == (1, 2)
    await house.assert_balanced()
