"""Voice agents over HTTP: list, create, read, delete; all of it or nothing."""

from pathlib import Path

import httpx2
import pytest

from tests.sandbox.agents.graph_test import sample
from tests.sandbox.desk import BODY, FLOW, OFFICE, Desk, refused
from tests.sandbox.worlds import AGENTS, CLOCK_START, PHONE, Tenant, client, until
from tests.support.sandbox import SandboxProcess


def test_the_demo_world_has_three_agents(api: httpx2.Client) -> None:
    listed = api.get(AGENTS, params={"page_size": 100}).json()
    shown = {agent["id"]: agent for agent in listed["items"]}
    assert {"agent_demo", "agent_draft", "agent_inbound"} <= set(shown)
    assert shown["agent_demo"]["type"] == "OUTBOUND"
    assert shown["agent_demo"]["phoneNumber"] == "+12125550100"
    assert shown["agent_demo"]["onDuty"] is True
    assert shown["agent_demo"]["toolIds"][:2] == ["tool_demo_transfer", "tool_demo_calendar"]
    assert shown["agent_demo"]["knowledgeBaseDocumentIds"] == ["file_demo_prices"]
    assert shown["agent_inbound"]["type"] == "INBOUND"


def test_unknown_agents_and_businesses_are_404(api: httpx2.Client) -> None:
    for path in (f"{AGENTS}/nobody", "/businesses/nobody/voice-agents"):
        answer = api.get(path)
        assert (answer.status_code, answer.json()["error"]) == (404, "NOT_FOUND")


def test_another_organizations_agent_is_404_for_every_method(
    api: httpx2.Client, desk: Desk
) -> None:
    foreign = desk.path(desk.made())
    for method in ("GET", "PATCH", "DELETE"):
        assert api.request(method, foreign, json={}).status_code == 404
    inside = foreign.replace(desk.agents, AGENTS)
    for method in ("GET", "PATCH", "DELETE"):
        assert api.request(method, inside, json={}).status_code == 404
    assert api.post(desk.agents, json=BODY).status_code == 404


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("GET", AGENTS, "voice-agents:read"),
        ("POST", AGENTS, "voice-agents:create"),
        ("GET", f"{AGENTS}/agent_demo", "voice-agents:read"),
        ("PATCH", f"{AGENTS}/agent_demo", "voice-agents:update"),
        ("DELETE", f"{AGENTS}/agent_demo", "voice-agents:delete"),
    ],
)
def test_a_missing_scope_is_403_and_named(
    sandbox: SandboxProcess, method: str, path: str, scope: str
) -> None:
    key = f"no-{scope}-{method}"
    scopes = ["calls:read"]
    sandbox.add("credentials", organization_id="org_demo", api_key=key, scopes=scopes)
    with client(sandbox, key) as api:
        answer = api.request(method, path, json={})
    assert answer.status_code == 403
    assert scope in answer.json()["message"]


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


def test_an_agent_is_made_as_the_guide_shows(office: Desk) -> None:
    tool, file = office.tool(), office.ready_file()
    made = office.made(
        name="Customer Service Agent",
        type="INBOUND",
        customInstructions="Never mention prices.",
        voiceId="voice-def456",
        toolIds=[tool],
        knowledgeBaseDocumentIds=[file],
        personality={"tone": "friendly", "style": "conversational", "useEmpathy": True},
        firstMessage="Hello!",
        backgroundSound="office",
        collectFields=["name", "phone"],
        activatedHours=OFFICE,
    )
    assert made["name"] == "Customer Service Agent"
    assert made["businessId"] == office.business
    assert made["conversationFlow"] == FLOW
    assert made["workflow"] is None
    assert made["voiceId"] == "voice-def456"
    assert made["personality"] == {
        "tone": "friendly",
        "style": "conversational",
        "useEmpathy": True,
        "useHumor": False,
    }
    assert made["activatedHours"] == {
        "timezone": "America/New_York",
        "hours": [{"day": "monday", "startTime": "09:00", "endTime": "17:00"}],
    }
    assert (made["collectFields"], made["backgroundSound"]) == (["name", "phone"], "office")
    assert made["toolIds"][0] == tool
    assert made["knowledgeBaseDocumentIds"] == [file]
    assert made["createdAt"] == made["updatedAt"]
    assert not {"phoneNumber", "onDuty"} & set(made)
    listed = office.api.get(office.agents).json()["items"]
    assert [agent["id"] for agent in listed] == [made["id"]]


def test_a_deleted_agent_is_gone_with_its_automatic_tools(office: Desk) -> None:
    own = office.tool()
    made = office.made(toolIds=[own])
    answer = office.api.delete(office.path(made))
    assert (answer.status_code, answer.content) == (204, b"")
    for method in ("GET", "PATCH", "DELETE"):
        assert office.api.request(method, office.path(made), json={}).status_code == 404
    assert set(office.tools()) == {own}
    assert office.api.delete(f"/businesses/{office.business}/tools/{own}").status_code == 204


def test_the_calls_of_a_deleted_agent_stay_in_the_history(desk: Desk) -> None:
    made = desk.made()
    desk.api.post(f"{desk.path(made)}/deploy")
    answer = desk.api.post(f"{desk.path(made)}/call", json={"phoneNumber": PHONE})
    call = answer.json()["callId"]
    assert desk.api.delete(desk.path(made)).status_code == 204
    calls = f"/businesses/{desk.business}/calls"
    assert desk.api.get(f"{calls}/{call}").json()["agentId"] == made["id"]
    assert desk.api.get(calls).json()["total"] == 1
    again = desk.api.post(f"{desk.path(made)}/call", json={"phoneNumber": PHONE})
    assert again.status_code == 404


def test_a_failed_assistant_rolls_a_creation_back(sandbox: SandboxProcess, office: Desk) -> None:
    sandbox.fault("assistant_failed", count=1)
    answer = office.send()
    assert (answer.status_code, answer.json()["error"]) == (500, "INTERNAL_ERROR")
    assert office.api.get(office.agents).json()["total"] == 0
    assert office.tools() == {}
    assert office.types(office.made()) == ["endCall", "transferCall"]


def test_a_failed_assistant_rolls_a_change_back(sandbox: SandboxProcess, office: Desk) -> None:
    own = office.tool()
    made = office.made()
    settled = until(lambda: office.read(made), lambda agent: agent["workflow"] is not None)
    tools = office.tools()
    sandbox.fault("assistant_failed", count=1, agent_id=made["id"])
    answer = office.api.patch(office.path(made), json={"name": "Other", "toolIds": [own]})
    assert answer.status_code == 500
    assert office.read(made) == settled
    assert office.tools() == tools


def test_a_body_that_is_refused_spends_no_failure(sandbox: SandboxProcess, desk: Desk) -> None:
    sandbox.fault("assistant_failed", count=1)
    refused(desk.send(voiceId="nobody"))
    assert sandbox.faults()[0]["hits"] == 0


def test_a_write_whose_answer_is_lost_has_happened(sandbox: SandboxProcess, desk: Desk) -> None:
    sandbox.fault("lost_answer", count=1)
    with pytest.raises(httpx2.RemoteProtocolError):
        desk.send(name="Made")
    made = desk.api.get(desk.agents).json()["items"][0]
    assert made["name"] == "Made"
    sandbox.fault("lost_answer", count=1, agent_id=made["id"])
    with pytest.raises(httpx2.RemoteProtocolError):
        desk.api.patch(desk.path(made), json={"name": "Changed"})
    assert desk.read(made)["name"] == "Changed"
    sandbox.fault("lost_answer", count=1)
    with pytest.raises(httpx2.RemoteProtocolError):
        desk.api.delete(desk.path(made))
    assert desk.api.get(desk.path(made)).status_code == 404


def test_agents_outlive_the_process_whole_or_not_at_all(tmp_path: Path) -> None:
    process = SandboxProcess(data=tmp_path / "data", clock_start=CLOCK_START, clock_speed=0.001)
    with process, Desk(process, phone="+15045550142") as kept:
        made = kept.made(type="INBOUND", workflow=sample(), activatedHours=OFFICE)
        deployed = kept.api.post(f"{kept.path(made)}/deploy").json()
        gone = kept.made()
        kept.api.delete(kept.path(gone))
        tools = kept.tools()
        process.kill()
        process.start()
        assert kept.read(made) == deployed
        assert kept.api.get(kept.path(gone)).status_code == 404
        assert kept.tools() == tools
