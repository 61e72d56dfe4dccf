"""The ledger: two independent books that agree, whatever became of the leads."""

from typing import Any

import pytest

from dialer.rules.lead import LeadState
from dialer.store.reports import ledger
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
        assert await ledger.reasons(conn, **org) == {"limit": 1}
        assert await ledger.pace(conn, **org) == 1
        assert await ledger.pace(conn, seconds=120, **org) == 2


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("happens", "why"),
    [
        ("UPDATE campaigns SET state = 'draft'", "draft"),
        ("UPDATE campaigns SET state = 'paused'", "campaign_paused"),
        ("UPDATE campaigns SET state = 'cancelled'", "campaign_cancelled"),
        ("UPDATE campaigns SET parked_reason = 'config_error'", "campaign_parked"),
        ("UPDATE agents SET parked_reason = 'off_duty'", "agent_off_duty"),
        ("UPDATE agents SET parked_reason = 'agent_gone'", "agent_gone"),
        ("UPDATE agents SET paused_at = outdial_now()", "agent_paused"),
        (
            "UPDATE organizations SET parked_reason = 'forbidden', parked_until = 'infinity'",
            "organization_forbidden",
        ),
        ("UPDATE leads SET due_at = outdial_now() + interval '1 h'", "not_due"),
        (
            "UPDATE leads SET due_at = 'infinity', not_before = outdial_now() + interval '1 h'",
            "not_before",
        ),
        (
            "UPDATE leads SET reason = 'no_answer', due_at = outdial_now() + interval '1 h'",
            "no_answer",
        ),
        ("UPDATE leads SET due_at = outdial_now()", "limit"),
    ],
)
async def test_a_lead_that_no_gate_deferred_has_a_reason_too(
    house: House, happens: str, why: str
) -> None:
    campaign = await house.campaign()
    await house.lead(campaign["id"])
    await house.run(happens)
    async with house.context.engine.connect() as conn:
        found = await ledger.reasons(conn, organization_id=house.organization_id)
    assert found == {why: 1}
