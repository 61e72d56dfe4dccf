"""The page: what it shows, that it shows text as text, and what its forms turn."""

from collections.abc import Iterator
from html.parser import HTMLParser

import httpx2
import pytest

from sandbox.script import DEFAULT_MIX
from tests.sandbox.control.browsing import Browser
from tests.sandbox.worlds import CALL, PHONE, Tenant, client, ended, place
from tests.support.sandbox import CONTROL_KEY, SandboxProcess

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'><b>"
FILES = ["sandbox.css", "sandbox.js", "icon.svg"]


class Reading(HTMLParser):
    """Reads a page: its tags, their attributes, and its text outside of tags."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.links: set[str] = set()
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag."""
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links |= {value or "" for name, value in attrs if name in {"src", "href", "action"}}

    def handle_data(self, data: str) -> None:
        """Note text."""
        self.text += data


@pytest.fixture
def browser(sandbox: SandboxProcess) -> Iterator[Browser]:
    with Browser(sandbox.url, CONTROL_KEY) as opened:
        yield opened


@pytest.fixture
def still(frozen: SandboxProcess) -> Iterator[Browser]:
    with Browser(frozen.url, CONTROL_KEY) as opened:
        yield opened


def test_the_page_may_run_and_load_only_its_own_files(browser: Browser) -> None:
    answer = browser.get()
    policy = answer.headers["content-security-policy"]
    page = Reading(answer.text)
    assert answer.headers["content-type"].startswith("text/html")
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["cache-control"] == "no-store"
    assert not {name for name in page.attributes if name.startswith("on") or name == "style"}
    assert "style" not in page.tags
    assert all(link.startswith(("/sandbox/", "#")) for link in page.links)
    assert {f"/sandbox/static/{name}" for name in FILES} <= page.links


def test_a_form_on_the_page_is_sent_with_its_origin(browser: Browser) -> None:
    assert browser.get().headers["referrer-policy"] == "same-origin"


@pytest.mark.parametrize("name", FILES)
def test_its_files_are_served_and_known_again(browser: Browser, name: str) -> None:
    first = browser.get(f"static/{name}")
    assert first.status_code == 200
    assert first.headers["x-content-type-options"] == "nosniff"
    again = browser.get(f"static/{name}", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("name", ["nothing.js", "..%2Fgate.py", "%2Fetc%2Fpasswd", "page.html"])
def test_other_files_are_not_served(browser: Browser, name: str) -> None:
    assert browser.get(f"static/{name}").status_code == 404


def test_text_from_outside_stays_text(frozen: SandboxProcess, still: Browser) -> None:
    tenant = Tenant(frozen)
    agent = frozen.add("agents", business_id=tenant.business, name="<b>Agent</b>")["id"]
    frozen.fault("stuck_in_progress", agent_id="<b>agent</b>")
    with client(frozen, tenant.key) as api:
        call = f"/businesses/{tenant.business}/voice-agents/{agent}/call"
        placed = api.post(call, json={"phoneNumber": PHONE, "name": HOSTILE, "context": HOSTILE})
    assert placed.status_code == 200
    answer = still.get()
    page = Reading(answer.text)
    assert not {"b", "img"} & page.tags
    assert answer.text.count("<script") == 1
    assert not {name for name in page.attributes if name.startswith("on") and name != "on"}
    assert HOSTILE in page.text
    assert "<b>Agent</b>" in page.text
    assert "<b>agent</b>" in page.text


def test_a_hostile_transcript_stays_text(
    sandbox: SandboxProcess, api: httpx2.Client, browser: Browser
) -> None:
    sandbox.set_outcomes({"answered_interested": 1})
    ended(api, place(api, name="<i>Ann</i> Bee", context=HOSTILE, additionalInfo=HOSTILE))
    page = Reading(browser.get("live").text)
    assert not {"i", "b", "img", "script"} & page.tags
    assert "<i>Ann</i>" in page.text


def test_a_ringing_phone_is_shown(frozen: SandboxProcess, still: Browser) -> None:
    with client(frozen) as api:
        place(api, "+12125550188", name="Ann Bee")
    page = still.get("live").text
    seq = frozen.control("GET", "rings?limit=1")["last_seq"]
    assert f'id="ring-{seq}"' in page
    assert "+12125550188" in page
    assert "Ann Bee" in page


def test_a_ring_whose_request_failed_says_so(frozen: SandboxProcess, still: Browser) -> None:
    frozen.fault("fail_after_ring", count=1)
    with client(frozen) as api:
        assert api.post(CALL, json={"phoneNumber": "+12125550187"}).status_code == 500
    assert "request answered: 500" in Reading(still.get("live").text).text


def test_a_call_in_progress_is_shown_with_what_was_said(
    sandbox: SandboxProcess, api: httpx2.Client, browser: Browser
) -> None:
    sandbox.set_outcomes({"opt_out": 1})
    sandbox.fault("stuck_in_progress", count=1)
    call_id = place(api, "+12125550189", name="Ann Bee")
    page = browser.get("live").text
    while f'id="talk-{call_id}"' not in page:
        page = browser.get("live").text
    talk = page.split(f'id="talk-{call_id}"')[1].split("</article>")[0]
    assert 'class="speaker"' in talk
    assert "+12125550189" in talk


def test_a_result_is_shown_with_summary_fields_and_transcript(
    sandbox: SandboxProcess, api: httpx2.Client, browser: Browser
) -> None:
    sandbox.set_outcomes({"answered_interested": 1})
    record = ended(api, place(api, name="Cleo Marsh"))
    shown = browser.get("live").text.split(f'id="result-{record["id"]}"')[1].split("</li>\n")[0]
    page = Reading(browser.get("live").text)
    assert "answered interested" in shown
    assert record["summary"] in page.text
    assert "Structured data" in page.text
    assert record["transcript"].rpartition(": ")[2] in page.text


def test_the_page_stays_short_however_much_there_is(frozen: SandboxProcess) -> None:
    with Browser(frozen.url, CONTROL_KEY) as browser, client(frozen) as api:
        for number in range(60):
            place(api, f"+121255501{number:02}", context="x" * 5_000)
        page = browser.get("live").text
    assert page.count('id="ring-') <= 8
    assert page.count("<article") <= 8
    assert len(page) < 200_000


def test_a_fault_is_switched_on_strikes_and_is_switched_off(
    sandbox: SandboxProcess, api: httpx2.Client, browser: Browser
) -> None:
    fields = {"on": "true", "count": "2", "phone": PHONE, "status": "503", "agent_id": ""}
    assert browser.send("faults/fail_after_ring", fields).status_code == 303
    (fault,) = sandbox.faults()
    assert (fault["name"], fault["count"], fault["status"]) == ("fail_after_ring", 2, 503)
    assert (fault["phone"], fault["agent_id"]) == (PHONE, None)
    assert api.post(CALL, json={"phoneNumber": PHONE}).status_code == 503
    row = _fault_row(browser, "fail_after_ring")
    assert 'aria-checked="true"' in row
    assert "1 hit, 1 left" in row
    assert browser.send("faults/fail_after_ring", {"on": "false"}).status_code == 303
    assert sandbox.faults() == []
    assert 'aria-checked="false"' in _fault_row(browser, "fail_after_ring")


def test_a_spent_fault_is_off_and_makes_way_for_the_next(
    sandbox: SandboxProcess, api: httpx2.Client, browser: Browser
) -> None:
    browser.send("faults/garbled", {"on": "true", "count": "1"})
    api.post(CALL, json={"phoneNumber": PHONE})
    row = _fault_row(browser, "garbled")
    assert 'aria-checked="false"' in row
    assert "1 hit, spent" in row
    browser.send("faults/garbled", {"on": "true", "count": "3"})
    assert [fault["remaining"] for fault in sandbox.faults()] == [3]


def test_all_faults_are_switched_off_at_once(sandbox: SandboxProcess, browser: Browser) -> None:
    sandbox.fault("slow", phone=PHONE)
    sandbox.fault("garbled", phone=PHONE)
    assert browser.send("faults/lift").status_code == 303
    assert sandbox.faults() == []


@pytest.mark.parametrize(
    ("fault", "fields", "says"),
    [
        ("slow", {"seconds": "soon"}, "seconds"),
        ("slow", {"status": "500"}, "slow has no status"),
        ("hang", {"route": "history"}, "hang can be set on call"),
        ("refuse", {"count": "0"}, "count"),
        ("refuse", {"colour": "red"}, "colour"),
        ("refuse", {"phone": "555"}, "phone"),
    ],
)
def test_settings_that_make_no_sense_are_refused(
    sandbox: SandboxProcess, browser: Browser, fault: str, fields: dict[str, str], says: str
) -> None:
    answer = browser.send(f"faults/{fault}", {"on": "true", **fields})
    assert answer.status_code == 400
    assert says in answer.json()["message"]
    assert sandbox.faults() == []


def test_an_unknown_fault_is_not_found(browser: Browser) -> None:
    assert browser.send("faults/earthquake", {"on": "true"}).status_code == 404


def test_more_faults_than_can_be_kept_are_refused(
    sandbox: SandboxProcess, browser: Browser
) -> None:
    for _ in range(1_000):
        sandbox.fault("garbled", phone="+12125550171")
    assert browser.send("faults/slow", {"on": "true"}).status_code == 409
    assert len(browser.get("live").text) < 200_000


def test_the_mix_is_set_and_reset(
    sandbox: SandboxProcess, api: httpx2.Client, browser: Browser
) -> None:
    assert browser.send("outcomes", {"busy": "50", "voicemail": "0"}).status_code == 303
    assert sandbox.call(place(api))["outcome"] == "busy"
    assert 'name="busy" value="100"' in browser.get("live").text
    assert browser.send("outcomes", {"busy": "50", "usual": "true"}).status_code == 303
    shown = browser.get("live").text
    for outcome, share in DEFAULT_MIX.items():
        assert f'name="{outcome}" value="{100 * share:.3g}"' in shown


@pytest.mark.parametrize(
    "fields", [{}, {"busy": "-1"}, {"busy": "many"}, {"busy": "nan"}, {"singing": "1"}]
)
def test_a_mix_that_makes_no_sense_is_refused(browser: Browser, fields: dict[str, str]) -> None:
    assert browser.send("outcomes", fields).status_code == 400


def test_an_agents_duty_is_switched(
    sandbox: SandboxProcess, api: httpx2.Client, browser: Browser
) -> None:
    duty = "agents/agent_demo/duty"
    assert browser.send(duty, {"on": "false"}).status_code == 303
    assert api.post(CALL, json={"phoneNumber": PHONE}).status_code == 400
    assert browser.send(duty, {"on": "true"}).status_code == 303
    assert api.post(CALL, json={"phoneNumber": PHONE}).status_code == 200
    assert browser.send("agents/agent_nobody/duty", {"on": "true"}).status_code == 404
    agent = sandbox.add("agents", business_id="biz_demo", deployed=False, on_duty=False)["id"]
    assert browser.send(f"agents/{agent}/duty", {"on": "true"}).status_code == 400
    sandbox.control("DELETE", f"agents/{agent}")


def test_requests_are_shown_by_route_without_the_pages_own() -> None:
    # A sandbox of its own: the page shows the busiest routes only.
    with SandboxProcess() as own, client(own) as api, Browser(own.url, CONTROL_KEY) as browser:
        assert api.get("/businesses/biz_demo/calls").status_code == 200
        text = Reading(browser.get("live").text).text
        assert "GET /businesses/{business_id}/calls" in text
        assert "GET /sandbox/" not in text


def _fault_row(browser: Browser, name: str) -> str:
    return browser.get("live").text.split(f'id="fault-{name}"')[1].split("<details>")[0]
