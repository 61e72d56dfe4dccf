"""Interleavings and answers that a hostile reading of the call protocol found."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.exc import TimeoutError as PoolTimeout

from dialer.pipeline.access import setup
from dialer.pipeline.dialing import place
from dialer.pipeline.dialing.answers import follow_up
from dialer.pipeline.reconciling.reconcile import reconcile
from dialer.pipeline.settling import settle
from dialer.pipeline.upstream import duty
from dialer.pipeline.upstream.answer import Answer
from dialer.pipeline.upstream.partners import Partners
from dialer.rules.campaign import CampaignState
from dialer.store import engine
from dialer.store.dialing import calls
from tests.pipeline.reconciling.absences_test import _decide, _Listed, _record, _unknown
from tests.support.house import House
from tests.support.sandbox import SandboxProcess


@pytest.mark.asyncio
async def test_a_second_run_of_a_call_does_not_take_back_what_the_first_is_sending(
    house: House, upstream: Partners, sandbox: SandboxProcess
) -> None:
    call = await house.claimed(await house.campaign())
    sandbox.fault("slow", seconds=2.0, count=1)
    first = asyncio.create_task(place.place(house.context, upstream, call["id"]))
    while (await house.call(call["id"]))["state"] == "claimed":  # noqa: ASYNC110 -- the row is another task's
        await asyncio.sleep(0.01)
    # A copy that read the row while it was still claimed.
    async with house.context.engine.connect() as conn:
        row = await calls.to_place(conn, call["id"])
    assert row is not None
    answer = await place._ask(house.context, upstream, row)  # noqa: SLF001 -- the step after the first look
    await place._record(house.context, row, answer)  # noqa: SLF001 -- the step after the first look
    during = (await house.call(call["id"]))["state"]
    await first
    assert during == "dialing"
    assert (await house.call(call["id"]))["state"] == "placed"


@pytest.mark.asyncio
async def test_a_call_found_by_its_id_alone_is_not_listed(
    house: House, upstream: Partners, sandbox: SandboxProcess
) -> None:
    sandbox.fault("history_stalled")
    call = await house.claimed(await house.campaign())
    await place.place(house.context, upstream, call["id"])
    assert (await house.call(call["id"]))["state"] == "placed"
    await house.pass_time(minutes=11)
    await reconcile(house.context, upstream, house.organization_id)
    assert (await house.call(call["id"]))["seen_at"] is None


@pytest.mark.asyncio
async def test_a_call_that_stays_in_progress_is_stale_after_six_hours(
    house: House, upstream: Partners, sandbox: SandboxProcess
) -> None:
    sandbox.fault("stuck_in_progress")
    call = await house.claimed(await house.campaign())
    await place.place(house.context, upstream, call["id"])
    for _ in range(3):
        await house.pass_time(hours=8)
        await reconcile(house.context, upstream, house.organization_id)
    assert (await house.call(call["id"]))["state"] == "stale"


@pytest.mark.asyncio
async def test_one_record_that_cannot_be_read_does_not_stop_the_others(
    house: House, upstream: Partners
) -> None:
    campaign = await house.campaign()
    bad = await house.dialing(campaign)
    async with house.context.engine.begin() as conn:
        await settle.place(conn, bad["id"], fence=1, partner_call_id=".")
    await house.pass_time(minutes=11)
    await house.on_duty(campaign["agent_id"])
    good = await house.claimed(campaign)
    await place.place(house.context, upstream, good["id"])
    for _ in range(100):
        await house.run("UPDATE history SET next_poll_at = NULL")
        await reconcile(house.context, upstream, house.organization_id)
        if (await house.call(good["id"]))["seen_at"] is not None:
            return
        await asyncio.sleep(0.2)
    pytest.fail("the good call was never seen")


@pytest.mark.asyncio
async def test_an_end_beyond_the_calendar_can_be_kept(house: House) -> None:
    call = await house.dialing(await house.campaign())
    async with house.context.engine.begin() as conn:
        await settle.place(conn, call["id"], fence=1, partner_call_id="call_1")
        seen = settle.Seen(
            partner_call_id="call_1",
            status="COMPLETED",
            ended_reason="customer-busy",
            ended_at=datetime(9999, 12, 31, 23, 59, tzinfo=UTC),
        )
        await settle.end(conn, call, seen)
    lead = await house.lead_row(call["lead_id"])
    assert lead["due_at"] < await house.now() + timedelta(days=60)


@pytest.mark.asyncio
async def test_resuming_a_parked_campaign_lifts_the_parking(house: House) -> None:
    campaign = await house.campaign()
    await house.run("UPDATE campaigns SET parked_reason = 'unexplained_refusals'")
    await house.move(campaign["id"], CampaignState.RUNNING)
    row = await house.row("SELECT parked_reason FROM campaigns")
    assert row["parked_reason"] is None


@pytest.mark.asyncio
async def test_a_conflict_recorded_after_the_sweep_doubted_the_call_stays_a_conflict(
    house: House,
) -> None:
    call = await house.dialing(await house.campaign())
    async with house.context.engine.begin() as conn:
        await settle.doubt(conn, call["id"], fence=1, why="no_answer_recorded", by=None)
        await place._write(  # noqa: SLF001 -- the step after the first look
            conn, call, Answer(kind="unknown", why="conflict", partner_call_id="call_77")
        )
    row = await house.call(call["id"])
    assert (row["answer"], row["partner_call_id"]) == ("conflict", "call_77")


@pytest.mark.asyncio
async def test_a_conflict_that_names_a_known_call_is_kept(house: House) -> None:
    campaign = await house.campaign()
    other = await house.dialing(campaign)
    call = await house.dialing(campaign)
    async with house.context.engine.begin() as conn:
        await settle.place(conn, other["id"], fence=1, partner_call_id="call_77")
    answer = Answer(kind="unknown", why="conflict", partner_call_id="call_77")
    await place._record(house.context, call, answer)  # noqa: SLF001 -- the step after the first look
    row = await house.call(call["id"])
    assert (row["state"], row["answer"]) == ("unknown", "conflict")


@pytest.mark.asyncio
async def test_a_forbidden_call_parks_the_organization_although_reading_works(
    house: House, upstream: Partners
) -> None:
    campaign = await house.campaign()
    call = await house.dialing(campaign)
    async with house.context.engine.connect() as conn:
        row = await calls.to_place(conn, call["id"])
    assert row is not None
    await follow_up(
        house.context, upstream, row, Answer(kind="refused", why="forbidden", status=403)
    )
    await duty.check(house.context, upstream, campaign["agent_id"])
    assert (await house.row("SELECT parked_reason FROM organizations"))["parked_reason"]


@pytest.mark.asyncio
async def test_a_refusal_beside_a_rate_limit_does_not_lift_the_wait(
    house: House, upstream: Partners
) -> None:
    campaign = await house.campaign()
    call = await house.dialing(campaign)
    async with house.context.engine.connect() as conn:
        row = await calls.to_place(conn, call["id"])
    assert row is not None
    slow = Answer(kind="refused", why="rate_limited", status=429, retry_after=600)
    await follow_up(house.context, upstream, row, slow)
    bad = Answer(kind="refused", why="bad_request", status=400)
    await follow_up(house.context, upstream, row, bad)
    assert (await house.row("SELECT parked_reason FROM agents"))["parked_reason"]


@pytest.mark.asyncio
async def test_a_token_that_is_refused_gives_the_claim_back(
    house: House, sandbox: SandboxProcess
) -> None:
    await setup.connect_partner(
        house.context,
        organization_id=house.organization_id,
        base_url=sandbox.base_url,
        client_id="nobody",
        client_secret="wrong",
    )
    partners = Partners(context=house.context)
    call = await house.claimed(await house.campaign())
    try:
        await place.place(house.context, partners, call["id"])
    finally:
        await partners.aclose()
    assert (await house.call(call["id"]))["state"] == "released"


def test_an_exhausted_pool_is_no_reason_to_drop_an_answer() -> None:
    assert engine.is_transient(PoolTimeout("QueuePool limit reached"))


@pytest.mark.asyncio
async def test_a_sweep_covers_the_time_in_which_a_frozen_sender_may_have_rung(
    house: House,
) -> None:
    call = await _unknown(house, proof="balanced", closed=False)
    rang = _record(call, startedAt=call["armed_at"] + timedelta(hours=2))
    await house.pass_time(hours=5)
    found = await _decide(house, _Listed(rang))
    assert call["id"] in found


@pytest.mark.asyncio
async def test_sweeps_made_before_the_closing_do_not_count(house: House) -> None:
    call = await _unknown(house, proof="balanced", closed=False)
    await house.run("UPDATE calls SET sweeps = 3")
    async with house.context.engine.begin() as conn:
        await calls.note_closed(
            conn, call["id"], fence=call["fence"], conflict=False, partner_call_id=None
        )
    assert (await house.call(call["id"]))["sweeps"] == 0


@pytest.mark.asyncio
async def test_a_run_that_did_not_arm_a_call_proves_nothing_about_its_sender(
    house: House, upstream: Partners
) -> None:
    call = await house.dialing(await house.campaign())
    await house.run("UPDATE calls SET state = 'unknown', answer = 'unknown'")
    async with house.context.engine.connect() as conn:
        row = await calls.to_place(conn, call["id"])
    assert row is not None
    answer = await place._ask(house.context, upstream, row)  # noqa: SLF001 -- the step after the first look
    assert (answer.kind, answer.why) == ("gate_closed", "not_ours")
    await place._record(house.context, row, answer)  # noqa: SLF001 -- the step after the first look
    assert (await house.call(call["id"]))["closed_at"] is None
