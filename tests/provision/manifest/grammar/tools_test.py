"""Tools and what their templates are told."""

from pathlib import Path

import pytest

from provision.manifest import ToolDeclaration
from tests.provision.manifest.manifests import faults_of, manifest_of, told

HEAD = "business: biz_demo\ncalendar: existing\ntools:\n  one: "
DESTINATION = "name: Office, phoneNumber: '+12125550142'"


def transfer(destination: str, more: str = "") -> str:
    return f"{HEAD}{{template: transferCall, config: {{destinations: [{{{destination}}}]{more}}}}}"


def slots(config: str) -> str:
    return f"{HEAD}{{template: googleCal, config: {{appointmentConfig: {{{config}}}}}}}"


@pytest.mark.parametrize(
    "text",
    [
        transfer(DESTINATION),
        transfer(f"{DESTINATION}, description: All else, warmTransferEnabled: true"),
        transfer("name: Office, phoneNumber: +12125550142"),
        transfer(
            DESTINATION,
            ", messages: [{type: request-complete, content: 'https://www.example.com/a.mp3'}]",
        ),
        slots(""),
        slots("slotDurationMinutes: 10, slotBufferMinutes: 0, advanceNoticeMinutes: 0"),
        slots("slotDurationMinutes: 300, slotBufferMinutes: 120, advanceNoticeMinutes: 14400"),
        HEAD + "{template: googleCal}",
        HEAD + "{template: endCall}",
        HEAD + "{template: function, config: {serverUrl: 'https://example.com', functionName: f}}",
        HEAD + "{template: apiRequest, config: {url: 'https://example.com', method: GET, x: [1]}}",
        HEAD + "{template: 'id:template-9', config: {anything: {goes: [1, null, x]}}}",
        HEAD + "{template: 'id:template-9'}",
        HEAD + "{id: tool_1}",
    ],
)
def test_a_good_tool(tmp_path: Path, text: str) -> None:
    assert told(tmp_path, text) == []


@pytest.mark.parametrize(
    ("text", "code", "field"),
    [
        (transfer("name: Office"), "missing_field", ".config.destinations.0.phoneNumber"),
        (transfer("phoneNumber: '+12125550142'"), "missing_field", ".config.destinations.0.name"),
        (
            transfer(f"{DESTINATION}, warmTransfer: true"),
            "unknown_field",
            ".config.destinations.0.warmTransfer",
        ),
        (HEAD + "{template: transferCall}", "missing_field", ".config"),
        (
            HEAD + "{template: transferCall, config: {}}",
            "missing_field",
            ".config.destinations",
        ),
        (
            HEAD + "{template: transferCall, config: {destinations: []}}",
            "bad_count",
            ".config.destinations",
        ),
        (
            transfer(DESTINATION, ", messages: [{type: hold, content: 'https://example.com'}]"),
            "bad_choice",
            ".config.messages.0.type",
        ),
        (
            transfer(DESTINATION, ", messages: [{type: request-complete, content: on-hold.mp3}]"),
            "bad_url",
            ".config.messages.0.content",
        ),
        (
            slots("slotDurationMinutes: 9"),
            "out_of_range",
            ".config.appointmentConfig.slotDurationMinutes",
        ),
        (
            slots("slotDurationMinutes: 301"),
            "out_of_range",
            ".config.appointmentConfig.slotDurationMinutes",
        ),
        (
            slots("slotBufferMinutes: -1"),
            "out_of_range",
            ".config.appointmentConfig.slotBufferMinutes",
        ),
        (
            slots("slotBufferMinutes: 121"),
            "out_of_range",
            ".config.appointmentConfig.slotBufferMinutes",
        ),
        (
            slots("advanceNoticeMinutes: 14401"),
            "out_of_range",
            ".config.appointmentConfig.advanceNoticeMinutes",
        ),
        (
            slots("slotDurationMinutes: 59.5"),
            "wrong_kind",
            ".config.appointmentConfig.slotDurationMinutes",
        ),
        (
            slots("slotDurationMinutes: true"),
            "wrong_kind",
            ".config.appointmentConfig.slotDurationMinutes",
        ),
        (HEAD + "{template: transfercall}", "unknown_template", ".template"),
        (HEAD + "{config: {}}", "missing_field", ".template"),
        (HEAD + "{template: endCall, id: tool_1}", "ambiguous_fields", ""),
        (HEAD + "{id: tool_1, config: {}}", "unknown_field", ".config"),
        (HEAD + "{id: 'a/b'}", "bad_id", ".id"),
        (HEAD + "{template: 'id:'}", "bad_text", ".template"),
        (HEAD + "transferCall", "wrong_kind", ""),
        (
            HEAD + "{template: function, config: {serverUrl: 'https://example.com'}}",
            "missing_field",
            ".config.functionName",
        ),
        (
            HEAD + "{template: apiRequest, config: {url: example.com, method: GET}}",
            "bad_url",
            ".config.url",
        ),
        (
            HEAD + "{template: apiRequest, config: {url: 'https://[::1', method: GET}}",
            "bad_url",
            ".config.url",
        ),
        (
            HEAD + "{template: apiRequest, config: {url: 'https://:80/', method: GET}}",
            "bad_url",
            ".config.url",
        ),
        (
            HEAD + "{template: apiRequest, config: {url: 'https://example.com', method: get}}",
            "bad_choice",
            ".config.method",
        ),
        (
            HEAD + "{template: 'id:template-9', config: {a: {b: \"\\x1b\"}}}",
            "bad_character",
            ".config.a.b",
        ),
    ],
)
def test_a_bad_tool(tmp_path: Path, text: str, code: str, field: str) -> None:
    assert told(tmp_path, text) == [(code, f"tools.one{field}")]


@pytest.mark.parametrize(
    ("number", "meant"),
    [
        ("'(212) 555-0142'", 'write "+12125550142"'),
        ("212-555-0142", 'write "+12125550142"'),
        ("1 212 555 0142", 'write "+12125550142"'),
        ("12125550142", 'write "+12125550142"'),
        ("2125550142", 'write "+12125550142"'),
        ("'+1 212.555.0142'", 'write "+12125550142"'),
        ("'+11125550142'", None),
        ("'+12121550142'", None),
        ("'+442071838750'", None),
        ("'212555014'", None),
        ("Office", None),
    ],
)
def test_a_number_that_is_none(tmp_path: Path, number: str, meant: str | None) -> None:
    (fault,) = faults_of(tmp_path, transfer(f"name: Office, phoneNumber: {number}"))
    assert fault.field == "tools.one.config.destinations.0.phoneNumber"
    if meant is not None:
        assert fault.suggestion == meant
    else:
        assert fault.suggestion is None or "+1" not in fault.suggestion


def test_a_number_of_minutes_may_come_from_a_variable(tmp_path: Path) -> None:
    text = slots("slotDurationMinutes: '${SLOT}'")
    tool = manifest_of(tmp_path, text, {"SLOT": "90"}).tools["one"]
    assert isinstance(tool, ToolDeclaration)
    assert tool.config == {"appointmentConfig": {"slotDurationMinutes": 90}}
    assert told(tmp_path, text, {"SLOT": "5"})[0][0] == "out_of_range"
    assert told(tmp_path, text, {"SLOT": "soon"})[0][0] == "wrong_kind"
    assert told(tmp_path, slots("slotDurationMinutes: '90'"))[0][0] == "wrong_kind"


def test_a_misspelt_template_is_guessed(tmp_path: Path) -> None:
    (fault,) = faults_of(tmp_path, HEAD + "{template: googleCalendar}")
    assert fault.suggestion == 'did you mean "googleCal"?'


def test_a_config_has_a_depth(tmp_path: Path) -> None:
    deep = "{a: " * 30 + "1" + "}" * 30
    assert told(tmp_path, f"{HEAD}{{template: 'id:x', config: {deep}}}")[0][0] == "too_deep"
