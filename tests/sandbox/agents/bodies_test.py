"""What the bodies of agents may hold, member by member."""

import pytest

from tests.sandbox.desk import Desk, refused


@pytest.mark.parametrize("name", ["", "x" * 41, None, 7])
def test_a_name_has_1_to_40_characters(desk: Desk, name: object) -> None:
    assert "name" in refused(desk.send(name=name))


@pytest.mark.parametrize("name", ["x", "é" * 40])
def test_a_name_of_1_or_40_characters_is_taken(desk: Desk, name: str) -> None:
    assert desk.made(name=name)["name"] == name


@pytest.mark.parametrize("kind", ["inbound", "BOTH", "", None, 1])
def test_the_type_is_inbound_or_outbound(desk: Desk, kind: object) -> None:
    assert "type" in refused(desk.send(type=kind))


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b"null", b"{", b"\xff", b'"x"'])
def test_a_body_that_is_no_agent_is_400(desk: Desk, body: bytes) -> None:
    assert refused(desk.api.post(desk.agents, content=body))


def test_a_body_above_256_kib_is_413(desk: Desk) -> None:
    assert desk.send(conversationFlow="x" * 262_144).status_code == 413


@pytest.mark.parametrize("flow", ["", "x" * 20_001])
def test_a_conversation_flow_is_neither_empty_nor_endless(desk: Desk, flow: str) -> None:
    assert "conversationFlow" in refused(desk.send(conversationFlow=flow))


def test_members_that_the_guide_does_not_name_are_ignored(desk: Desk) -> None:
    assert "colour" not in desk.made(colour="blue", personality={"colour": "red"})


@pytest.mark.parametrize("sound", ["office", "https://example.com/cafe.mp3", "http://a.example/x"])
def test_a_background_sound_is_office_or_a_web_address(desk: Desk, sound: str) -> None:
    assert desk.made(backgroundSound=sound)["backgroundSound"] == sound


@pytest.mark.parametrize(
    "sound", ["cafe", "", "ftp://example.com/x", "https://", "javascript:1", "https://a b", 7]
)
def test_other_background_sounds_are_refused(desk: Desk, sound: object) -> None:
    assert "backgroundSound" in refused(desk.send(backgroundSound=sound))


@pytest.mark.parametrize(
    "fields", [["a", "a"], [""], ["x" * 101], [str(n) for n in range(51)], "name", [7]]
)
def test_collect_fields_are_a_few_names_each_once(desk: Desk, fields: object) -> None:
    assert "collectFields" in refused(desk.send(collectFields=fields))


@pytest.mark.parametrize(
    "hours",
    [
        {"timezone": "EST5", "hours": []},
        {"timezone": "UTC", "hours": [{"day": "x", "startTime": "09:00", "endTime": "17:00"}]},
        {"timezone": "UTC"},
        {"hours": []},
        "always",
    ],
)
def test_activated_hours_that_cannot_be_are_400(desk: Desk, hours: object) -> None:
    assert "activatedHours" in refused(desk.send(type="INBOUND", activatedHours=hours))


def test_a_tool_is_named_once(desk: Desk) -> None:
    tool = desk.tool()
    assert "named twice" in refused(desk.send(toolIds=[tool, tool]))
