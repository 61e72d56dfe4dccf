"""What a conversation's graph is: nodes, edges between them, and where it starts."""

from enum import StrEnum

from pydantic import Field

from sandbox.model.base import Shape


class NodeType(StrEnum):
    """What happens at a node."""

    CONVERSATION = "conversation"
    TOOL = "tool"


class NodeTool(StrEnum):
    """What a tool node can do; its prompt is exactly one of these names."""

    SCHEDULE_APPOINTMENT = "scheduleAppointment"
    TRANSFER_CALL = "transferCall"
    END_CALL = "endCall"


class Node(Shape):
    """A phase of the conversation, or a tool's turn.

    ``prompt`` tells the agent what to do, or names the tool. ``first_message`` is said on
    entering.
    """

    id: str
    type: NodeType
    prompt: str
    first_message: str | None = None
    label: str | None = None


class Edge(Shape):
    """A way from one node to another, by their ids; ``when`` says in prose who takes it."""

    source: str = Field(alias="from")
    target: str = Field(alias="to")
    when: str


class Graph(Shape):
    """A conversation's graph; ``start_node`` is the id of its first node."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    start_node: str
