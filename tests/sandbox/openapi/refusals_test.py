"""Each operation refuses what the document says that all of its kind refuse."""

import re
from typing import Any

import httpx2
import pytest

from sandbox.bodies import MAX_BODY
from sandbox.openapi.document import document
from sandbox.openapi.examples import EXAMPLES
from sandbox.openapi.operations import OPERATIONS, Operation
from tests.sandbox.worlds import Tenant, client
from tests.support.sandbox import SandboxProcess

PATHS = document("http://127.0.0.1/api")["paths"]
IDS = re.compile(r"{\w+}")


def _refusing(status: int) -> pytest.MarkDecorator:
    chosen = [one for one in OPERATIONS if str(status) in _answers(one)]
    return pytest.mark.parametrize("operation", chosen, ids=lambda operation: operation.id)


def _answers(operation: Operation) -> dict[str, Any]:
    return dict(PATHS[operation.path][operation.method.lower()]["responses"])


def _body(operation: Operation) -> dict[str, Any]:
    if operation.body == "UploadFile":
        return {"files": {"file": ("prices.txt", b"A visit costs 89 dollars.")}}
    if operation.body is None:
        return {}
    return {"json": next(iter(EXAMPLES[operation.body].values()))}


@_refusing(401)
def test_without_a_key_it_is_401(sandbox: SandboxProcess, operation: Operation) -> None:
    path = sandbox.base_url + IDS.sub("nothing", operation.path)
    body = {"grant_type": "client_credentials"}
    answer = httpx2.request(operation.method, path, json=body, trust_env=False)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"]


@_refusing(404)
def test_what_is_not_there_is_404(sandbox: SandboxProcess, operation: Operation) -> None:
    tenant = Tenant(sandbox)
    deeper = len(IDS.findall(operation.path)) > 1 or operation.id.startswith("getGoogle")
    known = {"{businessId}": tenant.business if deeper else "nothing"}
    path = IDS.sub(lambda found: known.get(found[0], "nothing"), operation.path)
    query = {} if "{" in operation.path else {"businessId": "nothing"}
    with client(sandbox, tenant.key) as api:
        answer = api.request(operation.method, path, params=query, **_body(operation))
    assert (answer.status_code, answer.json()["error"]) == (404, "NOT_FOUND")


@_refusing(404)
def test_what_is_another_organizations_is_404(
    sandbox: SandboxProcess, operation: Operation
) -> None:
    known = {"businessId": "biz_demo", "toolId": "tool_demo_transfer"}
    known |= {"fileId": "file_demo_prices", "voiceAgentId": "agent_demo"}
    path = operation.path.format_map(known | {"voiceId": "nothing", "callId": "nothing"})
    query = {} if "{" in operation.path else {"businessId": "biz_demo"}
    with client(sandbox, Tenant(sandbox).key) as stranger:
        answer = stranger.request(operation.method, path, params=query, **_body(operation))
    assert (answer.status_code, answer.json()["error"]) == (404, "NOT_FOUND")


@pytest.mark.parametrize(
    "operation",
    [one for one in OPERATIONS if one.body not in {None, "UploadFile"}],
    ids=lambda operation: operation.id,
)
def test_a_body_that_is_too_long_is_413(api: httpx2.Client, operation: Operation) -> None:
    known = {
        "businessId": "biz_demo",
        "toolId": "tool_demo_transfer",
        "voiceAgentId": "agent_demo",
    }
    path = operation.path.format_map(known)
    assert "413" in _answers(operation)
    answer = api.request(operation.method, path, content=b" " * (MAX_BODY + 1))
    assert (answer.status_code, answer.json()["error"]) == (413, "PAYLOAD_TOO_LARGE")
