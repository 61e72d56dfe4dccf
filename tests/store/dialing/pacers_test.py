"""Pacers: locked in one order, so that lanes which share limits take turns."""

import asyncio
from collections.abc import Sequence
from uuid import UUID

import pytest

from dialer.store.dialing import pacers
from tests.support.house import House

SECOND = 1.0


async def _limited(house: House) -> list[UUID]:
    """Subjects with limits of their own, one of each level."""
    campaign = await house.campaign(calls_per_minute=60)
    of = {
        "organization": house.organization_id,
        "business": campaign["business_id"],
        "agent": campaign["agent_id"],
    }
    async with house.context.engine.begin() as conn:
        for level, subject in of.items():
            await pacers.set_limits(
                conn,
                organization_id=house.organization_id,
                level=level,
                subject_id=subject,
                calls_per_minute=60,
                concurrency=None,
            )
    return [*of.values(), campaign["id"]]


@pytest.mark.asyncio
async def test_pacers_are_locked_in_one_order_whoever_asks(house: House) -> None:
    subjects = await _limited(house)

    async def order(asked: Sequence[UUID]) -> list[UUID]:
        async with house.context.engine.begin() as conn:
            return list(await pacers.lock(conn, asked))

    first, second = await order(subjects), await order(subjects[::-1])
    assert first == second
    assert set(first) == set(subjects)


@pytest.mark.asyncio
async def test_who_asks_for_a_locked_pacer_waits_for_its_turn(house: House) -> None:
    subjects = await _limited(house)

    async def debit() -> None:
        async with house.context.engine.begin() as conn:
            await pacers.lock(conn, subjects[:1])

    async with house.context.engine.begin() as conn:
        await pacers.lock(conn, subjects)
        waiting = asyncio.create_task(debit())
        done, _ = await asyncio.wait([waiting], timeout=SECOND)
        assert not done
    await waiting
