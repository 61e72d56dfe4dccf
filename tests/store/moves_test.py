"""States change only by the tables: every pair of states, tried on a real row."""

from uuid import UUID

import pytest

from dialer.rules.call import CALL_TRANSITIONS, CallState
from dialer.rules.campaign import CAMPAIGN_TRANSITIONS, CampaignState
from dialer.rules.lead import LEAD_TRANSITIONS, LeadState
from dialer.store.dialing import calls
from dialer.store.intake import leads
from dialer.store.planning import campaigns
from tests.support.house import House


@pytest.mark.asyncio
async def test_a_call_moves_by_its_table_and_not_otherwise(house: House) -> None:
    call_id: UUID = (await house.claimed(await house.campaign()))["id"]
    for here in CallState:
        for there in CallState:
            await house.run("UPDATE calls SET state = :s WHERE id = :id", s=here, id=call_id)
            async with house.context.engine.begin() as conn:
                moved = await calls.move(conn, call_id, there)
            legal = there in CALL_TRANSITIONS[here]
            assert (moved is not None) is legal, (here, there)
            assert (await house.call(call_id))["state"] == (there if legal else here)


@pytest.mark.asyncio
async def test_a_lead_moves_by_its_table_and_not_otherwise(house: House) -> None:
    lead_id = await house.lead((await house.campaign())["id"])
    for here in LeadState:
        for there in LeadState:
            await house.run("UPDATE leads SET state = :s WHERE id = :id", s=here, id=lead_id)
            async with house.context.engine.begin() as conn:
                moved = await leads.move(conn, lead_id, there, reason="tried")
            legal = there in LEAD_TRANSITIONS[here]
            assert (moved is not None) is legal, (here, there)
            assert (await house.lead_row(lead_id))["state"] == (there if legal else here)


@pytest.mark.asyncio
async def test_a_campaign_moves_by_its_table_and_not_otherwise(house: House) -> None:
    campaign_id: UUID = (await house.campaign(start=False))["id"]
    for here in CampaignState:
        for there in CampaignState:
            await house.run("UPDATE campaigns SET state = :s", s=here)
            async with house.context.engine.begin() as conn:
                moved = await campaigns.move(
                    conn,
                    organization_id=house.organization_id,
                    campaign_id=campaign_id,
                    to=there,
                )
            legal = there in CAMPAIGN_TRANSITIONS[here]
            assert moved is legal, (here, there)
            row = await house.row("SELECT state FROM campaigns")
            assert row["state"] == (there if legal else here)


@pytest.mark.asyncio
async def test_the_fence_keeps_out_whoever_lost_the_call(house: House) -> None:
    call = await house.claimed(await house.campaign())
    await house.run("UPDATE calls SET fence = fence + 1")
    async with house.context.engine.begin() as conn:
        late = await calls.move(conn, call["id"], CallState.DIALING, fence=call["fence"])
    assert late is None
    assert (await house.call(call["id"]))["state"] == "claimed"
    async with house.context.engine.begin() as conn:
        ours = await calls.move(conn, call["id"], CallState.DIALING, fence=call["fence"] + 1)
    assert ours is not None


@pytest.mark.asyncio
async def test_only_one_of_two_that_arm_at_once_gets_the_row(house: House) -> None:
    call = await house.claimed(await house.campaign())
    engine = house.context.engine
    async with engine.begin() as one, engine.begin() as two:
        first = await calls.move(one, call["id"], CallState.DIALING, fence=1)
        await one.commit()
        second = await calls.move(two, call["id"], CallState.DIALING, fence=1)
    assert first is not None
    assert second is None


@pytest.mark.asyncio
async def test_another_organizations_campaign_does_not_move(house: House) -> None:
    campaign = await house.campaign(start=False)
    other = await house.neighbour()
    async with house.context.engine.begin() as conn:
        assert not await campaigns.move(
            conn,
            organization_id=other.organization_id,
            campaign_id=campaign["id"],
            to=CampaignState.RUNNING,
        )
