"""The breaker over a lane and over an organization: it opens, rests, tries one call, widens."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import RowMapping

from dialer.pipeline.settling import settle
from dialer.pipeline.upstream import breaker, duty
from dialer.pipeline.upstream.partners import Partners
from dialer.store import organizations
from tests.support.house import House

pytestmark = pytest.mark.asyncio

REST = 30


async def _answer(house: House, call_id: UUID, answer: str) -> None:
    """Record an answer of a claimed call, and let the breaker hear of it."""
    async with house.context.engine.begin() as conn:
        if answer == "not_sent":
            await settle.release(conn, call_id, fence=1, why="dns_failed", retry_seconds=5)
        else:
            await _arm(house, call_id)
            if answer == "placed":
                await settle.place(conn, call_id, fence=1, partner_call_id=str(call_id))
            elif answer == "refused":
                await settle.refuse(conn, call_id, fence=1, answer="bad_request", retry_seconds=5)
            else:
                await settle.doubt(conn, call_id, fence=1, why=answer, by="sender")
    call = await house.call(call_id)
    if answer == "placed":
        await breaker.went_well(house.context, call)
    elif answer != "refused":
        await breaker.went_wrong(house.context, call)


async def _arm(house: House, call_id: UUID) -> None:
    await house.run(
        "UPDATE calls SET state = 'dialing', armed_at = outdial_now() WHERE id = :id", id=call_id
    )


async def _claim(house: House, campaign: RowMapping, count: int = 1) -> tuple[UUID, ...]:
    for _ in range(count):
        await house.lead(campaign["id"])
    return (await house.claim(campaign["agent_id"], wanted=count)).call_ids


async def _answers(house: House, campaign: RowMapping, *answers: str) -> None:
    for call_id, answer in zip(await _claim(house, campaign, len(answers)), answers, strict=True):
        await _answer(house, call_id, answer)


async def _lane(house: House, campaign: RowMapping) -> RowMapping:
    return await house.row(
        "SELECT *, probe_at - outdial_now() AS rest FROM agents WHERE id = :id",
        id=campaign["agent_id"],
    )


async def _whole(house: House) -> RowMapping:
    return await house.row(
        "SELECT *, parked_until - outdial_now() AS rest FROM organizations WHERE id = :id",
        id=house.organization_id,
    )


async def _told(house: House) -> Sequence[RowMapping]:
    return await house.rows(
        "SELECT name, body FROM events WHERE name ~ '(parked|resumed)$' ORDER BY id"
    )


async def _resumes(house: House, upstream: Partners, campaign: RowMapping) -> None:
    await house.pass_time(seconds=REST + 1)
    assert await duty.ready(house.context, upstream, campaign["agent_id"])


@pytest.mark.parametrize(
    ("good", "bad", "opened"), [(5, 5, True), (0, 10, True), (6, 5, False), (0, 9, False)]
)
@pytest.mark.parametrize("answer", ["not_sent", "timeout", "conflict"])
async def test_a_lane_is_parked_when_half_of_ten_went_wrong(
    house: House, *, good: int, bad: int, opened: bool, answer: str
) -> None:
    campaign = await house.campaign()
    await _answers(house, campaign, *["placed"] * good, *[answer] * bad)
    lane = await _lane(house, campaign)
    assert (lane["parked_reason"] == "breaker_open") is opened
    if opened:
        assert timedelta(seconds=REST - 5) < lane["rest"] <= timedelta(seconds=REST)
        ((told),) = await _told(house)
        assert told["name"] == "agent.parked"
        assert told["body"]["why"] == "breaker_open"
        assert (told["body"]["answered"], told["body"]["bad"]) == (good + bad, bad)
        # The only lane is parked, so nothing is left by which to judge the organization.
        assert (await _whole(house))["parked_reason"] is None


async def test_refusals_are_answers_and_count_as_good_ones(house: House) -> None:
    campaign = await house.campaign()
    await _answers(house, campaign, *["refused"] * 6, *["timeout"] * 5)
    assert (await _lane(house, campaign))["parked_reason"] is None


async def test_what_went_wrong_more_than_a_minute_ago_is_forgotten(house: House) -> None:
    campaign = await house.campaign()
    await _answers(house, campaign, *["timeout"] * 9)
    await house.pass_time(seconds=61)
    await _answers(house, campaign, *["timeout"] * 9)
    assert (await _lane(house, campaign))["parked_reason"] is None


async def test_a_parked_lane_claims_nothing_and_spends_nothing(house: House) -> None:
    campaign = await house.campaign()
    await _answers(house, campaign, *["timeout"] * 10)
    assert await _claim(house, campaign, 3) == ()
    spent = await house.row("SELECT sum(attempts) AS n FROM leads")
    assert spent["n"] == 0
    await house.assert_balanced()


async def test_late_bad_answers_neither_lengthen_the_rest_nor_fail_the_probe(
    house: House, upstream: Partners
) -> None:
    campaign = await house.campaign()
    calls = await _claim(house, campaign, 14)
    for call_id in calls[:12]:
        await _answer(house, call_id, "timeout")
    lane = await _lane(house, campaign)
    assert (lane["breaker_trips"], len(await _told(house))) == (1, 1)
    await _resumes(house, upstream, campaign)
    await _answer(house, calls[12], "timeout")
    await _answer(house, calls[13], "placed")
    lane = await _lane(house, campaign)
    assert (lane["parked_reason"], lane["ramp"], lane["breaker_trips"]) == (None, 1, 1)


async def test_two_answers_at_once_open_it_once(house: House) -> None:
    campaign = await house.campaign()
    calls = await _claim(house, campaign, 12)
    for call_id in calls:
        await _arm(house, call_id)
        async with house.context.engine.begin() as conn:
            await settle.doubt(conn, call_id, fence=1, why="timeout", by="sender")
    rows = [await house.call(call_id) for call_id in calls]
    await asyncio.gather(*(breaker.went_wrong(house.context, row) for row in rows))
    assert (await _lane(house, campaign))["breaker_trips"] == 1
    assert len(await _told(house)) == 1


async def test_after_the_rest_one_call_tries_and_the_lane_widens(
    house: House, upstream: Partners
) -> None:
    campaign = await house.campaign()
    await _answers(house, campaign, *["timeout"] * 10)
    assert not await duty.ready(house.context, upstream, campaign["agent_id"])
    await _resumes(house, upstream, campaign)
    for ramp in (1, 2, 4, 8, 16, 32, 64):
        assert (await _lane(house, campaign))["ramp"] == ramp
        claimed = await _claim(house, campaign, ramp + 1)
        assert len(claimed) == ramp
        await house.run("UPDATE calls SET state = 'placed' WHERE id <> :id", id=claimed[0])
        await house.run("UPDATE leads SET state = 'done' WHERE state = 'waiting'")
        await _answer(house, claimed[0], "placed")
    assert (await _lane(house, campaign))["ramp"] is None
    assert (await _lane(house, campaign))["breaker_trips"] == 0
    names = [row["name"] for row in await _told(house)]
    assert names == ["agent.parked", "agent.resumed"]


async def test_a_probe_that_fails_opens_it_again_for_twice_as_long(
    house: House, upstream: Partners
) -> None:
    campaign = await house.campaign()
    await _answers(house, campaign, *["timeout"] * 10)
    rests = [(await _lane(house, campaign))["rest"]]
    for _ in range(3):
        await house.pass_time(seconds=900)
        assert await duty.ready(house.context, upstream, campaign["agent_id"])
        (probe,) = await _claim(house, campaign)
        await _answer(house, probe, "timeout")
        rests.append((await _lane(house, campaign))["rest"])
        assert await _claim(house, campaign) == ()
    seconds = [round(rest.total_seconds() / REST) for rest in rests]
    assert seconds == [1, 2, 4, 8]


async def test_a_probe_that_went_wrong_blocks_the_next_until_it_is_judged(
    house: House, upstream: Partners
) -> None:
    campaign = await house.campaign()
    await _answers(house, campaign, *["timeout"] * 10)
    await _resumes(house, upstream, campaign)
    (probe,) = await _claim(house, campaign)
    await _arm(house, probe)
    async with house.context.engine.begin() as conn:
        await settle.doubt(conn, probe, fence=1, why="timeout", by="sender")
    assert await _claim(house, campaign) == ()
    await house.pass_time(seconds=3)
    assert len(await _claim(house, campaign)) == 1


async def test_two_claims_at_once_let_one_probe_through(house: House) -> None:
    first = await house.campaign()
    second = await house.campaign(agent="agent_2")
    await _answers(house, first, *["placed"] * 2)
    async with house.context.engine.begin() as conn:
        await organizations.park(
            conn, organization_id=house.organization_id, reason="unauthorized", seconds=1
        )
    await house.pass_time(seconds=2)
    for campaign in (first, second):
        for _ in range(4):
            await house.lead(campaign["id"])
    lanes = [first["agent_id"], second["agent_id"]] * 4
    claims = await asyncio.gather(*(house.claim(lane) for lane in lanes))
    assert sum(len(claimed.call_ids) for claimed in claims) == 1


async def _several(house: House, count: int) -> list[RowMapping]:
    return [await house.campaign(agent=f"agent_{number}") for number in range(count)]


async def test_an_organization_is_parked_when_its_lanes_fail_a_little_each(house: House) -> None:
    campaigns = await _several(house, 5)
    for campaign in campaigns:
        await _answers(house, campaign, "timeout", "timeout")
    whole = await _whole(house)
    assert whole["parked_reason"] == "breaker_open"
    assert timedelta(seconds=REST - 5) < whole["rest"] <= timedelta(seconds=REST)
    for campaign in campaigns:
        assert (await _lane(house, campaign))["parked_reason"] is None
        assert await _claim(house, campaign) == ()
    ((told),) = await _told(house)
    assert (told["name"], told["body"]["bad"]) == ("organization.parked", 10)


async def test_one_bad_lane_does_not_silence_the_others(house: House) -> None:
    bad, good = await _several(house, 2)
    await _answers(house, good, *["placed"] * 4)
    await _answers(house, bad, *["timeout"] * 10)
    await _answers(house, good, *["placed"] * 3, "timeout")
    assert (await _lane(house, bad))["parked_reason"] == "breaker_open"
    assert (await _lane(house, good))["parked_reason"] is None
    assert (await _whole(house))["parked_reason"] is None


async def test_after_its_rest_one_call_tries_for_the_whole_organization(
    house: House, upstream: Partners
) -> None:
    campaigns = [*await _several(house, 4), await house.campaign()]
    for campaign in campaigns:
        await _answers(house, campaign, "timeout", "timeout")
    demo, other = campaigns[-1], campaigns[0]
    assert not await duty.ready(house.context, upstream, demo["agent_id"])
    await _resumes(house, upstream, demo)
    assert (await _whole(house))["parked_reason"] is None
    (probe,) = await _claim(house, demo, 3)
    assert await _claim(house, other) == ()
    await _answer(house, probe, "placed")
    assert (await _whole(house))["ramp"] == 2
    assert len(await _claim(house, other)) == 1
    assert len(await _claim(house, demo)) == 1
    assert await _claim(house, other) == ()
    names = [row["name"] for row in await _told(house)]
    assert names == ["organization.parked", "organization.resumed"]


async def test_a_probe_that_fails_parks_the_organization_again_for_longer(
    house: House, upstream: Partners
) -> None:
    campaigns = [*await _several(house, 4), await house.campaign()]
    for campaign in campaigns:
        await _answers(house, campaign, "timeout", "timeout")
    await _resumes(house, upstream, campaigns[-1])
    (probe,) = await _claim(house, campaigns[-1])
    await _answer(house, probe, "timeout")
    whole = await _whole(house)
    assert (whole["parked_reason"], whole["breaker_trips"]) == ("breaker_open", 2)
    assert whole["rest"] > timedelta(seconds=REST * 1.5)


async def test_credentials_that_were_refused_stay_the_reason(house: House) -> None:
    campaign = await house.campaign()
    calls = await _claim(house, campaign, 3)
    async with house.context.engine.begin() as conn:
        await organizations.park(
            conn, organization_id=house.organization_id, reason="forbidden", seconds=300
        )
    for call_id in calls:
        await _answer(house, call_id, "timeout")
    whole = await _whole(house)
    assert (whole["parked_reason"], whole["breaker_trips"]) == ("forbidden", 0)


async def test_another_tenant_hears_nothing_of_it(house: House) -> None:
    neighbour = await house.neighbour()
    theirs = await neighbour.campaign()
    await _answers(house, await house.campaign(), *["timeout"] * 10)
    assert (await _lane(neighbour, theirs))["parked_reason"] is None
    assert (await _whole(neighbour))["parked_reason"] is None
