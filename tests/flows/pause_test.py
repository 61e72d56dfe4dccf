"""A pause stops new rings at once, and says how many calls nothing can stop any more."""

import asyncio
from pathlib import Path

import pytest

from dialer.rules.campaign import CampaignState
from tests.support.people import leads
from tests.support.system import balanced, running_system


@pytest.mark.asyncio
async def test_no_phone_rings_after_a_pause_returned(
    database_url: str, redis_url: str, tmp_path: Path
) -> None:
    async with running_system(
        database_url=database_url, redis_url=redis_url, home=tmp_path, speed=10
    ) as system:
        system.start_worker()
        campaign = await system.campaign(calls_per_minute=120)
        await system.post(campaign, leads(400))

        async def some_ring() -> bool:
            return len(system.sandbox.rings()) >= 20

        await system.eventually("some phones ring", some_ring)
        paused = await system.move(campaign, CampaignState.PAUSED)
        # What was armed before may still be on its way; its rings come within a moment.
        await asyncio.sleep(1.0)
        rung = len(system.sandbox.rings())
        armed = await system.rows("SELECT count(*) AS n FROM calls WHERE armed_at IS NOT NULL")
        assert rung == armed[0]["n"]
        assert 0 < paused.in_flight <= rung
        await asyncio.sleep(1.5)
        assert len(system.sandbox.rings()) == rung

        await system.move(campaign, CampaignState.RUNNING)

        async def more_ring() -> bool:
            return len(system.sandbox.rings()) > rung + 20

        await system.eventually("phones ring again", more_ring)
        cancelled = await system.move(campaign, CampaignState.CANCELLED)
        assert cancelled.campaign["state"] == "cancelled"

        async def settled() -> bool:
            states = await system.states("leads")
            return not states.keys() & {"waiting", "calling"}

        await system.eventually("every lead has its last bucket", settled)
        assert all(balanced(row) for row in await system.ledger())
        phones = [ring["phone"] for ring in system.sandbox.rings()]
        assert len(phones) == len(set(phones))
