"""Placing: nothing leaves unless the arm was in time, one run sends, and no answer is lost."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from sqlalchemy import RowMapping

from dialer.pipeline.dialing import place
from dialer.pipeline.upstream.partners import Partners
from dialer.rules.arm import ARM_SECONDS
from dialer.rules.campaign import CampaignState
from dialer.store import engine
from tests.support.house import House
from tests.support.sandbox import SandboxProcess

RUNS = 6
FAILURES = 3
MANY = 12


def _rings(sandbox: SandboxProcess, call: RowMapping) -> int:
    return sum(ring["request_id"] == str(call["id"]) for ring in sandbox.rings())


@pytest.mark.asyncio
async def test_a_gate_that_closed_since_the_claim_sends_nothing(
    house: House, upstream: Partners, sandbox: SandboxProcess
) -> None:
    campaign = await house.campaign()
    call = await house.claimed(campaign)
    await house.move(campaign["id"], CampaignState.PAUSED)
    await place.place(house.context, upstream, call["id"])
    assert (await house.call(call["id"]))["state"] == "released"
    assert _rings(sandbox, call) == 0


@pytest.mark.asyncio
async def test_an_arm_that_took_too_long_sends_nothing(
    house: House, upstream: Partners, sandbox: SandboxProcess
) -> None:
    call = await house.claimed(await house.campaign())
    async with house.context.engine.begin() as conn:
        # Whoever reads the gates waits for this lock, as long as a pause would hold it.
        await engine.run(conn, "SELECT 1 FROM campaigns FOR UPDATE")
        placing = asyncio.create_task(place.place(house.context, upstream, call["id"]))
        while await house.rows("SELECT 1 FROM pg_locks WHERE NOT granted") == []:  # noqa: ASYNC110 -- the lock is another task's
            await asyncio.sleep(0.01)
        await asyncio.sleep(ARM_SECONDS + 0.2)
    await placing
    row = await house.call(call["id"])
    assert (row["state"], row["answer"]) == ("refused", "not_sent")
    assert row["armed_at"] is not None
    assert _rings(sandbox, call) == 0
    assert (await house.lead_row(call["lead_id"]))["state"] == "waiting"


@pytest.mark.asyncio
async def test_of_many_runs_of_one_call_at_once_one_rings(
    house: House, upstream: Partners, sandbox: SandboxProcess
) -> None:
    call = await house.claimed(await house.campaign())
    await asyncio.gather(*(place.place(house.context, upstream, call["id"]) for _ in range(RUNS)))
    assert (await house.call(call["id"]))["state"] == "placed"
    assert _rings(sandbox, call) == 1


@asynccontextmanager
async def _refusing(house: House, *, state: str, failures: int) -> AsyncIterator[None]:
    """The database fails the first moves of calls to a state as it fails a lost race."""
    await house.run("CREATE SEQUENCE failures")
    await house.run(
        f"""
        CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF nextval('failures') <= {failures} THEN
                RAISE EXCEPTION 'lost a race' USING ERRCODE = 'serialization_failure';
            END IF;
            RETURN NEW;
        END $$
        """
    )
    await house.run(
        f"""
        CREATE TRIGGER fail BEFORE UPDATE ON calls FOR EACH ROW
        WHEN (NEW.state = '{state}') EXECUTE FUNCTION fail()
        """
    )
    try:
        yield
    finally:
        await house.run("DROP TRIGGER fail ON calls")
        await house.run("DROP FUNCTION fail")
        await house.run("DROP SEQUENCE failures")


@pytest.mark.asyncio
async def test_an_answer_outlasts_a_database_in_trouble(
    house: House, upstream: Partners, sandbox: SandboxProcess
) -> None:
    call = await house.claimed(await house.campaign())
    async with _refusing(house, state="placed", failures=FAILURES):
        await place.place(house.context, upstream, call["id"])
        tries = await house.row("SELECT last_value FROM failures")
    assert tries["last_value"] == FAILURES + 1
    assert (await house.call(call["id"]))["state"] == "placed"
    assert _rings(sandbox, call) == 1


@pytest.mark.asyncio
async def test_an_arm_that_our_own_database_failed_says_nothing_of_the_upstream(
    house: House, upstream: Partners, sandbox: SandboxProcess
) -> None:
    campaign = await house.campaign()
    claimed = [await house.claimed(campaign) for _ in range(MANY)]
    async with _refusing(house, state="dialing", failures=MANY):
        await asyncio.gather(*(place.place(house.context, upstream, c["id"]) for c in claimed))
    rows = [await house.call(call["id"]) for call in claimed]
    assert {row["state"] for row in rows} == {"released"}
    assert sum(_rings(sandbox, call) for call in claimed) == 0
    # So many failures of the upstream would open the breaker. Each lead rests a moment.
    lane = await house.row(
        "SELECT parked_reason FROM agents WHERE id = :id", id=campaign["agent_id"]
    )
    assert lane["parked_reason"] is None
    due = await house.rows("SELECT due_at > outdial_now() AS rests, attempts FROM leads")
    assert {(row["rests"], row["attempts"]) for row in due} == {(True, 0)}
