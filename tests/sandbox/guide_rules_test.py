"""Rules of the guide that tests of single modules show from inside, over real HTTP."""

from collections.abc import Mapping
from typing import Any

import httpx2
import pytest

from tests.sandbox.agents.graph_test import sample
from tests.sandbox.desk import Desk, refused
from tests.sandbox.worlds import AGENTS, CALLS, PHONE, client, place, until
from tests.support.sandbox import SandboxProcess

IMAGES = ["https://images.example.com/roof.jpg"]
RECORD = {
    *("id", "businessId", "agentId", "leadId", "type", "phoneNumber", "customerNumber"),
    *("status", "endedReason", "summary", "transcript", "recordingUrl", "durationMs"),
    *("structuredData", "leadContext", "startedAt", "endedAt"),
}
LEAD_CONTEXT = {"context", "generatedFromLeadId", "additionalInfo", "name", "imageUrls"}


def _span(**changes: str) -> dict[str, str]:
    return {"day": "monday", "startTime": "09:00", "endTime": "17:00"} | changes


@pytest.mark.parametrize(
    ("node", "changes", "says"),
    [
        (0, {"type": "webhook"}, "'start' must be of type conversation or tool"),
        (1, {"prompt": "searchAppointments"}, "must be scheduleAppointment, transferCall or"),
        (1, {"prompt": "Book a visit"}, "must be scheduleAppointment, transferCall or endCall"),
        (1, {"prompt": "endCall"}, ""),
        (2, {"id": "book"}, "two nodes have the id 'book'"),
    ],
)
def test_nodes_are_of_known_types_and_tools(
    desk: Desk, node: int, changes: Mapping[str, str], says: str
) -> None:
    graph = sample()
    graph["nodes"][node] |= changes
    answer = desk.send(conversationFlow=None, workflow=graph)
    if says:
        assert says in refused(answer)
    else:
        assert answer.status_code == 201


@pytest.mark.parametrize(
    ("part", "value", "says"),
    [
        ("edges", [{"from": "attic", "to": "end", "when": "always"}], "'attic', which is no node"),
        ("edges", [{"from": "start", "to": "cellar", "when": "x"}], "'cellar', which is no node"),
        ("startNode", "begin", "there is no startNode 'begin'"),
        ("startNode", None, "startNode"),
        ("nodes", [], "nodes"),
    ],
)
def test_edges_and_start_name_nodes_that_are_there(
    desk: Desk, part: str, value: object, says: str
) -> None:
    assert says in refused(desk.send(workflow=sample() | {part: value}))


@pytest.mark.parametrize(
    ("span", "says"),
    [
        (_span(day="someday"), "day must be one of monday"),
        (_span(startTime="9:00"), "startTime must be HH:MM"),
        (_span(endTime="24:01"), "endTime must be HH:MM"),
        (_span(startTime="24:00", endTime="24:00"), "startTime must be HH:MM"),
        (_span(startTime="CLOSED"), "must both be CLOSED, or neither"),
        (_span(endTime="CLOSED"), "must both be CLOSED, or neither"),
        (_span(startTime="17:00"), "startTime must be before endTime"),
        (_span(startTime="18:00"), "startTime must be before endTime"),
    ],
)
def test_hours_that_break_a_rule_are_400(desk: Desk, span: Mapping[str, str], says: str) -> None:
    hours = {"timezone": "America/New_York", "hours": [span]}
    assert says in refused(desk.send(type="INBOUND", activatedHours=hours))


@pytest.mark.parametrize("zone", ["Mars/Olympus", "EST5", "", "+05:00"])
def test_the_zone_is_one_of_iana(desk: Desk, zone: str) -> None:
    hours = {"timezone": zone, "hours": [_span()]}
    assert "is no IANA time zone" in refused(desk.send(type="INBOUND", activatedHours=hours))


def test_hours_in_any_case_to_midnight_without_closed_days(desk: Desk) -> None:
    spans = [_span(day="FRIDAY", endTime="24:00"), _span(day="Monday")]
    closed = _span(day="sunday", startTime="CLOSED", endTime="CLOSED")
    hours = {"timezone": "Asia/Kathmandu", "hours": [*spans, closed]}
    made = desk.made(type="INBOUND", activatedHours=hours)
    assert made["activatedHours"] == {
        "timezone": "Asia/Kathmandu",
        "hours": [_span(), _span(day="friday", endTime="24:00")],
    }
    assert desk.read(made)["activatedHours"] == made["activatedHours"]


def test_a_tools_name_is_not_its_id(desk: Desk) -> None:
    desk.tool()
    for name in ("transferCall", "endCall", "template-endcall-001"):
        assert name in refused(desk.send(toolIds=[name]))


def test_what_shapes_an_agent_is_shown_as_it_was_sent(desk: Desk) -> None:
    sent = {
        "multilingual": True,
        "firstMessage": "Hello from Bayou Gutters!",
        "customInstructions": "Never name a price.",
        "backgroundSound": "https://sounds.example.com/cafe.mp3",
    }
    made = desk.made(**sent)
    assert sent.items() <= made.items()
    assert sent.items() <= desk.read(made).items()


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize(
    "path", ["/voices", "/voices/voice-abc123", "/tools", "/tools/template-transfer-001"]
)
def test_voices_and_templates_are_read_only(api: httpx2.Client, method: str, path: str) -> None:
    answer = api.request(method, path, json={})
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")


@pytest.mark.parametrize(
    "path",
    [
        "/tools",
        "/businesses/biz_demo/tools",
        "/businesses/biz_demo/files",
        AGENTS,
        CALLS,
        "/organizations/calls",
    ],
)
def test_lists_are_pages(api: httpx2.Client, path: str) -> None:
    shown = api.get(path).json()
    assert set(shown) == {"items", "total", "page", "page_size"}
    assert (shown["page"], shown["page_size"]) == (1, 10)
    second = api.get(path, params={"page": 2, "page_size": 100}).json()
    assert (second["page"], second["page_size"]) == (2, 100)
    for wrong in ({"page_size": 101}, {"page_size": 0}, {"page": 0}):
        assert api.get(path, params=wrong).status_code == 400


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("type", "outbound"),
        ("status", "DONE"),
        ("start", "yesterday"),
        ("end", "tomorrow"),
        ("orderBy", "startedAt"),
        ("orderBy[field]", "name"),
        ("orderBy[direction]", "up"),
    ],
)
def test_both_histories_refuse_what_they_cannot_read(
    api: httpx2.Client, name: str, value: str
) -> None:
    for path in (CALLS, "/organizations/calls"):
        assert name.partition("[")[0] in refused(api.get(path, params={name: value}))


def test_an_ended_call_has_every_field_of_the_guide(sandbox: SandboxProcess, desk: Desk) -> None:
    sandbox.set_outcomes({"answered_interested": 1.0})
    lead = sandbox.add("leads", business_id=desk.business, name="Ann Bee")["id"]
    agent = desk.made(collectFields=["name", "favorite_color"])
    desk.api.post(f"{desk.path(agent)}/deploy")
    call = {
        "leadId": lead,
        "name": "Ann Bee",
        "additionalInfo": "Saw the ad.",
        "imageUrls": IMAGES,
    }
    placed = desk.api.post(f"{desk.path(agent)}/call", json={"phoneNumber": PHONE} | call).json()
    calls = f"/businesses/{desk.business}/calls"
    record = until(
        lambda: dict(desk.api.get(f"{calls}/{placed['callId']}").json()),
        lambda shown: "endedAt" in shown,
    )
    assert set(record) == RECORD
    assert set(record["leadContext"]) == LEAD_CONTEXT
    assert set(record["structuredData"]) == {"name", "favorite_color"}
    assert "Ann" in record["transcript"]
    assert desk.api.get(calls).json()["items"] == [record]


def test_images_are_sent_once_the_call_has_started(frozen: SandboxProcess) -> None:
    with client(frozen) as api:
        record: dict[str, Any] = api.get(f"{CALLS}/{place(api, imageUrls=IMAGES)}").json()
    assert record["status"] == "SCHEDULED"
    assert "imageUrls" not in record["leadContext"]
