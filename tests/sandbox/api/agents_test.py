"""Agents: list, read, deploy, duty."""

import httpx2
import pytest

from tests.sandbox.worlds import AGENTS, Tenant, client
from tests.support.sandbox import SandboxProcess


def test_the_demo_world_has_three_agents(api: httpx2.Client) -> None:
    listed = api.get(AGENTS, params={"page_size": 100}).json()
    shown = {agent["id"]: agent for agent in listed["items"]}
    assert {"agent_demo", "agent_draft", "agent_inbound"} <= set(shown)
    assert shown["agent_demo"]["type"] == "OUTBOUND"
    assert shown["agent_demo"]["phoneNumber"] == "+12125550100"
    assert shown["agent_demo"]["onDuty"] is True
    assert shown["agent_inbound"]["type"] == "INBOUND"


def test_number_and_duty_appear_only_once_deployed(sandbox: SandboxProcess) -> None:
    tenant = Tenant(sandbox)
    sandbox.set_agent(tenant.agent, deployed=False)
    path = f"/businesses/{tenant.business}/voice-agents/{tenant.agent}"
    with client(sandbox, tenant.key) as api:
        before = api.get(path).json()
        deployed = api.post(f"{path}/deploy")
        after = api.get(path).json()
    assert not {"phoneNumber", "onDuty"} & set(before)
    assert before["workflow"] is None
    assert deployed.status_code == 200
    assert deployed.json() == after
    assert after["onDuty"] is True
    assert after["phoneNumber"].startswith("+1")


def test_a_business_has_one_number_in_its_own_area_code(sandbox: SandboxProcess) -> None:
    tenant = Tenant(sandbox)
    business = sandbox.add(
        "businesses",
        organization_id=tenant.organization,
        name="Bayou Gutters",
        phone_number="+15045550142",
    )["id"]
    numbers = {sandbox.add("agents", business_id=business)["phoneNumber"] for _ in range(2)}
    assert len(numbers) == 1
    assert numbers.pop().startswith("+1504555")


def test_deploying_again_keeps_the_number_and_sets_on_duty(sandbox: SandboxProcess) -> None:
    tenant = Tenant(sandbox)
    path = f"/businesses/{tenant.business}/voice-agents/{tenant.agent}"
    with client(sandbox, tenant.key) as api:
        number = api.get(path).json()["phoneNumber"]
        assert api.patch(f"{path}/off").json()["onDuty"] is False
        again = api.post(f"{path}/deploy").json()
    assert (again["phoneNumber"], again["onDuty"]) == (number, True)


def test_duty_is_switched_and_seen(sandbox: SandboxProcess) -> None:
    tenant = Tenant(sandbox)
    path = f"/businesses/{tenant.business}/voice-agents/{tenant.agent}"
    with client(sandbox, tenant.key) as api:
        off = api.patch(f"{path}/off")
        assert (off.status_code, off.json()["onDuty"]) == (200, False)
        assert api.get(path).json()["onDuty"] is False
        on = api.patch(f"{path}/on")
        assert (on.status_code, on.json()["onDuty"]) == (200, True)


@pytest.mark.parametrize("switch", ["on", "off"])
def test_an_agent_that_is_not_deployed_has_no_duty(api: httpx2.Client, switch: str) -> None:
    answer = api.patch(f"{AGENTS}/agent_draft/{switch}")
    assert (answer.status_code, answer.json()["error"]) == (400, "BAD_REQUEST")


def test_unknown_agents_and_businesses_are_404(api: httpx2.Client) -> None:
    for path in (f"{AGENTS}/nobody", "/businesses/nobody/voice-agents"):
        answer = api.get(path)
        assert (answer.status_code, answer.json()["error"]) == (404, "NOT_FOUND")


def test_agents_are_paged(sandbox: SandboxProcess) -> None:
    tenant = Tenant(sandbox)
    for _ in range(4):
        sandbox.add("agents", business_id=tenant.business)
    path = f"/businesses/{tenant.business}/voice-agents"
    with client(sandbox, tenant.key) as api:
        pages = [api.get(path, params={"page": n, "page_size": 2}).json() for n in range(1, 5)]
    assert [len(page["items"]) for page in pages] == [2, 2, 1, 0]
    assert {page["total"] for page in pages} == {5}
    assert len({agent["id"] for page in pages for agent in page["items"]}) == 5


@pytest.mark.parametrize(
    ("name", "value"),
    [("page", "0"), ("page", "x"), ("page", "-1"), ("page_size", "101"), ("page_size", "0")],
)
def test_a_page_out_of_range_is_400(api: httpx2.Client, name: str, value: str) -> None:
    answer = api.get(AGENTS, params={name: value})
    assert answer.status_code == 400
    assert name in answer.json()["message"]
