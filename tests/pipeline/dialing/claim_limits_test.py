"""A campaign's own limits: calls a day and in all, and a budget that counts calls in progress."""

import asyncio
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import RowMapping

from dialer.pipeline.dialing import lane
from dialer.pipeline.planning import campaigns
from dialer.pipeline.planning.plans import Plan
from dialer.rules.campaign import CampaignState
from dialer.rules.errors import InvalidInputError
from dialer.store.dialing import tallies
from tests.support.house import House


async def _list(house: House, number: int, **plan: Any) -> RowMapping:  # noqa: ANN401 -- any part of a plan
    campaign = await house.campaign(**plan)
    await house.post(campaign["id"], [{"phone": house.phone()} for _ in range(number)])
    return campaign


async def _claims(house: House, campaign: RowMapping) -> int:
    found = await asyncio.gather(*(house.claim(campaign["agent_id"], wanted=3) for _ in range(10)))
    return sum(len(one.call_ids) for one in found)


async def _end(house: House, *, minutes: float = 1.0, state: str = "ended") -> None:
    """Let every open call have been armed just now, and be over."""
    await house.run(
        """
        UPDATE calls SET state = :state, armed_at = outdial_now(), finished_at = outdial_now(),
            duration_ms = :ms WHERE finished_at IS NULL
        """,
        state=state,
        ms=round(minutes * 60_000),
    )


async def _why(house: House, campaign: RowMapping) -> str | None:
    row = await house.row("SELECT parked_reason FROM campaigns WHERE id = :id", id=campaign["id"])
    return row["parked_reason"]  # type: ignore[no-any-return]


@pytest.mark.asyncio
async def test_any_number_of_claims_keep_to_the_calls_of_a_day(house: House) -> None:
    campaign = await _list(house, 30, max_calls_per_day=7)
    assert await _claims(house, campaign) == 7
    assert (await house.claim(campaign["agent_id"])).again == "idle"
    await _end(house)
    assert await _claims(house, campaign) == 0
    assert await _why(house, campaign) is None
    # Midnight in New York, not in UTC, begins the next day; it is half past noon there.
    await house.pass_time(hours=11)
    assert await _claims(house, campaign) == 0
    await house.pass_time(hours=11)
    assert await _claims(house, campaign) == 7


@pytest.mark.asyncio
async def test_a_call_that_never_rang_is_not_counted(house: House) -> None:
    campaign = await _list(house, 10, max_calls_per_day=2)
    for state in ("refused", "absent", "released"):
        assert await _claims(house, campaign) == 2
        await _end(house, state=state)
    assert await _claims(house, campaign) == 2
    await _end(house)
    assert await _claims(house, campaign) == 0


@pytest.mark.asyncio
async def test_a_campaign_parks_when_its_calls_are_made_and_goes_on_after_an_edit(
    house: House,
) -> None:
    campaign = await _list(house, 10, max_calls=3)
    assert await _claims(house, campaign) == 3
    assert await _why(house, campaign) is None
    await _end(house)
    assert await _claims(house, campaign) == 0
    assert await _why(house, campaign) == "max_calls_reached"
    assert "campaign.parked" in await house.names()
    await campaigns.change(
        house.context,
        organization_id=house.organization_id,
        campaign_id=campaign["id"],
        plan=Plan(max_calls=5),
    )
    await house.move(campaign["id"], CampaignState.RUNNING)
    assert await _claims(house, campaign) == 2


@pytest.mark.asyncio
async def test_a_budget_holds_what_calls_in_progress_may_cost(house: House) -> None:
    plan = {"price_per_minute": Decimal("0.20"), "budget": Decimal("3.50")}
    campaign = await _list(house, 20, **plan)
    assert await _claims(house, campaign) == 3
    await _end(house, minutes=1)
    # 0.60 is spent; 2.90 left are two calls of five minutes.
    assert await _claims(house, campaign) == 2
    await house.run(
        "UPDATE calls SET state = 'placed', armed_at = outdial_now() WHERE finished_at IS NULL"
    )
    await house.pass_time(minutes=12)
    assert await _claims(house, campaign) == 0
    assert await _why(house, campaign) is None
    await _end(house, minutes=12)
    assert await _claims(house, campaign) == 0
    assert await _why(house, campaign) == "budget_spent"


@pytest.mark.asyncio
async def test_what_is_added_up_for_good_changes_no_figure(house: House) -> None:
    campaign = await _list(house, 40, max_calls=30, max_calls_per_day=25)
    await house.claim(campaign["agent_id"], wanted=10)
    await _end(house, minutes=2)
    await house.pass_time(hours=2)
    await house.claim(campaign["agent_id"], wanted=4)
    await house.run(
        "UPDATE calls SET state = 'unknown', armed_at = outdial_now() WHERE finished_at IS NULL"
    )
    await house.claim(campaign["agent_id"], wanted=2)
    before = await _used(house, campaign["id"])
    assert (before["calls"], before["today"], before["talk_ms"]) == (16, 16, 10 * 120_000)
    assert sorted(before["open_ms"])[:2] == [0, 0]
    async with house.context.engine.begin() as conn:
        assert await tallies.settle(conn) == 1
        beside = asyncio.create_task(_settle(house))
        await asyncio.wait({beside}, timeout=1)
    await beside
    after = await _used(house, campaign["id"])
    assert [after[name] for name in ("calls", "today", "talk_ms")] == [16, 16, 10 * 120_000]
    kept = await house.row("SELECT * FROM tallies")
    assert (kept["calls"], kept["talk_ms"]) == (10, 10 * 120_000)
    assert lane.room_of(after).calls == 9


@pytest.mark.asyncio
async def test_an_open_call_is_never_added_up_for_good(house: House) -> None:
    campaign = await _list(house, 10, max_calls=30)
    await house.claim(campaign["agent_id"], wanted=1)
    await house.run("UPDATE calls SET state = 'unknown', armed_at = outdial_now()")
    await house.pass_time(minutes=1)
    await house.claim(campaign["agent_id"], wanted=5)
    await house.run(
        "UPDATE calls SET state = 'ended', armed_at = outdial_now(), finished_at = outdial_now()"
        " WHERE state = 'claimed'"
    )
    await house.pass_time(hours=5)
    await _settle(house)
    assert await house.rows("SELECT * FROM tallies") == []
    await _end(house, minutes=1)
    assert (await _used(house, campaign["id"]))["calls"] == 6


async def _settle(house: House) -> None:
    async with house.context.engine.begin() as conn:
        await tallies.settle(conn)


async def _used(house: House, campaign_id: UUID) -> RowMapping:
    async with house.context.engine.connect() as conn:
        (row,) = await tallies.used(conn, [campaign_id])
    return row


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("plan", "pointer", "code"),
    [
        ({"budget": Decimal(10)}, "/price_per_minute", "price_missing"),
        ({"day_zone": "America/New_Yorc"}, "/day_zone", "unknown_zone"),
        ({"precall_url": "https://crm.example.com/ask"}, "/precall_secret", "secret_missing"),
    ],
)
async def test_a_plan_that_can_not_be_is_refused_by_name(
    house: House, plan: dict[str, Any], pointer: str, code: str
) -> None:
    with pytest.raises(InvalidInputError) as refused:
        await house.campaign(**plan)
    (fault,) = refused.value.faults
    assert (fault.pointer, fault.code) == (pointer, code)
    assert "did you mean America/New_York?" in fault.message or code != "unknown_zone"


@pytest.mark.asyncio
async def test_a_limit_can_be_lifted_again(house: House) -> None:
    campaign = await _list(house, 10, max_calls_per_day=1)
    assert await _claims(house, campaign) == 1
    await campaigns.change(
        house.context,
        organization_id=house.organization_id,
        campaign_id=campaign["id"],
        plan=Plan(lifts=frozenset({"max_calls_per_day"})),
    )
    assert await _claims(house, campaign) == 9
    spans = await house.rows("SELECT place_at - claimed_at AS ahead FROM calls")
    assert all(row["ahead"] < timedelta(minutes=1) for row in spans)
