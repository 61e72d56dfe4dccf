"""Settling: each change of a call, and what it means for its lead."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import RowMapping

from dialer.pipeline.settling import settle
from dialer.pipeline.settling.settle import Seen
from dialer.rules.campaign import CampaignState
from tests.support.house import House


def _seen(reason: str | None = None, *, status: str = "COMPLETED", **more: Any) -> Seen:  # noqa: ANN401 -- any part of a record
    return Seen(partner_call_id="call_1", status=status, ended_reason=reason, **more)


async def _end(house: House, call: RowMapping, seen: Seen) -> RowMapping | None:
    async with house.context.engine.begin() as conn:
        return await settle.end(conn, call, seen)


async def _in_state(house: House, state: str, **plan: Any) -> RowMapping:  # noqa: ANN401 -- any part of a plan
    call = await house.dialing(await house.campaign(**plan))
    await house.run("UPDATE calls SET state = :s, closed_at = outdial_now()", s=state)
    if state in ("held", "stale"):
        await house.run("UPDATE leads SET state = 'held'")
    return await house.call(call["id"])


async def _lead(house: House, call: RowMapping) -> dict[str, Any]:
    row = await house.lead_row(call["lead_id"])
    return {name: row[name] for name in ("state", "reason", "attempts", "last_outcome")}


@pytest.mark.asyncio
@pytest.mark.parametrize(("seconds", "answer"), [(0.0, None), (5.0, "not_sent")])
async def test_a_released_claim_spends_nothing(
    house: House, seconds: float, answer: str | None
) -> None:
    call = await house.claimed(await house.campaign())
    async with house.context.engine.begin() as conn:
        assert await settle.release(
            conn, call["id"], fence=1, why="campaign_paused", retry_seconds=seconds
        )
        assert await settle.release(conn, call["id"], fence=1, why="again") is None
    row, lead = await house.call(call["id"]), await house.lead_row(call["lead_id"])
    assert (row["state"], row["answer"]) == ("released", answer)
    assert row["finished_at"] is not None
    assert (lead["state"], lead["attempts"], lead["reason"]) == ("waiting", 0, "campaign_paused")
    assert lead["due_at"] - row["finished_at"] >= timedelta(seconds=seconds)
    assert (await house.names())[-2:] == ["call.released", "lead.waiting"]
    await house.assert_balanced()


@pytest.mark.asyncio
async def test_an_accepted_call_keeps_the_upstreams_id(house: House) -> None:
    call = await house.dialing(await house.campaign())
    async with house.context.engine.begin() as conn:
        assert await settle.place(conn, call["id"], fence=1, partner_call_id="call_1")
        assert await settle.place(conn, call["id"], fence=1, partner_call_id="call_2") is None
    row = await house.call(call["id"])
    assert (row["state"], row["answer"], row["partner_call_id"]) == ("placed", "placed", "call_1")
    assert row["answered_at"] is not None
    assert (await _lead(house, call))["state"] == "calling"


@pytest.mark.asyncio
async def test_a_refused_call_lets_its_lead_wait_and_spends_no_attempt(house: House) -> None:
    call = await house.dialing(await house.campaign())
    async with house.context.engine.begin() as conn:
        assert await settle.refuse(
            conn, call["id"], fence=1, answer="rate_limited", retry_seconds=5
        )
        assert not await settle.refuse(conn, call["id"], fence=1, answer="x", retry_seconds=5)
    assert await _lead(house, call) == {
        "state": "waiting",
        "reason": "rate_limited",
        "attempts": 0,
        "last_outcome": None,
    }
    assert (await house.call(call["id"]))["closed_by"] == "sender"


@pytest.mark.asyncio
@pytest.mark.parametrize(("by", "closed"), [("sender", True), (None, False)])
async def test_a_doubted_call_is_closed_only_when_its_sender_says_so(
    house: House, by: str | None, closed: object
) -> None:
    call = await house.dialing(await house.campaign())
    async with house.context.engine.begin() as conn:
        assert await settle.doubt(conn, call["id"], fence=1, why="timeout", by=by)
    row = await house.call(call["id"])
    assert (row["state"], row["answer"], row["closed_by"]) == ("unknown", "unknown", by)
    assert (row["closed_at"] is not None) is closed
    assert row["finished_at"] is None
    assert (await _lead(house, call))["state"] == "calling"


@pytest.mark.asyncio
@pytest.mark.parametrize("state", ["claimed", "refused"])
async def test_only_a_call_under_way_is_doubted(house: House, state: str) -> None:
    # The table knows a way from both: of a restore, and of a refusal that had rung.
    call = await _in_state(house, state)
    async with house.context.engine.begin() as conn:
        assert await settle.doubt(conn, call["id"], fence=1, why="late", by="sender") is None
    assert (await house.call(call["id"]))["state"] == state


@pytest.mark.asyncio
async def test_a_conflict_is_kept_as_such(house: House) -> None:
    call = await house.dialing(await house.campaign())
    async with house.context.engine.begin() as conn:
        await settle.doubt(conn, call["id"], fence=1, why="conflict", by="sender")
    assert (await house.call(call["id"]))["answer"] == "conflict"


@pytest.mark.asyncio
async def test_a_wrong_fence_settles_nothing(house: House) -> None:
    call = await house.dialing(await house.campaign())
    async with house.context.engine.begin() as conn:
        assert not await settle.place(conn, call["id"], fence=2, partner_call_id="call_1")
        assert not await settle.refuse(conn, call["id"], fence=2, answer="x", retry_seconds=0)
        assert not await settle.doubt(conn, call["id"], fence=2, why="x", by=None)
    assert (await house.call(call["id"]))["state"] == "dialing"


@pytest.mark.asyncio
async def test_a_call_is_seen_live_once(house: House) -> None:
    call = await _in_state(house, "placed")
    async with house.context.engine.begin() as conn:
        assert await settle.see_live(conn, call, _seen(status="IN_PROGRESS"))
        assert not await settle.see_live(conn, call, _seen(status="IN_PROGRESS"))
    row = await house.call(call["id"])
    assert (row["state"], row["partner_status"]) == ("live", "IN_PROGRESS")
    assert (await house.names()).count("call.live") == 1


@pytest.mark.asyncio
@pytest.mark.parametrize("state", ["placed", "live", "unknown", "held", "stale"])
async def test_an_end_is_kept_from_every_state_that_can_have_one(house: House, state: str) -> None:
    call = await _in_state(house, state)
    now = await house.now()
    seen = _seen(
        "customer-ended-call",
        summary="wants a quote",
        transcript="hello",
        recording_url="https://example.com/r",
        duration_ms=61_000,
        structured_data={"interested": True},
        started_at=now - timedelta(minutes=2),
        ended_at=now - timedelta(minutes=1),
    )
    assert await _end(house, call, seen) is not None
    row = await house.call(call["id"])
    assert (row["state"], row["outcome"], row["duration_ms"]) == ("ended", "completed", 61_000)
    assert row["structured_data"] == {"interested": True}
    assert row["finished_at"] is not None
    assert await _lead(house, call) == {
        "state": "done",
        "reason": "completed",
        "attempts": 1,
        "last_outcome": "completed",
    }
    assert (await house.names())[-2:] == ["call.ended", "lead.done"]
    await house.assert_balanced()


@pytest.mark.asyncio
async def test_a_call_ends_once(house: House) -> None:
    call = await _in_state(house, "placed")
    assert await _end(house, call, _seen("customer-busy")) is not None
    assert await _end(house, call, _seen("customer-ended-call")) is None
    assert (await _lead(house, call))["attempts"] == 1


@pytest.mark.asyncio
async def test_the_cadence_counts_from_the_end_of_the_call(house: House) -> None:
    call = await _in_state(house, "placed", cadence={"delays": {"no_answer": [30]}})
    await house.pass_time(minutes=9)
    ended_at = await house.now() - timedelta(minutes=5)
    await _end(house, call, _seen("customer-did-not-answer", ended_at=ended_at))
    lead = await house.lead_row(call["lead_id"])
    assert (lead["state"], lead["reason"], lead["attempts"]) == ("waiting", "no_answer", 1)
    assert lead["due_at"] == ended_at + timedelta(minutes=30)


@pytest.mark.asyncio
async def test_attempts_run_out(house: House) -> None:
    campaign = await house.campaign(
        cadence={"max_attempts": 2, "delays": {"no_answer": [1, 1, 1]}}
    )
    lead_id = await house.lead(campaign["id"])
    for attempt in (1, 2):
        await house.run("UPDATE leads SET due_at = outdial_now()")
        (call_id,) = (await house.claim(campaign["agent_id"])).call_ids
        await house.run("UPDATE calls SET state = 'placed' WHERE id = :id", id=call_id)
        call = await house.call(call_id)
        assert call["attempt"] == attempt
        seen = Seen(partner_call_id=f"call_{attempt}", status="FAILED", ended_reason="no answer")
        await _end(house, call, seen)
    lead = await house.lead_row(lead_id)
    assert (lead["state"], lead["reason"], lead["attempts"]) == ("done", "attempts_exhausted", 2)


@pytest.mark.asyncio
async def test_an_outcome_that_does_not_count_spends_no_attempt(house: House) -> None:
    call = await _in_state(house, "placed")
    await _end(house, call, _seen("worker-died", status="FAILED"))
    lead = await _lead(house, call)
    assert (lead["state"], lead["attempts"], lead["last_outcome"]) == ("waiting", 0, "failed")


@pytest.mark.asyncio
async def test_who_opts_out_is_never_called_again_by_any_campaign(house: House) -> None:
    call = await _in_state(house, "live")
    await _end(house, call, _seen("said do not call"))
    assert (await _lead(house, call))["state"] == "suppressed"
    entry = await house.row("SELECT phone, campaign_id, until, reason FROM suppressions")
    assert dict(entry) == {
        "phone": call["phone"],
        "campaign_id": None,
        "until": None,
        "reason": "opted_out_in_call",
    }
    assert (await house.names())[-2:] == ["number.suppressed", "lead.suppressed"]
    again = await house.campaign()
    lead_id = await house.lead(again["id"], phone=call["phone"])
    assert (await house.claim(again["agent_id"])).call_ids == ()
    assert (await house.lead_row(lead_id))["state"] == "suppressed"


@pytest.mark.asyncio
async def test_a_fault_of_the_set_up_finishes_no_lead_and_parks_after_three(house: House) -> None:
    campaign = await house.campaign()
    leads: list[UUID] = []
    for number in range(3):
        call = await house.dialing(campaign)
        leads.append(call["lead_id"])
        await house.run("UPDATE calls SET state = 'placed' WHERE id = :id", id=call["id"])
        seen = Seen(
            partner_call_id=f"call_{number}",
            status="FAILED",
            ended_reason="assistant-not-found",
        )
        await _end(house, call, seen)
        row = await house.row("SELECT parked_reason FROM campaigns")
        assert row["parked_reason"] == (None if number < 2 else "config_error")
    for lead_id in leads:
        lead = await house.lead_row(lead_id)
        assert (lead["state"], lead["attempts"]) == ("waiting", 0)
    assert (await house.names()).count("campaign.parked") == 1
    await house.move(campaign["id"], CampaignState.PAUSED)
    await house.move(campaign["id"], CampaignState.RUNNING)
    row = await house.row("SELECT parked_reason, unexplained_refusals FROM campaigns")
    assert dict(row) == {"parked_reason": None, "unexplained_refusals": 0}


@pytest.mark.asyncio
@pytest.mark.parametrize("state", ["unknown", "held"])
async def test_an_absent_call_spends_nothing(house: House, state: str) -> None:
    call = await _in_state(house, state)
    async with house.context.engine.begin() as conn:
        assert await settle.absent(conn, call, why="proven")
        assert not await settle.absent(conn, call, why="proven")
    assert await _lead(house, call) == {
        "state": "waiting",
        "reason": "absent",
        "attempts": 0,
        "last_outcome": None,
    }
    assert (await house.call(call["id"]))["finished_at"] is not None


@pytest.mark.asyncio
async def test_a_held_call_holds_its_lead_and_guards_its_number(house: House) -> None:
    call = await _in_state(house, "unknown")
    async with house.context.engine.begin() as conn:
        assert await settle.hold(conn, call, why="not_found_in_24_hours")
        assert not await settle.hold(conn, call, why="again")
    assert (await _lead(house, call))["state"] == "held"
    other = await house.campaign()
    await house.lead(other["id"], phone=call["phone"])
    assert (await house.claim(other["agent_id"])).call_ids == ()


@pytest.mark.asyncio
@pytest.mark.parametrize("state", ["placed", "live"])
async def test_a_call_that_never_ends_becomes_stale_and_may_still_end(
    house: House, state: str
) -> None:
    call = await _in_state(house, state)
    async with house.context.engine.begin() as conn:
        assert await settle.give_up(conn, call)
        assert not await settle.give_up(conn, call)
    assert (await _lead(house, call))["state"] == "held"
    assert await _end(house, await house.call(call["id"]), _seen("customer-busy"))
    assert (await _lead(house, call))["state"] == "waiting"


OVER = [(CampaignState.CANCELLED, "cancelled"), (CampaignState.COMPLETED, "expired")]


@pytest.mark.asyncio
@pytest.mark.parametrize("state", ["placed", "held", "stale"])
@pytest.mark.parametrize(("over", "bucket"), OVER)
async def test_no_lead_waits_for_a_campaign_that_is_over(
    house: House, state: str, over: CampaignState, bucket: str
) -> None:
    call = await _in_state(house, state)
    await house.move(call["campaign_id"], over)
    await _end(house, call, _seen("customer-busy"))
    lead = await _lead(house, call)
    assert (lead["state"], lead["attempts"], lead["last_outcome"]) == (bucket, 1, "busy")
    await house.assert_balanced()


@pytest.mark.asyncio
@pytest.mark.parametrize("state", ["unknown", "held"])
@pytest.mark.parametrize(("over", "bucket"), OVER)
async def test_an_absent_calls_lead_ends_with_its_campaign(
    house: House, state: str, over: CampaignState, bucket: str
) -> None:
    call = await _in_state(house, state)
    await house.move(call["campaign_id"], over)
    async with house.context.engine.begin() as conn:
        await settle.absent(conn, call, why="proven")
    assert (await _lead(house, call))["state"] == bucket
    await house.assert_balanced()


@pytest.mark.asyncio
async def test_a_good_end_is_kept_even_when_the_campaign_is_over(house: House) -> None:
    call = await _in_state(house, "placed")
    await house.move(call["campaign_id"], CampaignState.CANCELLED)
    await _end(house, call, _seen("customer-ended-call"))
    assert (await _lead(house, call))["state"] == "done"


@pytest.mark.asyncio
async def test_a_cancelled_lead_stays_cancelled_when_its_call_ends(house: House) -> None:
    call = await _in_state(house, "placed")
    await house.run("UPDATE leads SET state = 'cancelled', reason = 'cancelled'")
    assert await _end(house, call, _seen("customer-busy")) is not None
    assert (await _lead(house, call))["state"] == "cancelled"
    assert (await house.names())[-1] == "call.ended"
