"""The ledger: two independent books that agree, whatever became of the leads."""

from typing import Any

import pytest

from dialer.rules.lead import LeadState
from dialer.store import ledger
from tests.support.house import House


@pytest.mark.asyncio
async def test_every_bucket_is_counted_and_the_buckets_add_up(house: House) -> None:
    campaign = await house.campaign()
    for count, state in enumerate(LeadState, start=1):
        for _ in range(count):
            lead_id = await house.lead(campaign["id"])
            await house.run("UPDATE leads SET state = :s WHERE id = :id", s=state, id=lead_id)
    async with house.context.engine.connect() as conn:
        (row,) = await ledger.by_campaign(conn, organization_id=house.organization_id)
    assert {state: row[state] for state in ledger.BUCKETS} == {
        str(state): count for count, state in enumerate(LeadState, start=1)
    }
    assert row["accepted"] == sum(range(1, len(LeadState) + 1))
    await house.assert_balanced()


@pytest.mark.asyncio
async def test_a_lead_that_vanishes_is_noticed(house: House) -> None:
    campaign = await house.campaign()
    await house.lead(campaign["id"])
    await house.run("DELETE FROM leads")
    with pytest.raises(AssertionError):
        await house.assert_balanced()


@pytest.mark.asyncio
async def test_a_campaign_without_leads_balances_at_nothing(house: House) -> None:
    campaign = await house.campaign()
    async with house.context.engine.connect() as conn:
        (row,) = await ledger.by_campaign(conn, organization_id=house.organization_id)
    assert row["campaign_id"] == campaign["id"]
    assert row["accepted"] == 0


@pytest.mark.asyncio
async def test_counts_by_state_outcome_reason_and_pace(house: House) -> None:
    campaign = await house.campaign()
    org: dict[str, Any] = {"organization_id": house.organization_id}
    one, two = await house.dialing(campaign), await house.dialing(campaign)
    await house.lead(campaign["id"])
    await house.run(
        "UPDATE calls SET state = 'ended', outcome = 'busy' WHERE id = :id", id=one["id"]
    )
    await house.run(
        "UPDATE calls SET armed_at = outdial_now() - interval '61 s' WHERE id = :id", id=two["id"]
    )
    async with house.context.engine.connect() as conn:
        assert await ledger.calls_by_state(conn, **org) == {"ended": 1, "dialing": 1}
        assert await ledger.outcomes(conn, **org) == {"busy": 1}
        assert await ledger.outcomes(conn, campaign_id=campaign["id"], **org) == {"busy": 1}
        assert await ledger.outcomes(conn, campaign_id=one["id"], **org) == {}
        assert await ledger.reasons(conn, **org) == {"new": 1}
        assert await ledger.pace(conn, **org) == 1
        assert await ledger.pace(conn, seconds=120, **org) == 2
