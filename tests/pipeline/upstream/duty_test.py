"""Duty: read from the upstream, believed for a while, and closed whenever it can't be read."""

import pytest
from sqlalchemy import RowMapping

from dialer.pipeline.access import setup
from dialer.pipeline.upstream import duty
from dialer.pipeline.upstream.partners import Partners
from dialer.store.dialing import agents
from tests.support.house import House
from tests.support.sandbox import SandboxProcess


async def _lane(house: House) -> RowMapping:
    return await house.row("SELECT * FROM agents")


@pytest.mark.asyncio
async def test_an_agent_on_duty_may_dial(house: House, upstream: Partners) -> None:
    campaign = await house.campaign()
    await house.run("UPDATE agents SET checked_at = NULL, deployed = NULL, on_duty = NULL")
    assert await duty.ready(house.context, upstream, campaign["agent_id"])
    lane = await _lane(house)
    assert (lane["kind"], lane["deployed"], lane["on_duty"]) == ("OUTBOUND", True, True)
    assert lane["name"] == "Speed-to-lead caller"


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"on_duty": False}, "off_duty"),
        ({"deployed": False}, "not_deployed"),
        ({"type": "INBOUND"}, "wrong_type"),
    ],
)
async def test_an_agent_that_may_not_dial_parks_its_lane_and_resumes_by_itself(
    house: House,
    upstream: Partners,
    sandbox: SandboxProcess,
    changes: dict[str, object],
    reason: str,
) -> None:
    campaign = await house.campaign()
    lead_id = await house.lead(campaign["id"])
    sandbox.set_agent("agent_demo", **changes)
    assert not await duty.check(house.context, upstream, campaign["agent_id"])
    assert (await _lane(house))["parked_reason"] == reason
    assert (await house.claim(campaign["agent_id"])).call_ids == ()
    assert (await house.lead_row(lead_id))["attempts"] == 0
    sandbox.set_agent("agent_demo", type="OUTBOUND", deployed=True, on_duty=True)
    assert not await duty.ready(house.context, upstream, campaign["agent_id"])
    await house.pass_time(seconds=16)
    assert await duty.ready(house.context, upstream, campaign["agent_id"])
    lane = await _lane(house)
    assert (lane["parked_reason"], lane["ramp"]) == (None, 1)
    told = [n for n in await house.names() if n.startswith("agent.")]
    assert told == ["agent.parked", "agent.resumed"]


@pytest.mark.asyncio
async def test_what_is_known_is_believed_until_it_ages(
    house: House, upstream: Partners, sandbox: SandboxProcess
) -> None:
    campaign = await house.campaign()
    sandbox.set_agent("agent_demo", on_duty=False)
    assert await duty.ready(house.context, upstream, campaign["agent_id"])
    await house.pass_time(seconds=31)
    assert not await duty.ready(house.context, upstream, campaign["agent_id"])


@pytest.mark.asyncio
async def test_an_agent_that_cannot_be_read_is_a_closed_gate(
    house: House, upstream: Partners, sandbox: SandboxProcess
) -> None:
    campaign = await house.campaign()
    sandbox.fault("fail_before_ring", route="agents")
    assert not await duty.check(house.context, upstream, campaign["agent_id"])
    assert (await _lane(house))["parked_reason"] == "agent_unreadable"


@pytest.mark.asyncio
async def test_an_agent_that_is_gone_parks_its_lane(house: House, upstream: Partners) -> None:
    campaign = await house.campaign(agent="agent_nobody")
    assert not await duty.check(house.context, upstream, campaign["agent_id"])
    assert (await _lane(house))["parked_reason"] == "agent_gone"


@pytest.mark.asyncio
async def test_refused_credentials_park_the_organization_and_good_ones_resume_it(
    house: House, upstream: Partners, sandbox: SandboxProcess
) -> None:
    campaign = await house.campaign()
    fault = sandbox.fault("forbidden", route="agents")
    assert not await duty.check(house.context, upstream, campaign["agent_id"])
    row = await house.row("SELECT parked_reason, parked_until FROM organizations")
    assert row["parked_reason"] == "reading_forbidden"
    assert row["parked_until"] > await house.now()
    assert (await house.claim(campaign["agent_id"])).call_ids == ()
    sandbox.control("DELETE", f"faults/{fault}")
    assert await duty.check(house.context, upstream, campaign["agent_id"])
    assert (await house.row("SELECT parked_reason FROM organizations"))["parked_reason"] is None
    told = [n for n in await house.names() if n.startswith("organization.")]
    assert told == ["organization.parked", "organization.resumed"]


@pytest.mark.asyncio
async def test_without_credentials_the_lane_is_parked(house: House) -> None:
    campaign = await house.campaign()
    partners = Partners(context=house.context)
    assert not await duty.check(house.context, partners, campaign["agent_id"])
    assert (await _lane(house))["parked_reason"] == "no_credentials"


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "given",
    [
        {"base_url": "http://127.0.0.1:1/v1", "api_key": "a key with blanks"},
        {"base_url": "http://127.0.0.1:1/v1?page=1", "api_key": "k"},
    ],
)
async def test_what_cannot_be_used_parks_the_lane_and_stops_nobody_else(
    house: House, given: dict[str, str]
) -> None:
    campaign = await house.campaign()
    await setup.connect_partner(house.context, organization_id=house.organization_id, **given)
    await house.run("UPDATE agents SET checked_at = NULL")
    await duty.keep_warm(house.context, Partners(context=house.context))
    assert (await _lane(house))["parked_reason"] == "no_credentials"
    assert not await duty.ready(
        house.context, Partners(context=house.context), campaign["agent_id"]
    )


@pytest.mark.asyncio
async def test_a_rehearsal_never_reads_or_calls_anything_but_this_machine(house: House) -> None:
    await setup.connect_partner(
        house.context,
        organization_id=house.organization_id,
        base_url="https://partner.example.com/api/partner/v1",
        api_key="k",
    )
    campaign = await house.campaign()
    partners = Partners(context=house.context)
    assert not await duty.check(house.context, partners, campaign["agent_id"])
    assert (await _lane(house))["parked_reason"] == "no_credentials"


@pytest.mark.asyncio
async def test_agents_of_running_campaigns_are_read_before_they_age(
    house: House, upstream: Partners
) -> None:
    campaign = await house.campaign()
    before = await _lane(house)
    await duty.keep_warm(house.context, upstream)
    assert (await _lane(house))["checked_at"] == before["checked_at"]
    await house.pass_time(seconds=19)
    await duty.keep_warm(house.context, upstream)
    after = await _lane(house)
    assert after["checked_at"] > before["checked_at"]
    async with house.context.engine.begin() as conn:
        await agents.park(conn, campaign["agent_id"], reason="off_duty", seconds=900)
    await house.pass_time(seconds=60)
    await duty.keep_warm(house.context, upstream)
    assert (await _lane(house))["checked_at"] == after["checked_at"]


@pytest.mark.asyncio
async def test_an_agent_that_is_not_ours_is_not_ready(house: House, upstream: Partners) -> None:
    assert not await duty.ready(house.context, upstream, house.organization_id)
    assert not await duty.check(house.context, upstream, house.organization_id)
