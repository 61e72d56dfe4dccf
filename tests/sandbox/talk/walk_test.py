"""Conversations walk the graph: from its start along edges that hold, to a tool or an end."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.draw import Draw
from sandbox.model.workflow import Edge, Graph, Node, NodeTool, NodeType
from sandbox.script import Outcome
from sandbox.talk.persona import Persona, Wish, persona_of
from sandbox.talk.walk import LONGEST, Walker, tool_of

DRAW = Draw(seed=7, subject=("walk",))
TOOLS = {"schedule": "scheduleAppointment", "transfer": "transferCall", "end": "endCall"}


def _graph(*edges: tuple[str, str, str], start: str = "start") -> Graph:
    ids = dict.fromkeys([start, *(end for edge in edges for end in edge[:2])])
    return Graph(
        nodes=tuple(
            Node(
                id=node,
                type=NodeType.TOOL if node in TOOLS else NodeType.CONVERSATION,
                prompt=TOOLS.get(node, "Talk"),
            )
            for node in ids
        ),
        edges=tuple(Edge(source=a, target=b, when=when) for a, b, when in edges),
        start_node=start,
    )


GUIDE = _graph(
    ("start", "collect-info", "always"),
    ("collect-info", "schedule", "if caller wants to schedule"),
    ("collect-info", "transfer", "if caller needs support"),
    ("schedule", "end", "after scheduling"),
    ("transfer", "end", "after transfer"),
)
"""The guide's own."""


def _persona(wish: Wish | None, outcome: Outcome = Outcome.ANSWERED_INTERESTED) -> Persona:
    return persona_of(outcome=outcome, wish=wish, name=None, phone="+12125550123", draw=DRAW)


def _ids(graph: Graph, wish: Wish | None, **fate: Outcome) -> list[str]:
    return [node.id for node in Walker(graph).route(_persona(wish, **fate))]


@pytest.mark.parametrize(
    ("wish", "route"),
    [
        (Wish.APPOINTMENT, ["start", "collect-info", "schedule", "end"]),
        (Wish.TRANSFER, ["start", "collect-info", "transfer"]),
        (Wish.DETAILS, ["start", "collect-info"]),
    ],
)
def test_the_guides_graph_is_walked_as_the_person_wishes(wish: Wish, route: list[str]) -> None:
    assert _ids(GUIDE, wish) == route


def test_an_unconditional_way_to_the_tool_wished_for_is_preferred() -> None:
    graph = _graph(
        ("start", "chat", "always"),
        ("start", "plan", "always"),
        ("plan", "schedule", "then"),
        ("chat", "end", "always"),
    )
    assert _ids(graph, Wish.APPOINTMENT) == ["start", "plan", "schedule"]
    assert _ids(graph, Wish.DETAILS) == ["start", "chat", "end"]


def test_a_tool_that_stands_in_the_only_way_acts_for_everyone_interested() -> None:
    graph = _graph(("start", "schedule", "always"), ("schedule", "end", "always"))
    assert _ids(graph, Wish.DETAILS) == ["start", "schedule", "end"]


@pytest.mark.parametrize(
    ("outcome", "target"),
    [
        (Outcome.ANSWERED_NOT_INTERESTED, "sorry"),
        (Outcome.CALLBACK, "later"),
        (Outcome.OPT_OUT, "strike-off"),
        (Outcome.WRONG_PERSON, "mistake"),
    ],
)
def test_a_refusal_takes_its_own_way_and_no_tool(outcome: Outcome, target: str) -> None:
    graph = _graph(
        ("start", "ask", "always"),
        ("ask", "schedule", "if interested"),
        ("ask", "sorry", "if not interested"),
        ("ask", "later", "if busy"),
        ("ask", "strike-off", "asks not to be called again"),
        ("ask", "mistake", "wrong person"),
        (target, "end", "always"),
    )
    assert _ids(graph, None, outcome=outcome) == ["start", "ask", target, "end"]


def test_a_refusal_that_no_condition_names_ends_where_it_is_said() -> None:
    assert _ids(GUIDE, None, outcome=Outcome.OPT_OUT) == ["start"]


def test_a_circle_is_walked_once() -> None:
    graph = _graph(("start", "a", "always"), ("a", "b", "always"), ("b", "start", "always"))
    assert _ids(graph, Wish.DETAILS) == ["start", "a", "b"]


NODES = ("start", "a", "b", "c", "schedule", "transfer", "end")
CONDITIONS = ("always", "if interested", "not interested", "wants a visit", "emergency", "blue")
edges = st.lists(
    st.tuples(st.sampled_from(NODES), st.sampled_from(NODES), st.sampled_from(CONDITIONS)),
    max_size=25,
)
fates = st.one_of(
    st.tuples(st.sampled_from(Wish), st.just(Outcome.ANSWERED_INTERESTED)),
    st.tuples(
        st.none(),
        st.sampled_from([o for o in Outcome if o.spoken and o != Outcome.ANSWERED_INTERESTED]),
    ),
)


@given(edges=edges, fate=fates)
def test_every_walk_follows_edges_passes_no_node_twice_and_ends(
    edges: list[tuple[str, str, str]], fate: tuple[Wish | None, Outcome]
) -> None:
    route = Walker(_graph(*edges)).route(_persona(*fate))
    ids = [node.id for node in route]
    pairs = {(source, target) for source, target, _ in edges}
    assert ids[0] == "start"
    assert len(set(ids)) == len(ids) <= LONGEST
    assert all(step in pairs for step in pairwise(ids))
    assert all(tool_of(n) not in {NodeTool.TRANSFER_CALL, NodeTool.END_CALL} for n in route[:-1])
    if fate[0] is None:
        assert not {"schedule", "transfer"} & set(ids)
