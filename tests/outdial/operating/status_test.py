"""`outdial status` shows the ledger, the agents and what waits."""

import json
from uuid import uuid4

import pytest

from dialer.store.dialing.agents import park
from dialer.store.engine import create_engine, first
from tests.outdial.serving import Serving


def test_it_shows_buckets_agents_and_reasons(service: Serving) -> None:
    campaign = service.campaign("\x1b[31mstatus [bold]page[/bold]")
    with service.client() as client:
        client.post("/v1/leads", {"campaign_id": campaign, "phone": "212-555-0177"})
    result = service.run("status")
    assert result.exit_code == 0
    assert "\x1b" not in result.stdout
    assert "status [bold]page[/bold]" in result.stdout
    assert "agent_demo" in result.stdout
    assert "not read yet" in result.stdout
    assert "draft" in result.stdout


@pytest.mark.asyncio
async def test_an_agents_parking_stands_beside_its_campaigns(service: Serving) -> None:
    agent = f"agent_{uuid4().hex}"
    plan = {"name": f"of {agent}", "partner_business_id": "biz_demo", "partner_agent_id": agent}
    with service.client() as client:
        client.post("/v1/campaigns", plan)
    engine = create_engine(service.environ["OUTDIAL_DATABASE_URL"], pool=1, name="test")
    async with engine.begin() as conn:
        found = await first(conn, "SELECT id FROM agents WHERE partner_agent_id = :a", a=agent)
        assert found is not None
        await park(conn, found["id"], reason="agent_gone", seconds=60)
    await engine.dispose()
    lines = service.run("status").stdout.splitlines()
    (line,) = [line for line in lines if f"of {agent}" in line]
    assert "draft, agent parked: agent_gone" in line


def test_json_holds_the_same(service: Serving) -> None:
    service.campaign("status")
    found = json.loads(service.run("status", "--json").stdout)
    assert found["ledger"]["total"]["balanced"] is True
    assert "agent_demo" in {agent["partner_agent_id"] for agent in found["agents"]}
    assert set(found["limits"]) == {"calls_per_minute", "concurrency"}
