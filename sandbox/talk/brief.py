"""Decides what of an agent a conversation needs: a snapshot that later changes don't touch."""

import re
from functools import cached_property
from hashlib import blake2b

from pydantic import Field

from sandbox.model.base import Shape
from sandbox.model.tools import OpenHours
from sandbox.model.workflow import Graph, Node, NodeType
from sandbox.talk.intents import Intent, intents_of
from sandbox.talk.quoting import Quotation, Subject, quotation, subject_of
from sandbox.talk.slots import SlotPlan
from sandbox.talk.trades import Trade, trade_of

DEFAULT_ZONE = "America/New_York"
PLAIN_GRAPH = Graph(
    nodes=(
        Node(
            id="start",
            type=NodeType.CONVERSATION,
            prompt="Say who is calling and ask whether help is wanted",
        ),
    ),
    edges=(),
    start_node="start",
)


COMMON = re.compile(
    r"\b(?:dispatcher|office|manager|owner|desk|team|department|reception|receptionist|operator"
    r"|technician|supervisor|nurse|doctor|clinic|shop|specialist|hotline|line|staff|warehouse)$",
    re.IGNORECASE,
)
DETERMINED = re.compile(r"(?:the|our|an?|my)\b", re.IGNORECASE)
REMINDS = re.compile(
    r"\bremind|still suits|(?:visit|appointment|booking)s? (?:tomorrow|today|on)\b|upcoming",
    re.IGNORECASE,
)


class Destination(Shape):
    """Where a call can be transferred; ``warm`` asks first whether somebody is there."""

    name: str
    phone_number: str
    warm: bool = False
    description: str = Field(default="", exclude_if=lambda told: not told)

    @property
    def spoken(self) -> str:
        """Its name within a sentence: the dispatcher, Dr. Weiss, Sales."""
        if COMMON.search(self.name) and not DETERMINED.match(self.name):
            plain = all(word[1:].islower() for word in self.name.split())
            return f"the {self.name.lower() if plain else self.name}"
        return self.name


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

    @cached_property
    def trade(self) -> Trade:
        """The line of business, as far as the agent's words tell it."""
        return trade_of(self._words)

    @cached_property
    def reminds(self) -> bool:
        """Whether the agent calls about an appointment that stands already."""
        return REMINDS.search(self._words) is not None

    @cached_property
    def quotations(self) -> tuple[Quotation, ...]:
        """What can be quoted; on what the graph says people ask for, where there is any."""
        found = [
            quotation(document.name, sentence)
            for document in self.documents
            for sentence in document.sentences
        ]
        told = [one for one in found if one.subject is not Subject.OTHER]
        asked = {
            subject_of(edge.when)
            for edge in self.graph.edges
            if Intent.QUESTION in intents_of(edge.when)
        }
        return tuple([one for one in told if one.subject in asked] or told or found)

    @property
    def _words(self) -> str:
        spoken = (n.prompt for n in self.graph.nodes if n.type is NodeType.CONVERSATION)
        return " ".join((self.business, self.first_message or "", *spoken))
