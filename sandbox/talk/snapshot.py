"""Takes the snapshot of an agent that a call keeps, and keeps each version once."""

from collections.abc import Callable, Iterator
from typing import Any

from sandbox.agents.forms import graph_of
from sandbox.agents.prose import sentences_of
from sandbox.catalog.templates import TRANSFER_TEMPLATE
from sandbox.model.agents import Agent, AgentType
from sandbox.model.base import Record
from sandbox.model.files import KnowledgeFile
from sandbox.model.tenants import Business
from sandbox.model.tools import AppointmentConfig, Tool, TransferDestination
from sandbox.model.workflow import Edge, Graph, Node, NodeType
from sandbox.overrides import APPOINTMENT_CONFIG_ID, DESTINATION_IDS
from sandbox.talk.brief import Brief, Calendar, Destination, Document
from sandbox.talk.text import clean, quotable, whole
from sandbox.talk.walk import Walker
from sandbox.world import World

NAME, SHORT, MESSAGE, PROMPT = 80, 200, 400, 800
PROMPT_READ = 4 * PROMPT
SENTENCES, SENTENCE, SHORTEST = 20, 240, 12
MOST_DOCUMENTS, MOST_DESTINATIONS, MOST_FIELDS = 20, 20, 100


class BriefBook:
    """Every version of an agent that a call was made with.

    Args:
        world: What snapshots are taken of.
        keep: Called with a journal entry for each new version.
    """

    def __init__(self, *, world: World, keep: Callable[[dict[str, Any]], None]) -> None:
        self._world = world
        self._keep = keep
        self._briefs: dict[str, Brief] = {}
        self._walkers: dict[str, Walker] = {}
        self._taken: dict[str, tuple[tuple[Record, ...], Brief]] = {}

    def take(self, agent: Agent) -> Brief:
        """The agent as it is now; cheap as long as nothing that it uses has changed."""
        parts = _parts(self._world, agent)
        taken = self._taken.get(agent.id)
        if taken is not None and _same(taken[0], parts):
            return taken[1]
        brief = brief_of(agent, parts)
        if brief.digest not in self._briefs:
            self._briefs[brief.digest] = brief
            self._keep({"kind": "brief", "record": brief.model_dump(mode="json", by_alias=True)})
        self._taken[agent.id] = (parts, brief)
        return brief

    def find(self, digest: str) -> Brief:
        """A version by its digest; a plain agent's for a call that was kept without one."""
        return self._briefs.get(digest) or Brief()

    def walker(self, brief: Brief) -> Walker:
        """What finds ways through a version's graph."""
        walker = self._walkers.get(brief.digest)
        if walker is None:
            walker = self._walkers[brief.digest] = Walker(brief.graph)
        return walker

    def restore(self, entry: dict[str, Any]) -> None:
        """Take up one journal entry again."""
        brief = Brief.model_validate(entry["record"])
        self._briefs[brief.digest] = brief


def brief_of(agent: Agent, parts: tuple[Record, ...]) -> Brief:
    """What a conversation needs of an agent.

    Args:
        agent: The agent.
        parts: What it uses: its business, tools, destinations, hours and files.
    """
    business = next((part for part in parts if isinstance(part, Business)), None)
    personality = agent.personality
    return Brief(
        business=clean(business.name if business else None, NAME) or "the business",
        **({"timezone": business.timezone} if business else {}),
        inbound=agent.type is AgentType.INBOUND,
        first_message=clean(agent.first_message, MESSAGE) or None,
        empathy=personality is not None and personality.use_empathy,
        graph=_shortened(graph_of(agent)),
        transfer_message=clean(_message(parts), SHORT) or None,
        destinations=tuple(_destinations(parts))[:MOST_DESTINATIONS],
        calendar=_calendar(parts),
        documents=tuple(_documents(parts)),
        fields=agent.collect_fields[:MOST_FIELDS],
    )


def _parts(world: World, agent: Agent) -> tuple[Record, ...]:
    return tuple(part for part in _used(world, agent) if part is not None)


def _used(world: World, agent: Agent) -> Iterator[Record | None]:
    yield agent
    yield world.find(Business, agent.business_id)
    for tool_id in agent.all_tool_ids:
        tool = world.find(Tool, tool_id)
        if tool is None or not tool.enabled:
            continue
        yield tool
        for target in tool.config_override.get(DESTINATION_IDS, ()):
            yield world.find(TransferDestination, target)
        config = tool.config_override.get(APPOINTMENT_CONFIG_ID)
        if config is not None:
            yield world.find(AppointmentConfig, config)
    for file_id in agent.knowledge_base_document_ids[:MOST_DOCUMENTS]:
        yield world.find(KnowledgeFile, file_id)


def _same(one: tuple[Record, ...], other: tuple[Record, ...]) -> bool:
    # Records are frozen and replaced when they change, so the same object is the same version.
    return len(one) == len(other) and all(a is b for a, b in zip(one, other, strict=True))


def _shortened(graph: Graph) -> Graph:
    return Graph(
        nodes=tuple(_node(node) for node in graph.nodes),
        edges=tuple(
            Edge(source=edge.source, target=edge.target, when=clean(edge.when, SHORT))
            for edge in graph.edges
        ),
        start_node=graph.start_node,
    )


def _node(node: Node) -> Node:
    changes = {
        "prompt": node.prompt if node.type is NodeType.TOOL else _prompt(node.prompt),
        "first_message": clean(node.first_message, MESSAGE) or None,
        "label": clean(node.label, NAME) or None,
    }
    return node.model_copy(update=changes)


def _prompt(prompt: str) -> str:
    # Items of a list are sentences; on one line they have to end to stay so.
    told = (f"{one}." if one[-1].isalnum() else one for one in sentences_of(prompt[:PROMPT_READ]))
    return clean(" ".join(told), PROMPT)


def _message(parts: tuple[Record, ...]) -> str | None:
    tools = (part for part in parts if isinstance(part, Tool))
    return next((tool.message for tool in tools if tool.type == TRANSFER_TEMPLATE.type), None)


def _destinations(parts: tuple[Record, ...]) -> Iterator[Destination]:
    for target in parts:
        if isinstance(target, TransferDestination):
            yield Destination(
                name=clean(target.name, NAME) or "the team",
                phone_number=target.phone_number,
                warm=target.warm_transfer_enabled,
                description=clean(target.description, SHORT),
            )


def _calendar(parts: tuple[Record, ...]) -> Calendar | None:
    config = next((part for part in parts if isinstance(part, AppointmentConfig)), None)
    if config is None:
        return None
    return Calendar(
        slot_minutes=config.slot_duration_minutes,
        buffer_minutes=config.slot_buffer_minutes,
        notice_minutes=config.advance_notice_minutes,
        hours=config.hours_json,
    )


def _documents(parts: tuple[Record, ...]) -> Iterator[Document]:
    for file in parts:
        if isinstance(file, KnowledgeFile) and file.text is not None:
            told = quotable(file.text, limit=SENTENCE, most=SENTENCES, shortest=SHORTEST)
            told = told or tuple(filter(None, (whole(clean(file.text, SENTENCE)),)))
            if told:
                yield Document(name=clean(file.name, NAME) or "a document", sentences=told)
