"""The file as a whole."""

from pathlib import Path

import pytest

from tests.provision.manifest.manifests import AGENT, faults_of, manifest_of, told


def test_the_least(tmp_path: Path) -> None:
    manifest = manifest_of(tmp_path, "business: biz_demo\n")
    assert (manifest.business, manifest.agents, manifest.tools) == ("biz_demo", {}, {})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("agents: {}", [("missing_field", "business")]),
        ("just text", [("wrong_kind", "")]),
        ("[business, biz_demo]", [("wrong_kind", "")]),
        ("null", [("wrong_kind", "")]),
        ("business: a/b", [("bad_id", "business")]),
        ("business: 5", [("wrong_kind", "business")]),
        ("business: b\ntools:", [("wrong_kind", "tools")]),
        ("business: b\ntools: []", [("wrong_kind", "tools")]),
        ("business: b\nvoices: {}", [("unknown_field", "voices")]),
        ("business: b\ncalendar: primary", [("bad_choice", "calendar")]),
        ("business: b\ncalendar: {}", [
            ("missing_field", "calendar.calendarId"), ("missing_field", "calendar.accessToken"),
        ]),
        ("business: b\ncalendar: {calendarId: p, accessToken: 'a b'}", [
            ("bad_text", "calendar.accessToken"),
        ]),
        ("business: b\nfiles: {a: {}}", [("missing_field", "files.a")]),
        ("business: b\nfiles: {a: {path: x, id: y}}", [
            ("ambiguous_fields", "files.a"),
        ]),
        ("business: b\ntools: {a.b: {id: t}}", [("bad_key", "tools.a.b")]),
    ],
)  # fmt: skip
def test_what_is_wrong(tmp_path: Path, text: str, expected: list[tuple[str, str]]) -> None:
    assert told(tmp_path, text) == expected


def test_a_misspelt_field_is_told_once_with_what_was_meant(tmp_path: Path) -> None:
    (fault,) = faults_of(tmp_path, AGENT.replace("business", "busines"))
    assert (fault.code, fault.suggestion) == ("unknown_field", "did you mean business?")


def test_a_key_is_suggested(tmp_path: Path) -> None:
    text = AGENT.replace("  caller:", "  My Caller!:")
    (fault,) = faults_of(tmp_path, text)
    assert (fault.code, fault.suggestion, fault.line) == ("bad_key", "write my-caller", 3)


def test_keys_for_anchors_are_passed_over(tmp_path: Path) -> None:
    text = "x-flow: &flow Say hello.\n" + AGENT.replace("Say hello.", "*flow")
    manifest = manifest_of(tmp_path, text)
    assert manifest.agents["caller"].fields["conversationFlow"] == "Say hello."


def test_a_token_is_never_told(tmp_path: Path) -> None:
    text = "business: b\ncalendar: {calendarId: p, accessToken: 'very secret'}\n"
    (fault,) = faults_of(tmp_path, text)
    assert "secret" not in str(fault)
    assert fault.source is None
