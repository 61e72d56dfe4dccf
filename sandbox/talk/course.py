"""Decides what a conversation comes to: what is booked, transferred and quoted in it."""

from dataclasses import dataclass
from enum import StrEnum

from sandbox.draw import Draw
from sandbox.model.workflow import Node, NodeTool
from sandbox.talk.brief import Brief, Destination
from sandbox.talk.intents import Intent, intents_of
from sandbox.talk.matching import nearest
from sandbox.talk.persona import Persona, Wish
from sandbox.talk.quoting import Quotation
from sandbox.talk.walk import Walker, tool_of

NOBODY_THERE = 0.125
"""How often a warm transfer finds nobody who could take the call."""

CANCELS, MOVES = 0.2, 0.5
"""Of those who have an appointment already: up to the first cancel it, up to the second move it,
the rest keep it."""


URGENT_WORDS = "emergency urgent at once dispatcher danger on call"
CALM_WORDS = "anything else whatever everything other person question office general reception"
"""What is looked for among destinations where nothing on the way tells where to transfer to."""


class Errand(StrEnum):
    """What a person who has an appointment already wants of it."""

    KEEP = "keep"
    CANCEL = "cancel"
    MOVE = "move"


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """How a conversation runs; follows from brief and persona alone.

    ``books`` says that an appointment is looked for; whether one is free is another matter.
    ``destination`` is where a transfer is tried, ``connected`` whether it comes about.
    """

    nodes: tuple[Node, ...]
    books: bool = False
    destination: Destination | None = None
    connected: bool = False
    quote: Quotation | None = None


def course_of(brief: Brief, walker: Walker, persona: Persona) -> Course:
    """The course that a conversation with this person takes.

    A tool acts where the way passes its node; where the graph has none, it acts for whoever
    wishes for it all the same, since an agent may use its tools at any time.
    """
    if not persona.outcome.spoken:
        return Course(nodes=())
    nodes = walker.route(persona)
    if persona.wish is None:
        return Course(nodes=nodes)
    tools = {tool_of(node) for node in nodes}
    books = NodeTool.SCHEDULE_APPOINTMENT in tools or persona.wish is Wish.APPOINTMENT
    transfers = NodeTool.TRANSFER_CALL in tools or persona.wish is Wish.TRANSFER
    target = _destination(brief, persona, walker.clue(nodes)) if transfers else None
    return Course(
        nodes=nodes,
        books=books and brief.calendar is not None,
        destination=target,
        connected=target is not None and _somebody_there(target, persona.draw),
        quote=_quote(brief, persona.draw) if persona.wish is Wish.QUESTION else None,
    )


def errand_of(draw: Draw) -> Errand:
    """What a person who has an appointment already wants of it."""
    mark = draw.unit("errand")
    if mark < CANCELS:
        return Errand.CANCEL
    return Errand.MOVE if mark < MOVES else Errand.KEEP


def _destination(brief: Brief, persona: Persona, clue: str) -> Destination | None:
    """Whom the words on the way to the transfer name; for others, chance decides."""
    if not brief.destinations:
        return None
    wished = URGENT_WORDS if persona.urgent else CALM_WORDS
    told = [clue, wished]
    if persona.urgent and Intent.URGENT not in intents_of(clue):
        told.reverse()  # whoever can't wait goes to those for it, wherever others are led
    open_to = nearest(brief.destinations, told[0]) or nearest(brief.destinations, told[1])
    if not open_to and not persona.urgent:
        urgent = nearest(brief.destinations, URGENT_WORDS)
        open_to = [target for target in brief.destinations if target not in urgent]
    return persona.draw.pick("destination", open_to or brief.destinations)


def _somebody_there(target: Destination, draw: Draw) -> bool:
    return not target.warm or draw.unit("somebody there") >= NOBODY_THERE


def _quote(brief: Brief, draw: Draw) -> Quotation | None:
    return draw.pick("sentence", brief.quotations) if brief.quotations else None
