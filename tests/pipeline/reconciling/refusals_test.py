"""Refused calls are looked for once; an answer that had rung is disbelieved from then on."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass

import pytest
import pytest_asyncio
from sqlalchemy import RowMapping

from dialer.pipeline.dialing import place
from dialer.pipeline.reconciling import refusals
from dialer.pipeline.reconciling.reconcile import reconcile
from dialer.pipeline.settling.decide import Decider
from dialer.pipeline.upstream.partners import Partners
from dialer.rules.errors import NotFoundError
from dialer.store.dialing import calls
from tests.support.house import House
from tests.support.listing import listing
from tests.support.sandbox import SandboxProcess
from tests.support.traffic import fast_sandbox, quick

SPEED = 30.0
SECONDS = 60.0
RINGS = {"answered_interested": 1.0}


@dataclass
class _Line:
    house: House
    sandbox: SandboxProcess
    partners: Partners

    async def ring(self, campaign: RowMapping, **fields: object) -> RowMapping:
        """Take a lead in, claim it and place the call: its row."""
        call = await self.house.claimed(campaign, **fields)
        await place.place(self.house.context, self.partners, call["id"])
        return await self.house.call(call["id"])

    async def look(self) -> int:
        """Wait until refused calls are due, and look for them: how many had rung."""
        await until(self._is_due)
        return await refusals.look(self.house.context, self.partners, self.house.organization_id)

    async def _is_due(self) -> bool:
        young = await self.house.rows(
            """
            SELECT id FROM calls
            WHERE state = 'refused' AND closed_at > outdial_now() - interval '1 minute'
            """
        )
        due = await refusals.due(self.house.context)
        return not young and self.house.organization_id in due

    async def ended(self, call: RowMapping) -> RowMapping:
        """Read the history until a call has ended: its row."""

        async def is_over() -> bool:
            await reconcile(self.house.context, self.partners, self.house.organization_id)
            return bool((await self.house.call(call["id"]))["state"] == "ended")

        await until(is_over)
        return await self.house.call(call["id"])

    def asked(self) -> int:
        """How many requests for history were made."""
        return int(self.sandbox.stats()["history_requests"])


async def until(check: Callable[[], Awaitable[bool]]) -> None:
    """Wait for a condition."""
    deadline = time.monotonic() + SECONDS
    while not await check():
        assert time.monotonic() < deadline, check
        await asyncio.sleep(0.05)


@pytest_asyncio.fixture(loop_scope="session")
async def line(house: House) -> AsyncIterator[_Line]:
    """A sandbox whose minute is two seconds, and where everybody talks."""
    house = quick(house)
    async with fast_sandbox(house, SPEED) as (sandbox, partners):
        sandbox.set_outcomes(RINGS)
        yield _Line(house, sandbox, partners)


@pytest.mark.asyncio
async def test_a_refusal_that_rang_is_the_call_that_it_was_and_is_never_believed_again(
    line: _Line,
) -> None:
    campaign = await line.house.campaign()
    line.sandbox.fault("fail_after_ring", status=400, count=1)
    call = await line.ring(campaign)
    assert (call["state"], call["answer"]) == ("refused", "bad_request")
    assert await line.look() == 1
    row = await line.house.call(call["id"])
    (ring,) = line.sandbox.rings()
    assert (row["state"], row["partner_call_id"]) == ("unknown", ring["call_id"])
    assert (await line.house.lead_row(call["lead_id"]))["state"] == "calling"
    assert (await line.ended(call))["outcome"] == "completed"
    assert (await line.house.lead_row(call["lead_id"]))["state"] == "done"

    line.sandbox.fault("refuse", count=1, route="call")
    again = await line.ring(campaign)
    assert (again["state"], again["answer"]) == ("unknown", "unknown")
    assert (await line.house.names()).count("answer.disbelieved") == 1
    await line.house.assert_balanced()


@pytest.mark.asyncio
async def test_only_the_answer_that_rang_is_disbelieved(
    line: _Line,
) -> None:
    campaign = await line.house.campaign()
    line.sandbox.fault("fail_after_ring", status=400, count=1)
    await line.ring(campaign)
    await line.look()
    line.sandbox.fault("rate_limit", count=1, route="call")
    assert (await line.ring(campaign))["state"] == "refused"
    rows = await line.house.rows("SELECT organization_id, answer FROM disbelieved")
    (row,) = rows
    assert row["answer"] == "bad_request"
    assert row["organization_id"] == line.house.organization_id


@pytest.mark.asyncio
async def test_one_sweep_looks_for_all_refused_calls_and_for_each_once(line: _Line) -> None:
    campaign = await line.house.campaign()
    line.sandbox.fault("refuse", count=5, route="call")
    refused = [await line.ring(campaign) for _ in range(5)]
    assert {call["state"] for call in refused} == {"refused"}
    before = line.asked()
    assert await line.look() == 0
    # A slice, and twice each what has no start yet.
    assert line.asked() - before <= 5
    rows = [await line.house.call(call["id"]) for call in refused]
    assert {row["state"] for row in rows} == {"refused"}
    assert all(row["swept_at"] is not None for row in rows)
    assert await refusals.due(line.house.context) == []
    assert await line.house.rows("SELECT 1 FROM disbelieved") == []


@pytest.mark.asyncio
async def test_without_a_refused_call_nothing_is_asked(line: _Line) -> None:
    campaign = await line.house.campaign()
    call = await line.ring(campaign)
    assert call["state"] == "placed"
    before = line.asked()
    assert await refusals.due(line.house.context) == []
    assert await refusals.look(line.house.context, line.partners, line.house.organization_id) == 0
    assert line.asked() == before


@pytest.mark.asyncio
async def test_a_sweep_that_could_not_be_made_is_made_again(line: _Line) -> None:
    campaign = await line.house.campaign()
    line.sandbox.fault("fail_after_ring", status=404, count=1)
    call = await line.ring(campaign)
    line.sandbox.fault("refuse", route="history")
    assert await line.look() == 0
    assert (await line.house.call(call["id"]))["swept_at"] is None
    line.sandbox.clear_faults()
    assert await line.look() == 1


@pytest.mark.asyncio
async def test_an_incomplete_sweep_is_made_again(house: House) -> None:
    call = await house.dialing(await house.campaign())
    await house.run(
        """
        UPDATE calls SET state = 'refused', answer = 'bad_request', finished_at = outdial_now(),
            closed_at = outdial_now() - interval '2 minutes'
        """
    )
    for items, looked in (([{"customerNumber": call["phone"]}], False), ([], True)):
        await house.run("UPDATE history SET refusals_at = NULL")
        async with listing(house, items) as partners:
            assert await refusals.look(house.context, partners, house.organization_id) == 0
        assert ((await house.call(call["id"]))["swept_at"] is not None) is looked


@pytest.mark.asyncio
async def test_what_never_left_this_machine_is_not_looked_for(line: _Line) -> None:
    call = await line.house.dialing(await line.house.campaign())
    await line.house.run(
        """
        UPDATE calls SET state = 'refused', answer = 'not_sent',
            closed_at = outdial_now() - interval '2 minutes', finished_at = outdial_now()
        WHERE id = :id
        """,
        id=call["id"],
    )
    assert await refusals.due(line.house.context) == []


@pytest.mark.asyncio
async def test_a_lead_that_moved_on_stays_where_it_is_and_the_ring_is_linked(line: _Line) -> None:
    campaign = await line.house.campaign()
    line.sandbox.fault("fail_after_ring", status=429, count=1)
    call = await line.ring(campaign)
    await line.house.run("UPDATE leads SET state = 'cancelled' WHERE id = :id", id=call["lead_id"])
    assert await line.look() == 1
    row = await line.house.call(call["id"])
    (ring,) = line.sandbox.rings()
    assert (row["state"], row["partner_call_id"]) == ("refused", ring["call_id"])
    assert (await line.ended(call))["outcome"] == "completed"
    assert (await line.house.lead_row(call["lead_id"]))["state"] == "cancelled"


@pytest.mark.asyncio
async def test_a_lead_that_is_called_again_is_not_planned_by_the_call_before(
    line: _Line,
) -> None:
    campaign = await line.house.campaign()
    line.sandbox.fault("fail_after_ring", status=429, count=1)
    call = await line.ring(campaign)
    await line.house.run("UPDATE leads SET due_at = outdial_now()")
    await line.house.run("UPDATE agents SET parked_reason = NULL, ramp = NULL")
    (second,) = (await line.house.claim(campaign["agent_id"])).call_ids
    # Of the two calls to the number only the first has rung.
    assert await line.look() == 1
    assert (await line.ended(call))["outcome"] == "completed"
    assert (await line.house.lead_row(call["lead_id"]))["state"] == "calling"
    assert (await line.house.call(second))["state"] == "claimed"


@pytest.mark.asyncio
async def test_who_opted_out_in_it_is_not_called_again(line: _Line) -> None:
    campaign = await line.house.campaign()
    line.sandbox.set_outcomes({"opt_out": 1.0})
    line.sandbox.fault("fail_after_ring", status=400, count=1)
    call = await line.ring(campaign)
    await line.house.run("UPDATE leads SET state = 'cancelled' WHERE id = :id", id=call["lead_id"])
    assert await line.look() == 1
    ended = await line.ended(call)
    suppressed = await line.house.rows("SELECT phone FROM suppressions")
    assert ended["outcome"] != "opted_out" or [r["phone"] for r in suppressed] == [call["phone"]]


@pytest.mark.asyncio
async def test_a_call_that_another_row_has_explains_nothing(line: _Line) -> None:
    campaign = await line.house.campaign()
    line.sandbox.fault("fail_after_ring", status=400, count=1)
    call = await line.ring(campaign)
    (ring,) = line.sandbox.rings()
    other = await line.house.dialing(campaign)
    await line.house.run(
        "UPDATE calls SET state = 'placed', partner_call_id = :ring WHERE id = :id",
        ring=ring["call_id"],
        id=other["id"],
    )
    assert await line.look() == 0
    assert (await line.house.call(call["id"]))["state"] == "refused"
    async with line.house.context.engine.connect() as conn:
        linked = await calls.linked(
            conn,
            organization_id=line.house.organization_id,
            partner_call_ids=[ring["call_id"]],
        )
    assert list(linked.values()) == [other["id"]]


@pytest.mark.asyncio
async def test_a_person_lets_an_answer_count_again_and_it_is_told_with_who_and_why(
    line: _Line,
) -> None:
    campaign = await line.house.campaign()
    line.sandbox.fault("fail_after_ring", status=400, count=1)
    call = await line.ring(campaign)
    assert await line.look() == 1
    line.sandbox.fault("refuse", count=2, route="call")
    assert (await line.ring(campaign))["state"] == "unknown"
    by = Decider(name="Robot", through="api", note="Mended, says their ticket.")
    ours = line.house.organization_id
    stranger = (await line.house.neighbour()).organization_id
    with pytest.raises(NotFoundError):
        await refusals.believe(
            line.house.context, organization_id=stranger, answer="bad_request", by=by
        )
    await refusals.believe(line.house.context, organization_id=ours, answer="bad_request", by=by)
    (told,) = await line.house.rows("SELECT * FROM events WHERE name = 'answer.believed'")
    assert (told["call_id"], told["lead_id"]) == (call["id"], call["lead_id"])
    assert told["body"] == {"answer": "bad_request", **by.as_dict()}
    assert (await line.ring(campaign))["state"] == "refused"
    for answer in ("bad_request", "conflict", "x\x00"):
        with pytest.raises(NotFoundError):
            await refusals.believe(line.house.context, organization_id=ours, answer=answer, by=by)
