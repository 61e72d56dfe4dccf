"""Decides which tools the platform adds to an agent by itself, and makes them."""

from collections.abc import Iterator
from dataclasses import dataclass

from sandbox.catalog.templates import END_CALL_TEMPLATE, TRANSFER_TEMPLATE
from sandbox.model.agents import Agent
from sandbox.model.base import Record, new_id
from sandbox.model.tenants import Business
from sandbox.model.tools import Tool, TransferDestination
from sandbox.overrides import DESTINATION_IDS
from sandbox.world import World

KNOWLEDGE_BASE_QUERY = "knowledgeBaseQuery"
END_CALL = END_CALL_TEMPLATE.type
TRANSFER_CALL = TRANSFER_TEMPLATE.type


@dataclass(frozen=True, slots=True)
class Assembly:
    """An agent with its automatic tools: what is to be kept, and what has become needless."""

    agent: Agent
    keep: tuple[Record, ...]
    drop: tuple[Record, ...]


def assemble(world: World, agent: Agent, business: Business, *, at: str) -> Assembly:
    """Give an agent the automatic tools that it should have now; those it has stay its own.

    ``endCall`` always; ``knowledgeBaseQuery`` with documents; a default ``transferCall``, to
    the business's own phone, where there is one and the caller chose no transfer tool.

    Args:
        world: Holds the tools so far; it is not changed.
        agent: The agent with the caller's tools and documents.
        business: Whose agent it is.
        at: The instant, ISO 8601.
    """
    before = {tool.type: tool for tool in automatic_tools(world, agent)}
    kept: list[Record] = []
    ids = []
    for kind in _wanted(world, agent, business):
        tool = before.pop(kind, None)
        if tool is None:
            tool, parts = _made(kind, agent, business, at)
            kept += [*parts, tool]
        elif kind == KNOWLEDGE_BASE_QUERY and tool.config_override != _documents(agent):
            tool = tool.model_copy(update={"config_override": _documents(agent), "updated_at": at})
            kept.append(tool)
        ids.append(tool.id)
    whole = agent.model_copy(update={"automatic_tool_ids": tuple(ids)})
    needless = [part for tool in before.values() for part in _with_destinations(world, tool)]
    return Assembly(agent=whole, keep=(*kept, whole), drop=tuple(needless))


def automatic_tools(world: World, agent: Agent) -> list[Tool]:
    """The tools that the platform added to an agent."""
    found = (world.find(Tool, tool_id) for tool_id in agent.automatic_tool_ids)
    return [tool for tool in found if tool is not None]


def belongings(world: World, agent: Agent) -> tuple[Record, ...]:
    """What goes with an agent when it is deleted: itself and its automatic tools."""
    tools = automatic_tools(world, agent)
    return (agent, *(part for tool in tools for part in _with_destinations(world, tool)))


def _wanted(world: World, agent: Agent, business: Business) -> Iterator[str]:
    if agent.knowledge_base_document_ids:
        yield KNOWLEDGE_BASE_QUERY
    yield END_CALL
    chosen = (world.find(Tool, tool_id) for tool_id in agent.tool_ids)
    if business.phone_number and all(
        tool is None or tool.type != TRANSFER_CALL for tool in chosen
    ):
        yield TRANSFER_CALL


def _made(kind: str, agent: Agent, business: Business, at: str) -> tuple[Tool, list[Record]]:
    if kind == END_CALL:
        tool = END_CALL_TEMPLATE.instance(
            business_id=business.id, override={}, at=at, agent_id=agent.id
        )
        return tool, []
    if kind == KNOWLEDGE_BASE_QUERY:
        return _knowledge_base_query(agent, at), []
    main_line = TransferDestination(
        id=new_id("destination"),
        business_id=business.id,
        name=business.name,
        phone_number=business.phone_number or "",
        description="The business's main line",
    )
    override = {DESTINATION_IDS: [main_line.id]}
    tool = TRANSFER_TEMPLATE.instance(
        business_id=business.id, override=override, at=at, agent_id=agent.id
    )
    return tool, [main_line]


def _knowledge_base_query(agent: Agent, at: str) -> Tool:
    return Tool(
        id=new_id("tool"),
        business_id=agent.business_id,
        template_tool_id=None,
        name=KNOWLEDGE_BASE_QUERY,
        display_name="Knowledge Base Query",
        type=KNOWLEDGE_BASE_QUERY,
        config_override=_documents(agent),
        agent_id=agent.id,
        created_at=at,
        updated_at=at,
    )


def _documents(agent: Agent) -> dict[str, list[str]]:
    return {"knowledgeBaseDocumentIds": list(agent.knowledge_base_document_ids)}


def _with_destinations(world: World, tool: Tool) -> Iterator[Record]:
    yield tool
    for destination_id in tool.config_override.get(DESTINATION_IDS, ()):
        destination = world.find(TransferDestination, destination_id)
        if destination is not None:
            yield destination
