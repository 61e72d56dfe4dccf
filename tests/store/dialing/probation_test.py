"""Probation: answers of before a rest say nothing of what comes after it."""

import asyncio
from uuid import UUID

import pytest
from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncConnection

from dialer.store.dialing import probation
from tests.support.house import House

MINUTE = 60.0


async def _claimed_before_the_rest(house: House) -> RowMapping:
    """A call whose lane and organization have rested since, and try one call now."""
    call = await house.claimed(await house.campaign())
    for table in ("agents", "organizations"):
        await house.run(f"UPDATE {table} SET ramp = 1, probation_from = outdial_now()")  # noqa: S608 -- named above
    return call


@pytest.mark.asyncio
async def test_a_late_answer_of_before_the_rest_widens_nothing_and_opens_nothing(
    house: House,
) -> None:
    call = await _claimed_before_the_rest(house)
    async with house.context.engine.begin() as conn:
        assert await probation.ramp_of_lane(conn, call["id"]) is None
        assert await probation.ramp_of_organization(conn, call["id"]) is None
        assert await probation.lane_of(conn, call["id"], seconds=MINUTE) is None
        assert await probation.organization_of(conn, call["id"]) is None


@pytest.mark.asyncio
async def test_who_asks_for_the_last_place_waits_until_the_other_has_claimed(
    house: House,
) -> None:
    agent_id: UUID = (await house.campaign())["agent_id"]
    await house.run("UPDATE agents SET ramp = 1")

    async def ask(conn: AsyncConnection) -> int | None:
        return await probation.room(conn, organization_id=house.organization_id, agent_id=agent_id)

    async with house.context.engine.begin() as other:
        async with house.context.engine.begin() as conn:
            assert await ask(conn) == 1
            asking = asyncio.create_task(ask(other))
            done, _ = await asyncio.wait([asking], timeout=0.5)
            assert not done
        assert await asking == 1


@pytest.mark.asyncio
async def test_what_was_judged_before_a_rest_opens_nothing_after_it(house: House) -> None:
    agent_id: UUID = (await house.campaign())["agent_id"]
    org = house.organization_id
    async with house.context.engine.begin() as conn:
        assert await probation.open_lane(conn, agent_id, trips=0, seconds=MINUTE)
        assert await probation.open_organization(
            conn, organization_id=org, trips=0, seconds=MINUTE
        )
    await house.run("UPDATE agents SET parked_reason = NULL")
    await house.run("UPDATE organizations SET parked_reason = NULL, parked_until = NULL")
    async with house.context.engine.begin() as conn:
        assert not await probation.open_lane(conn, agent_id, trips=0, seconds=MINUTE)
        assert not await probation.open_organization(
            conn, organization_id=org, trips=0, seconds=MINUTE
        )


@pytest.mark.asyncio
async def test_an_open_breaker_is_not_opened_again(house: House) -> None:
    agent_id: UUID = (await house.campaign())["agent_id"]
    org = house.organization_id
    async with house.context.engine.begin() as conn:
        for trips, opened in ((0, True), (1, False)):
            lane = await probation.open_lane(conn, agent_id, trips=trips, seconds=MINUTE)
            whole = await probation.open_organization(
                conn, organization_id=org, trips=trips, seconds=MINUTE
            )
            assert (lane, whole) == (opened, opened)
