"""A history that lags, stands still, shuffles, shifts, fails, or speaks of somebody else's calls.

The guard of all of them: a call of which nobody knows whether it rang is looked for, and called
again only by proof. `rang` are phones that did ring although the answer was 500, `silent` those
that didn't: each must have rung exactly once in the end, the silent ones by a second call.

Campaign time passes 900 times as fast: a quarter of an hour in a second.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from tests.faults.scene import Scene, Town
from tests.faults.stage import all_kept, lend, now

SPEED = 900.0
DAY_SPEED = 3_600.0
SETTINGS = {"OUTDIAL_PROBE_SECONDS": "1"}

CROWD = 220
"""Calls of others in a sweep's span: it takes more than two full pages."""

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(loop_scope="session")
async def town(template: str, redis_url: str, tmp_path: Path) -> AsyncIterator[Town]:
    """A system with a worker, a day that begins, and every promise kept in the end."""
    async with lend(
        template, redis_url=redis_url, home=tmp_path, speed=SPEED, **SETTINGS
    ) as system:
        system.start_worker()
        yield Town(system)
        await all_kept(system)


@dataclass(frozen=True, kw_only=True)
class _Doubt:
    """Calls that were answered with 500, some of which rang."""

    scene: Scene
    rang: list[str]
    silent: list[str]
    since: datetime

    @property
    def all(self) -> list[str]:
        return self.rang + self.silent

    async def still_there_after(self, minutes: float) -> None:
        """So long after the answers nothing was decided, and nobody called again."""
        await self.scene.until_minute(minutes, since=self.since)
        assert await self.scene.states(self.all) == ["unknown"] * len(self.all)
        assert self.scene.rings(self.all) == sorted(self.rang)

    async def resolved(self) -> None:
        """What rang is found, what didn't is proven and called again, while others are called."""
        async with self.scene.trickle():
            await self.scene.until("ended", self.all)
        await self.scene.lane.until_over()
        assert self.scene.rings(self.all) == sorted(self.all)
        assert await self.scene.states(self.rang) == ["ended"] * len(self.rang)
        for phone in self.silent:
            assert [call["state"] for call in await self.scene.calls(phone)] == ["absent", "ended"]
        assert (await self.scene.lane.leads()).keys() == {"done"}


async def _doubt(town: Town, *, rang: int, silent: int, lag_minutes: float = 0.0) -> _Doubt:
    """Place calls that are answered with 500; those that rang are listed so late."""
    scene = await town.scene()
    rung, not_rung = town.people(rang), town.people(silent)
    scene.spoil("fail_after_ring", rung)
    scene.spoil("fail_before_ring", not_rung)
    if lag_minutes:
        scene.spoil("history_lag", rung, seconds=lag_minutes * 60)
    await scene.post(rung + not_rung)
    await scene.until("unknown", rung + not_rung)
    return _Doubt(scene=scene, rang=rung, silent=not_rung, since=await now(town.system))


async def test_history_lagging_declares_nothing_absent_that_is_only_shown_late(
    town: Town,
) -> None:
    """Guards: watermarks, and known calls that are missing.

    By the settle time alone, all that rang would be proven absent before they are listed.
    """
    sandbox = town.system.sandbox
    late = sandbox.fault("history_lag", seconds=75 * 60)
    doubt = await _doubt(town, rang=3, silent=1)
    async with doubt.scene.trickle():
        await doubt.still_there_after(70)
    sandbox.control("DELETE", f"faults/{late}")
    await doubt.resolved()


async def test_history_stalled_twice_declares_nothing_absent_that_rang(town: Town) -> None:
    """Guard: the second watermark.

    Between the stalls the list shows a call that came after the doubted ones, as a first
    watermark; it stands still again before it shows these.
    """
    sandbox = town.system.sandbox
    first = sandbox.fault("history_stalled")
    doubt = await _doubt(town, rang=2, silent=1, lag_minutes=90)
    scene = doubt.scene
    await doubt.still_there_after(11)
    (mark,) = town.people(1)
    await scene.post([mark])
    await scene.until("placed", [mark])
    sandbox.control("DELETE", f"faults/{first}")
    await scene.until_seen(mark)
    sandbox.fault("history_stalled")
    await doubt.still_there_after(95)
    sandbox.clear_faults()
    await doubt.resolved()


async def _swept_for(town: Town, *faults: tuple[str, dict[str, Any]]) -> _Doubt:
    """Doubts that only sweeps can find, in a span with more calls than two pages hold.

    Nothing can be read until they are too old for the lists that follow what is new.
    """
    sandbox = town.system.sandbox
    wall = sandbox.fault("history_error")
    doubt = await _doubt(town, rang=4, silent=1)
    await doubt.scene.crowd(CROWD)
    await doubt.still_there_after(25)
    for name, settings in faults:
        sandbox.fault(name, **settings)
    sandbox.control("DELETE", f"faults/{wall}")
    return doubt


async def test_history_out_of_order_hides_no_call_from_a_sweep(town: Town) -> None:
    """Guard: slices that fit one page, in whatever order that comes.

    The first page of a longer list is any hundred of its calls.
    """
    doubt = await _swept_for(town, ("history_shuffled", {}))
    await doubt.resolved()


async def test_history_shifting_while_it_is_paged_hides_no_call_from_a_sweep(town: Town) -> None:
    """Guard: fixed slices with an end.

    Strangers' calls push the list on while it is read.
    """
    doubt = await _swept_for(town, ("history_slow", {"seconds": 0.02}))
    async with doubt.scene.others():
        await doubt.resolved()


async def test_history_failing_on_a_page_proves_nothing(town: Town) -> None:
    """Guard: a sweep counts only when it was complete.

    One page in eight fails, one in three is slow.
    """
    failing = ("history_error", {"probability": 0.125})
    slow = ("history_slow", {"probability": 0.3, "seconds": 0.1})
    doubt = await _swept_for(town, failing, slow)
    await doubt.resolved()


async def test_a_foreign_call_to_the_same_number_costs_a_call_and_never_a_second_ring(
    town: Town,
) -> None:
    """Guard: what fits is taken for ours. The stranger's call is shown as the lead's own."""
    doubt = await _doubt(town, rang=0, silent=2)
    scene = doubt.scene
    foreign = {phone: await scene.strange_call(phone) for phone in doubt.silent}
    await scene.until("ended", doubt.silent)
    for phone in doubt.silent:
        (call,) = await scene.calls(phone)
        assert call["partner_call_id"] == foreign[phone]
    await scene.lane.until_over()
    assert scene.rings(doubt.silent) == sorted(doubt.silent)
    assert await scene.lane.rings() == []


async def test_a_foreign_call_beside_ours_is_not_counted_as_a_second_attempt(town: Town) -> None:
    """Guard: an id belongs to one call. Ours and the stranger's both rang, in plain sight."""
    doubt = await _doubt(town, rang=2, silent=0)
    scene = doubt.scene
    foreign = [await scene.strange_call(phone) for phone in doubt.rang]
    (placed,) = town.people(1)
    await scene.post([placed])
    foreign.append(await scene.strange_call(placed))
    everyone = [*doubt.rang, placed]
    await scene.until("ended", everyone)
    await scene.lane.until_over()
    assert await scene.lane.phones() == sorted(everyone)
    assert scene.rings(everyone) == sorted(2 * everyone)
    (call,) = await scene.calls(placed)
    assert call["partner_call_id"] not in foreign


async def test_a_status_going_backwards_is_not_followed(town: Town) -> None:
    """Guard: no edge leads back. Every other answer shows calls as they stood a status before."""
    scene = await town.scene()
    sandbox = town.system.sandbox
    sandbox.fault("stuck_in_progress", agent_id=scene.lane.agent, seconds=900)
    people = town.people(6)
    scene.spoil("fail_after_ring", people[:2])
    await scene.post(people)
    back = sandbox.fault("history_backwards", probability=0.5)
    await scene.until("ended", people)
    sandbox.control("DELETE", f"faults/{back}")
    await scene.lane.until_over()
    assert scene.rings(people) == sorted(people)
    for phone in people:
        (call,) = await scene.calls(phone)
        assert call["partner_status"] == "COMPLETED"
    assert len(await scene.lane.told("call.ended")) == len(people)


async def test_in_progress_for_ever_is_stale_frees_its_slot_and_ends_when_it_shows_up(
    template: str, redis_url: str, tmp_path: Path
) -> None:
    """Guards: the slot's half hour, the six hours, and the edge from stale to ended."""
    async with lend(
        template, redis_url=redis_url, home=tmp_path, speed=DAY_SPEED, **SETTINGS
    ) as system:
        system.start_worker()
        town = Town(system)
        scene = await town.scene(concurrency=2)
        ever, long, next_one = town.people(3)
        scene.spoil("stuck_in_progress", [ever])
        scene.spoil("stuck_in_progress", [long], seconds=timedelta(hours=8).total_seconds())
        await scene.post([ever, long])
        await scene.until("live", [ever, long])
        await scene.post([next_one])
        await scene.until("ended", [next_one])
        stuck = [(await scene.calls(phone))[0] for phone in (ever, long)]
        freed = min(call["armed_at"] for call in stuck) + timedelta(minutes=30)
        assert (await scene.calls(next_one))[0]["claimed_at"] >= freed

        await scene.until("ended", [long])
        stale = await scene.lane.told("call.stale")
        assert len(stale) == len(await scene.lane.told("lead.held")) == len(stuck)
        assert min(stale) > min(call["armed_at"] for call in stuck) + timedelta(hours=6)
        assert await scene.lane.leads() == {"held": 1, "done": 2}
        assert await scene.states([ever]) == ["stale"]
        assert await scene.lane.phones() == sorted([ever, long, next_one])
        await all_kept(system)
