"""Decide: a person closes what can't be proven; the lead, the number and the ledger follow."""

import asyncio

import pytest
from sqlalchemy import RowMapping

from dialer.clock import new_id
from dialer.pipeline.settling import settle
from dialer.pipeline.settling.decide import Decider, decide
from dialer.pipeline.settling.settle import Seen
from dialer.rules.call import CallState
from dialer.rules.errors import (
    AlreadyDecidedError,
    ConflictError,
    FoundMeanwhileError,
    NotFoundError,
)
from dialer.rules.proof.decision import DECISIONS, Decision
from dialer.store.columns import NOW
from dialer.store.dialing import calls
from tests.support.house import House


async def _doubtful(house: House, state: str) -> RowMapping:
    call = await house.dialing(await house.campaign())
    await house.run("UPDATE leads SET state = 'held' WHERE id = :id", id=call["lead_id"])
    return await house.row(
        "UPDATE calls SET state = :state WHERE id = :id RETURNING *", state=state, id=call["id"]
    )


ROBOT = Decider(name="Robot", through="api")


async def _decide(
    house: House, call: RowMapping, decision: Decision, by: Decider = ROBOT
) -> RowMapping:
    return await decide(
        house.context,
        organization_id=house.organization_id,
        call_id=call["id"],
        decision=decision,
        by=by,
    )


async def _held(house: House) -> RowMapping:
    """A call that went the whole way to being held."""
    call = await house.dialing(await house.campaign())
    async with house.context.engine.begin() as conn:
        await settle.doubt(conn, call["id"], fence=1, why="conflict", by="sender")
        assert await settle.hold(conn, call, why="conflict")
    return await house.call(call["id"])


ENDED = Seen(partner_call_id="call_1", status="COMPLETED", ended_reason="customer-busy")


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("state", "decision", "call_is", "lead_is", "attempts"),
    [
        ("held", "reached", ("ended", "completed"), "done", 1),
        ("held", "drop", ("ended", "unknown"), "cancelled", 0),
        ("held", "call_again", ("absent", None), "waiting", 0),
        ("stale", "reached", ("ended", "completed"), "done", 1),
        ("stale", "drop", ("ended", "unknown"), "cancelled", 0),
        ("stale", "call_again", ("ended", "unknown"), "waiting", 0),
    ],
)
async def test_each_decision_closes_the_call_and_moves_the_lead(
    house: House,
    *,
    state: str,
    decision: Decision,
    call_is: tuple[str, str | None],
    lead_is: str,
    attempts: int,
) -> None:
    call = await _doubtful(house, state)
    decided = await _decide(house, call, decision)
    assert (decided["state"], decided["outcome"]) == call_is
    assert decided["finished_at"] is not None
    lead = await house.lead_row(call["lead_id"])
    assert (lead["state"], lead["attempts"]) == (lead_is, attempts)
    assert lead["reason"] == f"decided_{decision}"
    assert (await house.names())[-3:] == [
        *("call.decided", f"call.{call_is[0]}", f"lead.{lead_is}")
    ]
    await house.assert_balanced()


@pytest.mark.asyncio
@pytest.mark.parametrize("state", ["held", "stale"])
async def test_after_call_again_the_number_is_free_and_the_lead_is_claimed(
    house: House, state: str
) -> None:
    call = await _doubtful(house, state)
    # No call is doubtful so soon that its number might not ring again yet.
    await house.pass_time(hours=6)
    assert not (await house.claim(call["agent_id"])).call_ids
    await _decide(house, call, "call_again")
    (again,) = (await house.claim(call["agent_id"])).call_ids
    claimed = await house.call(again)
    assert (claimed["lead_id"], claimed["phone"]) == (call["lead_id"], call["phone"])
    assert (await house.call(call["id"]))["state"] != "held"
    await house.assert_balanced()


@pytest.mark.asyncio
@pytest.mark.parametrize("decision", DECISIONS)
async def test_a_call_is_decided_once(house: House, decision: Decision) -> None:
    call = await _doubtful(house, "held")
    await _decide(house, call, decision)
    lead = dict(await house.lead_row(call["lead_id"]))
    for second in DECISIONS:
        with pytest.raises(AlreadyDecidedError, match=f"already: {decision}, by Robot"):
            await _decide(house, call, second)
    assert dict(await house.lead_row(call["lead_id"])) == lead


@pytest.mark.asyncio
@pytest.mark.parametrize("state", [s for s in CallState if s not in {"held", "stale"}])
async def test_only_a_doubtful_call_is_decided(house: House, state: str) -> None:
    call = await _doubtful(house, state)
    with pytest.raises(ConflictError, match=f"the call is {state}"):
        await _decide(house, call, "reached")
    assert (await house.call(call["id"]))["state"] == state


@pytest.mark.asyncio
async def test_a_lead_that_was_cancelled_meanwhile_stays_so(house: House) -> None:
    call = await _doubtful(house, "held")
    await house.run("UPDATE leads SET state = 'cancelled', reason = 'cancelled'")
    await _decide(house, call, "call_again")
    lead = await house.lead_row(call["lead_id"])
    assert (lead["state"], lead["reason"]) == ("cancelled", "cancelled")
    assert (await house.names())[-1] == "call.absent"
    await house.assert_balanced()


@pytest.mark.asyncio
async def test_a_strangers_or_missing_call_is_not_found(house: House) -> None:
    call = await _doubtful(house, "held")
    stranger = await house.neighbour()
    for who, call_id in ((stranger, call["id"]), (house, new_id())):
        with pytest.raises(NotFoundError):
            await decide(
                who.context,
                organization_id=who.organization_id,
                call_id=call_id,
                decision="drop",
                by=ROBOT,
            )
    assert (await house.call(call["id"]))["state"] == "held"


@pytest.mark.asyncio
@pytest.mark.parametrize("decision", DECISIONS)
async def test_who_decided_and_why_stands_in_the_timeline(
    house: House, decision: Decision
) -> None:
    call = await _held(house)
    note = "She says <b>nobody</b> called, +12125550142\u202e"
    await _decide(house, call, decision, Decider(name="Front desk", through="page", note=note))
    told = await house.row("SELECT * FROM events WHERE name = 'call.decided'")
    assert (told["lead_id"], told["call_id"]) == (call["lead_id"], call["id"])
    assert told["body"] == {
        "decision": decision,
        "was": "held",
        "by": "Front desk",
        "through": "page",
        "note": note,
    }
    # Two things follow from it, and say so.
    after = await house.rows("SELECT body FROM events WHERE id > :id", id=told["id"])
    assert [row["body"]["decision"] for row in after] == [decision] * 2


@pytest.mark.asyncio
@pytest.mark.parametrize("decision", DECISIONS)
async def test_a_call_that_the_history_found_meanwhile_is_not_decided(
    house: House, decision: Decision
) -> None:
    call = await _held(house)
    async with house.context.engine.begin() as conn:
        assert await settle.end(conn, call, ENDED) is not None
    lead = dict(await house.lead_row(call["lead_id"]))
    with pytest.raises(FoundMeanwhileError, match="it is ended as busy"):
        await _decide(house, call, decision)
    assert dict(await house.lead_row(call["lead_id"])) == lead
    assert "call.decided" not in await house.names()
    await house.assert_balanced()


@pytest.mark.asyncio
@pytest.mark.parametrize("decision", DECISIONS)
async def test_a_decided_call_that_the_history_shows_later_stays_decided(
    house: House, decision: Decision
) -> None:
    call = await _held(house)
    await _decide(house, call, decision)
    before = dict(await house.call(call["id"])), dict(await house.lead_row(call["lead_id"]))
    async with house.context.engine.begin() as conn:
        assert await settle.end(conn, call, ENDED) is None
        assert not await settle.see_live(conn, call, ENDED)
    after = dict(await house.call(call["id"])), dict(await house.lead_row(call["lead_id"]))
    assert after == before
    await house.assert_balanced()


@pytest.mark.asyncio
@pytest.mark.parametrize("first", ["history", "person"])
async def test_of_a_decision_and_a_finding_at_once_the_first_wins(
    house: House, first: str
) -> None:
    call = await _held(house)
    async with house.context.engine.connect() as conn:
        async with conn.begin():
            if first == "history":
                await settle.end(conn, call, ENDED)
                other = asyncio.create_task(_try(house, call))
            else:
                # What `decide` does to the row, held open.
                await calls.move(conn, call["id"], CallState.ABSENT, finished_at=NOW)
                other = asyncio.create_task(_find(house, call))
            await _until_blocked(house)
        if first == "history":
            with pytest.raises(FoundMeanwhileError):
                await other
        else:
            assert await other is None
    state = "ended" if first == "history" else "absent"
    assert (await house.call(call["id"]))["state"] == state


async def _try(house: House, call: RowMapping) -> RowMapping | None:
    return await _decide(house, call, "call_again")


async def _find(house: House, call: RowMapping) -> RowMapping | None:
    async with house.context.engine.begin() as conn:
        return await settle.end(conn, call, ENDED)


async def _until_blocked(house: House) -> None:
    waiting = """
        SELECT count(*) AS n FROM pg_stat_activity
        WHERE datname = current_database() AND wait_event_type = 'Lock'
    """
    for _ in range(500):
        if (await house.row(waiting))["n"]:
            return
        await asyncio.sleep(0.02)
    raise AssertionError("nobody waits")


@pytest.mark.asyncio
async def test_of_twenty_decisions_at_once_one_is_made(house: House) -> None:
    call = await _held(house)
    made = await asyncio.gather(
        *(_decide(house, call, DECISIONS[n % 3]) for n in range(20)), return_exceptions=True
    )
    refused = [one for one in made if isinstance(one, BaseException)]
    assert len(refused) == 19
    assert all(isinstance(one, AlreadyDecidedError) for one in refused)
    assert (await house.names()).count("call.decided") == 1
    await house.assert_balanced()
