"""Late: what a person decided stands, and the ring that appears afterwards is in plain sight."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

import pytest
from sqlalchemy import RowMapping

from dialer.pipeline.dialing import place
from dialer.pipeline.reconciling import late
from dialer.pipeline.reconciling.reconcile import reconcile
from dialer.pipeline.settling import settle
from dialer.pipeline.settling.decide import Decider, decide
from dialer.pipeline.upstream.partners import Partners
from dialer.rules.proof.decision import LOOKED_FOR, Decision
from partner import CallQuery, CallRecord, NotSent, Page, PartnerClient
from partner.evidence import Evidence
from tests.support.house import House
from tests.support.traffic import fast_sandbox, quick
from workers import loops
from workers.lanes import Lanes

pytestmark = pytest.mark.asyncio

BY = Decider(name="Robot", through="api", note="She says nobody called.")
SEEN = Evidence(status=200, headers={}, body="", elapsed_ms=1, server_date=None)
NOT_NOW = NotSent("connect_failed", "nothing answers")


@dataclass
class _Upstream:
    """A history that shows these calls, or can't be read."""

    records: Sequence[CallRecord] = ()
    fails: bool = False
    asked: int = 0
    asked_for: set[UUID] = field(default_factory=set)

    async def of(self, organization_id: UUID) -> PartnerClient:
        """The client of an organization."""
        self.asked_for.add(organization_id)
        return cast("PartnerClient", self)

    async def list_business_calls(self, business: str, query: CallQuery) -> Page[CallRecord]:
        """A page of its history."""
        assert business == "biz_demo"
        self.asked += 1
        if self.fails:
            raise NOT_NOW
        shown = tuple(r for r in self.records if _is_in(r, query))
        return Page(
            items=shown, total=len(shown), page=1, page_size=100, malformed=0, evidence=SEEN
        )


def _is_in(record: CallRecord, query: CallQuery) -> bool:
    if query.status is not None:
        return record.status == query.status
    if record.started_at is None or query.start is None or query.end is None:
        return False
    return query.start < record.started_at < query.end


def _record(call: RowMapping, **changes: Any) -> CallRecord:  # noqa: ANN401 -- any part of a record
    given = {
        "id": "call_9",
        "agentId": "agent_demo",
        "customerNumber": call["phone"],
        "type": "OUTBOUND",
        "status": "COMPLETED",
        "endedReason": "customer-ended-call",
        "summary": "They talked.",
        "startedAt": call["armed_at"] + timedelta(seconds=1),
    }
    return CallRecord.model_validate(given | changes)


async def _decided(house: House, decision: Decision, *, stale: bool = False) -> RowMapping:
    """A call that can't be proven, or never ended, decided an hour ago."""
    call = await house.dialing(await house.campaign())
    async with house.context.engine.begin() as conn:
        if stale:
            row = await settle.place(conn, call["id"], fence=1, partner_call_id="call_9")
            assert row is not None
            assert await settle.give_up(conn, row)
        else:
            row = await settle.doubt(conn, call["id"], fence=1, why="server_error", by="sender")
            assert row is not None
            assert await settle.hold(conn, row, why="not_found_in_24_hours")
    await _decide(house, call["id"], decision)
    return await _an_hour_ago(house, call["id"])


async def _decide(house: House, call_id: UUID, decision: Decision) -> None:
    await decide(
        house.context,
        organization_id=house.organization_id,
        call_id=call_id,
        decision=decision,
        by=BY,
    )


async def _an_hour_ago(house: House, call_id: UUID) -> RowMapping:
    return await house.row(
        """
        UPDATE calls SET decided_at = decided_at - interval '1 h', swept_at = NULL
        WHERE id = :id RETURNING *
        """,
        id=call_id,
    )


async def _look(house: House, upstream: _Upstream) -> int:
    due = await late.due(house.context)
    partners = cast("Partners", upstream)
    looks = [await late.look(house.context, partners, i, ids) for i, ids in due.items()]
    return sum(looks)


async def _told(house: House) -> list[RowMapping]:
    return list(await house.rows("SELECT * FROM events WHERE name = 'call.found_late'"))


@pytest.mark.parametrize(
    ("decision", "state", "lead_is"),
    [
        ("call_again", "absent", "waiting"),
        ("drop", "ended", "cancelled"),
        ("reached", "ended", "done"),
    ],
)
async def test_a_decided_call_that_had_rung_is_linked_and_told_and_the_decision_stands(
    house: House, decision: Decision, state: str, lead_is: str
) -> None:
    call = await _decided(house, decision)
    assert await _look(house, _Upstream([_record(call)])) == 1
    row = await house.call(call["id"])
    assert (row["state"], row["outcome"]) == (state, call["outcome"])
    assert (row["partner_call_id"], row["partner_status"]) == ("call_9", "COMPLETED")
    assert (row["summary"], row["ended_reason"]) == ("They talked.", "customer-ended-call")
    assert (await house.lead_row(call["lead_id"]))["state"] == lead_is
    (event,) = await _told(house)
    assert (event["call_id"], event["lead_id"]) == (call["id"], call["lead_id"])
    assert event["body"]["partner_call_id"] == "call_9"
    assert event["body"]["outcome"] == "completed"
    (seen,) = await house.rows("SELECT * FROM evidence")
    assert (seen["kind"], seen["body"]["call_id"]) == ("found_late", "call_9")
    assert await late.due(house.context) == {}
    await house.assert_balanced()


async def test_a_stale_call_is_found_by_its_id_whatever_else_the_history_says(
    house: House,
) -> None:
    call = await _decided(house, "call_again", stale=True)
    odd = _record(call, customerNumber=None, agentId="agent_other")
    assert await _look(house, _Upstream([odd])) == 1
    assert (await house.call(call["id"]))["partner_status"] == "COMPLETED"


async def test_another_number_or_a_call_that_has_not_ended_is_not_it(house: House) -> None:
    call = await _decided(house, "call_again")
    others = [
        _record(call, id="call_1", customerNumber="+12125550198"),
        _record(call, id="call_2", status="IN_PROGRESS"),
        _record(call, id="call_3", startedAt=call["armed_at"] - timedelta(minutes=2)),
    ]
    assert await _look(house, _Upstream(others)) == 0
    assert (await house.call(call["id"]))["partner_call_id"] is None
    assert await _told(house) == []


async def test_who_opted_out_in_it_is_never_called_again(house: House) -> None:
    call = await _decided(house, "call_again")
    upstream = _Upstream([_record(call, endedReason="user_requested_dnc")])
    assert await _look(house, upstream) == 1
    (entry,) = await house.rows("SELECT phone, reason FROM suppressions")
    assert (entry["phone"], entry["reason"]) == (call["phone"], "opted_out_in_call")
    assert (await house.claim(call["agent_id"])).call_ids == ()
    assert (await house.lead_row(call["lead_id"]))["state"] == "suppressed"


async def test_what_may_be_the_call_that_was_made_after_it_is_left_to_that(house: House) -> None:
    call = await _decided(house, "call_again")
    (again,) = (await house.claim(call["agent_id"])).call_ids
    await house.run(
        """
        UPDATE calls SET state = 'unknown', answer = 'unknown', armed_at = outdial_now(),
            closed_at = outdial_now() WHERE id = :id
        """,
        id=again,
    )
    second = await house.call(again)
    at = second["armed_at"] - timedelta(seconds=30)
    assert await _look(house, _Upstream([_record(call, startedAt=at)])) == 0
    assert (await house.call(call["id"]))["partner_call_id"] is None


async def test_a_ring_that_another_call_of_ours_has_is_not_its(house: House) -> None:
    call = await _decided(house, "drop")
    other = await house.dialing(await house.campaign())
    await house.run(
        "UPDATE calls SET state = 'placed', partner_call_id = 'call_9' WHERE id = :id",
        id=other["id"],
    )
    assert await _look(house, _Upstream([_record(call)])) == 0


async def test_two_workers_look_once_and_a_failure_waits_for_the_next_turn(house: House) -> None:
    call = await _decided(house, "drop")
    away = _Upstream(fails=True)
    due = await late.due(house.context)
    partners = cast("Partners", away)
    for _ in range(2):
        for organization_id, ids in due.items():
            assert await late.look(house.context, partners, organization_id, ids) == 0
    assert away.asked == 1
    assert await late.due(house.context) == {}
    await house.run(
        "UPDATE calls SET decided_at = decided_at - interval '2 h', "
        "swept_at = swept_at - interval '2 h'"
    )
    assert await _look(house, _Upstream([_record(call)])) == 1


async def test_after_two_days_it_is_no_longer_looked_for(house: House) -> None:
    call = await _decided(house, "drop")
    assert call["id"] in (await late.due(house.context))[house.organization_id]
    await house.run(
        "UPDATE calls SET decided_at = outdial_now() - CAST(:long AS interval)", long=LOOKED_FOR
    )
    assert await late.due(house.context) == {}


async def _until(check: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(60):
        while not await check():  # noqa: ASYNC110 -- rows of a real database tell, no event does
            await asyncio.sleep(0.1)


async def _is_past(house: House, moment: datetime) -> bool:
    return await house.now() > moment


async def _has_ended(house: House, partners: Partners, call_id: UUID) -> bool:
    await reconcile(house.context, partners, house.organization_id)
    return bool((await house.call(call_id))["state"] == "ended")


@pytest.mark.timeout(120)
async def test_called_again_after_a_ring_that_nobody_saw_both_rings_are_in_the_timeline(
    house: House,
) -> None:
    house = quick(house)
    async with fast_sandbox(house, 60.0) as (sandbox, partners):
        sandbox.set_outcomes({"answered_interested": 1.0})
        campaign = await house.campaign()
        first = await house.claimed(campaign)
        sandbox.fault("fail_after_ring", status=500, count=1)
        await place.place(house.context, partners, first["id"])
        held = await house.call(first["id"])
        assert held["state"] == "unknown"
        async with house.context.engine.begin() as conn:
            assert await settle.hold(conn, held, why="not_found_in_24_hours")
        # What may be either call's is left to the later one, which would ring once more.
        await _until(lambda: _is_past(house, held["armed_at"] + timedelta(minutes=3)))
        await _decide(house, first["id"], "call_again")
        await house.on_duty(campaign["agent_id"])
        (second,) = (await house.claim(campaign["agent_id"])).call_ids
        await place.place(house.context, partners, second)
        await _an_hour_ago(house, first["id"])
        lanes = Lanes(context=house.context, partners=partners, worker="test-worker")
        _, work = loops.all_of(house.context, partners, lanes, ())["decided"]
        await work()
        await _until(lambda: _has_ended(house, partners, second))
        rings = sandbox.rings()
        assert Counter(ring["phone"] for ring in rings) == {first["phone"]: 2}
        linked = [(await house.call(i))["partner_call_id"] for i in (first["id"], second)]
        assert linked == [ring["call_id"] for ring in rings]
        names = [row["name"] for row in await house.rows("SELECT name FROM events ORDER BY id")]
        assert names.index("call.decided") < names.index("call.found_late")
        await house.assert_balanced()
