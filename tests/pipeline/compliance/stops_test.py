"""Stops with proof: once one has returned no phone rings, and what flies is counted."""

import asyncio
from datetime import timedelta

import pytest

from dialer.clock import new_id
from dialer.pipeline.compliance import rulebook, stops
from dialer.pipeline.compliance.rulebook import Edit
from dialer.pipeline.compliance.stops import Level, Stopped
from dialer.pipeline.dialing import place
from dialer.pipeline.upstream.partners import Partners
from dialer.rules.errors import NotFoundError
from dialer.store.compliance import rulebooks
from tests.support.house import House
from tests.support.past import rang
from tests.support.sandbox import SandboxProcess

pytestmark = pytest.mark.asyncio

_TABLES = {"organization": "organizations", "business": "businesses"}


async def _pause(house: House, level: Level, *, paused: bool = True) -> Stopped:
    subject = {
        "organization": house.organization_id,
        "business": (await house.row("SELECT id FROM businesses LIMIT 1"))["id"],
    }[level]
    return await stops.set_paused(
        house.context,
        organization_id=house.organization_id,
        level=level,
        subject_id=subject,
        paused=paused,
        by="key",
    )


async def _pause_state(house: House, state: str, *, paused: bool = True) -> Stopped:
    return await stops.set_state_paused(
        house.context,
        organization_id=house.organization_id,
        state=state,
        paused=paused,
        by="key",
        note="A hurricane.",
    )


@pytest.mark.parametrize("level", ["organization", "business"])
async def test_nothing_is_claimed_or_armed_after_a_stop(
    house: House, upstream: Partners, sandbox: SandboxProcess, level: Level
) -> None:
    campaign = await house.campaign()
    claimed = await house.claimed(campaign)
    done = await _pause(house, level)
    assert (done.paused, done.in_flight, done.last_ring_at) == (True, 0, None)
    await place.place(house.context, upstream, claimed["id"])
    call = await house.call(claimed["id"])
    assert (call["state"], call["armed_at"]) == ("released", None)
    assert str(claimed["id"]) not in {ring["request_id"] for ring in sandbox.rings()}
    await house.lead(campaign["id"])
    assert (await house.claim(campaign["agent_id"])).call_ids == ()
    lead = await house.lead_row(claimed["lead_id"])
    assert (lead["state"], lead["reason"]) == ("waiting", "paused")
    await _pause(house, level, paused=False)
    await house.run("UPDATE leads SET due_at = outdial_now()")
    assert len((await house.claim(campaign["agent_id"])).call_ids) == 2


@pytest.mark.parametrize("level", ["organization", "business"])
async def test_it_says_what_flies_and_when_the_last_phone_rang(house: House, level: Level) -> None:
    campaign = await house.campaign()
    await house.claimed(campaign)
    for state, minutes in (
        ("dialing", 3),
        ("placed", 2),
        ("live", 4),
        ("unknown", 5),
        ("ended", 1),
        ("refused", 0),
        ("absent", 0),
    ):
        lead_id = await house.lead(campaign["id"])
        await rang(house, lead_id, state=state, ago=timedelta(minutes=minutes))
    done = await _pause(house, level)
    assert done.in_flight == 4
    ended = await house.row("SELECT armed_at FROM calls WHERE state = 'ended'")
    assert done.last_ring_at == ended["armed_at"]


async def test_an_arm_that_was_first_is_counted(house: House) -> None:
    campaign = await house.campaign()
    call = await house.claimed(campaign)
    async with house.context.engine.begin() as conn:
        # An arm holds the organization's row until its commit: the stop waits for it.
        await rulebooks.hold(conn, organization_id=house.organization_id)
        stopping = asyncio.create_task(_pause(house, "organization"))
        while not await house.rows("SELECT 1 FROM pg_locks WHERE NOT granted"):  # noqa: ASYNC110 -- the lock is another task's
            await asyncio.sleep(0.01)
        assert not stopping.done()
        await house.run(
            "UPDATE calls SET state = 'dialing', armed_at = outdial_now() WHERE id = :id",
            id=call["id"],
        )
    done = await stopping
    assert done.in_flight == 1
    assert done.last_ring_at == (await house.call(call["id"]))["armed_at"]


@pytest.mark.parametrize("level", ["organization", "business"])
async def test_asking_again_changes_nothing_and_is_told_once(house: House, level: Level) -> None:
    await house.campaign(start=False)
    column = f"SELECT paused_at FROM {_TABLES[level]}"  # noqa: S608 -- a level's own name
    await _pause(house, level)
    since = (await house.row(column))["paused_at"]
    await _pause(house, level)
    assert (await house.row(column))["paused_at"] == since is not None
    for _ in range(2):
        assert not (await _pause(house, level, paused=False)).paused
    assert (await house.row(column))["paused_at"] is None
    told = [name for name in await house.names() if name.startswith(level)]
    assert told == [f"{level}.paused", f"{level}.unpaused"]
    event = await house.row("SELECT body FROM events WHERE name = :n", n=f"{level}.paused")
    assert event["body"]["by"] == "key"


async def test_what_is_paused_below_stays_so(house: House) -> None:
    campaign = await house.campaign()
    await house.lead(campaign["id"])
    await _pause(house, "business")
    await _pause(house, "organization")
    await _pause(house, "organization", paused=False)
    assert (await house.claim(campaign["agent_id"])).call_ids == ()


async def test_a_strangers_business_is_not_found_and_goes_on(house: House) -> None:
    campaign = await house.campaign()
    await house.lead(campaign["id"])
    stranger = await house.neighbour()
    for business_id in (campaign["business_id"], new_id()):
        with pytest.raises(NotFoundError, match="there is no such business"):
            await stops.set_paused(
                stranger.context,
                organization_id=stranger.organization_id,
                level="business",
                subject_id=business_id,
                paused=True,
                by=None,
            )
    assert (
        await stops.set_paused(
            stranger.context,
            organization_id=stranger.organization_id,
            level="organization",
            subject_id=stranger.organization_id,
            paused=True,
            by=None,
        )
    ).paused
    assert len((await house.claim(campaign["agent_id"])).call_ids) == 1


async def test_a_paused_state_holds_for_whoever_may_be_there(
    house: House, upstream: Partners, sandbox: SandboxProcess
) -> None:
    campaign = await house.campaign()
    claimed = await house.claimed(campaign, phone="+13055550101")
    done = await _pause_state(house, "fl")
    assert (done.paused, done.in_flight) == (True, 0)
    await place.place(house.context, upstream, claimed["id"])
    assert (await house.call(claimed["id"]))["state"] == "released"
    assert (await house.lead_row(claimed["lead_id"]))["reason"] == "rules_changed"
    assert str(claimed["id"]) not in {ring["request_id"] for ring in sandbox.rings()}
    # By the address in Florida; by neither clue.
    moved = await house.lead(campaign["id"], state="FL")
    other = await house.lead(campaign["id"])
    await house.run("UPDATE leads SET due_at = outdial_now()")
    found = await house.claim(campaign["agent_id"])
    assert [(await house.call(one))["lead_id"] for one in found.call_ids] == [other]
    for lead_id in (claimed["lead_id"], moved):
        assert (await house.lead_row(lead_id))["reason"] == "state_paused"
    await _pause_state(house, "FL", paused=False)
    # An edit looks at those again at once; nobody has to wait for tomorrow.
    assert len((await house.claim(campaign["agent_id"])).call_ids) == 2


async def test_a_state_is_paused_once_and_by_a_version_that_says_who_and_why(
    house: House,
) -> None:
    for _ in range(2):
        await _pause_state(house, "TX")
    await _pause_state(house, "FL")
    await _pause_state(house, "TX", paused=False)
    async with house.context.engine.connect() as conn:
        book = await rulebook.of(conn, house.organization_id)
        kept = await rulebooks.versions(
            conn, organization_id=house.organization_id, before=None, limit=10
        )
    assert (book.version, book.limits.paused_states) == (3, ("FL",))
    assert {(row["by"], row["note"]) for row in kept} == {("key", "A hurricane.")}


async def test_states_paused_at_once_and_beside_other_edits_all_hold(house: House) -> None:
    async def edit() -> None:
        await rulebook.change(
            house.context,
            organization_id=house.organization_id,
            edit=Edit(limits={"gap_minutes": 7}, note="x"),
        )

    states = ("AL", "FL", "GA", "TX")
    await asyncio.gather(*(_pause_state(house, state) for state in states), edit())
    async with house.context.engine.connect() as conn:
        book = await rulebook.of(conn, house.organization_id)
    assert (book.limits.paused_states, book.limits.gap_minutes) == (states, 7)


@pytest.mark.parametrize("state", ["ZZ", "", "Florida", "F\x00", "x" * 10_000])
async def test_what_is_no_state_is_not_found(house: House, state: str) -> None:
    with pytest.raises(NotFoundError, match="no US state") as refused:
        await _pause_state(house, state)
    assert len(refused.value.message) < 250
