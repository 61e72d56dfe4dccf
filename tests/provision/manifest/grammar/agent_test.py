"""The fields of an agent."""

from pathlib import Path

import pytest

from tests.provision.manifest.manifests import AGENT, faults_of, manifest_of, told

INBOUND = AGENT.replace("OUTBOUND", "INBOUND")
HOURS = "    activatedHours: {timezone: UTC, hours: []}\n"


@pytest.mark.parametrize(
    "line",
    [
        "voice: null",
        "voice: Sarah",
        "firstMessage: null",
        "customInstructions: |\n      Two\n      lines.",
        "personality: {tone: friendly, useHumor: false, style: null}",
        "personality: {}",
        "personality: null",
        "multilingual: true",
        "backgroundSound: office",
        "backgroundSound: https://www.example.com/a.mp3",
        "collectFields: [name, email]",
        "collectFields: []",
        "tools: null",
        "files: []",
        "deploy: false",
        "onDuty: false",
        "deploy: true\n    onDuty: true",
    ],
)
def test_a_good_field(tmp_path: Path, line: str) -> None:
    assert told(tmp_path, f"{AGENT}    {line}\n") == []


@pytest.mark.parametrize(
    ("line", "code", "field"),
    [
        ("voice: 7", "wrong_kind", "voice"),
        ("voice: ' Sarah'", "bad_text", "voice"),
        ("firstMessage: ''", "bad_length", "firstMessage"),
        ('firstMessage: "a\\x1b[31m"', "bad_character", "firstMessage"),
        ('firstMessage: "a\\ud800"', "bad_character", "firstMessage"),
        ("personality: friendly", "wrong_kind", "personality"),
        ("personality: {useHumour: true}", "unknown_field", "personality.useHumour"),
        ("personality: {useHumor: sometimes}", "wrong_kind", "personality.useHumor"),
        ("multilingual: yes", "wrong_kind", "multilingual"),
        ("multilingual: 1", "wrong_kind", "multilingual"),
        ("backgroundSound: cafe", "bad_url", "backgroundSound"),
        ("backgroundSound: ftp://example.com/a", "bad_url", "backgroundSound"),
        ("collectFields: name", "wrong_kind", "collectFields"),
        ("collectFields: [name, name]", "repeated_item", "collectFields.1"),
        ("collectFields: [true]", "wrong_kind", "collectFields.0"),
        ("conversationFlow2: x", "unknown_field", "conversationFlow2"),
        ("deploy: null", "wrong_kind", "deploy"),
        ("deploy: false\n    onDuty: false", "needs_deploy", "onDuty"),
        (HOURS.strip(), "inbound_only", "activatedHours"),
    ],
)
def test_a_bad_field(tmp_path: Path, line: str, code: str, field: str) -> None:
    assert told(tmp_path, f"{AGENT}    {line}\n") == [(code, f"agents.caller.{field}")]


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("x" * 40, None),
        ("x" * 41, "bad_length"),
        ("''", "bad_length"),
        ("null", "wrong_kind"),
        ("' x'", "bad_text"),
        ('"two\\nlines"', "bad_text"),
        ("é" * 40, None),
    ],
)
def test_a_name(tmp_path: Path, name: str, code: str | None) -> None:
    found = told(tmp_path, AGENT.replace("name: Caller", f"name: {name}"))
    assert found == ([(code, "agents.caller.name")] if code else [])


@pytest.mark.parametrize(
    ("flow", "code"),
    [
        ("conversationFlow: a\n    workflow: {}", "ambiguous_fields"),
        ("deploy: true", "missing_field"),
    ],
)
def test_exactly_one_conversation(tmp_path: Path, flow: str, code: str) -> None:
    text = AGENT.replace("conversationFlow: Say hello.", flow)
    assert (code, "agents.caller") in told(tmp_path, text)


def test_a_misspelt_conversation_is_told_once(tmp_path: Path) -> None:
    (fault,) = faults_of(tmp_path, AGENT.replace("conversationFlow", "conversationflow"))
    assert (fault.code, fault.suggestion) == ("unknown_field", "did you mean conversationFlow?")


def test_a_misspelt_type(tmp_path: Path) -> None:
    (fault,) = faults_of(tmp_path, AGENT.replace("OUTBOUND", "Outbound"))
    assert (fault.code, fault.suggestion) == ("bad_choice", 'did you mean "OUTBOUND"?')
    assert (fault.line, fault.column) == (5, 11)


@pytest.mark.parametrize(
    ("written", "meant"), [("yes", "write true"), ("off", "write false"), ("maybe", None)]
)
def test_a_flag_of_old_yaml(tmp_path: Path, written: str, meant: str | None) -> None:
    (fault,) = faults_of(tmp_path, f"{AGENT}    multilingual: {written}\n")
    assert fault.suggestion == meant


def test_hours_of_an_inbound_agent(tmp_path: Path) -> None:
    assert told(tmp_path, INBOUND + HOURS) == []


def test_flags_and_numbers_may_come_from_variables(tmp_path: Path) -> None:
    text = AGENT + "    multilingual: ${M}\n    deploy: ${D:-false}\n"
    agent = manifest_of(tmp_path, text, {"M": "true"}).agents["caller"]
    assert (agent.fields["multilingual"], agent.deploy) == (True, False)
    assert told(tmp_path, text, {"M": "yes"}) == [("wrong_kind", "agents.caller.multilingual")]
    late = told(tmp_path, text + "    onDuty: true\n", {"M": "true"})
    assert late == [("needs_deploy", "agents.caller.onDuty")]
