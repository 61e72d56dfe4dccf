"""A campaign with variants on two agents rings each lead once, through the agent it drew."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from dialer.pipeline.planning import variant_edits
from dialer.pipeline.planning.variant_edits import Variant
from dialer.pipeline.reports import comparison
from dialer.rules.variants import Weighted, draw
from tests.support.people import leads
from tests.support.system import System, balanced, running_system

LEADS = 60
OTHER = "agent_second"


async def _add(system: System, campaign_id: UUID, name: str, **more: Any) -> Mapping[Any, Any]:  # noqa: ANN401 -- a variant's parts differ
    return await variant_edits.add(
        system.context,
        organization_id=system.organization_id,
        campaign_id=campaign_id,
        new=Variant(name=name, **more),
        by="test",
    )


def _through(system: System) -> dict[str, str]:
    rings = system.sandbox.rings()
    assert len(rings) == len({ring["phone"] for ring in rings})
    return {ring["phone"]: ring["agent_id"] for ring in rings}


async def _all_done(system: System, count: int) -> None:
    async def done() -> bool:
        return (await system.states("leads")).get("done") == count

    await system.eventually("every lead is called", done)


@pytest.mark.asyncio
async def test_each_lead_rings_once_through_the_agent_of_the_variant_it_drew(
    database_url: str, redis_url: str, tmp_path: Path
) -> None:
    async with running_system(
        database_url=database_url, redis_url=redis_url, home=tmp_path, speed=60
    ) as system:
        system.sandbox.add("agents", id=OTHER, business_id="biz_demo")
        campaign_id = await system.campaign(calls_per_minute=60, start=False)
        first = await _add(system, campaign_id, "As planned")
        second = await _add(system, campaign_id, "Another voice", partner_agent_id=OTHER)
        people = leads(LEADS)
        await system.post(campaign_id, people)
        await system.move_to_running(campaign_id)
        system.start_worker()
        await _all_done(system, LEADS)
        agents = {first["id"]: "agent_demo", second["id"]: OTHER}
        among = [Weighted(variant_id, 1) for variant_id in agents]
        rung = _through(system)
        assert len(rung) == LEADS
        for phone, agent in rung.items():
            drawn = draw(campaign_id, phone, among)
            assert drawn is not None
            assert agents[drawn] == agent
        assert set(rung.values()) == set(agents.values())
        found = await comparison.compare(
            system.context, organization_id=system.organization_id, campaign_id=campaign_id
        )
        assert [(r.leads, r.called, r.calls) for r in found.results] == [
            (n, n, n) for n in (list(rung.values()).count(agent) for agent in agents.values())
        ]
        assert all(balanced(row) for row in await system.ledger())


@pytest.mark.asyncio
async def test_leads_of_a_variant_whose_agent_can_not_dial_are_called_once_it_is_retired(
    database_url: str, redis_url: str, tmp_path: Path
) -> None:
    async with running_system(
        database_url=database_url,
        redis_url=redis_url,
        home=tmp_path,
        speed=60,
        OUTDIAL_PROBE_SECONDS="1",
    ) as system:
        campaign_id = await system.campaign(calls_per_minute=60)
        await _add(system, campaign_id, "As planned")
        # An agent of the sandbox that was never deployed.
        broken = await _add(system, campaign_id, "Draft voice", partner_agent_id="agent_draft")
        await system.post(campaign_id, leads(LEADS))
        system.start_worker()

        async def only_its_own_wait() -> bool:
            waiting = await system.rows(
                "SELECT DISTINCT variant_id FROM leads WHERE state <> 'done'"
            )
            return [row["variant_id"] for row in waiting] == [broken["id"]]

        await system.eventually("the other variant's leads are called", only_its_own_wait)
        assert set(_through(system).values()) == {"agent_demo"}
        retired = await variant_edits.retire(
            system.context,
            organization_id=system.organization_id,
            campaign_id=campaign_id,
            variant_id=broken["id"],
            by="test",
        )
        assert retired.freed > 0
        await _all_done(system, LEADS)
        assert len(_through(system)) == LEADS
        assert set(_through(system).values()) == {"agent_demo"}
        assert all(balanced(row) for row in await system.ledger())
