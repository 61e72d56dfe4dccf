"""Who gets in: keys, tokens, scopes, organizations apart; and faults of routes that don't ring."""

import httpx2
import pytest

from tests.sandbox.worlds import (
    AGENTS,
    CALL,
    CALLS,
    PHONE,
    Tenant,
    client,
    last_ring,
    place,
    until,
)
from tests.support.sandbox import SandboxProcess

READS = [
    AGENTS,
    f"{AGENTS}/agent_demo",
    CALLS,
    f"{CALLS}/call_1",
    "/organizations/calls",
    "/organizations/calls/call_1",
]
OTHER_READS = {
    "voices": "/voices",
    "tools": "/tools",
    "files": "/businesses/biz_demo/files",
    "integrations": "/businesses/biz_demo/integrations/google-calendar",
}


@pytest.mark.parametrize("path", READS)
@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer wrong", "Basic sandbox-key"])
def test_without_a_good_key_everything_is_401(
    sandbox: SandboxProcess, path: str, header: str | None
) -> None:
    headers = {} if header is None else {"Authorization": header}
    answer = httpx2.get(sandbox.base_url + path, headers=headers, trust_env=False)
    assert answer.status_code == 401
    assert answer.json()["error"] == "UNAUTHORIZED"
    assert answer.headers["www-authenticate"].startswith("Bearer")


def test_an_expired_token_is_401(sandbox: SandboxProcess) -> None:
    sandbox.control("PUT", "tokens", {"expires_in": 1})
    try:
        token = _token(sandbox)
    finally:
        sandbox.control("PUT", "tokens", {"expires_in": 3600})
    with client(sandbox, token) as api:
        assert until(lambda: api.get(CALLS).status_code, lambda status: status != 200) == 401


def test_a_revoked_token_is_401(frozen: SandboxProcess) -> None:
    token = _token(frozen)
    frozen.control("DELETE", "tokens")
    with client(frozen, token) as api:
        assert api.get(CALLS).status_code == 401


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("GET", AGENTS, "voice-agents:read"),
        ("GET", f"{AGENTS}/agent_demo", "voice-agents:read"),
        ("PATCH", f"{AGENTS}/agent_demo/on", "voice-agents:update"),
        ("PATCH", f"{AGENTS}/agent_demo/off", "voice-agents:update"),
        ("POST", f"{AGENTS}/agent_demo/deploy", "voice-agents:update"),
        ("POST", CALL, "voice-agents:update"),
        ("GET", CALLS, "calls:read"),
        ("GET", f"{CALLS}/x", "calls:read"),
        ("GET", "/organizations/calls", "calls:read"),
        ("GET", "/organizations/calls/x", "calls:read"),
    ],
)
def test_a_missing_scope_is_named(
    sandbox: SandboxProcess, method: str, path: str, scope: str
) -> None:
    others = sorted({"voice-agents:read", "voice-agents:update", "calls:read"} - {scope})
    key = f"without-{scope}"
    sandbox.add("credentials", organization_id="org_demo", api_key=key, scopes=others)
    with client(sandbox, key) as api:
        answer = api.request(method, path, json={"phoneNumber": PHONE})
    assert answer.status_code == 403
    assert answer.json() == {
        "message": f"Missing required scope: {scope}",
        "error": "FORBIDDEN",
        "statusCode": 403,
    }


def test_organizations_do_not_see_each_other(sandbox: SandboxProcess, api: httpx2.Client) -> None:
    theirs = place(api)
    before = last_ring(sandbox)
    tenant = Tenant(sandbox)
    with client(sandbox, tenant.key) as stranger:
        answers = [
            stranger.get(AGENTS),
            stranger.get(f"{AGENTS}/agent_demo"),
            stranger.patch(f"{AGENTS}/agent_demo/off"),
            stranger.post(f"{AGENTS}/agent_demo/deploy"),
            stranger.post(CALL, json={"phoneNumber": PHONE}),
            stranger.get(CALLS),
            stranger.get(f"{CALLS}/{theirs}"),
            stranger.get(f"{tenant.calls}/{theirs}"),
            stranger.get(f"/organizations/calls/{theirs}"),
            stranger.get("/organizations/calls", params={"businessId": "biz_demo"}),
            stranger.get(f"/businesses/{tenant.business}/voice-agents/agent_demo"),
        ]
        assert [answer.status_code for answer in answers] == [404] * len(answers)
        assert stranger.get("/organizations/calls").json()["total"] == 0
    assert last_ring(sandbox) == before


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        ("refuse", 400),
        ("unauthorized", 401),
        ("forbidden", 403),
        ("not_found", 404),
        ("rate_limit", 429),
        ("fail_before_ring", 500),
        ("unavailable_html", 503),
        ("redirect", 307),
    ],
)
@pytest.mark.parametrize("route", ["agents", "history", "token", "any", *OTHER_READS])
def test_faults_answer_on_every_route(
    sandbox: SandboxProcess, fault: str, status: int, route: str
) -> None:
    sandbox.fault(fault, route=route, count=1)
    with client(sandbox) as api:
        paths = {"agents": AGENTS, "history": CALLS, "any": f"{AGENTS}/agent_demo"} | OTHER_READS
        answer = api.post("/oauth/token") if route == "token" else api.get(paths[route])
    assert answer.status_code == status
    assert sandbox.faults()[0]["hits"] == 1


@pytest.mark.parametrize("fault", ["drop_before_ring", "hang_before_ring"])
def test_any_route_can_be_left_without_an_answer(
    sandbox: SandboxProcess, api: httpx2.Client, fault: str
) -> None:
    settings = {"seconds": 0.05} if fault == "hang_before_ring" else {}
    sandbox.fault(fault, route="history", count=1, **settings)
    with pytest.raises(httpx2.RemoteProtocolError):
        api.get(CALLS)
    assert api.get(CALLS).status_code == 200


def test_rejected_tokens_are_401_on_every_route(
    sandbox: SandboxProcess, api: httpx2.Client
) -> None:
    sandbox.fault("token_rejected")
    reads = [*READS, *OTHER_READS.values()]
    assert [api.get(path).status_code for path in reads] == [401] * len(reads)
    assert api.post(CALL, json={"phoneNumber": PHONE}).status_code == 401


def test_slow_answers_come_all_the_same(sandbox: SandboxProcess, api: httpx2.Client) -> None:
    sandbox.fault("slow", route="agents", seconds=0.05)
    assert api.get(AGENTS).status_code == 200


def test_a_fault_of_one_agent_leaves_the_others(
    sandbox: SandboxProcess, api: httpx2.Client
) -> None:
    sandbox.fault("not_found", route="agents", agent_id="agent_draft")
    assert api.get(f"{AGENTS}/agent_draft").status_code == 404
    assert api.get(f"{AGENTS}/agent_demo").status_code == 200


def _token(sandbox: SandboxProcess) -> str:
    answer = httpx2.post(
        f"{sandbox.base_url}/oauth/token",
        data={"grant_type": "client_credentials"},
        auth=("sandbox-client", "sandbox-secret"),
        trust_env=False,
    )
    return str(answer.json()["access_token"])
