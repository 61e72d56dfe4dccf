"""Every call request fails for a while: lanes park, nothing is spent, all resume by themselves."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.support.people import leads
from tests.support.system import System, balanced, running_system

LEADS = 60
LANES = 6


async def _parkings(system: System, name: str) -> list[Mapping[str, Any]]:
    found = await system.rows(
        "SELECT body FROM events WHERE name = :name AND body->>'why' = 'breaker_open' ORDER BY id",
        name=name,
    )
    return [row["body"] for row in found]


async def _until_probes_have_failed(system: System, name: str) -> None:
    async def opened_thrice() -> bool:
        return len(await _parkings(system, name)) >= 3

    # Opened by what went wrong, then again by each probe.
    await system.eventually("two probes have failed", opened_thrice)
    parkings = (await _parkings(system, name))[:3]
    assert [body["rest_seconds"] for body in parkings] == [2, 4, 8]
    assert [body["answered"] for body in parkings[1:]] == [1, 1]
    assert system.sandbox.rings() == []
    spent = await system.rows("SELECT sum(attempts) AS n FROM leads")
    assert spent[0]["n"] == 0


async def _until_each_phone_rang_once(system: System) -> None:
    async def all_done() -> bool:
        return (await system.states("leads")).get("done") == LEADS

    await system.eventually("every lead is called", all_done, seconds=150)
    rings = [ring["phone"] for ring in system.sandbox.rings()]
    assert len(rings) == LEADS
    assert len(set(rings)) == LEADS
    attempts = await system.rows("SELECT DISTINCT attempts FROM leads")
    assert [row["attempts"] for row in attempts] == [1]
    for table in ("agents", "organizations"):
        parked = await system.rows(f"SELECT parked_reason FROM {table}")  # noqa: S608 -- named above
        assert {row["parked_reason"] for row in parked} == {None}
    assert all(balanced(row) for row in await system.ledger())


@pytest.mark.asyncio
async def test_a_failing_upstream_parks_the_lane_and_every_phone_rings_once_when_it_is_back(
    database_url: str, redis_url: str, tmp_path: Path
) -> None:
    async with running_system(
        database_url=database_url,
        redis_url=redis_url,
        home=tmp_path,
        speed=240,
        OUTDIAL_PROBE_SECONDS="1",
    ) as system:
        fault = system.sandbox.fault("fail_before_ring")
        campaign = await system.campaign(calls_per_minute=2, absence_proof="balanced")
        await system.post(campaign, leads(LEADS))
        system.start_worker()

        await _until_probes_have_failed(system, "agent.parked")
        # The only lane is parked, so the organization has nothing that could be.
        assert await _parkings(system, "organization.parked") == []
        system.sandbox.control("DELETE", f"faults/{fault}")
        await _until_each_phone_rang_once(system)


@pytest.mark.asyncio
async def test_lanes_that_fail_a_little_each_park_the_organization_and_one_call_tries_for_all(
    database_url: str, redis_url: str, tmp_path: Path
) -> None:
    async with running_system(
        database_url=database_url,
        redis_url=redis_url,
        home=tmp_path,
        speed=240,
        OUTDIAL_PROBE_SECONDS="1",
    ) as system:
        fault = system.sandbox.fault("fail_before_ring")
        people = leads(LEADS)
        for lane in range(LANES):
            agent = system.sandbox.add("agents", business_id="biz_demo")["id"]
            campaign = await system.campaign(
                agent=agent, calls_per_minute=1, absence_proof="balanced"
            )
            await system.post(campaign, people[lane::LANES])
        system.start_worker()
        await _until_probes_have_failed(system, "organization.parked")
        assert await _parkings(system, "agent.parked") == []
        system.sandbox.control("DELETE", f"faults/{fault}")
        await _until_each_phone_rang_once(system)
