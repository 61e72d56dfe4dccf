"""A conversation's graph: the guide's own passes, and each rule has its own words."""

from collections.abc import Callable
from typing import Any

import pytest
from pydantic import ValidationError

from sandbox.agents.graph import MAX_EDGES, MAX_NODES, GraphBody
from sandbox.errors import ApiError
from sandbox.model.workflow import Graph


def sample() -> dict[str, Any]:
    """A small graph, as it is sent."""
    return {
        "nodes": [
            {"id": "start", "type": "conversation", "prompt": "Greet them", "label": "Greeting"},
            {"id": "book", "type": "tool", "prompt": "scheduleAppointment"},
            {"id": "pass", "type": "tool", "prompt": "transferCall"},
            {"id": "end", "type": "tool", "prompt": "endCall", "position": {"x": 1}},
        ],
        "edges": [
            {"from": "start", "to": "book", "when": "if they want a visit"},
            {"from": "start", "to": "pass", "when": "if it is urgent"},
            {"from": "book", "to": "end", "when": "always"},
        ],
        "startNode": "start",
    }


def _checked(graph: dict[str, Any]) -> Graph:
    return GraphBody.model_validate(graph).checked()


def test_a_sound_graph_is_kept_as_it_is_sent() -> None:
    graph = sample()
    shown = _checked(graph).model_dump(mode="json", by_alias=True, exclude_none=True)
    del graph["nodes"][3]["position"]
    assert shown == graph


def test_a_graph_may_turn_back_and_stop_anywhere() -> None:
    graph = sample()
    graph["edges"] = [{"from": "book", "to": "book", "when": ""}]
    assert _checked(graph).edges[0].source == "book"


def _unknown_type(graph: dict[str, Any]) -> None:
    graph["nodes"][0]["type"] = "webhook"


def _unknown_tool(graph: dict[str, Any]) -> None:
    graph["nodes"][1]["prompt"] = "cancelAppointment"


def _tool_with_blanks(graph: dict[str, Any]) -> None:
    graph["nodes"][1]["prompt"] = "endCall "


def _doubled_id(graph: dict[str, Any]) -> None:
    graph["nodes"][2]["id"] = "book"


def _edge_from_nowhere(graph: dict[str, Any]) -> None:
    graph["edges"][1]["from"] = "attic"


def _edge_to_nowhere(graph: dict[str, Any]) -> None:
    graph["edges"][1]["to"] = "cellar"


def _unknown_start(graph: dict[str, Any]) -> None:
    graph["startNode"] = "begin"


@pytest.mark.parametrize(
    ("break_it", "says"),
    [
        (_unknown_type, "node 'start' must be of type conversation or tool"),
        (_unknown_tool, "tool node 'book' must be scheduleAppointment, transferCall or endCall"),
        (_tool_with_blanks, "tool node 'book' must be"),
        (_doubled_id, "two nodes have the id 'book'"),
        (_edge_from_nowhere, "edge from 'attic' to 'pass' names 'attic', which is no node"),
        (_edge_to_nowhere, "edge from 'start' to 'cellar' names 'cellar', which is no node"),
        (_unknown_start, "there is no startNode 'begin'"),
    ],
)
def test_a_broken_rule_is_named_with_its_node(
    break_it: Callable[[dict[str, Any]], None], says: str
) -> None:
    graph = sample()
    break_it(graph)
    with pytest.raises(ApiError, match=says) as refused:
        _checked(graph)
    assert refused.value.status == 400


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("nodes", []),
        ("nodes", [{"id": str(n), "type": "tool", "prompt": "endCall"} for n in range(201)]),
        ("nodes", [{"id": "x", "type": "conversation", "prompt": ""}]),
        ("nodes", [{"id": "x", "type": "conversation", "prompt": "y" * 5001}]),
        ("nodes", [{"id": "", "type": "tool", "prompt": "endCall"}]),
        ("nodes", [{"id": "x", "type": "tool"}]),
        ("edges", [{"from": "start", "to": "end", "when": "always"}] * (MAX_EDGES + 1)),
        ("edges", [{"from": "start", "to": "end"}]),
        ("edges", None),
        ("startNode", None),
        ("startNode", 7),
    ],
)
def test_what_has_another_shape_or_is_too_large_is_refused(part: str, value: object) -> None:
    with pytest.raises(ValidationError, match=part):
        _checked({**sample(), part: value})


def test_the_largest_graph_passes() -> None:
    nodes = [{"id": str(n), "type": "tool", "prompt": "endCall"} for n in range(MAX_NODES)]
    edges = [{"from": "0", "to": "1", "when": "always"}] * MAX_EDGES
    assert len(_checked({"nodes": nodes, "edges": edges, "startNode": "0"}).edges) == MAX_EDGES
