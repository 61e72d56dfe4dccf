"""The gate at the instant of arming: each closed in turn, and exact against those who close it."""

import asyncio
from collections.abc import Coroutine

import pytest
from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncConnection

from dialer.pipeline.compliance import suppress
from dialer.pipeline.planning import lanes
from dialer.pipeline.settling import leads
from dialer.rules.call import CallState
from dialer.rules.campaign import CampaignState
from dialer.rules.pacing import LATEST
from dialer.store import engine
from dialer.store.compliance import suppressions
from dialer.store.dialing import calls, gates
from tests.support.house import WORKER, House

LATE = LATEST.total_seconds()


async def _gate(house: House, call: RowMapping, *, fence: int = 1) -> str | None:
    async with house.context.engine.begin() as conn:
        return await gates.closed(conn, call["id"], fence=fence, latest=LATE)


async def _arm(conn: AsyncConnection, call: RowMapping) -> str | None:
    """The steps of an arm, in the caller's transaction."""
    await suppressions.guard(
        conn, organization_id=call["organization_id"], phone=call["phone"], exclusive=False
    )
    closed = await gates.closed(conn, call["id"], fence=call["fence"], latest=LATE)
    if closed is None:
        assert await calls.move(conn, call["id"], CallState.DIALING, fence=call["fence"])
    return closed


@pytest.mark.asyncio
async def test_with_every_gate_open_none_is_named(house: House) -> None:
    assert await _gate(house, await house.claimed(await house.campaign())) is None


_RANG = """
WITH before AS (
    INSERT INTO calls (id, organization_id, business_id, agent_id, campaign_id, lead_id, phone,
        state, place_at, claim_expires_at, window_until, armed_at, finished_at)
    SELECT gen_random_uuid(), organization_id, business_id, agent_id, campaign_id, lead_id, phone,
        'ended', place_at, claim_expires_at, window_until, outdial_now() - interval '{ago}' +
        interval '1 second', outdial_now() FROM calls
) UPDATE calls SET gap_seconds = {gap}, most_in_24h = {day}, most_in_7d = {week}
"""
"""The number rang before, so long ago, and is bound by these caps."""

CLOSED = {
    "UPDATE calls SET state = 'released'": "not_ours",
    "UPDATE calls SET state = 'dialing'": "not_ours",
    "UPDATE calls SET fence = 2": "not_ours",
    "UPDATE calls SET claim_expires_at = outdial_now()": "claim_expired",
    "UPDATE organizations SET restored_at = outdial_now()": "restored",
    "UPDATE leads SET state = 'cancelled'": "lead_cancelled",
    "UPDATE leads SET state = 'waiting'": "lead_waiting",
    "UPDATE campaigns SET state = 'paused'": "campaign_paused",
    "UPDATE campaigns SET state = 'cancelled'": "campaign_cancelled",
    "UPDATE campaigns SET state = 'completed'": "campaign_completed",
    "UPDATE campaigns SET parked_reason = 'config_error'": "campaign_parked",
    "UPDATE agents SET paused_at = outdial_now()": "paused",
    "UPDATE businesses SET paused_at = outdial_now()": "paused",
    "UPDATE organizations SET paused_at = outdial_now()": "paused",
    "UPDATE agents SET parked_reason = 'off_duty'": "agent_parked",
    "UPDATE organizations SET parked_until = outdial_now() + interval '1 s'": (
        "organization_parked"
    ),
    "UPDATE campaigns SET version = 2": "plan_changed",
    "UPDATE organizations SET rulebook = 1": "rules_changed",
    "UPDATE campaigns SET consent = 'required'": "no_consent",
    _RANG.format(ago="1 hour", gap=3600, day="NULL", week="NULL"): "number_gap",
    _RANG.format(ago="23 hours", gap=0, day=1, week="NULL"): "number_cap_24h",
    _RANG.format(ago="6 days 23 hours", gap=0, day=1, week=1): "number_cap_7d",
    "UPDATE calls SET window_until = outdial_now()": "window_closed",
    "UPDATE calls SET paced = true, place_at = outdial_now() - interval '501 ms'": "late",
    """
    INSERT INTO suppressions (id, organization_id, phone, reason)
    SELECT gen_random_uuid(), organization_id, phone, 'asked' FROM calls
    """: "suppressed",
    """
    INSERT INTO suppressions (id, organization_id, phone, reason, campaign_id, until)
    SELECT gen_random_uuid(), organization_id, phone, 'asked', campaign_id,
        outdial_now() + interval '1 minute' FROM calls
    """: "suppressed",
}


@pytest.mark.asyncio
@pytest.mark.parametrize(("sql", "closed"), CLOSED.items())
async def test_each_gate_closes_alone(house: House, sql: str, closed: str) -> None:
    call = await house.claimed(await house.campaign())
    assert await house.run(sql) == 1
    assert await _gate(house, call) == closed


@pytest.mark.asyncio
@pytest.mark.parametrize(("beat", "closed"), [(7, None), (8, "restored")])
async def test_a_database_that_is_behind_what_the_caller_saw_closes_the_gate(
    house: House, beat: int, closed: str | None
) -> None:
    call = await house.claimed(await house.campaign())
    await house.run("INSERT INTO witness (beat) VALUES (7)")
    async with house.context.engine.begin() as conn:
        found = await gates.closed(conn, call["id"], fence=1, latest=LATE, beat=beat)
    assert found == closed


STILL_OPEN = {
    "a ring just out of the gap": _RANG.format(ago="61 minutes", gap=3600, day=2, week=2),
    "a ring of yesterday": _RANG.format(ago="25 hours", gap=0, day=1, week=2),
    "a ring of last week": _RANG.format(ago="8 days", gap=0, day=1, week=1),
    "a parking that is over": (
        "UPDATE organizations SET parked_reason = 'forbidden', parked_until = outdial_now()"
    ),
    "late, but no level has a pace": (
        "UPDATE calls SET place_at = outdial_now() - interval '20 s'"
    ),
    "paced and barely late": (
        "UPDATE calls SET paced = true, place_at = outdial_now() - interval '1 ms'"
    ),
    "a lapsed entry on the list": """
        INSERT INTO suppressions (id, organization_id, phone, reason, until)
        SELECT gen_random_uuid(), organization_id, phone, 'asked', outdial_now() FROM calls
    """,
    "an entry for another number": """
        INSERT INTO suppressions (id, organization_id, phone, reason)
        SELECT gen_random_uuid(), organization_id, '+19175550199', 'asked' FROM calls
    """,
}


@pytest.mark.asyncio
@pytest.mark.parametrize("what", STILL_OPEN)
async def test_what_closes_no_gate(house: House, what: str) -> None:
    call = await house.claimed(await house.campaign())
    assert await house.run(STILL_OPEN[what]) == 1
    assert await _gate(house, call) is None


@pytest.mark.asyncio
async def test_an_entry_for_another_campaign_or_organization_closes_nothing(house: House) -> None:
    first = await house.campaign()
    second = await house.campaign(agent="agent_2")
    call = await house.claimed(first)
    other = await house.neighbour()
    async with house.context.engine.begin() as conn:
        for organization_id, campaign_id in (
            (house.organization_id, second["id"]),
            (other.organization_id, None),
        ):
            await suppressions.add(
                conn,
                organization_id=organization_id,
                phone=call["phone"],
                reason="asked",
                campaign_id=campaign_id,
            )
    assert await _gate(house, call) is None


@pytest.mark.asyncio
async def test_a_call_that_is_not_there_is_not_ours(house: House) -> None:
    call = await house.claimed(await house.campaign())
    assert await _gate(house, call, fence=2) == "not_ours"
    await house.run("DELETE FROM calls")
    assert await _gate(house, call) == "not_ours"


async def _waits_for_lock(house: House, number: int = 1) -> None:
    """Return once so many connections wait for a lock; the database says so itself."""
    async with asyncio.timeout(10):
        while True:
            row = await house.row(
                """
                SELECT count(*) AS n FROM pg_stat_activity
                WHERE datname = current_database() AND wait_event_type = 'Lock'
                """
            )
            if row["n"] >= number:
                return
            await asyncio.sleep(0.01)


async def _pause_campaign(house: House, call: RowMapping) -> None:
    await house.move(call["campaign_id"], CampaignState.PAUSED)


async def _pause_agent(house: House, call: RowMapping) -> None:
    await lanes.set_paused(
        house.context,
        organization_id=house.organization_id,
        agent_id=call["agent_id"],
        paused=True,
    )


async def _cancel_lead(house: House, call: RowMapping) -> None:
    await leads.cancel(
        house.context, organization_id=house.organization_id, lead_id=call["lead_id"]
    )


async def _suppress(house: House, call: RowMapping) -> None:
    await suppress.suppress(
        house.context,
        organization_id=house.organization_id,
        raw_phone=call["phone"],
        reason="asked",
    )


CLOSERS = {
    "campaign_paused": _pause_campaign,
    "paused": _pause_agent,
    "lead_cancelled": _cancel_lead,
    "suppressed": _suppress,
}


@pytest.mark.asyncio
@pytest.mark.parametrize("gate", CLOSERS)
async def test_whoever_closes_a_gate_waits_for_the_arm_in_progress(
    house: House, gate: str
) -> None:
    call = await house.claimed(await house.campaign())
    async with house.context.engine.begin() as conn:
        assert await _arm(conn, call) is None
        closing = asyncio.create_task(CLOSERS[gate](house, call))
        await _waits_for_lock(house)
        assert not closing.done()
    await closing
    assert (await house.call(call["id"]))["state"] == "dialing"


@pytest.mark.asyncio
@pytest.mark.parametrize("gate", CLOSERS)
async def test_an_arm_that_comes_after_sees_the_gate_closed(house: House, gate: str) -> None:
    call = await house.claimed(await house.campaign())
    await CLOSERS[gate](house, call)
    async with house.context.engine.begin() as conn:
        assert await _arm(conn, call) == gate
    assert (await house.call(call["id"]))["state"] == "claimed"


CLOSING_SQL = {
    "campaign_paused": "UPDATE campaigns SET state = 'paused'",
    "paused": "UPDATE organizations SET paused_at = outdial_now()",
    "agent_parked": "UPDATE agents SET parked_reason = 'off_duty'",
    "lead_cancelled": "UPDATE leads SET state = 'cancelled'",
}


@pytest.mark.asyncio
@pytest.mark.parametrize("gate", CLOSING_SQL)
async def test_an_arm_waits_for_a_pause_in_progress_and_sees_it(house: House, gate: str) -> None:
    call = await house.claimed(await house.campaign())

    async def arm() -> str | None:
        async with house.context.engine.begin() as conn:
            return await _arm(conn, call)

    async with house.context.engine.begin() as conn:
        await engine.run(conn, CLOSING_SQL[gate])
        arming = asyncio.create_task(arm())
        await _waits_for_lock(house)
        assert not arming.done()
    assert await arming == gate


@pytest.mark.asyncio
async def test_an_arm_waits_for_a_suppression_in_progress_and_sees_it(house: House) -> None:
    call = await house.claimed(await house.campaign())

    async def arm() -> str | None:
        async with house.context.engine.begin() as conn:
            return await _arm(conn, call)

    async with house.context.engine.begin() as conn:
        await suppressions.add(
            conn,
            organization_id=house.organization_id,
            phone=call["phone"],
            reason="asked",
        )
        arming = asyncio.create_task(arm())
        await _waits_for_lock(house)
    assert await arming == "suppressed"


@pytest.mark.asyncio
async def test_arms_and_a_suppression_at_once_never_cross(house: House) -> None:
    # Whatever the order: either the arm came first, or it saw the entry.
    campaign = await house.campaign()
    for _ in range(10):
        call = await house.claimed(campaign)
        done: list[str] = []
        await asyncio.gather(
            _record(done, house, call), _note(done, _suppress(house, call), "suppression")
        )
        armed = (await house.call(call["id"]))["state"] == "dialing"
        assert armed is (done == ["armed", "suppression"]), done


async def _record(done: list[str], house: House, call: RowMapping) -> None:
    async with house.context.engine.begin() as conn:
        if await _arm(conn, call) is None:
            # Still inside the transaction: the suppression can't have returned yet.
            done.append("armed")


async def _note(done: list[str], work: Coroutine[None, None, None], name: str) -> None:
    await work
    done.append(name)


@pytest.mark.asyncio
async def test_two_arms_share_the_campaign_without_waiting(house: House) -> None:
    campaign = await house.campaign()
    one, two = await house.claimed(campaign), await house.claimed(campaign)
    async with house.context.engine.begin() as first, house.context.engine.begin() as second:
        assert await _arm(first, one) is None
        async with asyncio.timeout(5):
            assert await _arm(second, two) is None


@pytest.mark.asyncio
async def test_numbers_in_call_are_those_of_open_calls(house: House) -> None:
    call = await house.claimed(await house.campaign())
    for state in CallState:
        await house.run("UPDATE calls SET state = :s", s=state)
        async with house.context.engine.connect() as conn:
            busy = await gates.in_call(
                conn, organization_id=house.organization_id, phones=[call["phone"]]
            )
        open_states = {"claimed", "dialing", "placed", "live", "unknown", "held"}
        assert bool(busy) is (state.value in open_states)


@pytest.mark.asyncio
async def test_an_expired_claim_and_a_silent_dial_are_found_and_others_are_not(
    house: House,
) -> None:
    campaign = await house.campaign()
    claimed, dialing = await house.claimed(campaign), await house.dialing(campaign)
    async with house.context.engine.begin() as conn:
        assert await calls.expired_claims(conn) == []
        assert await calls.silent_dials(conn, seconds=60) == []
    await house.pass_time(seconds=61)
    async with house.context.engine.begin() as conn:
        assert [row["id"] for row in await calls.expired_claims(conn)] == [claimed["id"]]
        found = await calls.silent_dials(conn, seconds=60)
        assert [row["id"] for row in found] == [dialing["id"]]


@pytest.mark.asyncio
@pytest.mark.parametrize("change", ["sweeps = sweeps + 1", "closed_at = outdial_now()"])
async def test_a_call_that_changed_since_it_was_judged_is_not_as_judged(
    house: House, change: str
) -> None:
    call = await house.dialing(await house.campaign())
    async with house.context.engine.begin() as conn:
        assert await calls.is_as_judged(conn, call)
    await house.run(f"UPDATE calls SET {change}")  # noqa: S608 -- named above
    async with house.context.engine.begin() as conn:
        assert not await calls.is_as_judged(conn, call)


@pytest.mark.asyncio
async def test_a_dead_workers_calls_are_closed_once(house: House) -> None:
    call = await house.dialing(await house.campaign())
    async with house.context.engine.begin() as conn:
        closed = await calls.close_for_dead_worker(conn, WORKER)
        again = await calls.close_for_dead_worker(conn, WORKER)
        other = await calls.close_for_dead_worker(conn, "another")
    assert [row["id"] for row in closed] == [call["id"]]
    assert again == other == []
    row = await house.call(call["id"])
    assert row["closed_by"] == "worker_death"
    assert row["closed_at"] is not None
