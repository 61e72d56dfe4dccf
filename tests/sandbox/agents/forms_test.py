"""The other form of a conversation: always a sound graph, always some prose."""

from hypothesis import given
from hypothesis import strategies as st

from sandbox.agents.forms import (
    DEFAULT_FLOW,
    GREETING,
    MAX_STEPS,
    graph_from,
    graph_of,
    prose_from,
    prose_of,
    settle_seconds,
)
from sandbox.agents.graph import MAX_PROMPT, GraphBody
from sandbox.model.agents import Agent, AgentType
from sandbox.model.workflow import Edge, Graph, Node, NodeTool, NodeType
from tests.sandbox.agents.graph_test import sample

FLOW = (
    "Greet the caller. Ask what they are calling about. If they want a visit, use the scheduling "
    "tool. If it is urgent, transfer them to the dispatcher. Never transfer anybody else. "
    "Say goodbye."
)


def _ways(graph: Graph) -> list[tuple[str, str, str]]:
    return [(edge.source, edge.target, edge.when) for edge in graph.edges]


def test_sentences_become_nodes_and_mentions_become_tools() -> None:
    graph = graph_from(FLOW)
    assert [(node.id, node.prompt) for node in graph.nodes] == [
        ("start", "Greet the caller."),
        ("step-2", "Ask what they are calling about. Never transfer anybody else."),
        ("schedule", "scheduleAppointment"),
        ("transfer", "transferCall"),
        ("end", "endCall"),
        ("step-3", "Say goodbye."),
    ]
    assert _ways(graph) == [
        ("start", "step-2", "always"),
        ("step-2", "schedule", "if they want a visit"),
        ("step-2", "transfer", "if it is urgent"),
        ("transfer", "end", "after the transfer"),
        ("step-2", "step-3", "always"),
        ("schedule", "step-3", "after scheduling"),
        ("step-3", "end", "always"),
    ]


def test_prose_that_begins_with_a_condition_greets_first() -> None:
    graph = graph_from("If they called before, book an appointment.")
    assert (graph.start_node, graph.nodes[0].prompt) == ("start", GREETING)
    assert _ways(graph)[0] == ("start", "schedule", "if they called before")


def test_a_sentence_without_a_condition_is_spoken_and_leads_to_its_tool() -> None:
    graph = graph_from("Greet them. Offer to schedule a visit.")
    assert ("step-2", "schedule", "if they want to schedule") in _ways(graph)
    assert graph.nodes[1].prompt == "Offer to schedule a visit."


def test_a_tool_stands_once_however_often_it_is_mentioned() -> None:
    graph = graph_from("Hi. If so, transfer them. If they insist, transfer them. Bye.")
    assert [node.prompt for node in graph.nodes].count(NodeTool.TRANSFER_CALL) == 1
    assert [way for way in _ways(graph) if way[1] == "transfer"] == [
        ("start", "transfer", "if so"),
        ("start", "transfer", "if they insist"),
    ]


def test_wrapped_lines_are_joined_and_conditions_become_ways() -> None:
    graph = graph_from(
        "Say who is calling. If it\nis a bad time, ask when to call again, and end the\ncall.\n\n"
        "If water is running, don't book anything: say that help is\ncoming, and transfer the "
        "call to the dispatcher.\n\nOtherwise ask for the address.\n"
    )
    assert {node.id: node.prompt for node in graph.nodes} == {
        "start": "Say who is calling.",
        "step-2": "Ask when to call again, and end the call.",
        "end": "endCall",
        "step-3": "Don't book anything: say that help is coming, and transfer the call to the "
        "dispatcher.",
        "transfer": "transferCall",
        "step-4": "Otherwise ask for the address.",
    }
    assert _ways(graph) == [
        ("start", "step-2", "if it is a bad time"),
        ("step-2", "end", "always"),
        ("start", "step-3", "if water is running"),
        ("step-3", "transfer", "always"),
        ("transfer", "end", "after the transfer"),
        ("start", "step-4", "always"),
        ("step-4", "end", "always"),
    ]


def test_transfers_to_different_people_are_different_nodes() -> None:
    graph = graph_from(
        "Hi. If it is urgent, transfer them to the nurse. Transfer to billing if they ask for it."
    )
    labels = {node.id: node.label for node in graph.nodes if node.prompt == "transferCall"}
    assert labels == {"transfer": "Transfer to the nurse", "transfer-2": "Transfer to billing"}


def test_long_prose_has_no_more_steps_than_the_bound() -> None:
    graph = graph_from("\n".join(f"Ask {number}." for number in range(500)))
    spoken = [node for node in graph.nodes if node.type is NodeType.CONVERSATION]
    assert len(spoken) == MAX_STEPS
    assert spoken[-1].prompt.endswith("Ask 499.")


def test_a_sentence_without_an_end_is_divided() -> None:
    graph = graph_from("x" * (2 * MAX_PROMPT + 1))
    spoken = [node.prompt for node in graph.nodes if node.type is NodeType.CONVERSATION]
    assert [len(prompt) for prompt in spoken] == [MAX_PROMPT, MAX_PROMPT, 1]
    sent = graph.model_dump(mode="json", by_alias=True, exclude_none=True)
    assert GraphBody.model_validate(sent).checked() == graph


@given(st.text(max_size=300) | st.lists(st.sampled_from(FLOW.split())).map(" ".join))
def test_any_prose_makes_a_sound_graph_that_ends_the_call(prose: str) -> None:
    graph = graph_from(prose)
    sent = graph.model_dump(mode="json", by_alias=True, exclude_none=True)
    assert GraphBody.model_validate(sent).checked() == graph
    assert graph_from(prose) == graph
    reached = [graph.start_node]
    for node_id in reached:
        ways = (way[1] for way in _ways(graph) if way[0] == node_id)
        reached += [target for target in ways if target not in reached]
    assert set(reached) == {node.id for node in graph.nodes}
    assert "end" in reached


def test_a_graph_is_told_from_its_start_on() -> None:
    graph = GraphBody.model_validate(sample()).checked()
    assert prose_from(graph) == (
        "Greet them. If they want a visit, use the scheduling tool. "
        "If it is urgent, transfer the call. Then end the call."
    )


def test_ways_between_phases_are_told_by_their_names() -> None:
    talk = NodeType.CONVERSATION
    graph = Graph(
        nodes=(
            Node(id="a", type=talk, prompt="greet them"),
            Node(id="b", type=talk, prompt="Ask why", label="Reason"),
            Node(id="c", type=talk, prompt="Unreached"),
        ),
        edges=(
            Edge(source="a", target="b", when="they are new"),
            Edge(source="b", target="a", when=""),
        ),
        start_node="a",
    )
    assert prose_from(graph) == (
        "Greet them. If they are new, go on with 'Reason'. Ask why. Then go on with 'a'."
    )


def test_a_graph_that_starts_with_a_tool_is_told_too() -> None:
    node = Node(id="only", type=NodeType.TOOL, prompt=NodeTool.TRANSFER_CALL)
    assert prose_from(Graph(nodes=(node,), edges=(), start_node="only")) == "Transfer the call."


def _agent(**forms: object) -> Agent:
    fields = {"id": "a", "businessId": "b", "name": "A", "type": AgentType.OUTBOUND}
    return Agent.model_validate(fields | forms)


def test_an_agent_has_both_forms_whichever_was_given() -> None:
    graph = graph_from(FLOW)
    assert (
        prose_of(_agent(conversation_flow=FLOW)),
        graph_of(_agent(conversation_flow=FLOW)),
    ) == (
        FLOW,
        graph,
    )
    assert graph_of(_agent(workflow=graph)) == graph
    assert prose_of(_agent(workflow=graph)) == prose_from(graph)


def test_an_agent_without_a_form_has_a_plain_conversation() -> None:
    assert prose_of(_agent()) == DEFAULT_FLOW
    assert graph_of(_agent()) == graph_from(DEFAULT_FLOW)


def test_longer_conversations_take_longer() -> None:
    graph = graph_from(FLOW)
    assert 2.0 <= settle_seconds("Hi.") < settle_seconds("Hi." * 500)
    assert 2.0 <= settle_seconds(graph) < 3.0
