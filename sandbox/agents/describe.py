"""Writes agents as the API shows them; what does not exist yet is left out or null."""

from typing import Any

from sandbox.agents.duty import on_duty
from sandbox.agents.forms import graph_of, prose_of
from sandbox.agents.hours import ALWAYS
from sandbox.model.agents import Agent, AgentType
from sandbox.model.base import Shape


def describe(agent: Agent, now: float) -> dict[str, Any]:
    """The API's answer for an agent as it stands at ``now`` (virtual Unix seconds)."""
    shown: dict[str, Any] = {
        "id": agent.id,
        "name": agent.name,
        "type": agent.type,
        "businessId": agent.business_id,
        **_forms(agent, settled=now >= agent.forms_settle),
        "voiceId": agent.voice_id,
        "multilingual": agent.multilingual,
        "collectFields": list(agent.collect_fields),
        "toolIds": list(agent.all_tool_ids),
        "knowledgeBaseDocumentIds": list(agent.knowledge_base_document_ids),
        "createdAt": agent.created_at,
        "updatedAt": agent.updated_at,
    }
    optional = {
        "customInstructions": agent.custom_instructions,
        "firstMessage": agent.first_message,
        "backgroundSound": agent.background_sound,
        "personality": agent.personality and _written(agent.personality),
        "activatedHours": _hours(agent),
        "phoneNumber": agent.phone_number,
        "onDuty": on_duty(agent, now),
    }
    return shown | {name: value for name, value in optional.items() if value is not None}


def _forms(agent: Agent, *, settled: bool) -> dict[str, Any]:
    prose_shown = settled or agent.workflow is None
    graph_shown = settled or agent.workflow is not None
    return {
        "conversationFlow": prose_of(agent) if prose_shown else None,
        "workflow": _written(graph_of(agent)) if graph_shown else None,
    }


def _hours(agent: Agent) -> dict[str, Any] | None:
    if agent.type is not AgentType.INBOUND:
        return None
    return _written(agent.activated_hours or ALWAYS)


def _written(part: Shape) -> dict[str, Any]:
    return part.model_dump(mode="json", by_alias=True, exclude_none=True)
