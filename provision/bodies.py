"""Makes the bodies that are sent, and what of them and of their answers is remembered."""

from collections.abc import Iterable, Mapping

from pydantic import JsonValue

from partner import CreateTool, CreateVoiceAgent, UpdateTool, UpdateVoiceAgent
from provision.automatic import own_tool_ids
from provision.comparing import canonical_agent
from provision.drafting.agents import voice_id
from provision.drafting.scene import Scene
from provision.drafting.things import template_id
from provision.manifest.models import (
    AgentDeclaration,
    ExistingFile,
    ExistingTool,
    FileDeclaration,
    ToolDeclaration,
)
from provision.state import Body, State

_TYPE = "type"


def tool_wire(scene: Scene, declared: ToolDeclaration) -> Body:
    """The body that creates a tool, secrets in the clear."""
    body: Body = declared.body(template_id(scene, declared) or "")
    return body


def create_tool(body: Mapping[str, JsonValue]) -> CreateTool:
    """The request that makes a tool."""
    return CreateTool.model_validate(body)


def update_tool(body: Mapping[str, JsonValue]) -> UpdateTool:
    """The request that sets a tool up anew; without a configuration, what it had is cleared."""
    return UpdateTool.model_validate({"configOverride": body.get("configOverride")})


def agent_wire(scene: Scene, declared: AgentDeclaration, state: State) -> Body:
    """The body that creates an agent, by the ids that are known now."""
    tools, files = scene.manifest.tools, scene.manifest.files
    body: Body = declared.body(
        tool_ids=_ids(tools, state),
        file_ids=_ids(files, state),
        voice_id=voice_id(scene, declared),
    )
    return body


def create_agent(declared: AgentDeclaration, body: Mapping[str, JsonValue]) -> CreateVoiceAgent:
    """The request that makes an agent."""
    return CreateVoiceAgent.model_validate(
        dict(body) | {"name": declared.name, _TYPE: declared.type}
    )


def update_agent(body: Mapping[str, JsonValue], fields: Iterable[str]) -> UpdateVoiceAgent:
    """The request that changes an agent.

    Args:
        body: All that is declared.
        fields: What is to be sent of it: a field that isn't declared is cleared.
    """
    sent = {name: body.get(name) for name in sorted(fields) if name != _TYPE}
    return UpdateVoiceAgent.model_validate(sent)


def kept_agent(scene: Scene, declared: AgentDeclaration, body: Mapping[str, JsonValue]) -> Body:
    """What is remembered of the body of an agent."""
    named: Body = {"name": declared.name.strip(), _TYPE: declared.type}
    return scene.keep(canonical_agent(body) | named)


def shown_agent(
    scene: Scene, answer: Mapping[str, JsonValue], sent: Mapping[str, JsonValue], state: State
) -> Body:
    """What is remembered of an agent's answer: the fields that were sent."""
    ours = state.owned_ids | {str(one) for one in _listed(sent.get("toolIds"))}
    ids = own_tool_ids(answer, scene.upstream.tools, ours)
    seen = canonical_agent(dict(answer) | {"toolIds": [*ids]})
    return {name: value for name, value in scene.keep(seen).items() if name in sent}


def _ids(
    things: Mapping[str, ToolDeclaration | ExistingTool]
    | Mapping[str, FileDeclaration | ExistingFile],
    state: State,
) -> dict[str, str]:
    found: dict[str, str] = {}
    for key, one in things.items():
        if isinstance(one, ExistingTool | ExistingFile):
            found[key] = one.id
        elif one.address in state.entries:
            found[key] = state.entries[one.address].id
    return found


def _listed(value: JsonValue) -> list[JsonValue]:
    return value if isinstance(value, list) else []
