"""Tools: the template library, and a business's instances from making to deleting."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.sandbox.workshop import (
    API_REQUEST,
    CALENDAR,
    END_CALL,
    FUNCTION,
    LOOKUP,
    ON_HOLD,
    SALES,
    TRANSFER,
    Workshop,
    refused,
)
from tests.sandbox.worlds import Tenant, client
from tests.support.sandbox import SandboxProcess

# Templates


def test_templates_are_listed_with_config_and_schema(api: httpx2.Client) -> None:
    listed = api.get("/tools").json()
    assert (listed["page"], listed["page_size"], listed["total"]) == (1, 10, 5)
    for template in listed["items"]:
        assert template["isTemplate"] is True
        assert template["configSchema"]["type"] == "object"
        assert isinstance(template["config"], dict)


@pytest.mark.parametrize(
    ("template_id", "name", "shown", "kind"),
    [
        (TRANSFER, "transferCall", "Transfer Call", "transferCall"),
        (CALENDAR, "googleCal", "Google Calendar", "apiRequest"),
        (END_CALL, "endCall", "End Call", "endCall"),
        (FUNCTION, "function", "Custom Function", "function"),
        (API_REQUEST, "apiRequest", "API Request", "apiRequest"),
    ],
)
def test_a_template_has_the_guides_name_and_type(
    api: httpx2.Client, template_id: str, name: str, shown: str, kind: str
) -> None:
    template = api.get(f"/tools/{template_id}").json()
    assert (template["name"], template["displayName"], template["type"]) == (name, shown, kind)
    assert template in api.get("/tools").json()["items"]


def test_templates_are_paged(api: httpx2.Client) -> None:
    pages = [api.get("/tools", params={"page": n, "page_size": 2}).json() for n in (1, 2, 3)]
    assert [len(page["items"]) for page in pages] == [2, 2, 1]
    assert api.get("/tools", params={"page_size": 101}).status_code == 400


def test_an_unknown_template_is_404(api: httpx2.Client) -> None:
    answer = api.get("/tools/template-nothing-001")
    assert (answer.status_code, answer.json()["error"]) == (404, "NOT_FOUND")


def test_an_instance_is_no_template_and_a_template_no_instance(workshop: Workshop) -> None:
    tool = workshop.make(END_CALL)
    assert workshop.api.get(f"/tools/{tool['id']}").status_code == 404
    assert workshop.api.get(f"{workshop.tools}/{END_CALL}").status_code == 404


# Any instance


def test_an_instance_has_every_field_of_the_guide(workshop: Workshop) -> None:
    tool = workshop.make(TRANSFER, {"destinations": [SALES]})
    assert set(tool) == {
        *("id", "isTemplate", "templateToolId", "name", "displayName", "type", "config"),
        *("configOverride", "effectiveConfig", "message", "businessId", "enabled"),
        *("createdAt", "updatedAt"),
    }
    assert tool["isTemplate"] is False
    assert tool["templateToolId"] == TRANSFER
    assert workshop.business.endswith(tool["businessId"])
    assert tool["enabled"] is True
    assert tool["createdAt"] == tool["updatedAt"]
    assert workshop.api.get(workshop.path(tool)).json() == tool


def test_instances_are_listed_without_templates(workshop: Workshop) -> None:
    made = [workshop.make(END_CALL), workshop.make(FUNCTION, LOOKUP)]
    listed = workshop.api.get(workshop.tools).json()
    assert listed == {"items": made, "total": 2, "page": 1, "page_size": 10}


def test_instances_are_paged(workshop: Workshop) -> None:
    made = [workshop.make(END_CALL)["id"] for _ in range(3)]
    second = workshop.api.get(workshop.tools, params={"page": 2, "page_size": 2}).json()
    assert [tool["id"] for tool in second["items"]] == made[2:]
    assert (second["total"], second["page"], second["page_size"]) == (3, 2, 2)


@pytest.mark.parametrize("params", [{"page": 0}, {"page_size": 101}, {"page_size": "ten"}])
def test_a_page_out_of_range_is_400(workshop: Workshop, params: dict[str, Any]) -> None:
    assert workshop.api.get(workshop.tools, params=params).status_code == 400


def test_an_unknown_template_in_a_body_is_400(workshop: Workshop) -> None:
    refused(workshop.post("template-nothing-001"), "templateToolId")
    refused(workshop.post(workshop.make(END_CALL)["id"]), "templateToolId")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{",
        b'{"templateToolId": 7}',
        b'{"templateToolId": "template-endcall-001", "configOverride": []}',
        b'{"templateToolId": "template-endcall-001", "configOverride": "x"}',
    ],
)
def test_a_body_of_another_shape_is_400(workshop: Workshop, body: bytes) -> None:
    answer = workshop.api.post(workshop.tools, content=body)
    assert (answer.status_code, answer.json()["error"]) == (400, "BAD_REQUEST")


def test_a_body_above_256_kib_is_413(workshop: Workshop) -> None:
    answer = workshop.post(FUNCTION, LOOKUP | {"parameters": {"x": "y" * 300_000}})
    assert (answer.status_code, answer.json()["error"]) == (413, "PAYLOAD_TOO_LARGE")


def test_members_that_the_guide_does_not_name_are_ignored(workshop: Workshop) -> None:
    body = {"templateToolId": END_CALL, "name": "mine", "enabled": False}
    made = workshop.api.post(workshop.tools, json=body).json()
    assert (made["name"], made["enabled"]) == ("endCall", True)
    assert made["configOverride"] == {}


def test_unknown_tools_are_404(workshop: Workshop) -> None:
    nobody = {"id": "tool_nobody"}
    answers = [
        workshop.api.get(workshop.path(nobody)),
        workshop.patch(nobody),
        workshop.api.delete(workshop.path(nobody)),
    ]
    assert [answer.status_code for answer in answers] == [404] * 3
    assert {answer.json()["error"] for answer in answers} == {"NOT_FOUND"}


# PATCH


def test_a_patch_replaces_the_overrides(workshop: Workshop) -> None:
    tool = workshop.make(TRANSFER, {"destinations": [SALES], "messages": [ON_HOLD]})
    answer = workshop.patch(tool, configOverride={"destinations": [SALES, SALES]})
    assert answer.status_code == 200
    changed = answer.json()
    assert set(changed["configOverride"]) == {"destinationIds"}
    assert len(changed["configOverride"]["destinationIds"]) == 2
    assert changed["updatedAt"] > tool["updatedAt"]
    assert (changed["id"], changed["createdAt"]) == (tool["id"], tool["createdAt"])
    assert workshop.api.get(workshop.path(tool)).json() == changed


def test_a_patch_without_overrides_changes_nothing(workshop: Workshop) -> None:
    tool = workshop.make(FUNCTION, LOOKUP)
    assert workshop.patch(tool).json() == tool
    assert workshop.patch(tool, templateToolId=FUNCTION, nothing="known").json() == tool


def test_a_patch_is_checked_like_a_create(workshop: Workshop) -> None:
    tool = workshop.make(TRANSFER, {"destinations": [SALES]})
    refused(workshop.patch(tool, configOverride={"destinations": []}), "destinations")
    refused(workshop.patch(tool, configOverride=None), "destinations")
    wrong = {"destinations": [SALES | {"phoneNumber": "+15551234567"}]}
    refused(workshop.patch(tool, configOverride=wrong), "phoneNumber")
    assert workshop.api.get(workshop.path(tool)).json() == tool


def test_null_clears_overrides_that_need_not_be_there(workshop: Workshop) -> None:
    workshop.connect_calendar()
    tool = workshop.make(CALENDAR, {"appointmentConfig": {"slotBufferMinutes": 15}})
    cleared = workshop.patch(tool, configOverride=None)
    assert cleared.status_code == 200
    assert cleared.json()["configOverride"] == tool["configOverride"]


@pytest.mark.parametrize("template", [CALENDAR, "template-nothing-001", None])
def test_a_tools_template_can_not_change(workshop: Workshop, template: str | None) -> None:
    tool = workshop.make(END_CALL)
    refused(workshop.patch(tool, templateToolId=template), "templateToolId")


# DELETE


def test_a_deleted_tool_is_gone(workshop: Workshop) -> None:
    tool = workshop.make(TRANSFER, {"destinations": [SALES]})
    answer = workshop.api.delete(workshop.path(tool))
    assert (answer.status_code, answer.content) == (204, b"")
    assert workshop.api.get(workshop.path(tool)).status_code == 404
    assert workshop.api.delete(workshop.path(tool)).status_code == 404
    assert workshop.api.get(workshop.tools).json()["total"] == 0


def test_a_tool_in_use_can_not_be_deleted(workshop: Workshop) -> None:
    tool = workshop.make(TRANSFER, {"destinations": [SALES]})
    agent = workshop.agent(toolIds=[tool["id"]])
    answer = workshop.api.delete(workshop.path(tool))
    assert (answer.status_code, answer.json()["error"]) == (409, "CONFLICT")
    assert workshop.api.get(workshop.path(tool)).json() == tool
    assert workshop.api.delete(f"{workshop.agents}/{agent['id']}").is_success
    assert workshop.api.delete(workshop.path(tool)).status_code == 204


def test_automatic_tools_are_listed_but_not_changed_or_deleted(workshop: Workshop) -> None:
    workshop.agent()
    (tool,) = workshop.api.get(workshop.tools).json()["items"]
    assert tool["type"] == "endCall"
    refused(workshop.patch(tool, configOverride={}), "platform")
    refused(workshop.api.delete(workshop.path(tool)), "platform")
    assert workshop.api.get(workshop.path(tool)).json() == tool


# Faults, tenants, scopes, restarts


@pytest.mark.parametrize("act", ["create", "change", "delete"])
def test_a_write_whose_answer_is_lost_was_carried_out(
    sandbox: SandboxProcess, workshop: Workshop, act: str
) -> None:
    tool = workshop.make(FUNCTION, LOOKUP)
    sandbox.fault("lost_answer", route="tools", count=1)
    acts: dict[str, Callable[[], object]] = {
        "create": lambda: workshop.post(END_CALL),
        "change": lambda: workshop.patch(tool, configOverride=LOOKUP | {"functionName": "other"}),
        "delete": lambda: workshop.api.delete(workshop.path(tool)),
    }
    with pytest.raises(httpx2.RemoteProtocolError):
        acts[act]()
    kept = workshop.api.get(workshop.tools).json()["items"]
    names = [item["effectiveConfig"].get("functionName") for item in kept]
    assert names == {"create": ["look_up_order", None], "change": ["other"], "delete": []}[act]


def test_a_refused_write_does_not_spend_a_lost_answer(
    sandbox: SandboxProcess, workshop: Workshop
) -> None:
    sandbox.fault("lost_answer", route="tools", count=1)
    refused(workshop.post(TRANSFER, {}), "destinations")
    assert workshop.api.get(workshop.tools).status_code == 200
    assert sandbox.faults()[0]["hits"] == 0


def test_faults_strike_tools(sandbox: SandboxProcess, workshop: Workshop) -> None:
    for path in ("/tools", f"/tools/{END_CALL}", workshop.tools):
        sandbox.fault("unavailable_html", route="tools", count=1)
        assert workshop.api.get(path).status_code == 503
    sandbox.fault("fail_before_ring", route="tools", count=1)
    assert workshop.post(END_CALL).status_code == 500
    assert workshop.api.get(workshop.tools).json()["total"] == 0


def test_another_organizations_tools_are_404(sandbox: SandboxProcess, workshop: Workshop) -> None:
    tool = workshop.make(END_CALL)
    tenant = Tenant(sandbox)
    with client(sandbox, tenant.key) as stranger:
        own = f"/businesses/{tenant.business}/tools/{tool['id']}"
        answers = [
            stranger.get(workshop.tools),
            stranger.post(workshop.tools, json={"templateToolId": END_CALL}),
            *(stranger.get(path) for path in (own, workshop.path(tool))),
            *(stranger.patch(path, json={}) for path in (own, workshop.path(tool))),
            *(stranger.delete(path) for path in (own, workshop.path(tool))),
        ]
        assert [answer.status_code for answer in answers] == [404] * len(answers)
        theirs = stranger.get(f"/businesses/{tenant.business}/tools").json()["items"]
        assert tool["id"] not in {item["id"] for item in theirs}
    assert workshop.api.get(workshop.tools).json()["items"] == [tool]


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("GET", "/tools", "tools:read"),
        ("GET", f"/tools/{END_CALL}", "tools:read"),
        ("GET", "{tools}", "tools:read"),
        ("POST", "{tools}", "tools:create"),
        ("GET", "{tools}/x", "tools:read"),
        ("PATCH", "{tools}/x", "tools:update"),
        ("DELETE", "{tools}/x", "tools:delete"),
    ],
)
def test_the_missing_tools_scope_is_named(
    sandbox: SandboxProcess, method: str, path: str, scope: str
) -> None:
    tenant = Tenant(sandbox)
    path = path.format(tools=f"/businesses/{tenant.business}/tools")
    assert httpx2.request(method, sandbox.base_url + path, trust_env=False).status_code == 401
    others = {f"tools:{verb}" for verb in ("create", "read", "update", "delete")} - {scope}
    key = f"{tenant.key}-others"
    sandbox.add(
        "credentials", organization_id=tenant.organization, api_key=key, scopes=sorted(others)
    )
    with client(sandbox, key) as api:
        answer = api.request(method, path)
    assert answer.status_code == 403
    assert answer.json()["message"] == f"Missing required scope: {scope}"
    assert f'scope="{scope}"' in answer.headers["www-authenticate"]


def test_tools_survive_a_killed_process(tmp_path: Path) -> None:
    with SandboxProcess(data=tmp_path) as sandbox:
        tenant = Tenant(sandbox)
        with client(sandbox, tenant.key) as api:
            workshop = Workshop(sandbox=sandbox, tenant=tenant, api=api)
            workshop.connect_calendar()
            gone = workshop.make(END_CALL)
            kept = [workshop.make(CALENDAR), workshop.make(TRANSFER, {"destinations": [SALES]})]
            workshop.api.delete(workshop.path(gone))
        sandbox.kill()
        sandbox.start()
        with client(sandbox, tenant.key) as api:
            assert api.get(workshop.tools).json()["items"] == kept
