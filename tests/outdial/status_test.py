"""`outdial status` shows the ledger, the agents and what waits."""

import json

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
    assert "new" in result.stdout


def test_json_holds_the_same(service: Serving) -> None:
    service.campaign("status")
    found = json.loads(service.run("status", "--json").stdout)
    assert found["ledger"]["total"]["balanced"] is True
    assert found["agents"][0]["partner_agent_id"] == "agent_demo"
    assert set(found["limits"]) == {"calls_per_minute", "concurrency"}
