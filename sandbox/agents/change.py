"""Decides what a body makes of an agent, by every rule that the guide states for one."""

from collections.abc import Callable, Container, Mapping
from typing import Any

from sandbox.agents.bodies import AgentBody, NewAgentBody, PersonalityBody
from sandbox.agents.forms import settle_seconds
from sandbox.agents.references import References
from sandbox.catalog.voices import DEFAULT_VOICE_ID
from sandbox.clock import iso
from sandbox.errors import ApiError
from sandbox.model.agents import Agent, AgentType, Personality
from sandbox.model.base import new_id
from sandbox.model.tenants import Business

NO_FORM = "Give a workflow or a conversationFlow; an agent needs one of them"
NO_HOURS = "activatedHours can only be set for INBOUND agents"
FIXED_TYPE = "type can't be changed; make another agent"


def new_agent(body: NewAgentBody, business: Business, references: References, now: float) -> Agent:
    """The agent that a body asks for, without its automatic tools.

    Args:
        body: What was sent.
        business: Whose agent it becomes.
        references: Checks what it names.
        now: The instant, in virtual Unix seconds.

    Raises:
        ApiError: A rule is broken (400).
    """
    if body.workflow is None and body.conversation_flow is None:
        raise ApiError(400, NO_FORM)
    stamp = iso(now)
    plain = Agent(
        id=new_id("agent"),
        business_id=business.id,
        name=body.name,
        type=body.type,
        created_at=stamp,
        updated_at=stamp,
    )
    return _merged(plain, body, NewAgentBody.model_fields, references, now)


def changed_agent(agent: Agent, body: AgentBody, references: References, now: float) -> Agent:
    """An agent as a body changes it, its automatic tools as they were.

    Args:
        agent: The agent so far.
        body: What was sent.
        references: Checks what it names.
        now: The instant, in virtual Unix seconds.

    Raises:
        ApiError: A rule is broken (400).
    """
    if "type" in body.model_fields_set and body.type is not agent.type:
        raise ApiError(400, FIXED_TYPE)
    return _merged(agent, body, body.model_fields_set, references, now)


def _merged(
    agent: Agent, body: AgentBody, fields: Container[str], references: References, now: float
) -> Agent:
    if body.activated_hours is not None and agent.type is not AgentType.INBOUND:
        raise ApiError(400, NO_HOURS)
    changes: dict[str, object] = {"updated_at": iso(now), **_form(agent, body, now)}
    for field, read in _readers(agent, references).items():
        if field in fields:
            changes[field] = read(getattr(body, field))
    return agent.model_copy(update=changes)


def _form(agent: Agent, body: AgentBody, now: float) -> Mapping[str, object]:
    # Of two forms the workflow counts. The same form again starts no new background work.
    if body.workflow is not None:
        graph = body.workflow.checked()
        if graph == agent.workflow:
            return {}
        settles = now + settle_seconds(graph)
        return {"workflow": graph, "conversation_flow": None, "forms_settle": settles}
    flow = body.conversation_flow
    if flow is not None:
        if agent.workflow is None and flow == agent.conversation_flow:
            return {}
        settles = now + settle_seconds(flow)
        return {"workflow": None, "conversation_flow": flow, "forms_settle": settles}
    given = "conversation_flow" if agent.workflow is None else "workflow"
    if given in body.model_fields_set:
        raise ApiError(400, NO_FORM)
    return {}


def _readers(agent: Agent, references: References) -> dict[str, Callable[[Any], object]]:
    return {
        "name": str,
        "custom_instructions": _as_is,
        "voice_id": lambda given: DEFAULT_VOICE_ID if given is None else references.voice(given),
        "tool_ids": lambda given: references.tools(given or (), own=agent.automatic_tool_ids),
        "knowledge_base_document_ids": lambda given: references.documents(given or ()),
        "personality": _personality,
        "first_message": _as_is,
        "multilingual": bool,
        "background_sound": _as_is,
        "collect_fields": lambda given: tuple(given or ()),
        "activated_hours": lambda given: given and given.checked(),
    }


def _as_is(given: object) -> object:
    return given


def _personality(given: PersonalityBody | None) -> Personality | None:
    if given is None:
        return None
    return Personality.model_validate(given.model_dump(exclude_none=True))
