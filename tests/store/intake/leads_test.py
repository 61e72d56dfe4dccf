"""Leads: taken by one at a time, and left alone by what is meant for waiting ones."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from dialer.rules.lead import LeadState
from dialer.store.dialing import queue
from dialer.store.intake import leads
from tests.support.house import House


@pytest.mark.asyncio
async def test_a_due_lead_is_taken_by_one_and_passed_over_by_others(house: House) -> None:
    campaign = await house.campaign()
    ids = {await house.lead(campaign["id"]) for _ in range(2)}

    async def take(conn: AsyncConnection) -> set[object]:
        found = await queue.take_due(conn, queue_ids=[campaign["id"]], limit=1)
        return {row["id"] for row in found}

    engine = house.context.engine
    async with engine.begin() as one, engine.begin() as two, engine.begin() as three:
        async with asyncio.timeout(4):
            first, second, third = await take(one), await take(two), await take(three)
    assert first | second == ids
    assert third == set()


@pytest.mark.asyncio
@pytest.mark.parametrize("state", [state for state in LeadState if state != LeadState.WAITING])
async def test_what_is_done_to_a_waiting_lead_leaves_every_other_alone(
    house: House, state: LeadState
) -> None:
    lead_id = await house.lead((await house.campaign())["id"], partner_lead_id="lead_1")
    await house.run("UPDATE leads SET state = :s, reason = 'its own'", s=state)
    before = dict(await house.lead_row(lead_id))
    later = await house.now() + timedelta(days=1)
    async with house.context.engine.begin() as conn:
        assert not await leads.finish_waiting(conn, lead_id, reason="refused_by_upstream")
        await leads.defer_waiting(conn, lead_id, seconds=3600)
        await leads.forget_partner_lead(conn, lead_id)
        await leads.defer(conn, [(lead_id, later, "number_in_call")])
    assert dict(await house.lead_row(lead_id)) == before
