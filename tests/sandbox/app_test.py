"""What holds for every answer: the virtual date, the request's id, errors in one shape, counts."""

from email.utils import parsedate_to_datetime

import httpx2
import pytest

from tests.sandbox.worlds import AGENTS, CALLS, CLOCK_START, client
from tests.support.sandbox import SandboxProcess


def test_the_date_is_the_virtual_one(frozen: SandboxProcess) -> None:
    with client(frozen) as api:
        date = parsedate_to_datetime(api.get(AGENTS).headers["date"])
    assert date.isoformat().startswith(CLOCK_START.removesuffix("00Z"))
    assert frozen.clock()["now"].startswith(CLOCK_START.removesuffix("00Z"))


def test_an_answer_has_one_date_and_no_server(api: httpx2.Client) -> None:
    headers = api.get(AGENTS).headers
    assert len(headers.get_list("date")) == 1
    assert "server" not in headers


def test_a_request_id_comes_back_if_it_is_one(api: httpx2.Client) -> None:
    assert api.get(AGENTS, headers={"X-Request-Id": "a-1"}).headers["x-request-id"] == "a-1"
    for odd in ("", "two words", "x" * 201):
        assert "x-request-id" not in api.get(AGENTS, headers={"X-Request-Id": odd}).headers


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nothing", 404, "NOT_FOUND"),
        ("GET", f"{AGENTS}/", 404, "NOT_FOUND"),
        ("DELETE", AGENTS, 405, "METHOD_NOT_ALLOWED"),
        ("GET", f"{AGENTS}/agent_demo/call", 405, "METHOD_NOT_ALLOWED"),
    ],
)
def test_the_frameworks_own_errors_have_the_same_shape(
    api: httpx2.Client, method: str, path: str, status: int, code: str
) -> None:
    answer = api.request(method, path)
    body = answer.json()
    assert answer.status_code == status
    assert (body["error"], body["statusCode"]) == (code, status)
    assert body["message"]
    assert ("allow" in answer.headers) == (status == 405)


def test_a_405_names_every_method_of_its_path(api: httpx2.Client) -> None:
    one = api.put(f"{AGENTS}/agent_demo").headers["allow"]
    assert one == "DELETE, GET, HEAD, PATCH"
    assert api.put(f"{AGENTS}/agent_demo/on").headers["allow"] == "PATCH"


def test_requests_are_counted_by_route_and_status(
    sandbox: SandboxProcess, api: httpx2.Client
) -> None:
    before = sandbox.stats()
    api.get(f"{AGENTS}/agent_demo")
    api.get(f"{AGENTS}/nobody")
    api.get(CALLS)
    api.get("/organizations/calls/nobody")
    api.get("/nothing")
    sandbox.fault("drop_before_ring", route="agents", count=1)
    with pytest.raises(httpx2.RemoteProtocolError):
        api.get(f"{AGENTS}/agent_demo")
    after = sandbox.stats()
    one = "GET /api/partner/v1/businesses/{business_id}/voice-agents/{agent_id}"
    for status in ("200", "404", "none"):
        counted = before["requests"].get(one, {}).get(status, 0)
        assert after["requests"][one][status] == counted + 1
    unknown = before["requests"].get("unknown", {}).get("404", 0)
    assert after["requests"]["unknown"]["404"] == unknown + 1
    assert after["history_requests"] == before["history_requests"] + 2
