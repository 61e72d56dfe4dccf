"""Decides which way through an agent's graph a conversation takes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from sandbox.model.workflow import Edge, Graph, Node, NodeTool, NodeType
from sandbox.script import Outcome
from sandbox.talk.intents import Intent, intents_of
from sandbox.talk.persona import Persona, Wish

LONGEST = 24
"""No conversation passes more nodes, nor any node twice."""

WISHED: Mapping[Wish, Intent] = {
    Wish.APPOINTMENT: Intent.APPOINTMENT,
    Wish.TRANSFER: Intent.TRANSFER,
    Wish.QUESTION: Intent.QUESTION,
    Wish.DETAILS: Intent.INTEREST,
}
REFUSED: Mapping[Outcome, Intent] = {
    Outcome.ANSWERED_NOT_INTERESTED: Intent.REFUSAL,
    Outcome.CALLBACK: Intent.LATER,
    Outcome.OPT_OUT: Intent.STOP,
    Outcome.WRONG_PERSON: Intent.WRONG,
}
TOOL_OF: Mapping[Wish, NodeTool] = {
    Wish.APPOINTMENT: NodeTool.SCHEDULE_APPOINTMENT,
    Wish.TRANSFER: NodeTool.TRANSFER_CALL,
}
ACTS = frozenset({NodeTool.SCHEDULE_APPOINTMENT, NodeTool.TRANSFER_CALL})
TRANSFERS = frozenset({NodeTool.TRANSFER_CALL})
LAST = frozenset({NodeTool.TRANSFER_CALL, NodeTool.END_CALL})

FITS, MEANT, AGREES, FOLLOWS, UNTOLD = 4.0, 3.5, 3.0, 2.0, 1.0
"""How well a condition holds: it names the wish, leads nowhere but to its tool, names an
interest, names nothing; or its words tell nothing.
Conditions that are about anything else don't hold."""

UNCLEAR = frozenset({Intent.REFUSAL})
"""What a condition may be about that is read by where it leads: *no time suits*."""

NEARER, STRAYING = 0.5, -0.25
"""Added for a way that leads to the tool wished for, and for one into a tool not wished for."""


@dataclass(frozen=True, slots=True)
class Way:
    """An edge, with what its condition is about."""

    edge: Edge
    intents: frozenset[Intent]


class Walker:
    """Finds ways through one graph.

    Args:
        graph: Sound: its edges and its start name nodes of it.
    """

    def __init__(self, graph: Graph) -> None:
        self._start = graph.start_node
        self._nodes = {node.id: node for node in graph.nodes}
        self._ways: dict[str, list[Way]] = {}
        for edge in graph.edges:
            way = Way(edge, intents_of(edge.when))
            self._ways.setdefault(edge.source, []).append(way)
        self._bound = {tool: _bound_for(graph, self._nodes, tool) for tool in ACTS}
        self._leading = {tool: _leading_to(graph, tool) for tool in ACTS}

    def route(self, persona: Persona) -> tuple[Node, ...]:
        """The nodes that a conversation with this person passes, from the start on.

        A transfer ends it, so does the end of the call, and a node none of whose conditions
        holds. A person who refuses is taken to no tool but the end of the call.
        """
        passed = {self._start: self._nodes[self._start]}
        refused = False
        node: Node | None = passed[self._start]
        while node is not None and len(passed) < LONGEST and tool_of(node) not in LAST:
            if persona.wish is not None:
                node = self._wished(node, persona.wish, passed, urgent=persona.urgent)
            else:
                node, refused = self._refusing(node, persona.outcome, passed, refused=refused)
            if node is not None:
                passed[node.id] = node
        return tuple(passed.values())

    def clue(self, route: Sequence[Node]) -> str:
        """The words that tell where a route transfers to: of its last step, and before it."""
        at = next((n for n, node in enumerate(route) if tool_of(node) in TRANSFERS), None)
        if at is None:
            return ""
        told = [route[at].label or ""]
        for source, target in pairwise(route[max(0, at - 2) : at + 1]):
            ways = self._ways.get(source.id, ())
            told += [way.edge.when for way in ways if way.edge.target == target.id]
            if target.id in self._bound[NodeTool.TRANSFER_CALL] and tool_of(target) is None:
                told.append(target.prompt)
        return " ".join(told)

    def _wished(
        self, node: Node, wish: Wish, passed: Mapping[str, Node], *, urgent: bool
    ) -> Node | None:
        wanted = TOOL_OF.get(wish)
        if wanted in {tool_of(one) for one in passed.values()}:
            wanted = None
        best, chosen = 0.0, None
        for way in self._onward(node, passed):
            rank = self._rank(way, wish, wanted, urgent=urgent)
            if rank > best:
                best, chosen = rank, self._nodes[way.edge.target]
        return chosen

    def _rank(self, way: Way, wish: Wish, wanted: NodeTool | None, *, urgent: bool) -> float:
        if Intent.URGENT in way.intents:
            return FITS + NEARER if urgent and wanted else 0.0
        if WISHED[wish] in way.intents and (wanted or wish not in TOOL_OF):
            return FITS
        if wanted and way.intents <= UNCLEAR and way.edge.target in self._bound[wanted]:
            return MEANT
        if Intent.INTEREST in way.intents:
            rank = AGREES
        elif Intent.ALWAYS in way.intents:
            rank = FOLLOWS
        elif way.intents:
            return 0.0
        else:
            rank = UNTOLD
        if wanted is not None and way.edge.target in self._leading[wanted]:
            return rank + NEARER
        return rank + (STRAYING if tool_of(self._nodes[way.edge.target]) in ACTS else 0.0)

    def _refusing(
        self, node: Node, outcome: Outcome, passed: Mapping[str, Node], *, refused: bool
    ) -> tuple[Node | None, bool]:
        ways = [
            way
            for way in self._onward(node, passed)
            if tool_of(self._nodes[way.edge.target]) not in ACTS
        ]
        if refused:
            return self._first(way for way in ways if Intent.ALWAYS in way.intents), True
        for intent in (REFUSED[outcome], Intent.REFUSAL):
            told = self._first(way for way in ways if intent in way.intents)
            if told is not None:
                return told, True
        return self._first(way for way in ways if self._heard_next(way, outcome)), False

    def _heard_next(self, way: Way, outcome: Outcome) -> bool:
        heard = {REFUSED[outcome], Intent.REFUSAL}
        onward = self._ways.get(way.edge.target, ())
        return Intent.ALWAYS in way.intents and any(heard & after.intents for after in onward)

    def _onward(self, node: Node, passed: Mapping[str, Node]) -> list[Way]:
        return [way for way in self._ways.get(node.id, ()) if way.edge.target not in passed]

    def _first(self, ways: Iterable[Way]) -> Node | None:
        return next((self._nodes[way.edge.target] for way in ways), None)


def tool_of(node: Node) -> NodeTool | None:
    """What a tool node does; None for a conversation node."""
    return NodeTool(node.prompt) if node.type is NodeType.TOOL else None


def _bound_for(graph: Graph, nodes: Mapping[str, Node], tool: NodeTool) -> frozenset[str]:
    # Nodes of the tool, and those from which every way leads straight to one.
    onward: dict[str, set[str]] = {}
    for edge in graph.edges:
        onward.setdefault(edge.source, set()).add(edge.target)
    there = {node_id for node_id, node in nodes.items() if tool_of(node) is tool}
    straight = {
        source
        for source, targets in onward.items()
        if targets <= there and tool_of(nodes[source]) is None
    }
    return frozenset(there | straight)


def _leading_to(graph: Graph, tool: NodeTool) -> frozenset[str]:
    found = {node.id for node in graph.nodes if tool_of(node) is tool}
    sources: dict[str, list[str]] = {}
    for edge in graph.edges:
        sources.setdefault(edge.target, []).append(edge.source)
    ahead = list(found)
    while ahead:
        for source in sources.get(ahead.pop(), ()):
            if source not in found:
                found.add(source)
                ahead.append(source)
    return frozenset(found)
