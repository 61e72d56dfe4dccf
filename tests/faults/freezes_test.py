"""Workers stand still for longer than every time-out, and wake up to a world that went on.

SIGSTOP is what a paused virtual machine, a laptop that sleeps and a swapping host are like: the
process keeps its sockets, its locks and its slot, and knows nothing of the time that has passed.
The longest time-out of a call is the minute after which an armed one is doubted, in real time;
so one minute passes, for all scenarios at once.
"""

import asyncio
import signal
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from sqlalchemy import RowMapping

from dialer.rules.arm import ARM_SECONDS
from tests.faults.rig.moment import When
from tests.faults.rig.program import Program
from tests.faults.rig.proxy import Do
from tests.faults.rig.rig import ARM, CALL, Rig, rigged
from tests.faults.rig.servers import Servers
from tests.faults.stage import MORNING, Lane, all_kept
from tests.support.people import leads
from tests.support.side_by_side import caught

SPEED = 210
"""A minute is three hours and a half: an armed call is doubted before it counts as closed."""

PROVEN = timedelta(hours=4)
"""From the arm of a call that nobody closed: three hours, and the balanced proof's one."""


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """Where a worker stops.

    Attributes:
        of: The statement or the request.
        when: Where in its life.
        stop: How.
        then: What becomes of what was just being said.
    """

    of: str
    when: When
    stop: Callable[[Program], None] = Program.freeze
    then: Do = Do.PASS


def _vanish(worker: Program) -> None:
    """As if its host's power had gone: nobody hears of it, and nobody else holds its disk."""
    worker.freeze()
    worker.database.hold()
    worker.queue.hold()


SCENARIOS = {
    "armed": Scenario(of=ARM, when=When.COMMITTED),
    "at the write": Scenario(of=CALL, when=When.SENT),
    "in a transaction": Scenario(of=ARM, when=When.STATEMENT),
    "vanished": Scenario(of=ARM, when=When.COMMITTED, stop=_vanish, then=Do.SWALLOW),
}
MEANWHILE = leads(3, codes=("304",))


@dataclass(frozen=True, kw_only=True)
class Told:
    """What is on record of one scenario's person.

    Attributes:
        calls: The calls, in their order.
        rang: Which calls the phone rang for.
        leads: Buckets.
    """

    calls: Sequence[RowMapping]
    rang: Sequence[str]
    leads: Mapping[str, int]


@dataclass(frozen=True, kw_only=True)
class Aftermath:
    """All that is left to judge, once everybody is awake or gone.

    Attributes:
        told: By scenario; "meanwhile" is nobody's.
        early: Which phones of "meanwhile" had rung while the others stood still.
        last: The worker that went on.
        codes: What the others ended with.
        requests: How many call requests had come before anybody woke up, and in the end.
        rings: How many phones rang.
        broken: Which promises were broken.
    """

    told: Mapping[str, Told]
    early: Sequence[str]
    last: object
    codes: Sequence[int | None]
    requests: tuple[int, int]
    rings: int
    broken: BaseException | None


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def aftermath(own_servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Aftermath:
    """One worker after the other stops as it calls one person; the last goes on with all."""
    home = tmp_path_factory.mktemp("freezes")
    async with rigged(
        own_servers, home=home, speed=SPEED, start=MORNING, workers=len(SCENARIOS) + 1
    ) as rig:
        lanes = {
            name: await Lane.open(rig.system, absence_proof="balanced")
            for name in (*SCENARIOS, "meanwhile")
        }
        for number, (name, worker) in enumerate(zip(SCENARIOS, rig.workers, strict=False)):
            await _stop(rig, worker, SCENARIOS[name], lanes[name], number=number)
        return await _go_on(rig, lanes)


async def _stop(rig: Rig, worker: Program, scenario: Scenario, lane: Lane, *, number: int) -> None:
    if scenario.stop is _vanish:
        elsewhere = Path(worker.environment["OUTDIAL_HOME"]) / "elsewhere"
        worker.environment = {**worker.environment, "OUTDIAL_HOME": str(elsewhere)}
    await rig.start(worker)
    strike = rig.at(scenario.of, scenario.when, lambda: scenario.stop(worker), then=scenario.then)
    await rig.system.post(lane.campaign_id, [leads(number + 1)[number]])
    await rig.reached(strike)


async def _go_on(rig: Rig, lanes: Mapping[str, Lane]) -> Aftermath:
    *stopped, last = rig.workers
    await rig.start(last)
    await rig.system.post(lanes["meanwhile"].campaign_id, MEANWHILE)
    await lanes["meanwhile"].until_over()
    early = await lanes["meanwhile"].phones()
    for lane in lanes.values():
        await lane.until_over()
    requests = _requests(rig)
    for name, worker in zip(SCENARIOS, stopped, strict=True):
        await asyncio.to_thread(_wake, worker, gone=name == "vanished")
    return Aftermath(
        told={name: await _told(lane) for name, lane in lanes.items()},
        early=early,
        last=last.ready["worker"],
        codes=[worker.code for worker in stopped],
        requests=(requests, _requests(rig)),
        rings=len(rig.sandbox.rings()),
        broken=await caught(all_kept(rig.system)),
    )


async def _told(lane: Lane) -> Told:
    return Told(
        calls=await _calls(lane),
        rang=[ring["request_id"] for ring in await lane.rings()],
        leads=await lane.leads(),
    )


def _wake(worker: Program, *, gone: bool) -> None:
    if gone:
        worker.kill()
        worker.database.release()
        worker.queue.release()
        return
    worker.thaw()
    # A worker that is told to stop finishes what it had begun, first.
    worker.terminate()
    worker.wait()


def _requests(rig: Rig) -> int:
    """How many call requests came to the upstream, whatever became of them."""
    routes: Mapping[str, Mapping[str, int]] = rig.sandbox.stats()["requests"]
    return sum(sum(routes[route].values()) for route in routes if route.endswith("/call"))


def _rang_once(aftermath: Aftermath, name: str, *path: str) -> Sequence[RowMapping]:
    """The scenario's person was rung once, by the last of these calls, which are returned."""
    told = aftermath.told[name]
    # On a starved machine a call may be given back before it is sent; the next one tells.
    calls = [call for call in told.calls if call["answer"] != "not_sent"]
    assert [call["state"] for call in calls] == list(path)
    assert told.rang == [str(calls[-1]["id"])]
    assert told.leads == {"done": 1}
    assert aftermath.broken is None
    return calls


async def _calls(lane: Lane) -> Sequence[RowMapping]:
    return await lane.system.rows(
        "SELECT * FROM calls WHERE campaign_id = :id ORDER BY claimed_at, id",
        id=lane.campaign_id,
    )


def test_a_worker_frozen_when_armed_sends_nothing_after_its_call_was_settled(
    aftermath: Aftermath,
) -> None:
    """The guards: the call's time-out and both clocks; only its own sender closes a call."""
    absent, _ = _rang_once(aftermath, "armed", "absent", "ended")
    assert absent["closed_by"] is None
    assert absent["finished_at"] - absent["armed_at"] >= PROVEN


def test_a_worker_frozen_at_the_write_changes_nothing_of_what_was_found(
    aftermath: Aftermath,
) -> None:
    """The guard: its answer, read a minute late, is recorded only where nothing else is."""
    (found,) = _rang_once(aftermath, "at the write", "ended")
    assert (found["answer"], found["answered_at"]) == ("unknown", None)


def test_a_worker_frozen_in_a_transaction_loses_its_locks_and_its_claim(
    aftermath: Aftermath,
) -> None:
    """The guard: PostgreSQL ends the transaction of a client that is silent in it."""
    released, called = _rang_once(aftermath, "in a transaction", "released", "ended")
    assert released["armed_at"] is None
    assert called["worker"] == aftermath.last


def test_a_vanished_host_keeps_its_call_open_until_it_can_send_nothing_any_more(
    aftermath: Aftermath,
) -> None:
    """The guard: where nobody can prove a death, an armed call settles from three hours on."""
    absent, _ = _rang_once(aftermath, "vanished", "absent", "ended")
    assert absent["closed_by"] is None
    assert absent["finished_at"] - absent["armed_at"] >= PROVEN


def test_a_worker_goes_on_while_all_others_are_frozen(aftermath: Aftermath) -> None:
    """The guard: nothing that a frozen worker holds is what another lane needs."""
    assert aftermath.early == sorted(str(lead["phone"]) for lead in MEANWHILE)
    assert aftermath.broken is None


def test_frozen_workers_send_nothing_when_they_wake_up(aftermath: Aftermath) -> None:
    """The guard: as all of the above; seen by the upstream, whose every request rang."""
    assert aftermath.requests == (aftermath.rings, aftermath.rings)
    assert aftermath.codes == [0, 0, 0, -signal.SIGKILL]
    assert aftermath.broken is None


@pytest.mark.asyncio
async def test_a_worker_frozen_for_seconds_when_armed_takes_its_call_back(
    own_servers: Servers, tmp_path: Path
) -> None:
    """The guard: the limit on the time between an arm's beginning and the first byte."""
    async with rigged(own_servers, home=tmp_path, speed=SPEED, start=MORNING) as rig:
        lane = await Lane.open(rig.system)
        await rig.start(rig.worker)
        strike = rig.at(ARM, When.COMMITTED, rig.worker.freeze)
        await rig.system.post(lane.campaign_id, leads(1))
        await rig.reached(strike)
        await asyncio.sleep(ARM_SECONDS + 0.1)
        rig.worker.thaw()
        await lane.until_over()
        refused, called = await _calls(lane)
        assert (refused["state"], refused["answer"]) == ("refused", "not_sent")
        assert [ring["request_id"] for ring in await lane.rings()] == [str(called["id"])]
        assert _requests(rig) == 1
        await all_kept(rig.system)
