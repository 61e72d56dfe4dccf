"""Doubts: each unknown call says what it waits for, from when on that counts, and how long."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import RowMapping

from dialer.pipeline.reports import doubts
from dialer.pipeline.settling import settle
from dialer.rules.proof.absence import HOLD_AFTER, WAITS
from tests.support.house import House

pytestmark = pytest.mark.asyncio


async def _unknown(house: House, *, why: str = "server_error", **plan: Any) -> RowMapping:  # noqa: ANN401 -- any part of a plan
    call = await house.dialing(await house.campaign(**plan), name="Ada Example")
    async with house.context.engine.begin() as conn:
        row = await settle.doubt(conn, call["id"], fence=1, why=why, by="sender")
    assert row is not None
    return row


async def _only(house: House) -> Mapping[str, Any]:
    (found,) = await doubts.listing(
        house.context, organization_id=house.organization_id, after=None, limit=10
    )
    return found


async def test_it_says_how_long_it_settles_and_when_a_person_is_asked(house: House) -> None:
    call = await _unknown(house)
    found = await _only(house)
    assert (found["waits_for"], found["says"]) == ("settling", WAITS["settling"])
    assert found["settled_at"] == call["closed_at"] + timedelta(minutes=30)
    assert found["held_at"] == call["armed_at"] + HOLD_AFTER
    assert (found["name"], found["campaign_name"]) == ("Ada Example", "Test")


async def test_then_it_waits_for_a_sign_of_life_or_for_sweeps(house: House) -> None:
    await _unknown(house)
    await house.pass_time(minutes=31)
    assert (await _only(house))["waits_for"] == "no_watermarks"
    await house.run("UPDATE campaigns SET absence_proof = 'balanced'")
    await house.pass_time(minutes=30)
    assert (await _only(house))["waits_for"] == "sweeping"


async def test_a_conflict_and_a_day_that_is_over_are_told(house: House) -> None:
    await _unknown(house, why="conflict", absence_proof="balanced")
    await house.run("UPDATE calls SET sweeps = 3")
    await house.pass_time(hours=2)
    assert (await _only(house))["waits_for"] == "conflict"
    await house.run("UPDATE calls SET answer = 'unknown'")
    assert (await _only(house))["waits_for"] == "proven"
    await house.pass_time(hours=23)
    assert (await _only(house))["waits_for"] == "not_found_in_24_hours"


async def test_calls_that_need_no_looking_for_are_left_out(house: House) -> None:
    await house.dialing(await house.campaign())
    listed = await doubts.listing(
        house.context, organization_id=house.organization_id, after=None, limit=10
    )
    assert listed == []
