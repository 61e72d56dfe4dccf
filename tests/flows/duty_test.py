"""An agent goes off duty in the middle of a campaign: parked, nothing spent, resumed."""

from pathlib import Path

import pytest

from tests.support.people import leads
from tests.support.system import balanced, running_system


@pytest.mark.asyncio
async def test_off_duty_parks_without_spending_attempts_and_resumes_by_itself(
    database_url: str, redis_url: str, tmp_path: Path
) -> None:
    async with running_system(
        database_url=database_url,
        redis_url=redis_url,
        home=tmp_path,
        speed=60,
        OUTDIAL_PROBE_SECONDS="1",
    ) as system:
        system.start_worker()
        campaign = await system.campaign(calls_per_minute=10)
        await system.post(campaign, leads(60))

        async def some_ring() -> bool:
            return len(system.sandbox.rings()) >= 10

        await system.eventually("some phones ring", some_ring)
        system.sandbox.set_agent("agent_demo", on_duty=False)

        async def parked() -> bool:
            found = await system.rows("SELECT parked_reason FROM agents")
            return bool(found[0]["parked_reason"] == "off_duty")

        await system.eventually("the lane is parked", parked)
        before = len(system.sandbox.rings())
        refused = await system.rows("SELECT * FROM calls WHERE state = 'refused'")
        spent = await system.rows("SELECT sum(attempts) AS n FROM leads WHERE state = 'waiting'")
        assert spent[0]["n"] in (0, None)
        assert len(refused) <= 64

        system.sandbox.set_agent("agent_demo", on_duty=True)

        async def all_done() -> bool:
            return (await system.states("leads")).get("done") == 60

        await system.eventually("every lead is called", all_done)
        rings = [ring["phone"] for ring in system.sandbox.rings()]
        assert before < 60
        assert sorted(rings) == sorted(set(rings))
        assert len(rings) == 60
        attempts = await system.rows("SELECT DISTINCT attempts FROM leads")
        assert [row["attempts"] for row in attempts] == [1]
        assert all(balanced(row) for row in await system.ledger())


@pytest.mark.asyncio
async def test_an_agent_that_is_not_deployed_is_never_rung_through(
    database_url: str, redis_url: str, tmp_path: Path
) -> None:
    async with running_system(
        database_url=database_url, redis_url=redis_url, home=tmp_path, speed=60
    ) as system:
        system.start_worker()
        campaign = await system.campaign(agent="agent_draft")
        await system.post(campaign, leads(3))

        async def parked() -> bool:
            found = await system.rows("SELECT parked_reason FROM agents")
            return bool(found[0]["parked_reason"] == "not_deployed")

        await system.eventually("the lane is parked", parked)
        assert system.sandbox.rings() == []
        assert await system.states("leads") == {"waiting": 3}
        assert await system.states("calls") == {}
