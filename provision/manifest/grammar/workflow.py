"""The graph of a conversation, by the guide's rules: known nodes, whole edges, one start."""

from provision.manifest.faults import quoted
from provision.manifest.grammar.words import prose
from provision.manifest.records import Field, Items, Record
from provision.manifest.report import Path, Report
from provision.manifest.shapes import Choice, Text, near
from provision.manifest.tree import Node

NODE_TOOLS = ("scheduleAppointment", "transferCall", "endCall")
"""What a node of type tool can name as its prompt."""

_ID = Text(expected="the id of a node", most=100)
_MOST = 200


def _check_node(node: Node, path: Path, report: Report) -> None:
    kind, prompt = node.child("type"), node.child("prompt")
    if kind is None or prompt is None or kind.text() != "tool":
        return
    named = prompt.text()
    if named is not None and named not in NODE_TOOLS:
        expected = f"expected one of {', '.join(NODE_TOOLS)} in a tool node"
        message = f"{expected}, found {quoted(named)}"
        report.add((*path, "prompt"), prompt.place, "bad_node_tool", message, _tool_meant(named))


def _tool_meant(prompt: str) -> str | None:
    words = {"book": "scheduleAppointment", "hang up": "endCall", "forward": "transferCall"}
    found = next((tool for word, tool in words.items() if word in prompt.lower()), None)
    return near(prompt, NODE_TOOLS) or (f"did you mean {quoted(found)}?" if found else None)


def _check_graph(node: Node, path: Path, report: Report) -> None:
    nodes = node.child("nodes")
    ids = _ids(nodes.items() if nodes else (), (*path, "nodes"), report)
    start, edges = node.child("startNode"), node.child("edges")
    if start is not None:
        _check_end(start, ids, (*path, "startNode"), report)
    for at, edge in enumerate(edges.items() if edges else ()):
        for side in ("from", "to"):
            end = edge.child(side)
            if end is not None:
                _check_end(end, ids, (*path, "edges", str(at), side), report)


def _ids(nodes: tuple[Node, ...], path: Path, report: Report) -> tuple[str, ...]:
    lines: dict[str, int] = {}
    for at, node in enumerate(nodes):
        named = node.child("id")
        name = named.text() if named else None
        if named is None or name is None:
            continue
        if name in lines:
            message = f"the node in line {lines[name]} has the id {quoted(name)} already"
            report.add((*path, str(at), "id"), named.place, "repeated_id", message)
        lines.setdefault(name, named.place.line)
    return tuple(lines)


def _check_end(end: Node, ids: tuple[str, ...], path: Path, report: Report) -> None:
    name = end.text()
    if name is not None and name not in ids:
        message = f"expected the id of a node, found {quoted(name)}"
        report.add(path, end.place, "unknown_node", message, near(name, ids))


WORKFLOW = Record(
    title="a workflow",
    fields={
        "nodes": Field(
            shape=Items(
                expected="nodes",
                least=1,
                most=_MOST,
                item=Record(
                    title="a node",
                    fields={
                        "id": Field(
                            shape=_ID,
                            required=True,
                            about="Names the node for edges; once in a workflow.",
                        ),
                        "type": Field(
                            shape=Choice(("conversation", "tool")),
                            required=True,
                            about="conversation: the agent talks; tool: the system acts.",
                        ),
                        "prompt": Field(
                            shape=prose(),
                            required=True,
                            about="What to say or find out in words; in a tool node, one of "
                            "scheduleAppointment, transferCall and endCall.",
                        ),
                        "firstMessage": Field(
                            shape=prose(5_000), about="What the agent says first in this node."
                        ),
                        "label": Field(shape=Text(), about="The node's title in a drawing."),
                    },
                    judge=_check_node,
                    extra={
                        "if": {"properties": {"type": {"const": "tool"}}, "required": ["type"]},
                        "then": {
                            "properties": {
                                "prompt": {
                                    "anyOf": [
                                        {"enum": list(NODE_TOOLS)},
                                        {"type": "string", "pattern": r"\$\{"},
                                    ]
                                }
                            }
                        },
                    },
                ),
            ),
            required=True,
            about="The phases of the conversation and the actions of the system.",
        ),
        "edges": Field(
            shape=Items(
                expected="edges",
                most=_MOST * 5,
                item=Record(
                    title="an edge",
                    fields={
                        "from": Field(
                            shape=_ID, required=True, about="The id of the node that it leaves."
                        ),
                        "to": Field(
                            shape=_ID, required=True, about="The id of the node that it enters."
                        ),
                        "when": Field(
                            shape=prose(5_000),
                            required=True,
                            about="The condition in words, or always.",
                        ),
                    },
                ),
            ),
            required=True,
            about="The ways from node to node.",
        ),
        "startNode": Field(
            shape=_ID, required=True, about="The id of the node that the conversation begins with."
        ),
    },
    judge=_check_graph,
)
"""``workflow`` of an agent."""
