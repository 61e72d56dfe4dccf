"""Writes the other form of a conversation: a graph from prose, prose from a graph.

The platform does this in the background with a language model; here it follows from rules, so
that one text always gives one graph. The form that was not given is shown a few virtual seconds
after the given one was set.
"""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from sandbox.agents.graph import MAX_CONDITION, MAX_PROMPT
from sandbox.agents.prose import Instruction, behaves, forbids, read, sentences_of, verb_of
from sandbox.model.agents import Agent
from sandbox.model.workflow import Edge, Graph, Node, NodeTool, NodeType

DEFAULT_FLOW = "Say who is calling, ask whether help is still wanted, thank them."
"""What an agent says that the experimenter made without a conversation."""

LEAST_SECONDS = 2.0
SECONDS_PER_THOUSAND = 1.0
"""How long the other form takes: virtual seconds, and more for each thousand characters."""

MAX_STEPS = 60
LABEL_WORDS = 5
GREETING = "Say who is calling."
"""What comes first where prose begins with a condition."""

MENTIONS = (
    (
        NodeTool.SCHEDULE_APPOINTMENT,
        re.compile(
            r"(?:book|schedule|reschedule|arrange|reserve|set up|make)\b.*"
            r"|use the (?:schedul|calendar|booking).*"
            r"|.*\b(?:to (?:book|schedule|reschedule)|(?:book|schedul)ing)\b.*"
            r"|.*\b(?:wants?|would like|needs?) (?:to make )?(?:an? )?(?:visit|appointment)\b.*",
            re.IGNORECASE,
        ),
    ),
    (
        NodeTool.TRANSFER_CALL,
        re.compile(
            r"(?:transfer|connect|forward|escalate|route|hand|put)\b.*|.*\bto transfer\b.*"
            r"|use the transfer.*",
            re.IGNORECASE,
        ),
    ),
    (NodeTool.END_CALL, re.compile(r"(?:end|hang up|close|finish)\b.*", re.IGNORECASE)),
)
NO_BOOKING = re.compile(
    r"make (?!an? (?:appointment|booking)|the (?:appointment|booking))", re.IGNORECASE
)
NO_TRANSFER = re.compile(r"put (?!.*\bthrough)|hand (?!.*\b(?:over|off|to)\b)", re.IGNORECASE)
OF_TOOLS = frozenset(
    (
        *("arrange", "book", "close", "connect", "end", "escalate", "finish", "forward"),
        *("hand", "hang", "make", "put", "reserve", "reschedule", "route", "schedule", "set"),
        *("transfer", "use"),
    )
)
"""Verbs with which an action does nothing beside using the tool."""

TARGET = re.compile(
    r"\b(?:to|with) (?P<target>(?:the |our |an? )?[\w' -]{2,40}?)(?=$|[,.;]| (?:if"
    r"|when|so|and|by)\b)",
    re.IGNORECASE,
)
NOBODY = re.compile(r"(?:them|him|her|it|the call\w*|someone|somebody|anyone)\b", re.IGNORECASE)
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

    Sentences are conversation nodes, one after the other; remarks on how to behave belong to the
    node before them. A sentence with a condition is a way off that node, taken when it holds: to
    a tool, or to a node of its own that leads to its tool, ends the call or comes back. After
    scheduling the conversation goes on; a transfer and the last step end the call.
    """
    return _Drawing().drawn(_bounded(sentences_of(prose)))


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
        self._trunk = ""

    def drawn(self, sentences: Sequence[str]) -> Graph:
        for sentence in sentences:
            self._take_in(sentence)
        self._lead_to(self._tool(NodeTool.END_CALL))
        return Graph(
            nodes=tuple(self._nodes), edges=tuple(self._edges), start_node=self._nodes[0].id
        )

    def _take_in(self, sentence: str) -> None:
        told = read(sentence)
        if told.condition is not None and told.actions:
            if not self._nodes:
                self._go_on(GREETING)
            self._turn_off(told, told.condition)
        elif behaves(told) and self._noted(sentence):
            return
        else:
            self._go_on(sentence)
            for tool in _tools(told.actions):
                if tool is not NodeTool.END_CALL:
                    self._use(self._trunk, tool, told, _occasion(tool))

    def _go_on(self, sentence: str) -> None:
        node_id = self._spoken(sentence)
        self._lead_to(node_id)
        self._trunk, self._open = node_id, [(node_id, ALWAYS)]

    def _noted(self, remark: str) -> bool:
        # A remark tells how to do what was told before it.
        for at, node in enumerate(self._nodes):
            if node.id == self._trunk and len(node.prompt) + len(remark) < MAX_PROMPT:
                joined = f"{_sentence(node.prompt)} {remark}"
                self._nodes[at] = node.model_copy(update={"prompt": joined})
                return True
        return False

    def _turn_off(self, told: Instruction, condition: str) -> None:
        when = condition[:1].lower() + condition[1:MAX_CONDITION]
        tools = _tools(told.actions)
        source, here = self._trunk, when
        if not tools or not all(verb_of(action) in OF_TOOLS for action in told.actions):
            source = self._spoken(_sentence(told.rest))
            self._edges.append(Edge(source=self._trunk, target=source, when=when))
            here = ALWAYS
        for tool in tools:
            self._use(source, tool, told, here)
        if not tools:
            self._open.append((source, ALWAYS))

    def _use(self, source: str, tool: NodeTool, told: Instruction, when: str) -> None:
        known = len(self._nodes)
        node_id = self._tool(tool, _target(told.actions) if tool in _AIMED else None)
        self._edges.append(Edge(source=source, target=node_id, when=when))
        if len(self._nodes) == known:
            return
        if tool is NodeTool.TRANSFER_CALL:
            end = self._tool(NodeTool.END_CALL)
            self._edges.append(Edge(source=node_id, target=end, when="after the transfer"))
        elif tool is NodeTool.SCHEDULE_APPOINTMENT:
            self._open.append((node_id, "after scheduling"))

    def _spoken(self, prompt: str) -> str:
        number = 1 + sum(node.type is NodeType.CONVERSATION for node in self._nodes)
        node_id = "start" if number == 1 else f"step-{number}"
        label = " ".join(prompt.split()[:LABEL_WORDS]).rstrip(".,;:!?")[:60]
        self._nodes.append(
            Node(id=node_id, type=NodeType.CONVERSATION, prompt=prompt[:MAX_PROMPT], label=label)
        )
        return node_id

    def _lead_to(self, target: str) -> None:
        for source, when in self._open:
            self._edges.append(Edge(source=source, target=target, when=when))

    def _tool(self, tool: NodeTool, target: str | None = None) -> str:
        label = f"Transfer to {target}" if target else LABELS[tool]
        same = [node for node in self._nodes if node.prompt == tool]
        for node in same:
            if node.label == label:
                return node.id
        node_id = TOOL_IDS[tool] + (f"-{len(same) + 1}" if same else "")
        self._nodes.append(Node(id=node_id, type=NodeType.TOOL, prompt=tool, label=label))
        return node_id


_AIMED = frozenset({NodeTool.TRANSFER_CALL})


def _bounded(sentences: Iterable[str]) -> list[str]:
    kept = list(sentences)
    if len(kept) > MAX_STEPS:
        kept = [*kept[: MAX_STEPS - 1], " ".join(kept[MAX_STEPS - 1 :])]
    starts = ((part, at) for part in kept for at in range(0, len(part), MAX_PROMPT))
    parts = (part[at : at + MAX_PROMPT].strip() for part, at in starts)
    return [part for part in parts if part] or [DEFAULT_FLOW]


def _tools(actions: Sequence[str]) -> list[NodeTool]:
    allowed = [action for action in actions if not forbids(action)]
    return [
        tool
        for tool, pattern in MENTIONS
        if any(pattern.fullmatch(action) and not _other(action) for action in allowed)
    ]


def _other(action: str) -> bool:
    return bool(NO_BOOKING.match(action) or NO_TRANSFER.match(action))


def _target(actions: Sequence[str]) -> str | None:
    for action in actions:
        aim = TARGET.search(action) if MENTIONS[1][1].fullmatch(action) else None
        if aim is not None and not NOBODY.match(aim["target"]):
            return aim["target"].strip()
    return None


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
