"""What a body makes of an agent: defaults, nulls, forms, and what can't change."""

import pytest

from tests.sandbox.agents.graph_test import sample
from tests.sandbox.desk import FLOW, OFFICE, Desk, refused
from tests.sandbox.worlds import until


def test_what_is_left_out_gets_its_default(desk: Desk) -> None:
    made = desk.made()
    assert made["voiceId"] == "voice-abc123"
    assert made["multilingual"] is False
    assert made["collectFields"] == made["knowledgeBaseDocumentIds"] == []
    absent = {"personality", "firstMessage", "customInstructions", "backgroundSound"}
    assert not (absent | {"activatedHours"}) & set(made)


def test_null_counts_as_left_out_when_an_agent_is_made(desk: Desk) -> None:
    optional = ("workflow", "voiceId", "toolIds", "personality", "multilingual", "collectFields")
    made = desk.made(**dict.fromkeys((*optional, "activatedHours", "backgroundSound")))
    assert (made["voiceId"], made["multilingual"]) == ("voice-abc123", False)


def test_without_workflow_and_conversation_flow_an_agent_is_refused(desk: Desk) -> None:
    told = "Give a workflow or a conversationFlow"
    assert told in refused(desk.send(conversationFlow=None))
    assert told in refused(desk.send(conversationFlow=None, workflow=None))


def test_of_both_forms_the_workflow_counts(still: Desk) -> None:
    made = still.made(workflow=sample())
    assert made["workflow"]["startNode"] == "start"
    assert made["conversationFlow"] is None


def test_a_broken_workflow_is_400_and_names_its_node(desk: Desk) -> None:
    graph = sample()
    graph["nodes"][1]["prompt"] = "searchAppointments"
    assert "'book' must be scheduleAppointment" in refused(desk.send(workflow=graph))
    graph["nodes"][1]["prompt"] = 7
    assert "workflow.nodes.1.prompt" in refused(desk.send(workflow=graph))


def test_activated_hours_are_for_inbound_agents_only(desk: Desk) -> None:
    assert "INBOUND" in refused(desk.send(activatedHours=OFFICE))
    made = desk.made()
    told = refused(desk.api.patch(desk.path(made), json={"activatedHours": OFFICE}))
    assert "activatedHours can only be set for INBOUND agents" in told


def test_a_change_touches_only_what_it_names(still: Desk) -> None:
    made = still.made(firstMessage="Hello!", personality={"tone": "calm"}, multilingual=True)
    changed = still.patched(made, name="Other")
    assert changed["name"] == "Other"
    same = set(made) - {"name", "updatedAt"}
    assert {key: changed[key] for key in same} == {key: made[key] for key in same}
    assert still.read(made) == changed


def test_null_clears_what_is_optional(office: Desk) -> None:
    made = office.made(
        type="INBOUND",
        firstMessage="Hello!",
        customInstructions="Be brief.",
        personality={"tone": "calm"},
        multilingual=True,
        backgroundSound="office",
        collectFields=["name"],
        voiceId="voice-def456",
        toolIds=[office.tool()],
        knowledgeBaseDocumentIds=[office.ready_file()],
        activatedHours=OFFICE,
    )
    cleared = office.patched(
        made,
        **dict.fromkeys(
            (
                "firstMessage",
                "customInstructions",
                "personality",
                "multilingual",
                "backgroundSound",
                "collectFields",
                "voiceId",
                "toolIds",
                "knowledgeBaseDocumentIds",
                "activatedHours",
            )
        ),
    )
    plain = office.made(type="INBOUND")
    assert set(cleared) == set(plain)
    for name in ("multilingual", "collectFields", "voiceId", "activatedHours"):
        assert cleared[name] == plain[name]
    assert office.types(cleared) == office.types(plain) == ["endCall", "transferCall"]


@pytest.mark.parametrize("name", ["name", "type", "conversationFlow"])
def test_what_an_agent_needs_cannot_be_cleared(desk: Desk, name: str) -> None:
    made = desk.made()
    assert refused(desk.api.patch(desk.path(made), json={name: None}))


def test_a_generated_form_cannot_be_cleared_nor_need_it_be(desk: Desk) -> None:
    made = desk.made(workflow=sample())
    assert refused(desk.api.patch(desk.path(made), json={"workflow": None}))
    assert desk.patched(made, conversationFlow=None)["workflow"] == made["workflow"]


def test_the_type_cannot_change(desk: Desk) -> None:
    made = desk.made()
    told = refused(desk.api.patch(desk.path(made), json={"type": "INBOUND"}))
    assert "type can't be changed" in told
    assert desk.patched(made, type="OUTBOUND", name="Same type")["name"] == "Same type"


def test_a_change_is_checked_as_a_creation_is(desk: Desk) -> None:
    made = desk.made()
    for broken in (
        {"name": ""},
        {"voiceId": "nobody"},
        {"toolIds": ["nothing"]},
        {"knowledgeBaseDocumentIds": ["nothing"]},
        {"workflow": {"nodes": [], "edges": [], "startNode": "x"}},
        {"backgroundSound": "cafe"},
        {"collectFields": ["a", "a"]},
    ):
        assert refused(desk.api.patch(desk.path(made), json={"firstMessage": "Hi!"} | broken))
    assert "firstMessage" not in desk.read(made)


def test_a_new_conversation_is_turned_into_its_other_form_again(still: Desk, desk: Desk) -> None:
    made = still.made(workflow=sample())
    prose = still.patched(made, conversationFlow="Ask whether they liked it.")
    assert prose["conversationFlow"] == "Ask whether they liked it."
    assert prose["workflow"] is None
    made = desk.made(workflow=sample())
    desk.patched(made, conversationFlow="Ask whether they liked it.")
    later = until(lambda: desk.read(made), lambda agent: agent["workflow"] is not None)
    assert later["workflow"]["nodes"][0]["prompt"] == "Ask whether they liked it."


def test_the_same_conversation_again_starts_nothing(desk: Desk) -> None:
    prose, graph = desk.made(), desk.made(workflow=sample(), conversationFlow=None)
    until(lambda: desk.read(prose), lambda agent: agent["workflow"] is not None)
    until(lambda: desk.read(graph), lambda agent: agent["conversationFlow"] is not None)
    assert desk.patched(prose, conversationFlow=FLOW)["workflow"] is not None
    assert desk.patched(graph, workflow=sample())["conversationFlow"] is not None
