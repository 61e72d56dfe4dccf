"""Held calls as a person sees them: who, since when, why, the answer, what is looked for."""

from datetime import timedelta

import pytest
from sqlalchemy import RowMapping

from dialer.clock import new_id
from dialer.pipeline.reports import held
from dialer.pipeline.settling import settle
from dialer.rules.errors import NotFoundError
from dialer.rules.proof.matching import BEFORE_ARM, latest_start
from dialer.rules.proof.matching import Sought as Doubt
from dialer.store import events
from dialer.store.reports import held as store
from tests.support.house import House

pytestmark = pytest.mark.asyncio


async def _hold(house: House, why: str = "conflict", **lead: object) -> RowMapping:
    call = await house.dialing(await house.campaign(), **lead)
    async with house.context.engine.begin() as conn:
        await events.keep_evidence(
            conn,
            organization_id=house.organization_id,
            call_id=call["id"],
            kind="unknown",
            body={"code": why, "status": 409, "body": "<b>it exists</b>"},
        )
        await settle.doubt(conn, call["id"], fence=1, why=why, by="sender")
        await settle.hold(conn, call, why=why)
    return await house.call(call["id"])


async def test_a_held_call_says_all_that_a_decision_needs(house: House) -> None:
    call = await _hold(house, name="Ada Example")
    await house.run("UPDATE calls SET sweeps = 3, swept_at = outdial_now()")
    async with house.context.engine.connect() as conn:
        (found,) = await held.listing(
            conn, organization_id=house.organization_id, after=None, limit=10
        )
    assert (found["id"], found["name"], found["phone"]) == (
        call["id"],
        "Ada Example",
        call["phone"],
    )
    assert (found["campaign_name"], found["agent_name"]) == ("Test", "Agent")
    assert (found["state"], found["why"], found["answer"]) == ("held", "conflict", "conflict")
    assert (found["answer_status"], found["answer_code"], found["sweeps"]) == (409, "conflict", 3)
    assert "409" in found["says"]
    assert found["held_at"] <= await house.now()
    sought = found["looked_for"]
    doubt = Doubt(
        phone=call["phone"],
        agent_id="agent_demo",
        armed_at=call["armed_at"],
        closed_at=call["closed_at"],
    )
    assert (sought.start, sought.end) == (call["armed_at"] - BEFORE_ARM, latest_start(doubt))
    assert (sought.partner_agent_id, sought.partner_business_id) == ("agent_demo", "biz_demo")


async def test_a_stale_call_is_looked_up_by_its_id(house: House) -> None:
    call = await house.dialing(await house.campaign())
    async with house.context.engine.begin() as conn:
        await settle.place(conn, call["id"], fence=1, partner_call_id="call_7")
        await settle.give_up(conn, call)
        found = await held.get(conn, organization_id=house.organization_id, call_id=call["id"])
    assert (found["state"], found["why"]) == ("stale", None)
    assert "never showed its end" in found["says"]
    assert (found["looked_for"].partner_call_id, found["looked_for"].end) == ("call_7", None)
    assert found["evidence"] == []
    assert [e["name"] for e in found["timeline"]][-2:] == ["call.stale", "lead.held"]


async def test_evidence_and_timeline_are_the_calls_own(house: House) -> None:
    call = await _hold(house)
    await _hold(house)
    async with house.context.engine.connect() as conn:
        found = await held.get(conn, organization_id=house.organization_id, call_id=call["id"])
    assert [one["body"]["status"] for one in found["evidence"]] == [409]
    assert {one["call_id"] for one in found["timeline"]} == {call["id"]}


async def test_the_list_is_paged_and_holds_nothing_but_what_waits(house: House) -> None:
    ids = [(await _hold(house))["id"] for _ in range(3)]
    await house.dialing(await house.campaign())
    org = {"organization_id": house.organization_id}
    async with house.context.engine.connect() as conn:
        first = await held.listing(conn, after=None, limit=2, **org)
        rest = await held.listing(conn, after=first[-1]["id"], limit=2, **org)
        assert [row["id"] for row in (*first, *rest)] == ids
        assert await store.count(conn, **org) == 3


async def test_a_call_that_waits_for_nobody_or_is_anothers_is_not_found(house: House) -> None:
    call = await _hold(house)
    stranger = await house.neighbour()
    placed = await house.dialing(await house.campaign())
    async with house.context.engine.connect() as conn:
        for who, call_id in (
            (stranger, call["id"]),
            (house, placed["id"]),
            (house, new_id()),
        ):
            with pytest.raises(NotFoundError, match="waits for a decision"):
                await held.get(conn, organization_id=who.organization_id, call_id=call_id)
        org = stranger.organization_id
        assert await held.listing(conn, organization_id=org, after=None, limit=9) == []
        assert await store.count(conn, organization_id=org) == 0


async def test_a_worker_that_died_left_no_answer(house: House) -> None:
    call = await house.dialing(await house.campaign())
    async with house.context.engine.begin() as conn:
        await settle.doubt(conn, call["id"], fence=1, why="worker_died", by="worker_death")
        await settle.hold(conn, call, why="not_found_in_24_hours")
        found = await held.get(conn, organization_id=house.organization_id, call_id=call["id"])
    assert (found["answer_status"], found["answer_code"]) == (None, None)
    assert "24 hours" in found["says"]
    assert found["held_at"] - found["armed_at"] < timedelta(minutes=5)
