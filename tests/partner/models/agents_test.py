"""What agents are made and changed with, and what is believed of them."""

from typing import Any

import pytest
from pydantic import ValidationError

from partner import CreateVoiceAgent, Personality, UpdateVoiceAgent, VoiceAgent, Workflow

MADE: dict[str, Any] = {"name": "Caller", "type": "OUTBOUND", "conversationFlow": "Say hello."}
HOURS = {"timezone": "UTC", "hours": []}
WORKFLOW = {
    "nodes": [{"id": "end", "type": "tool", "prompt": "endCall"}],
    "edges": [],
    "startNode": "end",
}


@pytest.mark.parametrize(
    ("fields", "deployed"),
    [
        ({}, False),
        ({"phoneNumber": None, "onDuty": None}, False),
        ({"phoneNumber": "+12125550100"}, True),
        ({"onDuty": False}, True),
        ({"phoneNumber": 5, "onDuty": "yes"}, False),
    ],
)
def test_deployed(fields: dict[str, object], deployed: bool) -> None:  # noqa: FBT001 - a pytest parameter
    assert VoiceAgent.model_validate({"id": "agent"} | fields).deployed is deployed


@pytest.mark.parametrize("duty", ["true", "yes", 1, 0, []])
def test_duty_is_a_boolean_or_nothing(duty: object) -> None:
    agent = VoiceAgent.model_validate({"id": "agent", "onDuty": duty})
    assert agent.on_duty is None
    assert agent.odd == {"onDuty": duty}


def test_a_part_that_can_not_be_read_spoils_no_other() -> None:
    answer = {
        "id": "agent",
        "workflow": {"nodes": [{"id": 5, "type": "tool"}], "startNode": "a"},
        "personality": {"tone": 7, "useHumor": True},
        "activatedHours": "always",
        "toolIds": ["tool-1", 2],
        "firstMessage": "Hello",
    }
    agent = VoiceAgent.model_validate(answer)
    assert agent.workflow is not None
    assert agent.workflow.nodes is not None
    assert (agent.workflow.nodes[0].id, agent.workflow.nodes[0].type) == (None, "tool")
    assert agent.workflow.nodes[0].odd == {"id": 5}
    assert agent.personality is not None
    assert (agent.personality.tone, agent.personality.use_humor) == (None, True)
    assert agent.odd == {"activatedHours": "always", "toolIds": ["tool-1", 2]}
    assert agent.first_message == "Hello"


@pytest.mark.parametrize("name", ["A", "x" * 40])
def test_a_name_has_1_to_40_characters(name: str) -> None:
    assert CreateVoiceAgent.model_validate(MADE | {"name": name}).name == name


def test_a_conversation_is_prose_or_a_graph_or_both() -> None:
    both = CreateVoiceAgent.model_validate(MADE | {"workflow": WORKFLOW})
    assert both.wire()["workflow"] == WORKFLOW
    graph = {"name": "Caller", "type": "OUTBOUND", "workflow": WORKFLOW}
    assert CreateVoiceAgent.model_validate(graph).wire() == graph


def test_what_is_none_is_left_out_when_an_agent_is_made() -> None:
    body = CreateVoiceAgent(
        name="Caller",
        type="OUTBOUND",
        conversation_flow="Say hello.",
        voice_id=None,
        tool_ids=(),
        personality=Personality(tone="friendly", use_humor=False),
        multilingual=False,
    )
    assert body.wire() == MADE | {
        "toolIds": [],
        "personality": {"tone": "friendly", "useHumor": False},
        "multilingual": False,
    }


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"name": ""}, "at least 1"),
        ({"name": "x" * 41}, "at most 40"),
        ({"type": "outbound"}, "INBOUND"),
        ({"conversationFlow": None}, "a workflow or a conversationFlow"),
        ({"activatedHours": HOURS}, "INBOUND agents only"),
        ({"multilingual": "yes"}, "boolean"),
        ({"voice": "voice-1"}, "Extra inputs"),
        ({"firstMessage": "\ud800"}, "utf-8"),
        ({"personality": {"useEmpathy": 1}}, "boolean"),
    ],
)
def test_no_agent(changes: dict[str, object], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        CreateVoiceAgent.model_validate(MADE | changes)


def test_hours_are_for_inbound_agents() -> None:
    made = MADE | {"type": "INBOUND", "activatedHours": HOURS}
    assert CreateVoiceAgent.model_validate(made).wire() == made


def test_a_change_sends_what_was_given_and_null_for_none() -> None:
    assert UpdateVoiceAgent().body() == b"{}"
    body = UpdateVoiceAgent(
        first_message=None, tool_ids=(), personality=Personality(style="brief")
    )
    assert body.body() == b'{"toolIds":[],"personality":{"style":"brief"},"firstMessage":null}'
    graph = UpdateVoiceAgent(workflow=Workflow.model_validate(WORKFLOW))
    assert graph.wire() == {"workflow": WORKFLOW}


@pytest.mark.parametrize("name", ["name", "conversationFlow", "workflow"])
def test_what_an_agent_needs_is_not_cleared(name: str) -> None:
    with pytest.raises(ValidationError, match=f"{name} can be changed, but not cleared"):
        UpdateVoiceAgent.model_validate({name: None})


@pytest.mark.parametrize("name", ["type", "phoneNumber", "onDuty", "id"])
def test_what_can_not_change_is_not_sent(name: str) -> None:
    with pytest.raises(ValidationError, match="Extra inputs"):
        UpdateVoiceAgent.model_validate({name: "OUTBOUND"})
