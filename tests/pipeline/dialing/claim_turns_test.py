"""Whose turn it is at a claim: the urgent, then by priority, then campaigns by weight."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from dialer.pipeline.intake.intake import accept
from dialer.rules.lead import Urgency
from tests.support.house import House

AFTERNOON = {"tuesday": [["13:00", "18:00"]], "wednesday": [["09:00", "18:00"]]}


async def _list(house: House, campaign_id: UUID, number: int) -> None:
    await house.post(campaign_id, [{"phone": house.phone()} for _ in range(number)])


async def _fresh(house: House, campaign_id: UUID) -> UUID:
    door = await house.door(campaign_id)
    given = [{"phone": house.phone()}]
    (receipt,) = await accept(house.context, door=replace(door, fresh=True), given=given)
    return UUID(receipt.lead_id)


async def _called(house: House) -> Counter[UUID]:
    return Counter(row["campaign_id"] for row in await house.rows("SELECT campaign_id FROM calls"))


@pytest.mark.asyncio
async def test_whoever_has_just_asked_is_called_before_any_list(house: House) -> None:
    busy = await house.campaign(priority=9)
    quiet = await house.campaign(priority=0)
    await _list(house, busy["id"], 20)
    lead_id = await _fresh(house, quiet["id"])
    (call_id,) = (await house.claim(busy["agent_id"], wanted=1)).call_ids
    assert (await house.call(call_id))["lead_id"] == lead_id


@pytest.mark.asyncio
async def test_campaigns_share_a_lane_by_weight_over_many_claims(house: House) -> None:
    heavy = await house.campaign(weight=3)
    light = await house.campaign(weight=1)
    for campaign in (heavy, light):
        await _list(house, campaign["id"], 40)
    for _ in range(16):
        assert len((await house.claim(heavy["agent_id"], wanted=2)).call_ids) == 2
    assert await _called(house) == {heavy["id"]: 24, light["id"]: 8}


@pytest.mark.asyncio
async def test_a_campaign_that_comes_late_takes_its_part_and_no_more(house: House) -> None:
    first = await house.campaign()
    await _list(house, first["id"], 60)
    for _ in range(3):
        await house.claim(first["agent_id"], wanted=10)
    second = await house.campaign()
    await _list(house, second["id"], 30)
    before = await _called(house)
    await house.claim(first["agent_id"], wanted=20)
    assert await _called(house) - before == {first["id"]: 10, second["id"]: 10}


@pytest.mark.asyncio
async def test_a_higher_priority_is_served_first_whatever_the_weight(house: House) -> None:
    low = await house.campaign(weight=100)
    high = await house.campaign(priority=1)
    for campaign in (low, high):
        await _list(house, campaign["id"], 5)
    await house.claim(low["agent_id"], wanted=5)
    assert await _called(house) == {high["id"]: 5}


@pytest.mark.asyncio
async def test_a_lead_that_has_to_wait_for_long_is_no_longer_fresh(house: House) -> None:
    campaign = await house.campaign(hours=AFTERNOON)
    lead_id = await _fresh(house, campaign["id"])
    assert (await house.claim(campaign["agent_id"])).call_ids == ()
    waiting = await house.lead_row(lead_id)
    assert (waiting["reason"], waiting["urgency"]) == ("outside_calling_hours", Urgency.EARLY)
    assert (waiting["rank"], waiting["queue_id"]) == (-1000, campaign["id"])


@pytest.mark.asyncio
async def test_a_lead_whose_number_is_in_a_call_stays_fresh(house: House) -> None:
    other, campaign = await house.campaign(agent="agent_2"), await house.campaign()
    call = await house.claimed(other)
    door = await house.door(campaign["id"])
    await accept(house.context, door=replace(door, fresh=True), given=[{"phone": call["phone"]}])
    assert (await house.claim(campaign["agent_id"])).call_ids == ()
    row = await house.row("SELECT * FROM leads WHERE campaign_id = :id", id=campaign["id"])
    assert (row["reason"], row["urgency"]) == ("number_in_call", Urgency.FRESH)


@pytest.mark.asyncio
async def test_due_leads_are_found_behind_any_number_that_wait(house: House) -> None:
    campaign = await house.campaign()
    for priority in (50, 20, 5):
        for _ in range(10):
            await house.lead(campaign["id"], priority=priority)
    await house.run("UPDATE leads SET due_at = outdial_now() + :later", later=timedelta(days=1))
    expected = [await house.lead(campaign["id"], priority=rank) for rank in (3, 0, -3)]
    found = await house.claim(campaign["agent_id"], wanted=10)
    calls = [(await house.call(one))["lead_id"] for one in found.call_ids]
    assert calls == expected
    assert found.again == "idle"
