"""Opt-out, pause and the window's end race the arm: what took effect first, decides.

Two workers place a stream of calls while the stop comes in the middle of it. Instants are the
database's: a stop counts from the moment its row is written, which its transaction outlives.
"""

import asyncio
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

import httpx2
import pytest
import pytest_asyncio
from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncConnection

from dialer.pipeline.dialing.claim import claim
from dialer.pipeline.dialing.place import place
from dialer.rules.calling.hours import STOP_MARGIN
from dialer.rules.campaign import CampaignState
from dialer.store import engine
from dialer.store.compliance import suppressions
from dialer.store.dialing import agents
from dialer.store.planning import campaigns
from tests.faults.stage import HELD_SECONDS, Lane, all_kept, api_of, lend, now, slowly
from tests.faults.traffic import not_sent
from tests.support.people import leads
from tests.support.system import System

SPEED = 120
STREAM = 15
"""Calls a minute of campaign time; twice as many a real second."""

AHEAD_SECONDS = "2"
"""How long before its slot a call is claimed: a stop is to find it before its arm."""

IDLE_SECONDS = 1.3
"""Longer than from one sweep to the next."""

CROWD = 50
NEW_YORK = ZoneInfo("America/New_York")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def system(
    template: str, redis_url: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[System]:
    """Two workers at work."""
    home: Path = tmp_path_factory.mktemp("races")
    settings = {"OUTDIAL_CLAIM_HORIZON_SECONDS": AHEAD_SECONDS}
    async with lend(template, redis_url=redis_url, home=home, speed=SPEED, **settings) as lent:
        for _ in range(2):
            lent.start_worker()
        yield lent


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def api(system: System) -> AsyncIterator[httpx2.AsyncClient]:
    """The service over the same database."""
    async with api_of(system) as client:
        yield client


Pausing = Callable[[AsyncConnection, Lane, bool], Awaitable[object]]


async def _campaign(conn: AsyncConnection, lane: Lane, paused: bool) -> object:  # noqa: FBT001 -- as the others
    return await campaigns.move(
        conn,
        organization_id=lane.system.organization_id,
        campaign_id=lane.campaign_id,
        to=CampaignState.PAUSED if paused else CampaignState.RUNNING,
    )


async def _agent(conn: AsyncConnection, lane: Lane, paused: bool) -> object:  # noqa: FBT001 -- as the others
    return await agents.set_paused(
        conn,
        organization_id=lane.system.organization_id,
        agent_id=await lane.agent_id(),
        paused=paused,
    )


def _all_of(table: str) -> Pausing:
    async def pause(conn: AsyncConnection, _: Lane, paused: bool) -> object:  # noqa: FBT001 -- as the others
        at = "outdial_now()" if paused else "NULL"
        return await engine.run(conn, f"UPDATE {table} SET paused_at = {at}")  # noqa: S608 -- two words of ours

    return pause


LEVELS = [
    pytest.param(_campaign, "212", id="campaign"),
    pytest.param(_agent, "215", id="agent"),
    pytest.param(_all_of("businesses"), "302", id="business"),
    pytest.param(_all_of("organizations"), "305", id="everything"),
]


@pytest.mark.parametrize(("pause", "code"), LEVELS)
@pytest.mark.asyncio
async def test_a_pause_racing_the_arm_stops_every_call_that_was_not_armed(
    system: System, pause: Pausing, code: str
) -> None:
    """The guard: an arm locks what it read, so it waits for a pause that isn't committed yet."""
    lane = await Lane.open(system, calls_per_minute=STREAM)
    people = leads(60, codes=(code,))
    await system.post(lane.campaign_id, people)
    await lane.until_rung(5)
    try:
        stopped = await slowly(system, lambda conn: pause(conn, lane, True))
        # Claims are made for slots up to two seconds ahead: each of them comes to its arm.
        await lane.until_quiet()
        armed = await lane.armed()
        assert 5 <= len(armed) < len(people)
        assert max(armed) <= stopped
        # An arm that took too long on a busy machine sends nothing.
        unsent = [call for call in await not_sent(lane) if call["armed_at"]]
        assert len(await lane.rings()) == len(armed) - len(unsent)
    finally:
        await slowly(system, lambda conn: pause(conn, lane, False), seconds=0)
    await lane.until_over()
    assert await lane.phones() == sorted(str(lead["phone"]) for lead in people)
    await all_kept(system)


@pytest.mark.asyncio
async def test_a_campaign_paused_again_and_again_arms_nothing_while_it_is_paused(
    system: System, api: httpx2.AsyncClient
) -> None:
    lane = await Lane.open(system)
    people = leads(60, codes=("401",))
    where = f"/v1/campaigns/{lane.campaign_id}"
    for first in range(0, 60, 10):
        posting = asyncio.create_task(system.post(lane.campaign_id, people[first : first + 10]))
        await lane.until_rung(first // 2)
        told = (await api.post(f"{where}/pause")).raise_for_status().json()
        assert told["in_flight"] <= len(await lane.armed())
        await posting
        (await api.post(f"{where}/resume")).raise_for_status()
    await lane.until_over()
    pauses = zip(
        await lane.told("campaign.paused"), await lane.told("campaign.running"), strict=False
    )
    armed = await lane.armed()
    for paused, resumed in pauses:
        assert not [at for at in armed if paused < at < resumed]
    assert await lane.phones() == sorted(str(lead["phone"]) for lead in people)
    await all_kept(system)


@pytest.mark.asyncio
async def test_an_opt_out_racing_the_arm_decides_whoever_comes_first(
    system: System, api: httpx2.AsyncClient
) -> None:
    """The guards: the look at the list in the arm, and the number's lock around it.

    Most people opt out within a hair's breadth of their slot, some well before it, some in a
    transaction that is open across it, and a few never.
    """
    lane = await Lane.open(system, calls_per_minute=STREAM)
    await system.post(lane.campaign_id, leads(50, codes=("413",)))
    asked: set[str] = set()
    async with asyncio.TaskGroup() as group:
        # A call that was released on a slow machine comes again, as another one.
        def seen(call: RowMapping, number: int) -> None:
            if number % 10 < 9:
                asked.add(call["phone"])
                group.create_task(_opt_out(api, lane, call, number))

        await _chase(lane, seen)
    await lane.until_over()
    rows = await system.rows("SELECT phone, created_at FROM suppressions WHERE reason = 'asked'")
    barred = {row["phone"]: row["created_at"] for row in rows}
    for call in await lane.calls():
        if call["phone"] in barred and call["armed_at"] is not None:
            assert call["armed_at"] <= barred[call["phone"]]
    ended = await lane.leads()
    assert ended.keys() == {"done", "suppressed"}
    assert len(set(await lane.phones())) == len(await lane.phones()) == ended["done"]
    assert barred.keys() == asked
    assert 40 <= len(asked) < 50
    await all_kept(system)


async def _opt_out(api: httpx2.AsyncClient, lane: Lane, call: RowMapping, number: int) -> None:
    ahead = [0.0, 0.5, 0.02, HELD_SECONDS / 2, 0.01, 0.04, 0.03, 0.0, 0.05][number % 9]
    await asyncio.sleep(max(float(call["wait"]) - ahead, 0.0))
    if number % 9 == 3:
        await slowly(lane.system, lambda conn: _bar(conn, lane, call["phone"]))
        return
    body = {"phone": call["phone"], "reason": "asked"}
    (await api.post("/v1/suppressions", json=body)).raise_for_status()


async def _bar(conn: AsyncConnection, lane: Lane, phone: str) -> object:
    return await suppressions.add(
        conn, organization_id=lane.system.organization_id, phone=phone, reason="asked"
    )


async def _chase(lane: Lane, seen: Callable[[RowMapping, int], object]) -> None:
    """Look at each call of the campaign as soon as it is claimed, until all were."""
    known: set[object] = set()
    while len(known) < sum((await lane.leads()).values()):
        for call in await lane.system.rows(_SLOTS, id=lane.campaign_id):
            if call["id"] not in known:
                seen(call, len(known))
                known.add(call["id"])
        await asyncio.sleep(0.01)


_SLOTS = """
    SELECT id, phone, extract(epoch FROM place_at - outdial_now())
        / extract(epoch FROM outdial_real(1)) AS wait
    FROM calls WHERE campaign_id = :id ORDER BY place_at
"""


@pytest.mark.asyncio
async def test_the_end_of_the_window_racing_the_arm_lets_no_phone_ring_after_it(
    system: System,
) -> None:
    """The guard: the arm looks at the window again, after whatever it had to wait for."""
    soon = await now(system) + timedelta(seconds=2.5 * SPEED)
    closes = soon.replace(second=0, microsecond=0) + timedelta(minutes=1)
    ends = closes + STOP_MARGIN
    hours = {"tuesday": [["08:00", f"{ends.astimezone(NEW_YORK):%H:%M}"]]}
    lane = await Lane.open(system, calls_per_minute=STREAM // 2, hours=hours)
    await system.post(lane.campaign_id, leads(80, codes=("508",)))
    await _hold_the_last(lane, closes)
    await lane.until_quiet()
    armed = await lane.armed()
    assert armed
    assert max(armed) < closes
    assert {call["window_until"] for call in await lane.calls()} == {closes}
    rung = await lane.rings()
    assert len(rung) == len(armed) < 80
    assert all(datetime.fromisoformat(ring["at"]) < ends for ring in rung)
    await asyncio.sleep(IDLE_SECONDS)
    assert len(await lane.rings()) == len(rung)
    await system.move(lane.campaign_id, CampaignState.CANCELLED)
    await lane.until_over()
    await all_kept(system)


async def _hold_the_last(lane: Lane, closes: datetime) -> None:
    """Make the arms of the last slots wait, by their number's lock or by their campaign's row."""
    ahead = (closes - await now(lane.system)).total_seconds() / SPEED
    await asyncio.sleep(ahead - HELD_SECONDS / 2)
    async with lane.system.context.engine.begin() as conn:
        for number, call in enumerate(await lane.system.rows(_SLOTS, id=lane.campaign_id)):
            if call["wait"] > 0 and number % 2:
                await suppressions.guard(
                    conn,
                    organization_id=lane.system.organization_id,
                    phone=call["phone"],
                    exclusive=True,
                )
        await engine.run(
            conn, "SELECT FROM campaigns WHERE id = :id FOR UPDATE", id=lane.campaign_id
        )
        await asyncio.sleep(HELD_SECONDS)


@pytest.mark.asyncio
async def test_fifty_workers_racing_for_the_last_slot_claim_one_call(system: System) -> None:
    """The guard: a claim locks its lane's pacers, so that claims count one after the other.

    Fifty claims begin at once, each in a connection of its own.
    """
    lane = await Lane.open(system, concurrency=2)
    # No call is seen to end before the race is over, so no slot is given back meanwhile.
    system.sandbox.fault("history_error")
    try:
        await system.post(lane.campaign_id, leads(1, codes=("434",)))
        await lane.until_rung(1)
        await system.move(lane.campaign_id, CampaignState.PAUSED)
        await system.post(lane.campaign_id, leads(CROWD, codes=("434",))[1:])
        won = await _fifty_claims(lane)
        assert len(await lane.calls()) == 2
        assert len(won) == 1
    finally:
        system.sandbox.clear_faults()
    for call_id in won:
        await place(system.context, system.partners, call_id)
    await system.move(lane.campaign_id, CampaignState.CANCELLED)
    await lane.until_over()
    rung = await lane.phones()
    assert len(set(rung)) == len(rung) == (await lane.leads())["done"] >= 2
    await all_kept(system)


async def _fifty_claims(lane: Lane) -> list[UUID]:
    """Start the campaign, and claim at once; workers that might be quicker are frozen."""
    system, agent_id = lane.system, await lane.agent_id()
    url = system.context.settings.database_url.get_secret_value()
    crowd = engine.create_engine(url, pool=CROWD, name="crowd", ping=False)
    context = replace(system.context, engine=crowd)
    connected, started = asyncio.Barrier(CROWD), asyncio.Event()

    async def one(number: int) -> tuple[UUID, ...]:
        async with crowd.connect():
            if await connected.wait() == 0:
                await system.move_to_running(lane.campaign_id)
                started.set()
        await started.wait()
        return (await claim(context, agent_id, wanted=1, worker=f"crowd-{number}")).call_ids

    _signal(system, signal.SIGSTOP)
    try:
        found = await asyncio.gather(*(one(number) for number in range(CROWD)))
    finally:
        _signal(system, signal.SIGCONT)
        await crowd.dispose()
    return [call_id for call_ids in found for call_id in call_ids]


def _signal(system: System, number: int) -> None:
    for worker in system.workers:
        worker.send_signal(number)


ALIKE = [
    pytest.param({}, {"Idempotency-Key": "row-1187"}, "each", id="with an Idempotency-Key"),
    pytest.param({"external_id": "row-1187"}, {}, "each", id="with an external id"),
    pytest.param({}, {}, "once", id="with nothing but its number"),
]


@pytest.mark.parametrize(("more", "headers", "same_number"), ALIKE)
@pytest.mark.asyncio
async def test_one_lead_posted_fifty_times_at_once_is_accepted_once_and_rung_once(
    system: System,
    api: httpx2.AsyncClient,
    more: dict[str, str],
    headers: dict[str, str],
    same_number: str,
) -> None:
    """The guards: the idempotency key's row, and the unique index of external ids or numbers."""
    # A number is free again once its lead is done, so its only guard is tried before it is called.
    lane = await Lane.open(system, same_number=same_number, start=bool(more or headers))
    phone = f"+147055501{len(more)}{len(headers)}"
    body = {"campaign_id": str(lane.campaign_id), "phone": phone, **more}
    answers = await asyncio.gather(
        *(api.post("/v1/leads", json=body, headers=headers) for _ in range(CROWD))
    )
    assert {answer.status_code for answer in answers} <= {200, 202}
    assert len({answer.json()["lead_id"] for answer in answers}) == 1
    await system.move_to_running(lane.campaign_id)
    await lane.until_over()
    assert len(await lane.told("lead.accepted")) == 1
    assert await lane.leads() == {"done": 1}
    assert await lane.phones() == [phone]
    await all_kept(system)


@pytest.mark.asyncio
async def test_two_campaigns_with_one_number_never_call_it_at_the_same_time(
    system: System,
) -> None:
    """The guard: the partial unique index, since lanes don't wait for each other.

    The answers to some of the first rings are lost: until such a call is found in the history
    nobody knows whether it rang, and the other campaign has to wait for that too.
    """
    lanes = [await Lane.open(system) for _ in range(2)]
    people = leads(8, codes=("239",))
    for lane in lanes:
        await system.move(lane.campaign_id, CampaignState.PAUSED)
        await system.post(lane.campaign_id, people)
    for lead in people[:3]:
        system.sandbox.fault("drop", phone=str(lead["phone"]), count=1)
    await asyncio.gather(*(system.move_to_running(lane.campaign_id) for lane in lanes))
    for lane in lanes:
        await lane.until_over()
        assert await lane.leads() == {"done": 8}
        assert await lane.phones() == sorted(str(lead["phone"]) for lead in people)
    _assert_apart([*await lanes[0].calls(), *await lanes[1].calls()])
    await all_kept(system)


def _assert_apart(calls: Sequence[RowMapping]) -> None:
    """No two calls to one number were open at the same time."""
    for phone in {call["phone"] for call in calls}:
        spans = sorted((c["claimed_at"], c["finished_at"]) for c in calls if c["phone"] == phone)
        for (_, finished), (claimed, _) in pairwise(spans):
            assert finished <= claimed
