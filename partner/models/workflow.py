"""The graph that a conversation walks: checked before it is sent, read as it comes."""

from collections import Counter
from typing import Annotated, Final, Literal, Self

from pydantic import Field, model_validator

from partner.models.base import Body, Received, Text

NODE_TOOLS: Final = ("scheduleAppointment", "transferCall", "endCall")
"""What a node of type tool can name as its prompt (the guide's workflow graph details)."""

_Name = Annotated[Text, Field(min_length=1)]


class Node(Body):
    """A phase of the conversation, or an action of the system.

    Attributes:
        id: Unique in the workflow.
        type: conversation or tool.
        prompt: What to say or find out; for a tool, one of :data:`NODE_TOOLS`.
        first_message: What the agent says first in this node.
        label: What an editor shows.
    """

    id: _Name
    type: Literal["conversation", "tool"]
    prompt: Text
    first_message: Text | None = None
    label: Text | None = None

    @model_validator(mode="after")
    def _a_tool_is_known(self) -> Self:
        if self.type == "tool" and self.prompt not in NODE_TOOLS:
            raise ValueError(f"the prompt of a tool node is one of {', '.join(NODE_TOOLS)}")
        return self


class Edge(Body):
    """A way from one node to another.

    Attributes:
        from_: The id of the node that it leaves; ``from`` on the wire.
        to: The id of the node that it leads to.
        when: The condition, in words.
    """

    from_: Annotated[Text, Field(alias="from")]
    to: Text
    when: Text


class Workflow(Body):
    """The graph of a conversation.

    Attributes:
        nodes: At least the start node, each id once.
        edges: Between nodes of this workflow.
        start_node: The id of the node that the conversation begins with.
    """

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    start_node: Text

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        ids = Counter(node.id for node in self.nodes)
        twice = [name for name, count in ids.items() if count > 1]
        if twice:
            raise ValueError(f"several nodes have the id {twice[0]!r}")
        if self.start_node not in ids:
            raise ValueError(f"startNode {self.start_node!r} is not the id of a node")
        for edge in self.edges:
            for end in (edge.from_, edge.to):
                if end not in ids:
                    raise ValueError(f"an edge names {end!r}, which is not the id of a node")
        return self


class AgentNode(Received):
    """A node in an answer; the same fields as :class:`Node`."""

    id: str | None = None
    type: str | None = None
    prompt: str | None = None
    first_message: str | None = None
    label: str | None = None


class AgentEdge(Received):
    """An edge in an answer; the same fields as :class:`Edge`."""

    from_: str | None = Field(default=None, alias="from")
    to: str | None = None
    when: str | None = None


class AgentWorkflow(Received):
    """A workflow in an answer; the same fields as :class:`Workflow`."""

    nodes: tuple[AgentNode, ...] | None = None
    edges: tuple[AgentEdge, ...] | None = None
    start_node: str | None = None
