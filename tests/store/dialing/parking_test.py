"""Parking of organizations, agents and campaigns: how long it lasts, and who is told."""

from datetime import timedelta

import pytest
from sqlalchemy import RowMapping

from dialer.store import organizations
from dialer.store.dialing import agents
from dialer.store.planning import campaigns
from tests.support.house import House

MINUTE = timedelta(minutes=1)


async def _park(house: House, reason: str, seconds: float = 300) -> bool:
    async with house.context.engine.begin() as conn:
        return await organizations.park(
            conn, organization_id=house.organization_id, reason=reason, seconds=seconds
        )


async def _until(house: House) -> timedelta:
    row = await house.row("SELECT parked_until - outdial_now() AS rest FROM organizations")
    found: timedelta = row["rest"]
    return found


@pytest.mark.asyncio
async def test_an_organization_is_told_once_that_it_is_parked(house: House) -> None:
    assert await _park(house, "forbidden")
    assert not await _park(house, "forbidden")
    assert await _park(house, "unauthorized")


@pytest.mark.asyncio
async def test_parking_for_the_same_reason_again_lasts_from_now(house: House) -> None:
    await _park(house, "forbidden")
    await house.pass_time(minutes=6)
    assert await _until(house) < timedelta()
    await _park(house, "forbidden")
    assert await _until(house) > 4 * MINUTE


@pytest.mark.asyncio
async def test_an_organization_dials_again_once(house: House) -> None:
    await _park(house, "unauthorized")
    org = {"organization_id": house.organization_id}
    async with house.context.engine.begin() as conn:
        assert await organizations.unpark(conn, **org)
        assert not await organizations.unpark(conn, **org)


@pytest.mark.asyncio
@pytest.mark.parametrize("reason", ["forbidden", "call_unauthorized", "breaker_open"])
async def test_what_reading_an_agent_cannot_disprove_parks_for_its_whole_time(
    house: House, reason: str
) -> None:
    await _park(house, reason)
    async with house.context.engine.begin() as conn:
        assert not await organizations.unpark(conn, organization_id=house.organization_id)
    await house.pass_time(minutes=6)
    async with house.context.engine.begin() as conn:
        assert await organizations.unpark(conn, organization_id=house.organization_id)


@pytest.mark.asyncio
async def test_a_parked_organization_starts_again_with_one_call(house: House) -> None:
    await _park(house, "unauthorized")
    row = await house.row("SELECT ramp, probation_from FROM organizations")
    assert (row["ramp"], row["probation_from"] <= await house.now()) == (1, True)
    async with house.context.engine.begin() as conn:
        assert await organizations.unpark(conn, organization_id=house.organization_id)
    assert (await house.row("SELECT ramp FROM organizations"))["ramp"] == 1
    async with house.context.engine.begin() as conn:
        await organizations.set_partner(
            conn,
            organization_id=house.organization_id,
            base_url="http://127.0.0.1:1",
            secret=b"x",
        )
    assert (await house.row("SELECT ramp FROM organizations"))["ramp"] is None


@pytest.mark.asyncio
@pytest.mark.parametrize("reason", ["rate_limited", "breaker_open"])
async def test_a_rest_that_was_asked_for_is_not_cut_short(house: House, reason: str) -> None:
    agent_id = (await house.campaign())["agent_id"]
    async with house.context.engine.begin() as conn:
        await agents.park(conn, agent_id, reason=reason, seconds=60)
        assert not await agents.unpark(conn, agent_id)
        await agents.park(conn, agent_id, reason="off_duty", seconds=1)
    rest = await house.row("SELECT probe_at - outdial_now() AS rest FROM agents")
    assert rest["rest"] > MINUTE / 2
    await house.pass_time(minutes=2)
    async with house.context.engine.begin() as conn:
        assert await agents.unpark(conn, agent_id)


async def _lane(house: House, campaign: RowMapping) -> RowMapping:
    return await house.row("SELECT * FROM agents WHERE id = :id", id=campaign["agent_id"])


@pytest.mark.asyncio
async def test_a_parked_lane_starts_again_with_one_call(house: House) -> None:
    campaign = await house.campaign()
    agent_id = campaign["agent_id"]
    assert (await _lane(house, campaign))["ramp"] is None
    async with house.context.engine.begin() as conn:
        assert await agents.park(conn, agent_id, reason="off_duty", seconds=15)
        assert not await agents.park(conn, agent_id, reason="off_duty", seconds=15)
        assert await agents.unpark(conn, agent_id)
        assert not await agents.unpark(conn, agent_id)
    assert (await _lane(house, campaign))["ramp"] == 1


@pytest.mark.asyncio
async def test_a_parked_lane_keeps_when_it_was_parked_first(house: House) -> None:
    campaign = await house.campaign()
    async with house.context.engine.begin() as conn:
        await agents.park(conn, campaign["agent_id"], reason="off_duty", seconds=15)
    first = await _lane(house, campaign)
    await house.pass_time(minutes=1)
    async with house.context.engine.begin() as conn:
        await agents.park(conn, campaign["agent_id"], reason="agent_gone", seconds=15)
    second = await _lane(house, campaign)
    assert second["parked_at"] == first["parked_at"]
    assert second["probe_at"] > first["probe_at"]


@pytest.mark.asyncio
async def test_lanes_with_work_are_those_that_can_do_it_now(house: House) -> None:
    campaign = await house.campaign()

    async def found() -> int:
        async with house.context.engine.connect() as conn:
            return len(await agents.with_work(conn))

    assert await found() == 0
    lead_id = await house.lead(campaign["id"])
    assert await found() == 1
    for close, reopen in (
        ("UPDATE campaigns SET state = 'paused'", "UPDATE campaigns SET state = 'running'"),
        ("UPDATE campaigns SET parked_reason = 'x'", "UPDATE campaigns SET parked_reason = NULL"),
        (
            "UPDATE agents SET probe_at = outdial_now() + interval '1 m'",
            "UPDATE agents SET probe_at = outdial_now()",
        ),
        (
            "UPDATE leads SET due_at = outdial_now() + interval '1 m'",
            "UPDATE leads SET due_at = outdial_now()",
        ),
        ("UPDATE leads SET state = 'calling'", "UPDATE leads SET state = 'waiting'"),
    ):
        await house.run(close)
        assert await found() == 0, close
        await house.run(reopen)
        assert await found() == 1, reopen
    assert (await house.lead_row(lead_id))["state"] == "waiting"


@pytest.mark.asyncio
async def test_a_parked_campaign_is_told_once_and_a_start_lifts_it(house: House) -> None:
    campaign = await house.campaign()
    async with house.context.engine.begin() as conn:
        assert await campaigns.park(conn, campaign["id"], reason="config_error")
        assert not await campaigns.park(conn, campaign["id"], reason="config_error")
        assert await campaigns.count_refusal(conn, campaign["id"], reset=False) == 1
        assert await campaigns.count_refusal(conn, campaign["id"], reset=False) == 2
        assert await campaigns.count_refusal(conn, campaign["id"], reset=True) == 0
