"""Generated requests over real HTTP: no answer is against the document, none is a mistake."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import schemathesis
from schemathesis.checks import not_a_server_error
from schemathesis.config import SchemathesisConfig
from schemathesis.specs.openapi.checks import (
    allow_header_conformance,
    content_type_conformance,
    ignored_auth,
    missing_required_header,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from sandbox.openapi.document import document
from tests.sandbox.worlds import AGENTS, CLOCK_START, client
from tests.support.sandbox import SandboxProcess

EXAMPLES = 30
BUSINESS = "/businesses/biz_demo"
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
    missing_required_header,
    unsupported_method,
    allow_header_conformance,
    ignored_auth,
]
"""Without ``positive_data_acceptance``: an id that fits the document may still name nothing."""

KNOWN = {
    "path.businessId": ["biz_demo"],
    "path.voiceId": ["voice-abc123"],
    "path.toolId": ["tool_demo_transfer", "template-function-001", "tool_made"],
    "path.fileId": ["file_demo_prices", "file_made"],
    "path.callId": ["call_made"],
    "path.voiceAgentId": ["agent_fuzzed_out", "agent_fuzzed_in", "agent_fuzzed_draft"],
    "query.businessId": ["biz_demo", "biz_other"],
    "query.leadId": ["lead_demo_1"],
    "body.leadId": ["lead_demo_1"],
    "body.voiceId": ["voice-abc123"],
}
"""What is there, by where it is named; what ends in ``_made`` is made for each operation."""

AGENT_KINDS: Mapping[str, Mapping[str, Any]] = {
    "out": {"type": "OUTBOUND", "deployed": True},
    "in": {"type": "INBOUND", "deployed": True},
    "draft": {"type": "OUTBOUND", "deployed": False},
}

CONFIG = SchemathesisConfig.from_dict(
    {
        "seed": 1,
        "suppress-health-check": ["all"],
        "dictionaries": {place: {"values": values} for place, values in KNOWN.items()},
        "parameters": {place: {"dictionary": place, "probability": 0.9} for place in KNOWN},
        "generation": {
            "max-examples": EXAMPLES,
            "deterministic": True,
            "database": "none",
            "no-shrink": True,
            "allow-extra-parameters": False,
        },
        "phases": {"stateful": {"enabled": False}},
    }
)
DOCUMENT = schemathesis.openapi.from_dict(document("http://127.0.0.1/api"), config=CONFIG)


@pytest.fixture(scope="module")
def running() -> Iterator[SandboxProcess]:
    with SandboxProcess(clock_start=CLOCK_START, clock_speed=60.0) as process:
        yield process


@pytest.fixture
def made(running: SandboxProcess) -> dict[str, str]:
    """Agents of each kind, a tool, a file and a call, whatever other operations did to them."""
    with client(running) as api:
        for kind, fields in AGENT_KINDS.items():
            agent_id = f"agent_fuzzed_{kind}"
            api.delete(f"{AGENTS}/{agent_id}")
            running.add("agents", id=agent_id, business_id="biz_demo", **fields)
        tool = api.post(f"{BUSINESS}/tools", json={"templateToolId": "template-endcall-001"})
        file = api.post(f"{BUSINESS}/files", files={"file": ("a.txt", b"A visit is free.")})
        call = api.post(f"{AGENTS}/agent_fuzzed_out/call", json={"phoneNumber": "+12125550123"})
    return {
        "tool_made": tool.json()["id"],
        "file_made": file.json()["id"],
        "call_made": call.json()["callId"],
    }


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of the generator's own libraries
@DOCUMENT.parametrize()
def test_no_generated_request_gets_an_answer_that_is_not_documented(
    case: schemathesis.Case[Any], running: SandboxProcess, made: dict[str, str]
) -> None:
    for name, drawn in case.path_parameters.items():
        case.path_parameters[name] = made.get(str(drawn), drawn)
    case.call_and_validate(
        base_url=running.base_url,
        headers={"Authorization": "Bearer sandbox-key"},
        checks=CHECKS,
    )
