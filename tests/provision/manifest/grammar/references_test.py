"""What the parts of a manifest need of each other."""

from pathlib import Path

from tests.provision.manifest.manifests import AGENT, faults_of, told

TOOLS = """\
tools:
  visits: {template: googleCal}
  people:
    template: transferCall
    config: {destinations: [{name: Office, phoneNumber: "+12125550142"}]}
  kept: {id: tool_9}
"""
BOOKING = """\
business: biz_demo
calendar: existing
agents:
  caller:
    name: Caller
    type: OUTBOUND
    workflow:
      startNode: book
      nodes: [{id: book, type: tool, prompt: scheduleAppointment}]
      edges: []
"""
PROMPT = "agents.caller.workflow.nodes.0.prompt"


def test_keys_and_ids(tmp_path: Path) -> None:
    text = AGENT + '    tools: [visits, kept, "id:tool_7"]\n    files: ["id:file_1"]\n'
    assert told(tmp_path, text + TOOLS + "calendar: existing\n") == []


def test_an_unknown_key(tmp_path: Path) -> None:
    text = AGENT + "    tools: [visit, tool-123, x]\n    files: [visits]\n" + TOOLS
    text += "calendar: existing\n"
    found = faults_of(tmp_path, text)
    assert [(one.code, one.field, one.suggestion) for one in found] == [
        ("unknown_reference", "agents.caller.tools.0", 'did you mean "visits"?'),
        ("unknown_reference", "agents.caller.tools.1", "write id:tool-123 for an upstream id"),
        ("unknown_reference", "agents.caller.tools.2", None),
        ("unknown_reference", "agents.caller.files.0", None),
    ]


def test_a_reference_of_another_form(tmp_path: Path) -> None:
    text = AGENT + '    tools: ["a b", "id:", 5]\n'
    codes = [code for code, _ in told(tmp_path, text)]
    assert codes == ["bad_reference", "bad_reference", "wrong_kind"]


def test_a_key_twice_in_a_list(tmp_path: Path) -> None:
    text = AGENT + "    tools: [kept, kept]\n" + TOOLS + "calendar: existing\n"
    assert told(tmp_path, text) == [("repeated_item", "agents.caller.tools.1")]


def test_names_are_given_once(tmp_path: Path) -> None:
    text = AGENT + "  other:\n    name: Caller\n    type: INBOUND\n    conversationFlow: x\n"
    (fault,) = faults_of(tmp_path, text)
    assert (fault.code, fault.field) == ("repeated_name", "agents.other.name")
    assert "agents.caller" in fault.message


def test_a_calendar_tool_needs_a_calendar(tmp_path: Path) -> None:
    (fault,) = faults_of(tmp_path, "business: biz_demo\n" + TOOLS)
    assert (fault.code, fault.field) == ("needs_calendar", "tools.visits.template")
    assert "calendar: existing" in (fault.suggestion or "")


def test_booking_needs_a_calendar_tool(tmp_path: Path) -> None:
    assert told(tmp_path, BOOKING) == [("needs_calendar_tool", PROMPT)]
    (fault,) = faults_of(tmp_path, BOOKING + "    tools: [people]\n" + TOOLS)
    assert (fault.code, fault.suggestion) == ("needs_calendar_tool", "add visits to its tools")


def test_booking_with_what_is_or_may_be_a_calendar_tool(tmp_path: Path) -> None:
    assert told(tmp_path, BOOKING + "    tools: [visits]\n" + TOOLS) == []
    assert told(tmp_path, BOOKING + "    tools: [kept]\n" + TOOLS) == []
    assert told(tmp_path, BOOKING + '    tools: ["id:tool_1"]\n') == []


def test_a_declaration_may_be_unused(tmp_path: Path) -> None:
    assert told(tmp_path, "business: biz_demo\ncalendar: existing\n" + TOOLS) == []


SETTINGS = """
    business: biz_demo
    calendar: existing
    tools:
      first:
        template: googleCal
        config: {{appointmentConfig: {{slotDurationMinutes: 60, slotBufferMinutes: 0}}}}
      plain: {{template: googleCal}}
      second:
        template: googleCal
        config: {{appointmentConfig: {{slotBufferMinutes: 0, slotDurationMinutes: {minutes}}}}}
"""


def test_a_business_has_one_set_of_appointment_settings(tmp_path: Path) -> None:
    assert told(tmp_path, SETTINGS.format(minutes=60)) == []
    assert told(tmp_path, SETTINGS.format(minutes=90)) == [
        ("differing_config", "tools.second.config.appointmentConfig")
    ]
    (fault,) = faults_of(tmp_path, SETTINGS.format(minutes=90))
    assert "tools.first" in fault.message
