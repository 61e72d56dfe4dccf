"""POST .../call: rings when every rule holds, refuses when one doesn't, fails as ordered."""

from typing import Any

import httpx2
import pytest

from tests.sandbox.worlds import (
    AGENTS,
    CALL,
    CALLS,
    PHONE,
    Tenant,
    client,
    ended,
    last_ring,
    place,
    until,
)
from tests.support.sandbox import SandboxProcess

LOST = (httpx2.RemoteProtocolError, httpx2.ReadError)


def test_a_call_rings_once_and_is_answered(sandbox: SandboxProcess, api: httpx2.Client) -> None:
    before = last_ring(sandbox)
    answer = api.post(CALL, json={"phoneNumber": PHONE}, headers={"X-Request-Id": "call-row-7"})
    body = answer.json()
    assert answer.status_code == 200
    assert body == {
        "success": True,
        "callId": body["callId"],
        "phoneNumber": PHONE,
        "status": "initiated",
    }
    (ring,) = sandbox.rings(after=before)
    assert ring == {
        "seq": before + 1,
        "at": ring["at"],
        "real": ring["real"],
        "phone": PHONE,
        "business_id": "biz_demo",
        "agent_id": "agent_demo",
        "call_id": body["callId"],
        "request_id": "call-row-7",
        "answered": "200",
    }
    assert answer.headers["x-request-id"] == "call-row-7"


@pytest.mark.parametrize(
    "number",
    [
        "2125550123",
        "12125550123",
        "+2125550123",
        "+1 212 555 0123",
        "+1(212)5550123",
        "+121255501234",
        "+1212555012",
        "+10125550123",
        "+11125550123",
        "+12120550123",
        "+12121550123",
        "+442071838750",
        "+1212555012\uff13",
        "+12125550123\n",
        "",
    ],
)
def test_a_number_that_breaks_the_rule_is_400_and_does_not_ring(
    sandbox: SandboxProcess, api: httpx2.Client, number: str
) -> None:
    before = last_ring(sandbox)
    answer = api.post(CALL, json={"phoneNumber": number})
    assert (answer.status_code, answer.json()["error"]) == (400, "BAD_REQUEST")
    assert "phoneNumber" in answer.json()["message"]
    assert last_ring(sandbox) == before


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b'"x"',
        b"{}",
        b'{"phoneNumber":12125550123}',
        b'{"phoneNumber":null}',
        b'{"phoneNumber":"+12125550123","name":7}',
        b'{"phoneNumber":"+12125550123","imageUrls":"https://example.com/a.jpg"}',
        b'{"phoneNumber":"+12125550123","imageUrls":[7]}',
        b"\xff\xfe",
        b"[" * 100_000,
    ],
)
def test_a_body_that_does_not_fit_is_400(api: httpx2.Client, body: bytes) -> None:
    answer = api.post(CALL, content=body)
    assert (answer.status_code, answer.json()["error"]) == (400, "BAD_REQUEST")


def test_a_body_that_is_too_long_is_413(api: httpx2.Client) -> None:
    answer = api.post(CALL, json={"phoneNumber": PHONE, "context": "x" * 300_000})
    assert (answer.status_code, answer.json()["error"]) == (413, "PAYLOAD_TOO_LARGE")


@pytest.mark.parametrize(
    ("agent", "says"),
    [("agent_inbound", "OUTBOUND"), ("agent_draft", "deployed")],
)
def test_an_agent_that_cannot_call_is_400(
    sandbox: SandboxProcess, api: httpx2.Client, agent: str, says: str
) -> None:
    before = last_ring(sandbox)
    answer = api.post(f"{AGENTS}/{agent}/call", json={"phoneNumber": PHONE})
    assert answer.status_code == 400
    assert says in answer.json()["message"]
    assert last_ring(sandbox) == before


def test_an_agent_off_duty_is_400(sandbox: SandboxProcess) -> None:
    tenant = Tenant(sandbox)
    sandbox.set_agent(tenant.agent, on_duty=False)
    with client(sandbox, tenant.key) as api:
        answer = api.post(tenant.call, json={"phoneNumber": PHONE})
        assert answer.status_code == 400
        assert "duty" in answer.json()["message"]
        sandbox.set_agent(tenant.agent, on_duty=True)
        assert api.post(tenant.call, json={"phoneNumber": PHONE}).status_code == 200


@pytest.mark.parametrize(
    ("path", "body", "says"),
    [
        (f"{AGENTS}/nobody/call", {}, "Voice agent"),
        ("/businesses/nobody/voice-agents/agent_demo/call", {}, "Business"),
        (CALL, {"leadId": "nobody"}, "Lead"),
        (CALL, {"leadId": ""}, "Lead"),
    ],
)
def test_what_is_not_there_is_404(
    sandbox: SandboxProcess, api: httpx2.Client, path: str, body: dict[str, Any], says: str
) -> None:
    before = last_ring(sandbox)
    answer = api.post(path, json={"phoneNumber": PHONE} | body)
    assert (answer.status_code, answer.json()["error"]) == (404, "NOT_FOUND")
    assert says in answer.json()["message"]
    assert last_ring(sandbox) == before


def test_context_comes_from_the_lead_from_the_request_or_from_the_business(
    api: httpx2.Client,
) -> None:
    lead = ended(api, place(api, leadId="lead_demo_1", context="not used"))
    assert lead["leadId"] == lead["leadContext"]["generatedFromLeadId"] == "lead_demo_1"
    assert "Dana Whitfield" in lead["leadContext"]["context"]
    given = ended(api, place(api, context="Asked for a quote."))
    assert given["leadContext"] == {"context": "Asked for a quote."}
    assert "leadId" not in given
    default = ended(api, place(api))
    assert "Brightwater Plumbing" in default["leadContext"]["context"]


def test_what_was_said_about_a_lead_is_kept(api: httpx2.Client) -> None:
    images = ["https://example.com/a.jpg", "https://example.com/b.jpg"]
    call_id = place(api, name="Ann Bee", additionalInfo="Saw the ad.", imageUrls=images)
    context = ended(api, call_id)["leadContext"]
    assert context["name"] == "Ann Bee"
    assert context["additionalInfo"] == "Saw the ad."
    assert context["imageUrls"] == images


@pytest.mark.parametrize(
    ("fault", "settings", "result"),
    [
        ("refuse", {}, (400, False)),
        ("unauthorized", {}, (401, False)),
        ("forbidden", {}, (403, False)),
        ("not_found", {}, (404, False)),
        ("conflict_before_ring", {}, (409, False)),
        ("conflict_after_ring", {}, (409, True)),
        ("rate_limit", {}, (429, False)),
        ("fail_before_ring", {}, (500, False)),
        ("fail_before_ring", {"status": 502}, (502, False)),
        ("fail_after_ring", {}, (500, True)),
        ("fail_after_ring", {"status": 504}, (504, True)),
        ("unavailable_html", {}, (503, False)),
        ("success_false", {}, (200, True)),
        ("success_false", {"rang": False}, (200, False)),
        ("garbled", {}, (200, True)),
        ("slow", {"seconds": 0.05}, (200, True)),
    ],
)
def test_a_fault_rings_or_not_and_answers_as_it_says(
    sandbox: SandboxProcess,
    api: httpx2.Client,
    fault: str,
    settings: dict[str, Any],
    result: tuple[int, bool],
) -> None:
    status, rang = result
    before = last_ring(sandbox)
    sandbox.fault(fault, count=1, **settings)
    assert api.post(CALL, json={"phoneNumber": PHONE}).status_code == status
    rings = sandbox.rings(after=before)
    assert [ring["answered"] for ring in rings] == ([str(status)] if rang else [])
    for ring in rings:
        assert api.get(f"{CALLS}/{ring['call_id']}").status_code == 200


@pytest.mark.parametrize(
    ("fault", "settings", "rang"),
    [
        ("drop", {}, True),
        ("drop_before_ring", {}, False),
        ("hang", {"seconds": 0.05}, True),
        ("hang_before_ring", {"seconds": 0.05}, False),
    ],
)
def test_a_connection_can_end_without_any_answer(
    sandbox: SandboxProcess,
    api: httpx2.Client,
    fault: str,
    settings: dict[str, Any],
    rang: bool,  # noqa: FBT001 -- a column of the table above
) -> None:
    before = last_ring(sandbox)
    sandbox.fault(fault, count=1, **settings)
    with pytest.raises(LOST):
        api.post(CALL, json={"phoneNumber": PHONE})
    rings = sandbox.rings(after=before)
    assert [ring["answered"] for ring in rings] == (["none"] if rang else [])


def test_a_hanging_call_rings_at_once_whatever_the_client_does(
    sandbox: SandboxProcess, api: httpx2.Client
) -> None:
    before = last_ring(sandbox)
    sandbox.fault("hang", count=1)
    with pytest.raises(httpx2.ReadTimeout):
        api.post(CALL, json={"phoneNumber": PHONE}, timeout=0.3)
    assert len(sandbox.rings(after=before)) == 1


def test_a_late_ring_comes_after_the_connection_is_gone(
    sandbox: SandboxProcess, api: httpx2.Client
) -> None:
    before = last_ring(sandbox)
    sandbox.fault("late_ring", count=1, seconds=0.3)
    with pytest.raises(LOST):
        api.post(CALL, json={"phoneNumber": PHONE})
    until(lambda: last_ring(sandbox), lambda last: last > before)
    (ring,) = sandbox.rings(after=before)
    assert (ring["phone"], ring["answered"]) == (PHONE, "none")


def test_a_truncated_answer_breaks_off(sandbox: SandboxProcess, api: httpx2.Client) -> None:
    before = last_ring(sandbox)
    sandbox.fault("truncated", count=1)
    with pytest.raises(LOST, match=r"incomplete|closed"):
        api.post(CALL, json={"phoneNumber": PHONE})
    assert len(sandbox.rings(after=before)) == 1


def test_a_garbled_answer_is_not_json(sandbox: SandboxProcess, api: httpx2.Client) -> None:
    sandbox.fault("garbled", count=1)
    answer = api.post(CALL, json={"phoneNumber": PHONE})
    with pytest.raises(ValueError, match=r".*"):
        answer.json()


@pytest.mark.parametrize("value", ["7", "Mon, 02 Mar 2026 15:05:00 GMT", None])
def test_a_rate_limit_says_when_to_come_back(
    sandbox: SandboxProcess, api: httpx2.Client, value: str | None
) -> None:
    sandbox.fault("rate_limit", count=1, retry_after=value)
    answer = api.post(CALL, json={"phoneNumber": PHONE})
    assert answer.headers.get("retry-after") == value


def test_following_a_redirect_would_ring(sandbox: SandboxProcess, api: httpx2.Client) -> None:
    before = last_ring(sandbox)
    sandbox.fault("redirect", count=1)
    answer = api.post(CALL, json={"phoneNumber": PHONE})
    assert answer.status_code == 307
    assert last_ring(sandbox) == before
    api.post(answer.headers["location"], json={"phoneNumber": PHONE})
    assert last_ring(sandbox) == before + 1


def test_a_proxy_answers_in_html(sandbox: SandboxProcess, api: httpx2.Client) -> None:
    sandbox.fault("unavailable_html", count=1, status=502, retry_after="3")
    answer = api.post(CALL, json={"phoneNumber": PHONE})
    assert answer.status_code == 502
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.headers["retry-after"] == "3"
    assert "BAD_GATEWAY" in answer.text


def test_a_fault_of_one_number_leaves_the_others(
    sandbox: SandboxProcess, api: httpx2.Client
) -> None:
    sandbox.fault("refuse", phone="+12125550177")
    assert api.post(CALL, json={"phoneNumber": "+12125550177"}).status_code == 400
    assert api.post(CALL, json={"phoneNumber": "+12125550178"}).status_code == 200


def test_rules_come_before_faults(sandbox: SandboxProcess, api: httpx2.Client) -> None:
    sandbox.fault("drop")
    assert api.post(CALL, json={"phoneNumber": "212"}).status_code == 400
    assert sandbox.faults()[0]["hits"] == 0


def test_latency_delays_the_answer_not_the_ring(
    sandbox: SandboxProcess, api: httpx2.Client
) -> None:
    before = last_ring(sandbox)
    sandbox.set_latency(call_ms=2_000)
    with pytest.raises(httpx2.ReadTimeout):
        api.post(CALL, json={"phoneNumber": PHONE}, timeout=0.3)
    assert len(sandbox.rings(after=before)) == 1


def test_unknown_members_are_ignored_as_the_guide_refuses_none(api: httpx2.Client) -> None:
    place(api, campaign="spring")
