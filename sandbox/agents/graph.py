"""Decides whether a conversation's graph is sound; the guide's rules, each with its own words."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from sandbox.errors import ApiError
from sandbox.model.workflow import Edge, Graph, Node, NodeTool, NodeType

MAX_NODES = 200
MAX_EDGES = 1_000
MAX_ID = 100
MAX_LABEL = 200
MAX_CONDITION = 1_000
MAX_PROMPT = 5_000
MAX_MESSAGE = 1_000

NodeId = Annotated[str, Field(min_length=1, max_length=MAX_ID)]


class GraphPart(BaseModel):
    """A part of a body; what the guide doesn't name is ignored."""

    model_config = ConfigDict(alias_generator=to_camel, strict=True)


class NodeBody(GraphPart):
    """A node as it is sent; its type is read by ``checked``, which names the node."""

    id: NodeId
    type: str
    prompt: str = Field(min_length=1, max_length=MAX_PROMPT)
    first_message: str | None = Field(default=None, max_length=MAX_MESSAGE)
    label: str | None = Field(default=None, max_length=MAX_LABEL)


class EdgeBody(GraphPart):
    """An edge as it is sent."""

    source: str = Field(alias="from", max_length=MAX_ID)
    target: str = Field(alias="to", max_length=MAX_ID)
    when: str = Field(max_length=MAX_CONDITION)


class GraphBody(GraphPart):
    """A graph as it is sent."""

    nodes: list[NodeBody] = Field(min_length=1, max_length=MAX_NODES)
    edges: list[EdgeBody] = Field(max_length=MAX_EDGES)
    start_node: str = Field(max_length=MAX_ID)

    def checked(self) -> Graph:
        """The graph, if it is sound.

        Raises:
            ApiError: Two nodes have one id, a type or tool is unknown, or an edge or the start
                names a node that isn't there (400).
        """
        return _Checking(self).graph()


class _Checking:
    def __init__(self, body: GraphBody) -> None:
        self._body = body
        self._ids: set[str] = set()

    def graph(self) -> Graph:
        nodes = tuple(self._node(node) for node in self._body.nodes)
        edges = tuple(self._edge(edge) for edge in self._body.edges)
        if self._body.start_node not in self._ids:
            raise ApiError(400, f"workflow: there is no startNode {self._body.start_node!r}")
        return Graph(nodes=nodes, edges=edges, start_node=self._body.start_node)

    def _node(self, node: NodeBody) -> Node:
        if node.id in self._ids:
            raise ApiError(400, f"workflow: two nodes have the id {node.id!r}")
        self._ids.add(node.id)
        if node.type not in set(NodeType):
            raise ApiError(400, f"workflow: node {node.id!r} must be of type {_or(NodeType)}")
        if node.type == NodeType.TOOL and node.prompt not in set(NodeTool):
            raise ApiError(
                400, f"workflow: the prompt of tool node {node.id!r} must be {_or(NodeTool)}"
            )
        return Node.model_validate(node.model_dump())

    def _edge(self, edge: EdgeBody) -> Edge:
        for end in (edge.source, edge.target):
            if end not in self._ids:
                where = f"the edge from {edge.source!r} to {edge.target!r}"
                raise ApiError(400, f"workflow: {where} names {end!r}, which is no node")
        return Edge.model_validate(edge.model_dump())


def _or(names: type[NodeType] | type[NodeTool]) -> str:
    *others, last = names
    return f"{', '.join(others)} or {last}"
