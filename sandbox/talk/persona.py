"""Decides who picks up: what the person wants, and what can be learned of them; by the seed."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from sandbox.draw import Draw
from sandbox.script import Outcome
from sandbox.talk.brief import Brief
from sandbox.talk.text import clean

NAME_LENGTH = 80
URGENT = 0.5
"""How often a person who wants somebody on the line wants so because it can't wait."""

FIRST_NAMES = (
    "Alma",
    "Bruno",
    "Carla",
    "Dion",
    "Edith",
    "Felix",
    "Greta",
    "Hugo",
    "Ines",
    "Jonas",
)
LAST_NAMES = ("Abbott", "Barlow", "Cortez", "Dunmore", "Ellery", "Farrow", "Gaines", "Holloway")
STREETS = ("Maple Street", "Orchard Lane", "Harbor Road", "Cedar Avenue", "Mill Street")
MAIL_SIGNS = re.compile(r"[^a-z0-9]+")


class Wish(StrEnum):
    """What an interested person wants; the names are stable."""

    APPOINTMENT = "appointment"
    TRANSFER = "transfer"
    QUESTION = "question"
    DETAILS = "details"


Wishes = Mapping[Wish, float]
DEFAULT_WISHES: Wishes = {
    Wish.APPOINTMENT: 0.45,
    Wish.TRANSFER: 0.15,
    Wish.QUESTION: 0.20,
    Wish.DETAILS: 0.20,
}
"""Weights; of a wish that the agent can't fulfil there is nothing to tell, so it isn't drawn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Persona:
    """The person in a call; ``wish`` is None unless the outcome is an interested one.

    ``known_as`` is the name that the call was placed with, where there was one.
    """

    outcome: Outcome
    wish: Wish | None
    known_as: str | None
    phone: str
    draw: Draw

    @property
    def name(self) -> str:
        """Full name; an invented one where the call came without."""
        if self.known_as:
            return self.known_as
        first = self.draw.pick("first name", FIRST_NAMES)
        return f"{first} {self.draw.pick('last name', LAST_NAMES)}"

    @property
    def urgent(self) -> bool:
        """Whether the person wants somebody on the line because it can't wait."""
        return self.wish is Wish.TRANSFER and self.draw.unit("urgent") < URGENT

    @property
    def email(self) -> str:
        """An address nobody has: example.com delivers nothing."""
        local = MAIL_SIGNS.sub(".", self.name.lower()).strip(".")[:40]
        return f"{local or 'somebody'}@example.com"

    @property
    def address(self) -> str:
        """A street address."""
        return f"{10 + int(self.draw.unit('house') * 980)} {self.draw.pick('street', STREETS)}"


def persona_of(
    *, outcome: Outcome, wish: Wish | None, name: str | None, phone: str, draw: Draw
) -> Persona:
    """The person that a call with this fate reaches; ``name`` may be hostile."""
    return Persona(
        outcome=outcome,
        wish=wish,
        known_as=clean(name, NAME_LENGTH) or None,
        phone=phone,
        draw=draw,
    )


def choose_wish(brief: Brief, wishes: Wishes, draw: Draw) -> Wish:
    """What an interested person wants of this agent."""
    able = {
        Wish.APPOINTMENT: brief.calendar is not None,
        Wish.TRANSFER: bool(brief.destinations),
        Wish.QUESTION: bool(brief.documents),
        Wish.DETAILS: True,
    }
    open_to = [(wish, wishes.get(wish, 0.0)) for wish in Wish if able[wish]]
    mark = draw.unit("wish") * sum(weight for _, weight in open_to)
    for wish, weight in open_to:
        mark -= weight
        if mark < 0.0:
            return wish
    return Wish.DETAILS


def read_wishes(weights: Mapping[str, float]) -> Wishes:
    """Check weights of wishes; names left out get nothing.

    Raises:
        ValueError: A name is unknown, a weight is negative or not finite, or all are 0.
    """
    wishes: dict[Wish, float] = {}
    for name, weight in weights.items():
        if name not in set(Wish):
            raise ValueError(f"{name!r} is no wish; they are {', '.join(Wish)}")
        if not (math.isfinite(weight) and weight >= 0.0):
            raise ValueError(f"the weight of {name!r} must be a number from 0 up")
        wishes[Wish(name)] = weight
    if not sum(wishes.values()) > 0.0:
        raise ValueError("at least one wish needs a weight above 0")
    return wishes
