"""What the experimenter reads, and who may."""

import httpx2
import pytest

from tests.sandbox.worlds import PHONE, last_ring, place
from tests.support.sandbox import CONTROL_KEY, SandboxProcess

PATHS = ["clock", "rings", "calls/x", "stats", "faults", "", "live"]


def _get(sandbox: SandboxProcess, path: str, **options: object) -> httpx2.Response:
    with httpx2.Client(base_url=sandbox.url, trust_env=False) as opened:
        return opened.get(f"/sandbox/{path}", **options)  # type: ignore[arg-type]  # passed through


def test_health_needs_no_key(sandbox: SandboxProcess) -> None:
    assert _get(sandbox, "health").json() == {"status": "ok"}


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("key", [None, "", "wrong", CONTROL_KEY + "x"])
def test_the_rest_needs_the_key(sandbox: SandboxProcess, path: str, key: str | None) -> None:
    headers = {} if key is None else {"X-Sandbox-Key": key}
    answer = _get(sandbox, path, headers=headers)
    assert (answer.status_code, answer.json()["error"]) == (401, "UNAUTHORIZED")


def test_a_browser_may_read_with_the_key_as_password_but_change_nothing(
    sandbox: SandboxProcess,
) -> None:
    assert _get(sandbox, "stats", auth=("anyone", CONTROL_KEY)).status_code == 200
    assert _get(sandbox, "stats", auth=("anyone", "wrong")).status_code == 401
    assert _get(sandbox, "stats", headers={"Authorization": "Basic ~"}).status_code == 401
    changed = httpx2.delete(
        f"{sandbox.url}/sandbox/faults", auth=("anyone", CONTROL_KEY), trust_env=False
    )
    assert changed.status_code == 401


def test_rings_are_paged_by_number(sandbox: SandboxProcess, api: httpx2.Client) -> None:
    before = last_ring(sandbox)
    for _ in range(3):
        place(api)
    page = sandbox.control("GET", f"rings?after={before}&limit=2")
    assert [ring["seq"] for ring in page["items"]] == [before + 1, before + 2]
    assert page["last_seq"] == page["total"] == before + 3
    assert len(sandbox.rings(after=before + 2)) == 1
    assert sandbox.rings(after=before + 3) == []


@pytest.mark.parametrize("query", ["after=-1", "after=x", "limit=0", "limit=10001"])
def test_numbers_out_of_range_are_refused(sandbox: SandboxProcess, query: str) -> None:
    with pytest.raises(RuntimeError, match="400"):
        sandbox.control("GET", f"rings?{query}")


def test_a_call_is_shown_with_its_fate(sandbox: SandboxProcess, api: httpx2.Client) -> None:
    sandbox.set_outcomes({"busy": 1})
    shown = sandbox.call(place(api, name="Ann Bee"))
    assert shown["outcome"] == "busy"
    assert shown["started"] > shown["created"]
    assert shown["record"]["customerNumber"] == PHONE
    sandbox.fault("stuck_in_progress", count=1)
    assert sandbox.call(place(api))["ended"] is None
    with pytest.raises(RuntimeError, match="404"):
        sandbox.call("nobody")
