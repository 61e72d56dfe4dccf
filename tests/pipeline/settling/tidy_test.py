"""Tidying: whatever a crash, a deadline or a finished campaign left is found and settled."""

import asyncio
from datetime import timedelta

import pytest

from dialer.pipeline.settling.tidy import bury, tidy
from dialer.rules.campaign import CampaignState
from tests.support.house import WORKER, House


@pytest.mark.asyncio
async def test_a_claim_that_nobody_armed_in_time_is_released(house: House) -> None:
    call = await house.claimed(await house.campaign())
    await tidy(house.context)
    assert (await house.call(call["id"]))["state"] == "claimed"
    await house.pass_time(seconds=31)
    await tidy(house.context)
    assert (await house.call(call["id"]))["state"] == "released"
    lead = await house.lead_row(call["lead_id"])
    assert (lead["state"], lead["reason"], lead["attempts"]) == ("waiting", "claim_expired", 0)


@pytest.mark.asyncio
async def test_an_armed_call_without_an_answer_becomes_unknown_and_stays_unclosed(
    house: House,
) -> None:
    call = await house.dialing(await house.campaign())
    await house.pass_time(seconds=59)
    await tidy(house.context)
    assert (await house.call(call["id"]))["state"] == "dialing"
    await house.pass_time(seconds=2)
    await tidy(house.context)
    row = await house.call(call["id"])
    assert (row["state"], row["closed_at"]) == ("unknown", None)
    assert (await house.lead_row(call["lead_id"]))["state"] == "calling"


@pytest.mark.asyncio
async def test_many_that_tidy_at_once_settle_each_call_once(house: House) -> None:
    campaign = await house.campaign()
    for _ in range(5):
        await house.claimed(campaign)
        await house.dialing(campaign)
    await house.pass_time(seconds=61)
    await asyncio.gather(*(tidy(house.context) for _ in range(8)))
    names = await house.names()
    assert (names.count("call.released"), names.count("call.unknown")) == (5, 5)
    await house.assert_balanced()


@pytest.mark.asyncio
async def test_a_waiting_lead_expires_when_its_time_has_passed(house: House) -> None:
    campaign = await house.campaign(start=False)
    soon = (await house.now() + timedelta(minutes=1)).isoformat()
    lead_id = await house.lead(campaign["id"], expires_at=soon)
    other = await house.lead(campaign["id"])
    await tidy(house.context)
    assert (await house.lead_row(lead_id))["state"] == "waiting"
    await house.pass_time(minutes=1)
    await tidy(house.context)
    assert (await house.lead_row(lead_id))["state"] == "expired"
    assert (await house.lead_row(other))["state"] == "waiting"
    assert (await house.names())[-1] == "lead.expired"
    await house.assert_balanced()


@pytest.mark.asyncio
async def test_a_lead_that_is_called_does_not_expire(house: House) -> None:
    call = await house.dialing(await house.campaign())
    await house.run("UPDATE leads SET expires_at = outdial_now()")
    await tidy(house.context)
    assert (await house.lead_row(call["lead_id"]))["state"] == "calling"


@pytest.mark.asyncio
@pytest.mark.parametrize("state", [CampaignState.RUNNING, CampaignState.PAUSED])
async def test_a_campaign_completes_at_its_end_and_what_waits_expires(
    house: House, state: CampaignState
) -> None:
    campaign = await house.campaign(ends_at=await house.now() + timedelta(minutes=1))
    lead_id = await house.lead(campaign["id"])
    if state is CampaignState.PAUSED:
        await house.move(campaign["id"], state)
    await tidy(house.context)
    assert (await house.lead_row(lead_id))["state"] == "waiting"
    await house.pass_time(minutes=1)
    await tidy(house.context)
    assert (await house.row("SELECT state FROM campaigns"))["state"] == "completed"
    lead = await house.lead_row(lead_id)
    assert (lead["state"], lead["reason"]) == ("expired", "campaign_over")
    assert (await house.names())[-2:] == ["campaign.completed", "lead.expired"]
    await house.assert_balanced()


@pytest.mark.asyncio
async def test_a_cancelled_campaigns_waiting_leads_are_cancelled_and_calls_run_on(
    house: House,
) -> None:
    campaign = await house.campaign()
    call = await house.dialing(campaign)
    lead_id = await house.lead(campaign["id"])
    moved = await house.move(campaign["id"], CampaignState.CANCELLED)
    assert moved.in_flight == 1
    await tidy(house.context)
    assert (await house.lead_row(lead_id))["state"] == "cancelled"
    assert (await house.lead_row(call["lead_id"]))["state"] == "calling"
    await house.assert_balanced()


@pytest.mark.asyncio
async def test_a_dead_workers_claims_are_freed_and_its_arms_closed(house: House) -> None:
    campaign = await house.campaign()
    claimed, dialing = await house.claimed(campaign), await house.dialing(campaign)
    silent = await house.dialing(campaign)
    await house.run("UPDATE calls SET state = 'unknown' WHERE id = :id", id=silent["id"])
    placed = await house.dialing(campaign)
    await house.run("UPDATE calls SET state = 'placed' WHERE id = :id", id=placed["id"])
    await bury(house.context, WORKER)
    assert (await house.call(claimed["id"]))["state"] == "released"
    for call in (dialing, silent):
        row = await house.call(call["id"])
        assert (row["state"], row["closed_by"]) == ("unknown", "worker_death")
        assert row["closed_at"] is not None
    assert (await house.call(placed["id"]))["state"] == "placed"
    await house.assert_balanced()


@pytest.mark.asyncio
async def test_sweeps_made_before_a_burial_do_not_count(house: House) -> None:
    call = await house.dialing(await house.campaign())
    await house.run("UPDATE calls SET state = 'unknown', sweeps = 2")
    await bury(house.context, WORKER)
    row = await house.call(call["id"])
    assert (row["closed_by"], row["sweeps"]) == ("worker_death", 0)


@pytest.mark.asyncio
async def test_a_living_workers_calls_are_left_alone(house: House) -> None:
    campaign = await house.campaign()
    claimed, dialing = await house.claimed(campaign), await house.dialing(campaign)
    await bury(house.context, "another-worker")
    assert (await house.call(claimed["id"]))["state"] == "claimed"
    assert (await house.call(dialing["id"]))["closed_at"] is None
