"""A lead is posted, a phone rings once, and the outcome comes back into the timeline."""

from pathlib import Path

import pytest

from tests.support.system import balanced, running_system


@pytest.mark.asyncio
async def test_a_posted_lead_rings_once_and_its_outcome_comes_back(
    database_url: str, redis_url: str, tmp_path: Path
) -> None:
    async with running_system(
        database_url=database_url, redis_url=redis_url, home=tmp_path, speed=60
    ) as system:
        system.start_worker()
        campaign = await system.campaign(cadence={"max_attempts": 1})
        receipts = await system.post(
            campaign, [{"phone": "(212) 555-0142", "name": "Ada Example", "external_id": "a1"}]
        )
        assert [r.status for r in receipts] == ["accepted"]

        async def finished() -> bool:
            return (await system.states("leads")).get("done") == 1

        await system.eventually("the lead is done", finished)
        rings = system.sandbox.rings()
        assert [ring["phone"] for ring in rings] == ["+12125550142"]
        names = [row["name"] for row in await system.rows("SELECT name FROM events ORDER BY id")]
        assert [n for n in names if n.startswith("call.")][:3] == [
            "call.claimed",
            "call.dialing",
            "call.placed",
        ]
        assert names[-2:] == ["call.ended", "lead.done"]
        assert all(balanced(row) for row in await system.ledger())
