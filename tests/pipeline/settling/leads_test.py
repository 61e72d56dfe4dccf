"""Leads: cancelled for good; released from a wrong id, and only where nothing can have rung."""

import pytest
from sqlalchemy import RowMapping

from dialer.clock import new_id
from dialer.pipeline.settling import leads
from dialer.pipeline.settling.decide import Decider
from dialer.rules.errors import ConflictError, NotFoundError
from dialer.rules.lead import MISTAKEN
from tests.support.house import House

pytestmark = pytest.mark.asyncio

BY = Decider(name="Robot", through="api", note="The CRM was moved.")


async def _mistaken(house: House, *, looked_for: bool = True) -> RowMapping:
    """A call that was refused with 404, whose lead is held for its id: the call."""
    call = await house.dialing(await house.campaign(), partner_lead_id="lead_wrong")
    await house.run(
        "UPDATE leads SET state = 'held', reason = :why WHERE id = :id",
        why=MISTAKEN,
        id=call["lead_id"],
    )
    return await house.row(
        """
        UPDATE calls SET state = 'refused', answer = 'not_found', closed_at = outdial_now(),
            finished_at = outdial_now(), swept_at = CASE WHEN :swept THEN outdial_now() END
        WHERE id = :id RETURNING *
        """,
        swept=looked_for,
        id=call["id"],
    )


async def _release(
    house: House, call: RowMapping, *, partner_lead_id: str | None = None
) -> RowMapping:
    return await leads.release(
        house.context,
        organization_id=house.organization_id,
        lead_id=call["lead_id"],
        partner_lead_id=partner_lead_id,
        by=BY,
    )


@pytest.mark.parametrize("partner_lead_id", [None, "lead_right"])
async def test_a_lead_with_a_wrong_id_waits_again_with_the_right_one_or_none(
    house: House, partner_lead_id: str | None
) -> None:
    call = await _mistaken(house)
    row = await _release(house, call, partner_lead_id=partner_lead_id)
    assert (row["state"], row["partner_lead_id"]) == ("waiting", partner_lead_id)
    told = (await house.rows("SELECT name, body FROM events ORDER BY id"))[-1]
    assert told["name"] == "lead.waiting"
    assert told["body"].items() >= {"why": "released", **BY.as_dict()}.items()
    assert len((await house.claim(call["agent_id"])).call_ids) == 1
    await house.assert_balanced()


async def test_not_before_its_refused_call_was_looked_for(house: House) -> None:
    call = await _mistaken(house, looked_for=False)
    with pytest.raises(ConflictError, match="still looked for"):
        await _release(house, call)
    await house.run("UPDATE calls SET swept_at = outdial_now()")
    assert (await _release(house, call))["state"] == "waiting"


@pytest.mark.parametrize("state", ["refused", "ended"])
async def test_never_where_its_refused_call_had_rung(house: House, state: str) -> None:
    call = await _mistaken(house)
    await house.run("UPDATE calls SET partner_call_id = 'call_1', state = :state", state=state)
    with pytest.raises(ConflictError, match="appeared"):
        await _release(house, call)
    assert (await house.lead_row(call["lead_id"]))["state"] == "held"


async def test_a_call_before_that_ended_is_no_obstacle(house: House) -> None:
    call = await _mistaken(house)
    await house.run(
        """
        INSERT INTO calls (id, organization_id, business_id, agent_id, campaign_id, lead_id,
            phone, state, answer, partner_call_id, place_at, claim_expires_at, window_until)
        SELECT gen_random_uuid(), organization_id, business_id, agent_id, campaign_id, lead_id,
            phone, 'ended', 'placed', 'call_1', place_at, claim_expires_at, window_until
        FROM calls WHERE id = :id
        """,
        id=call["id"],
    )
    assert (await _release(house, call))["state"] == "waiting"


async def test_a_lead_that_a_call_holds_is_decided_by_that_call(house: House) -> None:
    call = await _mistaken(house)
    await house.run("UPDATE leads SET reason = 'conflict'")
    with pytest.raises(ConflictError, match="decide that call"):
        await _release(house, call)


async def test_a_lead_that_is_not_held_stays_where_it_is(house: House) -> None:
    call = await _mistaken(house)
    await _release(house, call)
    with pytest.raises(ConflictError, match="waiting, not held"):
        await _release(house, call)
    assert (await house.names()).count("lead.waiting") == 1


async def test_a_lead_that_there_is_not_is_told(house: House) -> None:
    with pytest.raises(NotFoundError):
        await leads.release(
            house.context,
            organization_id=house.organization_id,
            lead_id=new_id(),
            partner_lead_id=None,
            by=BY,
        )


async def test_a_mistaken_lead_can_be_cancelled_instead(house: House) -> None:
    call = await _mistaken(house)
    done = await leads.cancel(
        house.context, organization_id=house.organization_id, lead_id=call["lead_id"]
    )
    assert (done.lead["state"], done.in_flight) == ("cancelled", 0)
    await house.assert_balanced()
