"""What the experimenter turns: faults, mix, latency, tokens."""

from typing import Any

import httpx2
import pytest

from tests.sandbox.worlds import Tenant, ended, place
from tests.support.sandbox import SandboxProcess


def test_a_fault_is_shown_as_it_is_in_force(sandbox: SandboxProcess) -> None:
    fault_id = sandbox.fault("rate_limit", count=3, probability=0.5)
    (fault,) = sandbox.faults()
    assert fault == {
        "id": fault_id,
        "name": "rate_limit",
        "count": 3,
        "probability": 0.5,
        "phone": None,
        "agent_id": None,
        "route": "call",
        "seconds": None,
        "status": None,
        "retry_after": "5",
        "rang": None,
        "hits": 0,
        "remaining": 3,
    }


def test_faults_are_lifted_one_by_one_or_all(sandbox: SandboxProcess) -> None:
    first, _ = sandbox.fault("drop"), sandbox.fault("hang")
    assert sandbox.control("DELETE", f"faults/{first}") == {"removed": 1}
    assert [fault["name"] for fault in sandbox.faults()] == ["hang"]
    with pytest.raises(RuntimeError, match="404"):
        sandbox.control("DELETE", f"faults/{first}")
    assert sandbox.control("DELETE", "faults") == {"removed": 1}


@pytest.mark.parametrize(
    ("method", "path", "body", "says"),
    [
        ("POST", "faults", {"name": "explode"}, "name"),
        ("POST", "faults", {"name": "drop", "seconds": 3}, "no seconds"),
        ("POST", "faults", {}, "name"),
        ("POST", "faults", {"name": "drop", "often": 1}, "often"),
        ("PUT", "outcomes", {"mix": {"asleep": 1}}, "asleep"),
        ("PUT", "outcomes", {"mix": {"busy": -1}}, "busy"),
        ("PUT", "outcomes", {"mix": {}}, "weight"),
        ("PUT", "outcomes", {}, "mix"),
        ("PUT", "latency", {"call_ms": -1}, "call"),
        ("PUT", "latency", {"token_ms": 1}, "token_ms"),
        ("PUT", "tokens", {"expires_in": 0}, "expires"),
        ("PUT", "agents/agent_demo", {"asleep": True}, "asleep"),
    ],
)
def test_orders_that_make_no_sense_are_refused(
    sandbox: SandboxProcess, method: str, path: str, body: dict[str, Any], says: str
) -> None:
    with pytest.raises(RuntimeError, match=rf"400 .*{says}"):
        sandbox.control(method, path, body)


def test_the_mix_decides_how_calls_turn_out(sandbox: SandboxProcess, api: httpx2.Client) -> None:
    sandbox.set_outcomes({"voicemail": 1, "busy": 1})
    outcomes = {sandbox.call(place(api, f"+12125550{n}"))["outcome"] for n in range(100, 130)}
    assert outcomes == {"voicemail", "busy"}


def test_latency_is_set_one_at_a_time(sandbox: SandboxProcess) -> None:
    sandbox.set_latency(call_ms=1)
    assert sandbox.control("PUT", "latency", {"historyMs": 2}) == {
        "call_ms": 1.0,
        "history_ms": 2.0,
    }


def test_a_token_can_be_made_to_live_shortly(sandbox: SandboxProcess) -> None:
    assert sandbox.control("PUT", "tokens", {"expires_in": 77}) == {"expires_in": 77}
    answer = httpx2.post(
        f"{sandbox.base_url}/oauth/token",
        json={
            "grant_type": "client_credentials",
            "client_id": "sandbox-client",
            "client_secret": "sandbox-secret",
        },
        trust_env=False,
    )
    sandbox.control("PUT", "tokens", {"expires_in": 3600})
    assert answer.json()["expires_in"] == 77


def test_an_agents_fields_shape_what_is_collected(sandbox: SandboxProcess) -> None:
    tenant = Tenant(sandbox)
    agent = sandbox.add(
        "agents", business_id=tenant.business, collect_fields=["phone", "favorite_color"]
    )
    sandbox.set_outcomes({"callback": 1})
    with httpx2.Client(
        base_url=sandbox.base_url,
        headers={"Authorization": f"Bearer {tenant.key}"},
        trust_env=False,
    ) as api:
        path = f"/businesses/{tenant.business}/voice-agents/{agent['id']}/call"
        answer = api.post(path, json={"phoneNumber": "+12125550123"})
        assert answer.status_code == 200
    assert sandbox.call(answer.json()["callId"])["outcome"] == "callback"


def test_ended_calls_keep_their_fate_when_the_mix_changes(
    sandbox: SandboxProcess, api: httpx2.Client
) -> None:
    sandbox.set_outcomes({"busy": 1})
    call_id = place(api)
    sandbox.set_outcomes({"voicemail": 1})
    assert ended(api, call_id)["endedReason"] == "customer-busy"
