"""Decides what of an agent a conversation needs: a snapshot that later changes don't touch."""

from functools import cached_property
from hashlib import blake2b

from sandbox.model.base import Shape
from sandbox.model.tools import OpenHours
from sandbox.model.workflow import Graph, Node, NodeType
from sandbox.talk.slots import SlotPlan

DEFAULT_ZONE = "America/New_York"
PLAIN_GRAPH = Graph(
    nodes=(
        Node(id="start", type=NodeType.CONVERSATION, prompt="Say who is calling and ask for help"),
    ),
    edges=(),
    start_node="start",
)


class Destination(Shape):
    """Where a call can be transferred; ``warm`` asks first whether somebody is there."""

    name: str
    phone_number: str
    warm: bool = False


class Calendar(Shape):
    """What can be booked; durations in minutes, hours by lower-case weekday."""

    slot_minutes: int
    buffer_minutes: int
    notice_minutes: int
    hours: dict[str, tuple[OpenHours, ...]]


class Document(Shape):
    """A knowledge-base file and sentences that can be quoted from it."""

    name: str
    sentences: tuple[str, ...]


class Brief(Shape):
    """One version of an agent, as far as its conversations depend on it; all that is said cleaned.

    ``calendar`` is None for an agent that can't book; an agent without ``destinations`` can't
    transfer, one without ``documents`` has nothing to quote.
    """

    business: str = "the business"
    timezone: str = DEFAULT_ZONE
    inbound: bool = False
    first_message: str | None = None
    empathy: bool = False
    graph: Graph = PLAIN_GRAPH
    transfer_message: str | None = None
    destinations: tuple[Destination, ...] = ()
    calendar: Calendar | None = None
    documents: tuple[Document, ...] = ()
    fields: tuple[str, ...] = ()

    @cached_property
    def digest(self) -> str:
        """What names this version: equal briefs have equal digests."""
        return blake2b(self.model_dump_json().encode(), digest_size=12).hexdigest()

    @cached_property
    def slots(self) -> SlotPlan | None:
        """The calendar's slots, ready to be searched; None for an agent that can't book."""
        if self.calendar is None:
            return None
        return SlotPlan(
            zone=self.timezone,
            slot_minutes=self.calendar.slot_minutes,
            buffer_minutes=self.calendar.buffer_minutes,
            notice_minutes=self.calendar.notice_minutes,
            hours=self.calendar.hours,
        )
