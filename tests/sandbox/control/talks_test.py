"""A person calls an INBOUND agent, on duty and off; appointments are listed once booked."""

from typing import Any

import httpx2
import pytest

from tests.sandbox.worlds import CALLS, Tenant, client, ended, last_ring, place, until
from tests.support.sandbox import SandboxProcess

CALLER = "+12125550145"
ALWAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]


def _inbound(sandbox: SandboxProcess, agent: str = "agent_inbound", **body: Any) -> dict[str, Any]:  # noqa: ANN401 -- members of a JSON body
    return sandbox.control("POST", f"agents/{agent}/inbound", {"phone": CALLER, **body})


def _talks(sandbox: SandboxProcess, wish: str) -> None:
    order = {"mix": {"answered_interested": 1}, "wishes": {wish: 1}}
    assert sandbox.control("PUT", "outcomes", order) == {
        "mix": {"answered_interested": 1.0},
        "wishes": {wish: 1.0},
    }


def test_on_duty_the_agent_takes_the_call_and_talks(
    sandbox: SandboxProcess, api: httpx2.Client
) -> None:
    before = last_ring(sandbox)
    sandbox.set_agent("agent_inbound", on_duty=True)
    _talks(sandbox, "details")
    taken = _inbound(sandbox, name="Ann Bee")
    record = ended(api, taken["call_id"])
    assert (taken["answered"], taken["forwarded_to"]) == (True, None)
    assert (record["type"], record["status"]) == ("INBOUND", "COMPLETED")
    assert (record["phoneNumber"], record["customerNumber"]) == ("+12125550100", CALLER)
    assert record["transcript"].startswith("Agent: ")
    assert record["leadContext"]["name"] == "Ann Bee"
    assert last_ring(sandbox) == before


def test_calls_that_come_in_are_in_the_history_of_their_type(
    sandbox: SandboxProcess, api: httpx2.Client
) -> None:
    call_id = _inbound(sandbox)["call_id"]
    found = {
        kind: [item["id"] for item in api.get(CALLS, params={"type": kind}).json()["items"]]
        for kind in ("INBOUND", "OUTBOUND")
    }
    assert call_id in found["INBOUND"]
    assert call_id not in found["OUTBOUND"]


def test_off_duty_the_call_is_forwarded_to_the_businesss_own_number(
    sandbox: SandboxProcess, api: httpx2.Client
) -> None:
    before = last_ring(sandbox)
    sandbox.set_agent("agent_inbound", on_duty=False)
    try:
        taken = _inbound(sandbox)
        record = ended(api, taken["call_id"])
    finally:
        sandbox.set_agent("agent_inbound", on_duty=True)
    assert (taken["answered"], taken["forwarded_to"]) == (False, "+12125550199")
    assert record["status"] == "COMPLETED"
    assert record["endedReason"] == "call.ringing.hook-executed-transfer"
    assert record["summary"].endswith("forwarded to +12125550199.")
    assert record["structuredData"] == {}
    assert "transcript" not in record
    assert last_ring(sandbox) == before


def test_off_duty_without_a_phone_of_the_business_the_caller_hangs_up(
    sandbox: SandboxProcess,
) -> None:
    tenant = Tenant(sandbox)
    agent = sandbox.add("agents", business_id=tenant.business, type="INBOUND", on_duty=False)["id"]
    taken = _inbound(sandbox, agent)
    assert (taken["answered"], taken["forwarded_to"]) == (False, None)
    with client(sandbox, tenant.key) as api:
        path = f"{tenant.calls}/{taken['call_id']}"
        record = until(lambda: dict(api.get(path).json()), lambda read: "endedAt" in read)
    assert record["status"] == "FAILED"
    assert record["endedReason"].endswith("caller-hungup-before-call-connect")


def test_activated_hours_decide_who_takes_the_call(sandbox: SandboxProcess) -> None:
    tenant = Tenant(sandbox)
    sandbox.set_outcomes({"answered_interested": 1})
    hours = [{"day": day, "startTime": "00:00", "endTime": "24:00"} for day in ALWAYS]
    for spans, answered in ((hours, True), ([], False)):
        made = sandbox.add(
            "agents",
            business_id=tenant.business,
            type="INBOUND",
            on_duty=answered,
            activatedHours={"timezone": "UTC", "hours": spans},
        )
        assert _inbound(sandbox, made["id"])["answered"] is answered


def test_only_outcomes_in_which_people_talk_happen_to_a_caller(sandbox: SandboxProcess) -> None:
    sandbox.set_outcomes({"voicemail": 1, "busy": 5, "opt_out": 1})
    outcomes = {sandbox.call(_inbound(sandbox)["call_id"])["outcome"] for _ in range(5)}
    assert outcomes == {"opt_out"}
    sandbox.set_outcomes({"busy": 1})
    call_id = _inbound(sandbox)["call_id"]
    assert sandbox.call(call_id)["outcome"] == "answered_interested"


@pytest.mark.parametrize("agent", ["agent_demo", "agent_draft"])
def test_only_a_deployed_inbound_agent_takes_calls(sandbox: SandboxProcess, agent: str) -> None:
    with pytest.raises(RuntimeError, match="400"):
        _inbound(sandbox, agent)


@pytest.mark.parametrize(
    "body",
    [{"phone": "2125550145"}, {"phone": "+12125550145\n"}, {"fone": CALLER}, {"name": "x" * 201}],
)
def test_a_caller_that_makes_no_sense_is_refused(
    sandbox: SandboxProcess, body: dict[str, str]
) -> None:
    with pytest.raises(RuntimeError, match="400"):
        _inbound(sandbox, **body)


def test_an_agent_that_is_not_there_takes_no_call(sandbox: SandboxProcess) -> None:
    with pytest.raises(RuntimeError, match="404"):
        _inbound(sandbox, "nobody")


def test_an_appointment_is_listed_once_its_call_has_ended(
    sandbox: SandboxProcess, api: httpx2.Client
) -> None:
    _talks(sandbox, "appointment")
    call_id = place(api, "+12125550146", name="Ann Bee")
    record = ended(api, call_id)
    items = sandbox.control("GET", "appointments?business_id=biz_demo&limit=10000")["items"]
    (made,) = [item for item in items if item["call_id"] == call_id]
    assert made["customer_number"] == "+12125550146"
    assert made["name"] == "Ann Bee"
    assert made["booked"] == record["endedAt"]
    assert made["cancelled"] is None
    assert made["starts"] > made["booked"]
    starts = [item["starts"] for item in items]
    assert starts == sorted(starts)
    elsewhere = sandbox.control("GET", "appointments?business_id=biz_other")
    assert elsewhere == {"items": [], "total": 0}


def test_an_appointment_is_not_listed_before_its_call_has_ended(frozen: SandboxProcess) -> None:
    _talks(frozen, "appointment")
    with client(frozen) as api:
        call_id = place(api, "+12125550147")
    assert frozen.call(call_id)["booked"] is not None
    items = frozen.control("GET", "appointments?limit=10000")["items"]
    assert call_id not in {item["call_id"] for item in items}


@pytest.mark.parametrize("wishes", [{"tea": 1}, {"details": 0}, {"details": -1}, {}])
def test_wishes_that_make_no_sense_change_nothing(
    sandbox: SandboxProcess, wishes: dict[str, float]
) -> None:
    before = {"mix": {"busy": 1.0}, "wishes": {"details": 1.0}}
    sandbox.control("PUT", "outcomes", before)
    with pytest.raises(RuntimeError, match="400"):
        sandbox.control("PUT", "outcomes", {"mix": {"opt_out": 1}, "wishes": wishes})
    assert sandbox.control("PUT", "outcomes", {"mix": {"busy": 1}}) == before


@pytest.mark.parametrize("query", ["limit=0", "limit=10001", "limit=x"])
def test_a_limit_out_of_range_is_refused(sandbox: SandboxProcess, query: str) -> None:
    with pytest.raises(RuntimeError, match="400"):
        sandbox.control("GET", f"appointments?{query}")
