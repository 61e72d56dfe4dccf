"""A workflow that leaves is a whole graph of known nodes."""

from typing import Any

import pytest
from pydantic import ValidationError

from partner import Edge, Node, Workflow

START = Node(id="start", type="conversation", prompt="Say hello")
END = Node(id="end", type="tool", prompt="endCall")
EDGE = Edge(from_="start", to="end", when="always")


def test_a_graph() -> None:
    graph = Workflow(nodes=(START, END), edges=(EDGE,), start_node="start")
    assert graph.wire() == {
        "nodes": [
            {"id": "start", "type": "conversation", "prompt": "Say hello"},
            {"id": "end", "type": "tool", "prompt": "endCall"},
        ],
        "edges": [{"from": "start", "to": "end", "when": "always"}],
        "startNode": "start",
    }


@pytest.mark.parametrize("prompt", ["scheduleAppointment", "transferCall", "endCall"])
def test_a_tool_node(prompt: str) -> None:
    assert Node(id="n", type="tool", prompt=prompt).prompt == prompt


@pytest.mark.parametrize("prompt", ["searchAppointments", "EndCall", "", "knowledgeBaseQuery"])
def test_no_tool_node(prompt: str) -> None:
    with pytest.raises(ValidationError, match="scheduleAppointment, transferCall, endCall"):
        Node(id="n", type="tool", prompt=prompt)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"start_node": "middle"}, "startNode 'middle' is not the id of a node"),
        ({"nodes": ()}, "startNode 'start' is not"),
        ({"nodes": (START, END, END)}, "several nodes have the id 'end'"),
        (
            {"edges": (Edge(from_="start", to="nowhere", when="always"),)},
            "an edge names 'nowhere'",
        ),
        ({"edges": (Edge(from_="?", to="end", when="always"),)}, r"an edge names '\?'"),
        ({"nodes": ({"id": "start", "type": "human", "prompt": "Hm"},)}, "conversation"),
        ({"nodes": ({"id": "", "type": "conversation", "prompt": "Hm"},)}, "at least 1"),
    ],
)
def test_no_graph(changes: dict[str, Any], words: str) -> None:
    whole: dict[str, Any] = {"nodes": (START, END), "edges": (EDGE,), "start_node": "start"}
    with pytest.raises(ValidationError, match=words):
        Workflow(**whole | changes)
