"""Writes the other form of a conversation: a graph from prose, prose from a graph.

The platform does this in the background with a language model; here it follows from rules, so
that one text always gives one graph. The form that was not given is shown a few virtual seconds
after the given one was set.
"""

import re
from collections.abc import Sequence
from functools import lru_cache

from sandbox.agents.graph import MAX_PROMPT
from sandbox.model.agents import Agent
from sandbox.model.workflow import Edge, Graph, Node, NodeTool, NodeType

DEFAULT_FLOW = "Say who is calling, ask whether help is still wanted, thank them."
"""What an agent says that the experimenter made without a conversation."""

LEAST_SECONDS = 2.0
SECONDS_PER_THOUSAND = 1.0
"""How long the other form takes: virtual seconds, and more for each thousand characters."""

MAX_STEPS = 60
LABEL_WORDS = 5
SENTENCE_END = re.compile(r"(?<=[.!?])\s+|\s*\n\s*")
CONDITION = re.compile(r"(?:if|when|once)\s+([^,]{1,300}),\s*\S", re.IGNORECASE)
REFUSAL = re.compile(r"\b(?:never|not|don't|without)\b", re.IGNORECASE)
MENTIONS = (
    (NodeTool.SCHEDULE_APPOINTMENT, re.compile(r"\b(?:schedul|book|appointment)", re.IGNORECASE)),
    (NodeTool.TRANSFER_CALL, re.compile(r"\btransfer", re.IGNORECASE)),
)
ACTIONS = {
    NodeTool.SCHEDULE_APPOINTMENT: "use the scheduling tool",
    NodeTool.TRANSFER_CALL: "transfer the call",
    NodeTool.END_CALL: "end the call",
}
TOOL_IDS = {
    NodeTool.SCHEDULE_APPOINTMENT: "schedule",
    NodeTool.TRANSFER_CALL: "transfer",
    NodeTool.END_CALL: "end",
}
LABELS = {
    NodeTool.SCHEDULE_APPOINTMENT: "Schedule Appointment",
    NodeTool.TRANSFER_CALL: "Transfer Call",
    NodeTool.END_CALL: "End Call",
}
ALWAYS = "always"
UNSAID = frozenset({"", ALWAYS, "then", "next", "default"})


def settle_seconds(given: str | Graph) -> float:
    """How long after ``given`` was set its other form appears, in virtual seconds."""
    length = len(given) if isinstance(given, str) else sum(len(n.prompt) for n in given.nodes)
    return round(LEAST_SECONDS + SECONDS_PER_THOUSAND * length / 1000, 3)


def graph_of(agent: Agent) -> Graph:
    """The graph that an agent's conversations walk, given or generated, shown already or not."""
    return agent.workflow or graph_from(agent.conversation_flow or DEFAULT_FLOW)


def prose_of(agent: Agent) -> str:
    """An agent's conversation in prose, given or generated, shown already or not."""
    if agent.workflow is None:
        return agent.conversation_flow or DEFAULT_FLOW
    return prose_from(agent.workflow)


@lru_cache(maxsize=256)
def graph_from(prose: str) -> Graph:
    """The graph of a conversation told in prose.

    Each sentence is a conversation node, one after the other. A sentence that speaks of
    scheduling or transferring leads to that tool; "If they ..., transfer them" does nothing
    else. After scheduling the conversation goes on; a transfer and the last step end the call.
    """
    return _Drawing().drawn(_sentences(prose))


def prose_from(graph: Graph) -> str:
    """A graph told in prose: its nodes from the start, and who goes where from each."""
    nodes = {node.id: node for node in graph.nodes}
    ways: dict[str, list[Edge]] = {node.id: [] for node in graph.nodes}
    for edge in graph.edges:
        ways[edge.source].append(edge)
    met = [graph.start_node]
    told = [_opening(nodes[graph.start_node])]
    for node_id in met:
        if nodes[node_id].type is NodeType.CONVERSATION:
            told.append(nodes[node_id].prompt)
        for edge in ways[node_id]:
            told.append(_transition(edge, nodes[edge.target], known=edge.target in met))
            if edge.target not in met:
                met.append(edge.target)
    return " ".join(filter(None, map(_sentence, told)))


class _Drawing:
    def __init__(self) -> None:
        self._nodes: list[Node] = []
        self._edges: list[Edge] = []
        self._open: list[tuple[str, str]] = []

    def drawn(self, sentences: Sequence[str]) -> Graph:
        for sentence in sentences:
            self._take_in(sentence)
        self._lead_to(self._tool(NodeTool.END_CALL))
        return Graph(
            nodes=tuple(self._nodes), edges=tuple(self._edges), start_node=self._nodes[0].id
        )

    def _take_in(self, sentence: str) -> None:
        tools = [] if REFUSAL.search(sentence) else _mentioned(sentence)
        condition = CONDITION.match(sentence)
        if not (condition and tools and self._nodes):
            self._speak(sentence)
        source = self._last_spoken()
        for tool in tools:
            when = f"if {condition[1].strip()}" if condition else _occasion(tool)
            self._branch(source, tool, when)

    def _speak(self, sentence: str) -> None:
        number = 1 + sum(node.type is NodeType.CONVERSATION for node in self._nodes)
        node_id = "start" if number == 1 else f"step-{number}"
        label = " ".join(sentence.split()[:LABEL_WORDS]).rstrip(".,;:!?")[:60]
        node = Node(id=node_id, type=NodeType.CONVERSATION, prompt=sentence, label=label)
        self._lead_to(node_id)
        self._nodes.append(node)
        self._open = [(node_id, ALWAYS)]

    def _lead_to(self, target: str) -> None:
        for source, when in self._open:
            self._edges.append(Edge(source=source, target=target, when=when))

    def _branch(self, source: str, tool: NodeTool, when: str) -> None:
        new = all(node.id != TOOL_IDS[tool] for node in self._nodes)
        node_id = self._tool(tool)
        self._edges.append(Edge(source=source, target=node_id, when=when))
        if not new:
            return
        if tool is NodeTool.TRANSFER_CALL:
            end = self._tool(NodeTool.END_CALL)
            self._edges.append(Edge(source=node_id, target=end, when="after the transfer"))
        else:
            self._open.append((node_id, "after scheduling"))

    def _tool(self, tool: NodeTool) -> str:
        node_id = TOOL_IDS[tool]
        if all(node.id != node_id for node in self._nodes):
            self._nodes.append(
                Node(id=node_id, type=NodeType.TOOL, prompt=tool, label=LABELS[tool])
            )
        return node_id

    def _last_spoken(self) -> str:
        spoken = [node.id for node in self._nodes if node.type is NodeType.CONVERSATION]
        return spoken[-1]


def _sentences(prose: str) -> list[str]:
    found = [part.strip() for part in SENTENCE_END.split(prose)]
    kept = [part for part in found if part]
    if len(kept) > MAX_STEPS:
        kept = [*kept[: MAX_STEPS - 1], " ".join(kept[MAX_STEPS - 1 :])]
    starts = ((part, at) for part in kept for at in range(0, len(part), MAX_PROMPT))
    return [part[at : at + MAX_PROMPT] for part, at in starts] or [DEFAULT_FLOW]


def _mentioned(sentence: str) -> list[NodeTool]:
    return [tool for tool, pattern in MENTIONS if pattern.search(sentence)]


def _occasion(tool: NodeTool) -> str:
    wish = "to schedule" if tool is NodeTool.SCHEDULE_APPOINTMENT else "to be transferred"
    return f"if they want {wish}"


def _opening(start: Node) -> str:
    return ACTIONS[NodeTool(start.prompt)] if start.type is NodeType.TOOL else ""


def _transition(edge: Edge, target: Node, *, known: bool) -> str:
    when = edge.when.strip().rstrip(".,;:")
    said = when.lower() not in UNSAID
    if target.type is NodeType.TOOL:
        goal = ACTIONS[NodeTool(target.prompt)]
    elif said or known:
        goal = f"go on with {target.label or target.id!r}"
    else:
        return ""  # its own sentence comes next
    return f"{_clause(when)}, {goal}" if said else f"Then {goal}"


def _clause(when: str) -> str:
    first = when.split(maxsplit=1)[0].lower()
    clause = when if first in {"if", "when", "once", "after", "as", "unless"} else f"if {when}"
    return clause[0].upper() + clause[1:]


def _sentence(text: str) -> str:
    stripped = " ".join(text.split())
    if not stripped:
        return ""
    whole = stripped if stripped[-1] in ".!?" else f"{stripped}."
    return whole[0].upper() + whole[1:]
