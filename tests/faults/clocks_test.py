"""Clocks that are wrong: the workers' by ten minutes, the upstream's by five, one that jumps.

The guards: rows carry the database's time alone; a worker reads its own clocks only for how long
something took, and sends nothing once an arm took more than three seconds by either of them; the
upstream's clock is measured, and believed for nothing but the width of a search.

Campaign time passes 600 times as fast, and two workers do all the work: one's clock is ten
minutes fast, the other's ten minutes slow.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from sqlalchemy import RowMapping

from dialer.pipeline.access import setup
from dialer.rules.arm import ARM_SECONDS
from dialer.store import organizations
from dialer.store.compliance import suppressions
from tests.faults.scene import Scene, Town
from tests.faults.stage import all_kept, lend
from tests.support.sandbox import SandboxProcess

SPEED = 600.0
SETTINGS = {"OUTDIAL_PROBE_SECONDS": "1", "OUTDIAL_CALLS_IN_FLIGHT": "2"}
OFF = 600.0
READ_APART = timedelta(minutes=2)
"""Campaign time between two readings of one clock: a fifth of a second."""

pytestmark = pytest.mark.asyncio(loop_scope="session")


@dataclass(frozen=True)
class _WallClock:
    """How wrong a worker's wall clock is, in seconds, where it looks it up."""

    file: Path

    def set(self, seconds: float) -> None:
        new = self.file.with_suffix(".new")
        new.write_text(repr(seconds), encoding="utf-8")
        new.replace(self.file)


@dataclass(frozen=True)
class _Clocks:
    """A system whose workers' clocks are wrong."""

    town: Town
    fast: _WallClock
    slow: _WallClock

    def jump(self, seconds: float) -> None:
        """Set both clocks so much further."""
        self.fast.set(OFF + seconds)
        self.slow.set(-OFF + seconds)


@pytest_asyncio.fixture(loop_scope="session")
async def clocks(template: str, redis_url: str, tmp_path: Path) -> AsyncIterator[_Clocks]:
    """The system and both workers, a day that begins, and every promise kept in the end."""
    async with lend(
        template, redis_url=redis_url, home=tmp_path, speed=SPEED, **SETTINGS
    ) as system:
        made = _Clocks(Town(system), _WallClock(tmp_path / "fast"), _WallClock(tmp_path / "slow"))
        made.jump(0.0)
        for clock in (made.fast, made.slow):
            system.start_worker("tests.faults.shifted_worker", CLOCK_SHIFT=str(clock.file))
        yield made
        made.jump(0.0)
        await all_kept(system)


async def test_worker_clocks_ten_minutes_off_either_way_change_nothing(clocks: _Clocks) -> None:
    """Ten minutes are four days of campaign time here: no reading of them got into a row."""
    scene = await clocks.town.scene()
    clocks.town.system.sandbox.set_latency(call_ms=150)
    people, rang, silent = (clocks.town.people(n) for n in (16, 2, 1))
    scene.spoil("fail_after_ring", rang)
    scene.spoil("fail_before_ring", silent)
    everyone = people + rang + silent
    await scene.post(everyone)
    await scene.until("ended", people)
    clocks.town.system.sandbox.set_latency(call_ms=0)
    async with scene.trickle():
        await scene.until("ended", everyone)
    await scene.lane.until_over()
    assert scene.rings(everyone) == sorted(everyone)
    assert await scene.states(silent) == ["absent", "ended"]
    calls = {str(call["id"]): call for call in await scene.calls(*everyone)}
    assert len({call["worker"] for call in calls.values()}) == len(("fast", "slow"))
    for ring in await scene.lane.rings():
        if ring["request_id"] in calls:
            at = datetime.fromisoformat(ring["at"])
            _rang_between_arm_and_answer(calls[ring["request_id"]], at)


def _rang_between_arm_and_answer(call: RowMapping, at: datetime) -> None:
    assert call["claimed_at"] <= call["armed_at"] <= at + READ_APART
    assert at - READ_APART <= call["closed_at"] <= call["finished_at"]


@asynccontextmanager
async def _held_in_the_arm(scene: Scene, phone: str) -> AsyncIterator[None]:
    """Have somebody called, and hold the call where its arm waits for the number's lock."""
    system = scene.system
    async with system.context.engine.begin() as conn:
        await suppressions.guard(
            conn, organization_id=system.organization_id, phone=phone, exclusive=True
        )
        await scene.post([phone])

        async def waits() -> bool:
            found = await system.rows(
                """
                SELECT l.pid FROM pg_locks l JOIN pg_database d ON d.oid = l.database
                WHERE l.locktype = 'advisory' AND NOT l.granted AND d.datname = current_database()
                """
            )
            return bool(found)

        await system.eventually("the arm waits for the number", waits)
        yield


async def _sent_nothing_and_was_called_later(scene: Scene, phone: str) -> None:
    await scene.until("ended", [phone])
    await scene.lane.until_over()
    first, second = await scene.calls(phone)
    assert (first["state"], first["answer"]) == ("refused", "not_sent")
    (ring,) = await scene.lane.rings()
    assert (ring["phone"], ring["request_id"]) == (phone, str(second["id"]))


@pytest.mark.parametrize("seconds", [OFF, -OFF, ARM_SECONDS + 1], ids=["on", "back", "a little"])
async def test_a_step_of_the_wall_clock_while_a_call_is_in_the_arm_sends_nothing(
    clocks: _Clocks, seconds: float
) -> None:
    """Guard: the wall clock in the check of both, immediately before the first byte."""
    scene = await clocks.town.scene()
    (phone,) = clocks.town.people(1)
    async with _held_in_the_arm(scene, phone):
        clocks.jump(seconds)
    await _sent_nothing_and_was_called_later(scene, phone)


async def test_an_arm_that_took_too_long_by_the_monotonic_clock_sends_nothing(
    clocks: _Clocks,
) -> None:
    """Guard: the monotonic clock in the same check.

    The wall clock is set back meanwhile, as if no time had passed.
    """
    scene = await clocks.town.scene()
    (phone,) = clocks.town.people(1)
    async with _held_in_the_arm(scene, phone):
        began = time.monotonic()
        while (held := time.monotonic() - began) <= ARM_SECONDS + 0.5:
            clocks.jump(-held)
            await asyncio.sleep(0.05)
    await _sent_nothing_and_was_called_later(scene, phone)


@asynccontextmanager
async def _abroad(town: Town, minutes: float) -> AsyncIterator[Town]:
    """Another organization, whose upstream's clock is so much ahead of ours."""
    system = town.system
    ours = system.sandbox.clock()
    passed = timedelta(seconds=(time.time() - ours["real_start"]) * SPEED, minutes=minutes)
    start = datetime.fromisoformat(ours["start"]) + passed
    with SandboxProcess(clock_start=start.isoformat(), clock_speed=SPEED) as sandbox:
        sandbox.set_outcomes({"answered_interested": 1.0})
        async with system.context.engine.begin() as conn:
            made = await organizations.create(conn, name=f"{minutes:+g} minutes")
        await setup.connect_partner(
            system.context,
            organization_id=made,
            base_url=sandbox.base_url,
            api_key="sandbox-key",
        )
        yield Town(replace(system, organization_id=made, sandbox=sandbox))


@pytest.mark.parametrize("minutes", [5.0, -5.0], ids=["fast", "slow"])
async def test_upstream_clock_five_minutes_off_hides_no_call_that_rang(
    clocks: _Clocks, minutes: float
) -> None:
    """Guard: the skew, measured by the first reading, widens every search.

    By a slow clock the calls began four minutes before anything is looked for.
    """
    async with _abroad(clocks.town, minutes) as town:
        scene = await town.scene()
        rang, silent, fine = (town.people(n) for n in (3, 1, 3))
        scene.spoil("fail_after_ring", rang)
        scene.spoil("fail_before_ring", silent)
        await scene.post(rang + silent + fine)
        async with scene.trickle():
            await scene.until("ended", rang + silent + fine)
            await _until_skew_is(town, minutes)
        await scene.lane.until_over()
        assert scene.rings(rang + silent + fine) == sorted(rang + silent + fine)
        assert await scene.states(rang) == ["ended"] * len(rang)
        assert await scene.states(silent) == ["absent", "ended"]
        await all_kept(town.system)


async def _until_skew_is(town: Town, minutes: float) -> None:
    system = town.system

    async def measured() -> bool:
        (row,) = await system.rows(
            "SELECT skew_ms FROM history WHERE organization_id = :org", org=system.organization_id
        )
        skew = timedelta(milliseconds=row["skew_ms"]) / (1 if minutes > 0 else -1)
        # The largest of a day counts, and a reading in fast time may seem larger than it is.
        return skew > timedelta(minutes=abs(minutes)) - READ_APART

    await system.eventually("the skew is measured", measured)
