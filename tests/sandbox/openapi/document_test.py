"""The document says what the application does: operations, scopes, answers, refusals, bodies."""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import httpx2
import jsonschema_rs
import pytest

from sandbox.app import PREFIX, build_app
from sandbox.clock import VirtualClock
from sandbox.errors import CODES
from sandbox.model.tenants import SCOPES
from sandbox.openapi.bodies import override_name
from sandbox.openapi.document import document
from sandbox.openapi.operations import OPERATIONS, Operation
from sandbox.openapi.route import NAME
from sandbox.state import Sandbox
from tests.sandbox.desk import OFFICE, Desk
from tests.sandbox.worlds import Tenant, client, until
from tests.support.sandbox import SandboxProcess

WHOLE = document("http://127.0.0.1/api")
SCHEMAS = WHOLE["components"]["schemas"]
OPEN = frozenset({"config", "configOverride", "effectiveConfig", "configSchema", "structuredData"})
NUMBER = re.compile(r"\+1\d{10}")
each = pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.id)
each_guarded = pytest.mark.parametrize(
    "operation",
    [operation for operation in OPERATIONS if operation.scope],
    ids=lambda operation: operation.id,
)


def test_it_is_published_for_anyone_with_the_address_it_was_found_at(
    sandbox: SandboxProcess,
) -> None:
    port = httpx2.URL(sandbox.url).port
    base_url = f"http://localhost:{port}{PREFIX}"
    answer = httpx2.get(f"{base_url}/{NAME}?anything", trust_env=False)
    assert answer.headers["content-type"] == "application/json"
    assert answer.json() == document(base_url)


def test_it_is_openapi() -> None:
    jsonschema_rs.meta.validate(
        {"$schema": "https://json-schema.org/draft/2020-12/schema", "$defs": SCHEMAS}
    )
    ids = [operation.id for operation in OPERATIONS]
    assert len(set(ids)) == len(ids) == 29
    assert set(_references(WHOLE)) <= {
        f"#/components/{kind}/{name}"
        for kind, parts in WHOLE["components"].items()
        for name in parts
    }


def test_its_operations_are_the_applications() -> None:
    front = build_app(sandbox=Sandbox(clock=VirtualClock(), seed=1, folder=None), control_key="k")
    routes = {re.sub(r"{\w+}", "{}", n.replace(PREFIX, "")) for n in front.names if PREFIX in n}
    told = {re.sub(r"{\w+}", "{}", f"{one.method} {one.path}") for one in OPERATIONS}
    assert told == routes - {f"GET /{NAME}"}


def test_its_scopes_are_those_that_can_be_granted() -> None:
    flow = WHOLE["components"]["securitySchemes"]["clientCredentials"]["flows"]
    assert set(flow["clientCredentials"]["scopes"]) == SCOPES
    assert {one.scope for one in OPERATIONS} - {None} <= SCOPES


@each_guarded
def test_its_scope_is_the_one_that_is_asked_for(
    sandbox: SandboxProcess, operation: Operation
) -> None:
    tenant = Tenant(sandbox)
    key = f"bare-{tenant.mark}"
    others = sorted(SCOPES - {operation.scope or ""})
    sandbox.add("credentials", organization_id=tenant.organization, api_key=key, scopes=others)
    path = re.sub(r"{\w+}", "nothing", operation.path.replace("{businessId}", tenant.business))
    with client(sandbox, key) as api:
        answer = api.request(operation.method, path)
    assert answer.status_code == 403
    assert answer.json()["message"] == f"Missing required scope: {operation.scope}"
    described = WHOLE["paths"][operation.path][operation.method.lower()]
    assert {"clientCredentials": [operation.scope]} in described["security"]


@each
def test_every_refusal_has_a_name_and_every_body_an_example(operation: Operation) -> None:
    described = WHOLE["paths"][operation.path][operation.method.lower()]
    refusals = {int(status) for status in described["responses"] if status >= "400"}
    assert refusals <= set(CODES)
    assert set(operation.refusals) <= refusals
    for media in described.get("requestBody", {"content": {}})["content"].values():
        name = media["schema"]["$ref"].rpartition("/")[2]
        assert media.get("examples") or name == "UploadFile"
        for example in media.get("examples", {}).values():
            _validator(name).validate(example["value"])


def test_every_number_in_it_is_nobodys() -> None:
    found = NUMBER.findall(str(WHOLE))
    assert found
    assert all(re.fullmatch(r"\+1[2-9]\d\d55501\d\d", number) for number in found)


def test_its_examples_are_accepted(sandbox: SandboxProcess) -> None:
    paths = WHOLE["paths"]
    with client(sandbox) as api:
        for name, method, path in (
            ("TokenRequest", "post", "/oauth/token"),
            ("ConnectCalendar", "post", "/businesses/{businessId}/integrations/google-calendar"),
            ("CreateTool", "post", "/businesses/{businessId}/tools"),
            ("CreateVoiceAgent", "post", "/businesses/{businessId}/voice-agents"),
            ("PlaceCall", "post", "/businesses/{businessId}/voice-agents/{voiceAgentId}/call"),
        ):
            filled = path.format(businessId="biz_demo", voiceAgentId="agent_demo")
            content = paths[path][method]["requestBody"]["content"]["application/json"]
            for example in content["examples"].values():
                answer = api.request(method, filled, json=example["value"])
                assert answer.is_success, (name, answer.text)


def test_answers_hold_nothing_that_it_does_not_name(sandbox: SandboxProcess, office: Desk) -> None:
    """Its schemas, closed against other members, take everything that is shown."""
    api = office.api
    api.post(
        f"/businesses/{office.business}/integrations/google-calendar",
        json={"accessToken": "ya29.invented", "calendarId": "primary"},
    )
    file = office.ready_file()
    tools = [office.tool(), office.tool("template-googlecal-001")]
    office.made(
        type="INBOUND", activatedHours=OFFICE, personality={"tone": "warm"},
        customInstructions="Be brief.", firstMessage="Hello.", backgroundSound="office",
        toolIds=tools, knowledgeBaseDocumentIds=[file], multilingual=True,
    )  # fmt: skip
    caller = office.made(workflow=_example("CreateVoiceAgent", "outbound")["workflow"])
    api.post(f"{office.path(caller)}/deploy")
    lead = sandbox.add("leads", business_id=office.business, name="Ann Bee")["id"]
    sandbox.set_outcomes({"answered_interested": 1.0})
    placed = api.post(
        f"{office.path(caller)}/call",
        json=_example("PlaceCall", "lead") | {"leadId": lead},
    )
    calls = f"/businesses/{office.business}/calls"
    until(lambda: api.get(calls).json()["items"][0], lambda call: "endedAt" in call)
    _closed("CallPlaced").validate(placed.json())
    for name, path in (
        ("VoiceList", "/voices"),
        ("ToolTemplatePage", "/tools"),
        ("ToolPage", f"/businesses/{office.business}/tools"),
        ("KnowledgeFilePage", f"/businesses/{office.business}/files"),
        ("CalendarIntegration", f"/businesses/{office.business}/integrations/google-calendar"),
        ("VoiceAgentPage", office.agents),
        ("CallPage", calls),
    ):
        shown = api.get(path).json()
        assert shown if isinstance(shown, list) else shown.get("items", [shown])
        _closed(name).validate(shown)


def test_each_template_takes_what_the_document_says() -> None:
    shown = [
        one["$ref"]
        for one in SCHEMAS["CreateTool"]["properties"]["configOverride"]["anyOf"]
        if "$ref" in one
    ]
    templates = SCHEMAS["CreateTool"]["properties"]["templateToolId"]["enum"]
    assert shown == [f"#/components/schemas/{override_name(one)}" for one in templates]


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ("CreateVoiceAgent", {"name": ""}),
        ("CreateVoiceAgent", {"name": "x" * 41}),
        ("CreateVoiceAgent", {"type": "BOTH"}),
        ("CreateVoiceAgent", {"collectFields": ["name", "name"]}),
        ("CreateVoiceAgent", {"backgroundSound": "beach"}),
        (
            "CreateVoiceAgent",
            {"activatedHours": {"timezone": "UTC", "hours": [{"day": "funday"}]}},
        ),
        ("PlaceCall", {"phoneNumber": "+15551234567"}),
        (
            "CreateTool",
            {
                "configOverride": {
                    "appointmentConfig": {"slotDurationMinutes": 9},
                    "destinations": [],
                    "url": 1,
                    "serverUrl": 1,
                    "x": 1,
                }
            },
        ),
        ("ConnectCalendar", {"accessToken": None}),
    ],
)
def test_what_the_guide_forbids_does_not_fit(body: str, fields: dict[str, object]) -> None:
    example = next(iter(_examples(body).values()))["value"]
    assert _validator(body).is_valid(example)
    assert not _validator(body).is_valid(example | fields)


def _examples(body: str) -> dict[str, Any]:
    for item in WHOLE["paths"].values():
        for operation in item.values():
            for media in operation.get("requestBody", {"content": {}})["content"].values():
                if media["schema"]["$ref"].endswith(f"/{body}"):
                    return dict(media["examples"])
    raise AssertionError(f"no operation reads {body}")


def _example(body: str, label: str) -> dict[str, Any]:
    return dict(_examples(body)[label]["value"])


def _references(part: object) -> Iterator[str]:
    if isinstance(part, dict):
        if isinstance(part.get("$ref"), str):
            yield part["$ref"]
        for inner in part.values():
            yield from _references(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from _references(inner)


@cache
def _validator(name: str) -> jsonschema_rs.Draft202012Validator:
    return _made(name, SCHEMAS)


@cache
def _closed(name: str) -> jsonschema_rs.Draft202012Validator:
    return _made(name, {own: _shut(schema) for own, schema in SCHEMAS.items()})


def _made(name: str, schemas: dict[str, Any]) -> jsonschema_rs.Draft202012Validator:
    whole = {"$ref": f"#/components/schemas/{name}", "components": {"schemas": schemas}}
    return jsonschema_rs.Draft202012Validator(whole, validate_formats=True)


def _shut(part: Any) -> Any:  # noqa: ANN401 -- any part of a JSON Schema
    if isinstance(part, list):
        return [_shut(inner) for inner in part]
    if not isinstance(part, dict):
        return part
    shut = {name: inner if name in OPEN else _shut(inner) for name, inner in part.items()}
    if "properties" in part and isinstance(part.get("type"), str):
        shut.setdefault("additionalProperties", False)
    return shut
