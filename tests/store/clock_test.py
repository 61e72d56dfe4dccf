"""Campaign time: the database's clock, shifted or sped up only by the row of a rehearsal."""

from datetime import timedelta

import pytest

from dialer.store import clock, engine
from tests.support.house import NOON, House


async def _real_interval(house: House, seconds: float) -> timedelta:
    row = await house.row("SELECT outdial_real(CAST(:s AS float8)) AS span", s=seconds)
    found: timedelta = row["span"]
    return found


@pytest.mark.asyncio
async def test_without_a_rehearsal_campaign_time_is_real_time(house: House) -> None:
    await house.run("DELETE FROM clock")
    row = await house.row(
        "SELECT clock_timestamp() AS before, outdial_now() AS now, clock_timestamp() AS after"
    )
    assert row["before"] - timedelta(seconds=1) <= row["now"] <= row["after"]
    assert row["now"].tzinfo is not None
    async with house.context.engine.connect() as conn:
        assert await clock.speed(conn) is None
    assert await _real_interval(house, 1.5) == timedelta(seconds=1.5)


@pytest.mark.asyncio
async def test_a_rehearsal_shifts_and_speeds_up(house: House) -> None:
    async with house.context.engine.begin() as conn:
        row = await engine.first(
            conn, "SELECT clock_timestamp() - interval '10 s' AS at, clock_timestamp() AS now"
        )
        assert row is not None
        await clock.set_rehearsal(conn, virtual_start=NOON, real_start=row["at"], factor=60.0)
        assert await clock.speed(conn) == 60.0
        passed = await clock.now(conn) - NOON
        later = await engine.first(conn, "SELECT clock_timestamp() - :at AS real", at=row["at"])
    assert later is not None
    assert timedelta(minutes=10) <= passed <= later["real"] * 60


@pytest.mark.asyncio
async def test_protocol_time_outs_stay_real_in_a_rehearsal(house: House) -> None:
    async with house.context.engine.begin() as conn:
        await clock.set_rehearsal(conn, virtual_start=NOON, real_start=NOON, factor=60.0)
    assert await _real_interval(house, 2) == timedelta(minutes=2)


@pytest.mark.asyncio
async def test_there_is_one_clock(house: House) -> None:
    for factor in (1.0, 2.0, 3.0):
        async with house.context.engine.begin() as conn:
            await clock.set_rehearsal(conn, virtual_start=NOON, real_start=NOON, factor=factor)
    assert (await house.row("SELECT speed FROM clock"))["speed"] == 3.0


@pytest.mark.asyncio
async def test_time_passes_within_a_transaction(house: House) -> None:
    async with house.context.engine.begin() as conn:
        first = await clock.now(conn)
        await engine.run(conn, "SELECT pg_sleep(0.01)")
        assert await clock.now(conn) > first
