"""Who gets in: the key, the page's own forms, and nobody else's."""

from collections.abc import Iterator

import httpx2
import pytest

from sandbox.app import build_app
from sandbox.clock import VirtualClock
from sandbox.control.gate import PUBLISHED_KEY, names_this_machine
from sandbox.state import Sandbox
from tests.sandbox.control.browsing import Browser
from tests.support.sandbox import CONTROL_KEY, SandboxProcess

LIFT = "faults/lift"


@pytest.fixture
def browser(sandbox: SandboxProcess) -> Iterator[Browser]:
    with Browser(sandbox.url, CONTROL_KEY) as opened:
        yield opened


def test_the_pages_own_form_gets_in(sandbox: SandboxProcess, browser: Browser) -> None:
    sandbox.fault("slow", phone="+12125550171")
    answer = browser.send(LIFT)
    assert (answer.status_code, answer.headers["location"]) == (303, "/sandbox/")
    assert sandbox.faults() == []


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example.com", "Sec-Fetch-Site": "cross-site"},
        {"Origin": "https://evil.example.com"},
        {"Origin": "null"},
        {"Origin": "null", "Sec-Fetch-Site": "cross-site"},
        {"Origin": "http://[", "Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
        {},
    ],
    ids=lambda headers: " ".join(headers.values()) or "neither",
)
def test_a_form_from_elsewhere_changes_nothing(
    sandbox: SandboxProcess, browser: Browser, headers: dict[str, str]
) -> None:
    sandbox.fault("slow", phone="+12125550171")
    answer = browser.send(LIFT, headers=headers)
    assert (answer.status_code, answer.json()["error"]) == (403, "FORBIDDEN")
    assert len(sandbox.faults()) == 1


def test_another_port_of_this_machine_is_elsewhere(
    sandbox: SandboxProcess, browser: Browser
) -> None:
    sandbox.fault("slow", phone="+12125550171")
    host = sandbox.url.rpartition(":")[0]
    assert browser.send(LIFT, headers={"Origin": f"{host}:1"}).status_code == 403
    site = {"Origin": sandbox.url, "Sec-Fetch-Site": "same-site"}
    assert browser.send(LIFT, headers=site).status_code == 403
    assert len(sandbox.faults()) == 1


@pytest.mark.parametrize("site", [None, "same-origin"])
def test_an_old_browser_names_its_origin_alone(browser: Browser, site: str | None) -> None:
    headers = {"Origin": browser.url} | ({} if site is None else {"Sec-Fetch-Site": site})
    assert browser.send(LIFT, headers=headers).status_code == 303


@pytest.mark.parametrize("token", ["", "guess", "é", None])
def test_a_form_without_the_pages_token_changes_nothing(
    sandbox: SandboxProcess, browser: Browser, token: str | None
) -> None:
    sandbox.fault("slow", phone="+12125550171")
    fields = {"other": "x"} if token is None else {"token": token}
    answer = browser.send(LIFT, fields, token=False)
    assert answer.status_code == 403
    assert len(sandbox.faults()) == 1


@pytest.mark.parametrize("password", [None, "wrong", CONTROL_KEY + "x"])
def test_a_form_without_the_key_changes_nothing(
    sandbox: SandboxProcess, browser: Browser, password: str | None
) -> None:
    sandbox.fault("slow", phone="+12125550171")
    answer = browser.send(LIFT, password=password)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Basic ")
    assert len(sandbox.faults()) == 1


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/json", b'{"token": "x"}'),
        ("text/plain", b"token=x"),
        ("application/x-www-form-urlencoded", b"token=%ff"),
        ("application/x-www-form-urlencoded", b"\xff=1"),
        ("application/x-www-form-urlencoded", b"&".join([b"a=1"] * 51)),
    ],
)
def test_an_unreadable_form_is_refused(browser: Browser, kind: str, body: bytes) -> None:
    answer = browser.send_raw(LIFT, body, kind)
    assert (answer.status_code, answer.json()["error"]) == (400, "BAD_REQUEST")


def test_a_form_is_no_larger_than_other_bodies(browser: Browser) -> None:
    body = b"token=" + b"x" * 262_144
    assert browser.send_raw(LIFT, body, "application/x-www-form-urlencoded").status_code == 413


def test_a_form_is_not_read_by_get(browser: Browser) -> None:
    assert browser.get("page/faults/lift").status_code == 405


@pytest.mark.parametrize(
    ("authority", "ours"),
    [
        ("localhost", True),
        ("localhost:8700", True),
        ("LOCALHOST:8700", True),
        ("127.0.0.1:8700", True),
        ("127.9.9.9", True),
        ("[::1]:8700", True),
        ("evil.example.com", False),
        ("127.0.0.1.evil.example.com", False),
        ("localhost.evil.example.com:8700", False),
        ("user@evil.example.com", False),
        ("192.0.2.1", False),
        ("[", False),
        ("", False),
    ],
)
def test_names_of_this_machine(authority: str, ours: bool) -> None:  # noqa: FBT001 -- a parameter of the table
    assert names_this_machine(authority) is ours


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("key", "host", "status"),
    [
        (PUBLISHED_KEY, "localhost", 200),
        (PUBLISHED_KEY, "127.0.0.1:8700", 200),
        (PUBLISHED_KEY, "rebound.example.com:8700", 403),
        ("a key of one's own", "sandbox:8700", 200),
    ],
)
async def test_the_published_key_opens_only_under_a_name_of_this_machine(
    key: str, host: str, status: int
) -> None:
    sandbox = Sandbox(clock=VirtualClock(), seed=1, folder=None)
    transport = httpx2.ASGITransport(build_app(sandbox=sandbox, control_key=key))
    async with httpx2.AsyncClient(transport=transport, base_url=f"http://{host}") as opened:
        answer = await opened.get("/sandbox/clock", headers={"X-Sandbox-Key": key})
    assert answer.status_code == status
