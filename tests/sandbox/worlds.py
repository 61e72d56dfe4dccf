"""What the sandbox's tests share: the demo world's names, clients, and a way to start clean."""

import time
from collections.abc import Callable
from itertools import count
from typing import Any, TypeVar
from uuid import uuid4

import httpx2

from tests.support.sandbox import SandboxProcess

T = TypeVar("T")
CLOCK_START = "2026-03-02T15:00:00Z"
CALLS = "/businesses/biz_demo/calls"
AGENTS = "/businesses/biz_demo/voice-agents"
CALL = f"{AGENTS}/agent_demo/call"
PHONE = "+12125550123"
WAIT_SECONDS = 10.0
DEFAULT_MIX = {
    "answered_interested": 0.30,
    "answered_not_interested": 0.14,
    "callback": 0.05,
    "voicemail": 0.19,
    "no_answer": 0.20,
    "busy": 0.05,
    "failed": 0.03,
    "opt_out": 0.02,
    "wrong_person": 0.02,
}
DEFAULT_WISHES = {"appointment": 0.45, "transfer": 0.15, "question": 0.20, "details": 0.20}


def clean(sandbox: SandboxProcess) -> None:
    """Undo what an earlier test may have turned."""
    sandbox.clear_faults()
    sandbox.control("PUT", "outcomes", {"mix": DEFAULT_MIX, "wishes": DEFAULT_WISHES})
    sandbox.set_latency(call_ms=0, history_ms=0)
    sandbox.set_agent("agent_demo", type="OUTBOUND", deployed=True, on_duty=True)


def client(sandbox: SandboxProcess, key: str = "sandbox-key") -> httpx2.Client:
    """A client that carries a static key; close it."""
    return httpx2.Client(
        base_url=sandbox.base_url,
        headers={"Authorization": f"Bearer {key}"},
        timeout=httpx2.Timeout(WAIT_SECONDS),
        trust_env=False,
    )


def place(api: httpx2.Client, phone: str = PHONE, **fields: Any) -> str:  # noqa: ANN401 -- members of a JSON body
    """Place a call that must succeed; its id."""
    answer = api.post(CALL, json={"phoneNumber": phone, **fields})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["callId"])


def ended(api: httpx2.Client, call_id: str) -> dict[str, Any]:
    """Read a call until it has ended, on a fast clock."""
    return until(
        lambda: dict(api.get(f"{CALLS}/{call_id}").json()), lambda record: "endedAt" in record
    )


def until(read: Callable[[], T], holds: Callable[[T], bool]) -> T:
    """Read again and again until what was read holds; what was read then.

    Raises:
        AssertionError: It does not within 10 s.
    """
    deadline = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < deadline:
        value = read()
        if holds(value):
            return value
        time.sleep(0.01)
    raise AssertionError("it did not come to hold in time")


def last_ring(sandbox: SandboxProcess) -> int:
    """The number of the last ring so far."""
    return int(sandbox.control("GET", "rings?limit=1")["last_seq"])


def forget(entry: dict[str, Any]) -> None:
    """Stands where a journal keeps entries, and keeps none."""
    entry.clear()


class Tenant:
    """An organization of its own, with a business, an agent and a key: nobody else's calls.

    Args:
        sandbox: Where it is made.
    """

    _numbers = count(1)

    def __init__(self, sandbox: SandboxProcess) -> None:
        self.mark = f"{next(self._numbers)}{uuid4().hex[:8]}"
        self.key = f"key-{self.mark}"
        self.organization = sandbox.add("organizations", name="Tenant", api_key=self.key)["id"]
        self.business = sandbox.add(
            "businesses", organization_id=self.organization, name="Tenant Roofing"
        )["id"]
        self.agent = sandbox.add("agents", business_id=self.business)["id"]
        self.calls = f"/businesses/{self.business}/calls"
        self.call = f"/businesses/{self.business}/voice-agents/{self.agent}/call"
