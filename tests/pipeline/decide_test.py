"""Decide: a person closes what can't be proven; the lead, the number and the ledger follow."""

import pytest
from sqlalchemy import RowMapping

from dialer.clock import new_id
from dialer.pipeline.decide import DECISIONS, Decision, decide
from dialer.rules.call import CallState
from dialer.rules.errors import ConflictError, NotFoundError
from tests.support.house import House


async def _doubtful(house: House, state: str) -> RowMapping:
    call = await house.dialing(await house.campaign())
    await house.run("UPDATE leads SET state = 'held' WHERE id = :id", id=call["lead_id"])
    return await house.row(
        "UPDATE calls SET state = :state WHERE id = :id RETURNING *", state=state, id=call["id"]
    )


async def _decide(house: House, call: RowMapping, decision: Decision) -> RowMapping:
    return await decide(
        house.context,
        organization_id=house.organization_id,
        call_id=call["id"],
        decision=decision,
    )


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
    assert (await house.names())[-2:] == [f"call.{call_is[0]}", f"lead.{lead_is}"]
    await house.assert_balanced()


@pytest.mark.asyncio
@pytest.mark.parametrize("state", ["held", "stale"])
async def test_after_call_again_the_number_is_free_and_the_lead_is_claimed(
    house: House, state: str
) -> None:
    call = await _doubtful(house, state)
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
        with pytest.raises(ConflictError, match="only a held or stale one is decided"):
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
            )
    assert (await house.call(call["id"]))["state"] == "held"
