"""What the experimenter adds to the world, changes in it and takes out of it."""

from typing import Any

import pytest

from tests.sandbox.agents.graph_test import sample
from tests.sandbox.worlds import PHONE, Tenant, client, last_ring
from tests.support.sandbox import SandboxProcess


def test_a_tenant_of_ones_own_can_call(sandbox: SandboxProcess) -> None:
    tenant = Tenant(sandbox)
    lead = sandbox.add(
        "leads", businessId=tenant.business, name="Lee Ray", details="Wants a new roof."
    )
    before = last_ring(sandbox)
    with client(sandbox, tenant.key) as api:
        answer = api.post(tenant.call, json={"phoneNumber": PHONE, "leadId": lead["id"]})
        assert answer.status_code == 200
        context = api.get(f"{tenant.calls}/{answer.json()['callId']}").json()["leadContext"]
    assert "Wants a new roof." in context["context"]
    assert len(sandbox.rings(after=before)) == 1


def test_ids_may_be_chosen_once(sandbox: SandboxProcess) -> None:
    tenant = Tenant(sandbox)
    chosen = f"lead_{tenant.mark}"
    lead = {"id": chosen, "business_id": tenant.business, "name": "Lee Ray"}
    assert sandbox.add("leads", **lead)["id"] == chosen
    with pytest.raises(RuntimeError, match="409"):
        sandbox.add("leads", **lead)


def test_a_client_can_be_given_with_the_organization(sandbox: SandboxProcess) -> None:
    mark = Tenant(sandbox).mark
    made = sandbox.add(
        "organizations",
        name="With a client",
        client_id=f"client-{mark}",
        client_secret="hush",
        scopes=["calls:read"],
    )
    assert "hush" not in str(made)
    with client(sandbox) as api:
        answer = api.post(
            "/oauth/token",
            data={"grant_type": "client_credentials"},
            auth=(f"client-{mark}", "hush"),
        )
    assert answer.json()["scope"] == "calls:read"


@pytest.mark.parametrize(
    ("kind", "fields", "says"),
    [
        ("organizations", {}, "400 .*name"),
        ("organizations", {"name": "X", "client_id": "x"}, "400 .*go together"),
        ("organizations", {"name": "X", "api_key": "x", "scopes": ["all"]}, "400 .*all"),
        ("credentials", {"organization_id": "org_demo"}, "400 .*Give api_key"),
        ("credentials", {"organization_id": "nobody", "api_key": "x"}, "404"),
        ("businesses", {"organization_id": "nobody", "name": "X"}, "404"),
        ("businesses", {"organization_id": "org_demo", "name": "X", "id": "a/b"}, "400 .*id"),
        ("agents", {"business_id": "nobody"}, "404"),
        ("agents", {"business_id": "biz_demo", "name": "x" * 41}, "400 .*name"),
        ("agents", {"business_id": "biz_demo", "phone_number": "212"}, "400 .*phone"),
        ("leads", {"business_id": "nobody", "name": "X"}, "404"),
    ],
)
def test_what_does_not_fit_is_refused(
    sandbox: SandboxProcess, kind: str, fields: dict[str, Any], says: str
) -> None:
    with pytest.raises(RuntimeError, match=says):
        sandbox.add(kind, **fields)


def test_an_agent_is_changed_in_type_deployment_and_duty(sandbox: SandboxProcess) -> None:
    agent = Tenant(sandbox).agent
    assert sandbox.set_agent(agent, onDuty=False)["onDuty"] is False
    assert sandbox.set_agent(agent, type="INBOUND")["type"] == "INBOUND"
    undeployed = sandbox.set_agent(agent, deployed=False)
    assert not {"phoneNumber", "onDuty"} & set(undeployed)
    with pytest.raises(RuntimeError, match=r"400 .*duty"):
        sandbox.set_agent(agent, on_duty=True)
    deployed = sandbox.set_agent(agent, deployed=True)
    assert deployed["onDuty"] is True
    with pytest.raises(RuntimeError, match="404"):
        sandbox.set_agent("nobody", on_duty=True)


def test_an_agent_can_be_made_undeployed_or_with_a_number_of_its_own(
    sandbox: SandboxProcess,
) -> None:
    tenant = Tenant(sandbox)
    draft = sandbox.add("agents", business_id=tenant.business, deployed=False)
    assert "phoneNumber" not in draft
    own = sandbox.add("agents", business_id=tenant.business, phone_number="+12125550190")
    assert own["phoneNumber"] == "+12125550190"
    off = sandbox.add("agents", business_id=tenant.business, on_duty=False)
    assert off["onDuty"] is False


def test_an_agent_can_be_made_with_what_the_api_takes(sandbox: SandboxProcess) -> None:
    graph = sample()
    made = sandbox.add(
        "agents",
        business_id="biz_demo",
        type="INBOUND",
        workflow=graph,
        tool_ids=["tool_demo_transfer"],
        knowledgeBaseDocumentIds=["file_demo_prices"],
        activated_hours={"timezone": "UTC", "hours": []},
        firstMessage="Hello!",
    )
    assert made["workflow"]["startNode"] == "start"
    assert made["toolIds"][0] == "tool_demo_transfer"
    assert len(made["toolIds"]) == 3
    assert made["activatedHours"] == {"timezone": "UTC", "hours": []}
    with pytest.raises(RuntimeError, match=r"400 .*there is no tool 'nothing'"):
        sandbox.add("agents", business_id="biz_demo", tool_ids=["nothing"])
    sandbox.control("DELETE", f"agents/{made['id']}")


def test_an_agent_made_without_a_conversation_has_a_plain_one(sandbox: SandboxProcess) -> None:
    tenant = Tenant(sandbox)
    made = sandbox.add("agents", business_id=tenant.business)
    assert made["conversationFlow"].startswith("Say who is calling")
    assert made["collectFields"] == ["name", "interested", "callbackAt", "doNotCall"]


def test_a_business_has_a_time_zone(sandbox: SandboxProcess) -> None:
    fields = {"organization_id": "org_demo", "name": "X"}
    assert sandbox.add("businesses", **fields)["timezone"] == "America/New_York"
    made = sandbox.add("businesses", **fields, timezone="America/Denver")
    assert made["timezone"] == "America/Denver"
    with pytest.raises(RuntimeError, match=r"400 .*timezone"):
        sandbox.add("businesses", **fields, timezone="Mars/Olympus")


def test_an_agent_that_is_taken_out_takes_its_automatic_tools_along(
    sandbox: SandboxProcess,
) -> None:
    tenant = Tenant(sandbox)
    sandbox.control("DELETE", f"agents/{tenant.agent}")
    with client(sandbox, tenant.key) as api:
        assert api.get(f"/businesses/{tenant.business}/tools").json()["total"] == 0


def test_an_agent_that_is_taken_out_is_gone(sandbox: SandboxProcess) -> None:
    tenant = Tenant(sandbox)
    sandbox.control("DELETE", f"agents/{tenant.agent}")
    with client(sandbox, tenant.key) as api:
        assert api.post(tenant.call, json={"phoneNumber": PHONE}).status_code == 404
    with pytest.raises(RuntimeError, match="404"):
        sandbox.control("DELETE", f"agents/{tenant.agent}")
