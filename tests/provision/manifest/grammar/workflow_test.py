"""The graph of a conversation."""

from pathlib import Path

import pytest

from tests.provision.manifest.manifests import faults_of, told

GRAPH = """\
business: biz_demo
agents:
  caller:
    name: Caller
    type: OUTBOUND
    workflow:
      startNode: hello
      nodes:
        - {id: hello, type: conversation, prompt: Say hello., firstMessage: Hi!, label: Hello}
        - {id: connect, type: tool, prompt: transferCall}
        - {id: bye, type: tool, prompt: endCall}
      edges:
        - {from: hello, to: connect, when: they need a person}
        - {from: connect, to: bye, when: always}
"""
PATH = "agents.caller.workflow."


def test_a_good_graph(tmp_path: Path) -> None:
    assert told(tmp_path, GRAPH) == []


def test_a_graph_of_one_node(tmp_path: Path) -> None:
    text = GRAPH[: GRAPH.index("        - {id: connect")] + "      edges: []\n"
    assert told(tmp_path, text) == []


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("startNode: hello", "startNode: helo", [("unknown_node", "startNode")]),
        ("startNode: hello", "", [("missing_field", "startNode")]),
        ("{id: bye,", "{id: hello,", [
            ("repeated_id", "nodes.2.id"), ("unknown_node", "edges.1.to"),
        ]),
        ("to: connect", "to: conect", [("unknown_node", "edges.0.to")]),
        ("from: hello", "from: nowhere", [("unknown_node", "edges.0.from")]),
        ("prompt: endCall", "prompt: hangUp", [("bad_node_tool", "nodes.2.prompt")]),
        ("prompt: endCall", "prompt: endcall", [("bad_node_tool", "nodes.2.prompt")]),
        ("type: conversation", "type: chat", [("bad_choice", "nodes.0.type")]),
        ("prompt: Say hello., ", "", [("missing_field", "nodes.0.prompt")]),
        (", when: always", "", [("missing_field", "edges.1.when")]),
        ("label: Hello", "lable: Hello", [("unknown_field", "nodes.0.lable")]),
        ("id: bye", "id: 7", [("wrong_kind", "nodes.2.id"), ("unknown_node", "edges.1.to")]),
    ],
)  # fmt: skip
def test_a_bad_graph(tmp_path: Path, old: str, new: str, expected: list[tuple[str, str]]) -> None:
    text = GRAPH.replace(old, new, 1)
    assert text != GRAPH
    found = sorted(told(tmp_path, text))
    assert found == sorted((code, PATH + field) for code, field in expected)


@pytest.mark.parametrize(
    ("prompt", "meant"),
    [
        ("endcall", "endCall"),
        ("Book a visit", "scheduleAppointment"),
        ("forward", "transferCall"),
        ("hang up", "endCall"),
    ],
)
def test_an_action_is_guessed(tmp_path: Path, prompt: str, meant: str) -> None:
    (fault,) = faults_of(tmp_path, GRAPH.replace("prompt: endCall", f"prompt: {prompt}"))
    assert fault.suggestion == f'did you mean "{meant}"?'


def test_a_misspelt_node_is_guessed(tmp_path: Path) -> None:
    (fault,) = faults_of(tmp_path, GRAPH.replace("to: connect", "to: conect"))
    assert fault.suggestion == 'did you mean "connect"?'


@pytest.mark.parametrize("nodes", ["[]", "{}", "null", "hello"])
def test_nodes_are_needed(tmp_path: Path, nodes: str) -> None:
    text = GRAPH[: GRAPH.index("      nodes:")] + f"      nodes: {nodes}\n      edges: []\n"
    assert any(field == f"{PATH}nodes" for _, field in told(tmp_path, text))
