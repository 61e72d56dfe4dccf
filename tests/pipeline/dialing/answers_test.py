"""What follows an answer: the table of answers, line by line."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import RowMapping

from dialer.pipeline.dialing.answers import follow_up
from dialer.pipeline.settling import settle
from dialer.pipeline.upstream.answer import Answer
from dialer.pipeline.upstream.partners import Partners
from dialer.store.dialing import calls
from tests.support.house import House
from tests.support.sandbox import SandboxProcess


def _refused(status: int, why: str = "bad_request", **more: Any) -> Answer:  # noqa: ANN401 -- any part of an answer
    return Answer(kind="refused", why=why, status=status, **more)


async def _answered(
    house: House, answer: Answer, campaign: RowMapping, **lead: object
) -> RowMapping:
    """A call whose answer is on record, as `place` hands it to `follow_up`."""
    call = await house.dialing(campaign, **lead)
    async with house.context.engine.begin() as conn:
        if answer.kind == "refused":
            await settle.refuse(conn, call["id"], fence=1, answer=answer.why, retry_seconds=5)
        elif answer.kind == "placed":
            await settle.place(conn, call["id"], fence=1, partner_call_id=str(call["id"]))
        else:
            await settle.doubt(conn, call["id"], fence=1, why=answer.why, by="sender")
        row = await calls.to_place(conn, call["id"])
    assert row is not None
    return row


async def _follow(
    house: House,
    upstream: Partners,
    answer: Answer,
    **given: Any,  # noqa: ANN401 -- plan or lead
) -> RowMapping:
    lead = {k: given.pop(k) for k in ("partner_lead_id",) if k in given}
    campaign = await house.campaign(**given)
    call = await _answered(house, answer, campaign, **lead)
    await follow_up(house.context, upstream, call, answer)
    return call


async def _refuse_again(house: House, upstream: Partners, campaign: RowMapping) -> None:
    await house.run("UPDATE leads SET due_at = outdial_now() WHERE state = 'waiting'")
    (call_id,) = (await house.claim(campaign["agent_id"])).call_ids
    await house.run("UPDATE calls SET state = 'dialing' WHERE id = :id", id=call_id)
    async with house.context.engine.begin() as conn:
        await settle.refuse(conn, call_id, fence=1, answer="bad_request", retry_seconds=5)
        row = await calls.to_place(conn, call_id)
    assert row is not None
    await follow_up(house.context, upstream, row, _refused(400))


@pytest.mark.asyncio
async def test_a_placed_call_widens_the_ramp_and_forgets_refusals(
    house: House, upstream: Partners
) -> None:
    campaign = await house.campaign()
    await house.run("UPDATE agents SET ramp = 2")
    await house.run("UPDATE campaigns SET unexplained_refusals = 2")
    call = await _answered(house, Answer(kind="placed", why="placed"), campaign)
    await follow_up(house.context, upstream, call, Answer(kind="placed", why="placed"))
    assert (await house.row("SELECT ramp FROM agents"))["ramp"] == 4
    row = await house.row("SELECT unexplained_refusals AS n FROM campaigns")
    assert row["n"] == 0


@pytest.mark.asyncio
async def test_a_400_of_an_agent_off_duty_parks_the_lane_and_keeps_the_lead(
    house: House, upstream: Partners, sandbox: SandboxProcess
) -> None:
    sandbox.set_agent("agent_demo", on_duty=False)
    call = await _follow(house, upstream, _refused(400))
    assert (await house.row("SELECT parked_reason FROM agents"))["parked_reason"] == "off_duty"
    lead = await house.lead_row(call["lead_id"])
    assert (lead["state"], lead["attempts"]) == ("waiting", 0)


@pytest.mark.asyncio
async def test_a_400_that_the_agent_does_not_explain_refuses_the_number_the_second_time(
    house: House, upstream: Partners
) -> None:
    campaign = await house.campaign()
    call = await _answered(house, _refused(400), campaign)
    await follow_up(house.context, upstream, call, _refused(400))
    lead = await house.lead_row(call["lead_id"])
    # The agent may have been off duty for a moment: one refusal proves nothing of the number.
    assert (lead["state"], lead["attempts"]) == ("waiting", 0)
    assert lead["due_at"] > await house.now() + timedelta(seconds=50)
    await _refuse_again(house, upstream, campaign)
    lead = await house.lead_row(call["lead_id"])
    assert (lead["state"], lead["reason"]) == ("done", "refused_by_upstream")
    assert (await house.names())[-1] == "lead.done"
    await house.assert_balanced()


@pytest.mark.asyncio
async def test_three_unexplained_refusals_in_a_row_park_the_campaign(
    house: House, upstream: Partners
) -> None:
    campaign = await house.campaign()
    for number in (1, 2, 3):
        call = await _answered(house, _refused(400), campaign)
        await follow_up(house.context, upstream, call, _refused(400))
        await _refuse_again(house, upstream, campaign)
        row = await house.row("SELECT parked_reason FROM campaigns")
        assert (row["parked_reason"] == "unexplained_refusals") is (number == 3)


@pytest.mark.asyncio
async def test_a_404_for_an_unknown_lead_calls_without_it_where_allowed(
    house: House, upstream: Partners
) -> None:
    answer = _refused(404, "not_found")
    call = await _follow(house, upstream, answer, partner_lead_id="lead_gone")
    lead = await house.lead_row(call["lead_id"])
    assert (lead["state"], lead["partner_lead_id"]) == ("waiting", None)
    assert lead["due_at"] <= await house.now()


@pytest.mark.asyncio
async def test_a_404_for_an_unknown_lead_holds_it_otherwise(
    house: House, upstream: Partners
) -> None:
    answer = _refused(404, "not_found")
    call = await _follow(
        house, upstream, answer, partner_lead_id="lead_gone", call_without_lead=False
    )
    lead = await house.lead_row(call["lead_id"])
    assert (lead["state"], lead["reason"]) == ("held", "partner_lead_unknown")


@pytest.mark.asyncio
async def test_a_404_of_an_agent_that_is_gone_parks_the_lane(
    house: House, upstream: Partners
) -> None:
    call = await _follow(house, upstream, _refused(404, "not_found"), agent="agent_nobody")
    assert (await house.row("SELECT parked_reason FROM agents"))["parked_reason"] == "agent_gone"
    assert (await house.lead_row(call["lead_id"]))["state"] == "waiting"


@pytest.mark.asyncio
async def test_a_401_reads_the_agent_and_parks_the_organization_if_that_fails_too(
    house: House, upstream: Partners, sandbox: SandboxProcess
) -> None:
    sandbox.fault("unauthorized", route="agents")
    await _follow(house, upstream, _refused(401, "unauthorized"))
    row = await house.row("SELECT parked_reason FROM organizations")
    assert row["parked_reason"] in {"unauthorized", "token_refused"}


@pytest.mark.asyncio
async def test_a_401_after_which_the_agent_can_be_read_parks_nothing(
    house: House, upstream: Partners
) -> None:
    await _follow(house, upstream, _refused(401, "unauthorized"))
    assert (await house.row("SELECT parked_reason FROM organizations"))["parked_reason"] is None
    assert (await house.row("SELECT parked_reason FROM agents"))["parked_reason"] is None


@pytest.mark.asyncio
async def test_a_403_parks_the_organization_at_once(house: House, upstream: Partners) -> None:
    await _follow(house, upstream, _refused(403, "forbidden"))
    row = await house.row("SELECT parked_reason FROM organizations")
    assert row["parked_reason"] == "forbidden"
    assert (await house.names()).count("organization.parked") == 1


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("retry_after", "least", "most"),
    [(None, 10, 12), (5.0, 5, 6), (0.0, 1, 1.2), (86_400.0, 900, 1_080)],
)
async def test_a_429_waits_as_asked_within_bounds_and_halves_the_pace(
    house: House, upstream: Partners, retry_after: float | None, least: float, most: float
) -> None:
    before = await house.now()
    await _follow(house, upstream, _refused(429, "rate_limited", retry_after=retry_after))
    lane = await house.row("SELECT parked_reason, probe_at, outdial_now() AS now FROM agents")
    assert lane["parked_reason"] == "rate_limited"
    assert before + timedelta(seconds=least) <= lane["probe_at"]
    assert lane["probe_at"] <= lane["now"] + timedelta(seconds=most)
    factors = await house.rows("SELECT level, factor FROM pacers ORDER BY level")
    assert {row["level"]: row["factor"] for row in factors} == {"agent": 0.5, "campaign": 0.5}


@pytest.mark.asyncio
async def test_calls_under_way_that_are_answered_429_together_halve_the_pace_once(
    house: House, upstream: Partners
) -> None:
    campaign = await house.campaign()
    asked = _refused(429, "rate_limited", retry_after=1.0)
    under_way = [await _answered(house, asked, campaign) for _ in range(3)]
    for call in under_way:
        await follow_up(house.context, upstream, call, asked)
    factors = await house.rows("SELECT DISTINCT factor FROM pacers")
    assert [row["factor"] for row in factors] == [0.5]


@pytest.mark.asyncio
async def test_ten_calls_that_went_wrong_open_the_breaker(
    house: House, upstream: Partners
) -> None:
    campaign = await house.campaign()
    unknown = Answer(kind="unknown", why="timeout")
    for number in range(1, 11):
        call = await _answered(house, unknown, campaign)
        await follow_up(house.context, upstream, call, unknown)
        row = await house.row("SELECT parked_reason FROM agents")
        assert (row["parked_reason"] == "breaker_open") is (number == 10)


@pytest.mark.asyncio
async def test_a_closed_gate_has_no_consequence(house: House, upstream: Partners) -> None:
    campaign = await house.campaign()
    call = await house.claimed(campaign)
    async with house.context.engine.begin() as conn:
        row = await calls.to_place(conn, call["id"])
    assert row is not None
    before = await house.names()
    closed = Answer(kind="gate_closed", why="paused")
    await follow_up(house.context, upstream, row, closed)
    assert await house.names() == before
