"""What a manifest turns into: bodies, references, masks, places."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from provision.manifest import MASK, CalendarDeclaration, ExistingCalendar, ExistingTool, Reference
from tests.provision.manifest.manifests import AGENT, manifest_of

FULL = """\
business: biz_demo
calendar: {calendarId: primary, accessToken: "${TOKEN}"}
tools:
  people:
    template: transferCall
    config: {destinations: [{name: Office, phoneNumber: "+12125550142"}]}
  visits: {template: googleCal}
  custom: {template: "id:template-9", config: {a: [1]}}
  kept: {id: tool_9}
agents:
  caller:
    name: Caller
    type: OUTBOUND
    voice: Sarah
    conversationFlow: Say hello.
    customInstructions: null
    tools: [people, "id:tool_7", kept]
    files: []
"""


def test_an_agents_body_has_what_is_written_and_nothing_else(tmp_path: Path) -> None:
    agent = manifest_of(tmp_path, FULL, {"TOKEN": "secret"}).agents["caller"]
    body = agent.body(tool_ids={"people": "t1", "kept": "tool_9"}, file_ids={}, voice_id="v1")
    assert body == {
        "name": "Caller",
        "type": "OUTBOUND",
        "conversationFlow": "Say hello.",
        "customInstructions": None,
        "voiceId": "v1",
        "toolIds": ["t1", "tool_7", "tool_9"],
        "knowledgeBaseDocumentIds": [],
    }
    assert (agent.address, agent.deploy, agent.on_duty) == ("agents.caller", True, None)


def test_what_is_left_out_is_not_null(tmp_path: Path) -> None:
    bare = manifest_of(tmp_path, AGENT).agents["caller"]
    assert set(bare.body(tool_ids={}, file_ids={})) == {"name", "type", "conversationFlow"}
    null = manifest_of(tmp_path, AGENT + "    voice: null\n    tools: null\n").agents["caller"]
    body = null.body(tool_ids={}, file_ids={}, voice_id="ignored")
    assert (body["voiceId"], body["toolIds"]) == (None, [])


def test_a_body_is_its_own(tmp_path: Path) -> None:
    agent = manifest_of(tmp_path, AGENT + "    collectFields: [name]\n").agents["caller"]
    agent.body(tool_ids={}, file_ids={})["collectFields"].append("email")
    assert agent.body(tool_ids={}, file_ids={})["collectFields"] == ["name"]


def test_a_reference_without_an_id_yet() -> None:
    with pytest.raises(KeyError):
        Reference(key="people").resolve({})
    assert Reference(id="tool_1").resolve({}) == "tool_1"


def test_tools_and_calendars(tmp_path: Path) -> None:
    manifest = manifest_of(tmp_path, FULL, {"TOKEN": "secret"})
    assert isinstance(manifest.calendar, CalendarDeclaration)
    assert manifest.calendar.body() == {"accessToken": "secret", "calendarId": "primary"}
    custom, kept = manifest.tools["custom"], manifest.tools["kept"]
    assert not isinstance(custom, ExistingTool)
    assert custom.template == "template-9"
    assert custom.body("template-9") == {
        "templateToolId": "template-9",
        "configOverride": {"a": [1]},
    }
    visits = manifest.tools["visits"]
    assert not isinstance(visits, ExistingTool)
    assert visits.body("t") == {"templateToolId": "t"}
    assert kept == ExistingTool(key="kept", id="tool_9")
    assert [one.address for one in manifest.tools.values()] == [
        "tools.people",
        "tools.visits",
        "tools.custom",
        "tools.kept",
    ]


def test_an_existing_calendar(tmp_path: Path) -> None:
    assert manifest_of(tmp_path, AGENT + "calendar: existing\n").calendar == ExistingCalendar()
    assert manifest_of(tmp_path, AGENT).calendar is None


def test_nothing_shows_a_secret(tmp_path: Path) -> None:
    manifest = manifest_of(tmp_path, FULL, {"TOKEN": "very-secret"})
    assert "very-secret" not in repr(manifest)
    assert manifest.mask("a very-secret b") == f"a {MASK} b"


def test_a_token_that_is_written_out_is_a_secret_too(tmp_path: Path) -> None:
    text = FULL.replace('"${TOKEN}"', "written-out")
    assert "written-out" in manifest_of(tmp_path, text).secrets


def test_a_later_fault_stands_at_its_field(tmp_path: Path) -> None:
    manifest = manifest_of(tmp_path, FULL, {"TOKEN": "very-secret"})
    fault = manifest.fault(
        code="unknown_voice", field="agents.caller.voice", message="no very-secret", suggestion="x"
    )
    assert (fault.line, fault.column, fault.field) == (14, 12, "agents.caller.voice")
    assert fault.message == f"no {MASK}"
    assert (fault.file, fault.source) == (manifest.shown, "    voice: Sarah")
    above = manifest.fault(code="x", field="agents.caller.onDuty", message="m")
    assert (above.line, above.column) == (11, 3)
    assert manifest.fault(code="x", field="nowhere", message="m").line == 1


def test_a_manifest_is_frozen(tmp_path: Path) -> None:
    manifest = manifest_of(tmp_path, AGENT)
    with pytest.raises(ValidationError):
        manifest.business = "other"  # type: ignore[misc]  # that it can't be set is the test
