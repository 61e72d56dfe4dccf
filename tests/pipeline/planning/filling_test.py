"""Filling runs: each lead once, whoever fills, is killed in between or changes the campaign."""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from dialer.pipeline.planning import filling, runs
from dialer.pipeline.planning.runs import Redial
from dialer.rules.campaign import CampaignState
from dialer.store import engine
from tests.pipeline.planning.redialing import called, campaign_of, leads_of, redial, run_row
from tests.support.house import House
from tests.support.processes import first_line
from tests.support.sandbox import ROOT

TURNS = 2_000
BATCH = 4
LEADS = 14


@contextmanager
def _filler(house: House, redis_url: str) -> Iterator[subprocess.Popen[bytes]]:
    database_url = house.context.settings.database_url.get_secret_value()
    process = subprocess.Popen(  # noqa: S603 -- a program of this repository
        [
            sys.executable,
            "-m",
            "tests.pipeline.planning.filler",
            database_url,
            redis_url,
            str(BATCH),
        ],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
    )
    try:
        first_line(process.stdout)
        yield process
    finally:
        process.kill()
        process.communicate(timeout=30)


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
        if not await house.rows("SELECT pid FROM pg_stat_activity WHERE pid = :pid", pid=pid):
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
    await house.run("UPDATE runs SET state = 'filled'")
    with _filler(house, redis_url) as process:
        async with house.context.engine.begin() as conn:
            # The copies are inserted by then, and their events wait for this lock.
            await engine.run(conn, "LOCK TABLE events IN EXCLUSIVE MODE")
            await house.run("UPDATE runs SET state = 'filling'")
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


@pytest.mark.asyncio
async def test_it_starts_by_itself_only_when_asked_to_and_only_once_it_is_filled(
    house: House,
) -> None:
    parent = await house.campaign()
    await called(house, parent["id"], 3)
    for start, state in ((False, "draft"), (True, "running")):
        run = await redial(house, parent["id"], start=start)
        assert await filling.fill(house.context, run["id"], batch=2)
        assert (await campaign_of(house, run))["state"] == "draft"
        await filling.fill_all(house.context, batch=2)
        assert (await campaign_of(house, run))["state"] == state
    names = await house.names()
    assert names.count("run.filled") == 2
    assert names.count("campaign.running") == 2


@pytest.mark.asyncio
async def test_several_fillers_at_once_copy_each_lead_once(house: House) -> None:
    parent = await house.campaign()
    leads = await called(house, parent["id"], 40)
    run = await redial(house, parent["id"], start=True)
    while (await run_row(house, run["id"]))["state"] == "filling":
        await asyncio.gather(*(filling.fill(house.context, run["id"], batch=3) for _ in range(4)))
    copies = await leads_of(house, run["campaign_id"])
    assert {copy["origin_id"] for copy in copies} == set(leads)
    assert len(copies) == 40
    assert (await run_row(house, run["id"]))["taken"] == 40
    assert (await house.names()).count("run.filled") == 1
    assert (await house.names()).count("campaign.running") == 2
    await house.assert_balanced()


@pytest.mark.asyncio
async def test_a_batch_that_breaks_off_leaves_nothing_and_is_done_again(house: House) -> None:
    parent = await house.campaign()
    leads = await called(house, parent["id"], 6)
    run = await redial(house, parent["id"])
    assert await filling.fill(house.context, run["id"], batch=2)
    before = await run_row(house, run["id"])
    await house.run(
        "ALTER TABLE events ADD CONSTRAINT shut CHECK (name <> 'lead.accepted') NOT VALID"
    )
    try:
        await filling.fill_all(house.context, batch=2)
    finally:
        await house.run("ALTER TABLE events DROP CONSTRAINT shut")
    assert await run_row(house, run["id"]) == before
    assert len(await leads_of(house, run["campaign_id"])) == 2
    await filling.fill_all(house.context, batch=2)
    copies = await leads_of(house, run["campaign_id"])
    assert {copy["origin_id"] for copy in copies} == set(leads)
    assert len(copies) == (await run_row(house, run["id"]))["taken"] == 6
    await house.assert_balanced()


@pytest.mark.asyncio
async def test_a_cursor_that_went_back_makes_no_lead_twice(house: House) -> None:
    parent = await house.campaign()
    await called(house, parent["id"], 5)
    run = await redial(house, parent["id"])
    await filling.fill(house.context, run["id"], batch=3)
    await house.run("UPDATE runs SET cursor = NULL")
    await filling.fill_all(house.context)
    assert len(await leads_of(house, run["campaign_id"])) == 5
    await house.assert_balanced()


@pytest.mark.asyncio
async def test_a_campaign_that_ends_meanwhile_takes_no_more_leads(house: House) -> None:
    parent = await house.campaign()
    await called(house, parent["id"], 4)
    run = await redial(house, parent["id"], start=True)
    await filling.fill(house.context, run["id"], batch=2)
    await house.move(run["campaign_id"], CampaignState.CANCELLED)
    await filling.fill_all(house.context)
    done = await run_row(house, run["id"])
    assert (done["state"], done["taken"], done["problem"]) == ("filled", 2, "campaign_cancelled")
    assert (await campaign_of(house, run))["state"] == "cancelled"


@pytest.mark.asyncio
async def test_a_campaign_that_a_person_started_and_paused_stays_paused(house: House) -> None:
    parent = await house.campaign()
    await called(house, parent["id"], 4)
    run = await redial(house, parent["id"], start=True)
    await filling.fill(house.context, run["id"], batch=2)
    await house.move(run["campaign_id"], CampaignState.RUNNING)
    await house.move(run["campaign_id"], CampaignState.PAUSED)
    await filling.fill_all(house.context)
    assert (await campaign_of(house, run))["state"] == "paused"
    assert (await run_row(house, run["id"]))["taken"] == 4


@pytest.mark.asyncio
async def test_who_comes_after_the_run_was_made_is_not_in_it(house: House) -> None:
    parent = await house.campaign()
    await called(house, parent["id"])
    run = await redial(house, parent["id"])
    await called(house, parent["id"])
    await filling.fill_all(house.context)
    assert len(await leads_of(house, run["campaign_id"])) == 1


@pytest.mark.asyncio
async def test_a_filter_that_can_not_be_read_takes_nobody_and_says_so(house: House) -> None:
    parent = await house.campaign()
    await called(house, parent["id"])
    bad, good = await redial(house, parent["id"], start=True), await redial(house, parent["id"])
    await house.run(
        """UPDATE runs SET filter = '{"colour": "red"}' WHERE id = :id""", id=bad["id"]
    )
    await filling.fill_all(house.context)
    done = await run_row(house, bad["id"])
    assert (done["state"], done["taken"], done["problem"]) == ("filled", 0, "filter_unreadable")
    assert (await campaign_of(house, bad))["state"] == "draft"
    assert (await run_row(house, good["id"]))["taken"] == 1
