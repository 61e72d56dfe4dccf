"""Decides what is collected: a value for each field that an agent asks for, null where unknown."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.clock import iso
from sandbox.script import Outcome
from sandbox.talk.persona import Persona, Wish
from sandbox.talk.scene import Line, Scene, agent, customer
from sandbox.talk.text import clean

MOST_ASKED = 12
"""So many questions are asked at most; further fields stay null."""

FIELD_LENGTH = 60
HUMPS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
WORDS = re.compile(r"[A-Za-z0-9]+")
YES_OR_NO = frozenset(
    ("is", "has", "have", "want", "wants", "need", "needs", "can", "should", "will", "do", "does")
)
COUNTS = frozenset(
    ("number", "count", "quantity", "age", "rooms", "bedrooms", "bathrooms", "people", "guests")
)
REASONS: Mapping[Wish, str] = {
    Wish.APPOINTMENT: "wants an appointment",
    Wish.TRANSFER: "wants to speak with somebody",
    Wish.QUESTION: "has a question",
    Wish.DETAILS: "wants help",
}
REFUSALS: Mapping[Outcome, str] = {
    Outcome.ANSWERED_NOT_INTERESTED: "not interested",
    Outcome.CALLBACK: "busy, asked for a call back",
    Outcome.OPT_OUT: "asked not to be called again",
    Outcome.WRONG_PERSON: "wrong person",
}


def collected(scene: Scene) -> dict[str, Any]:
    """The agent's fields; empty where nobody spoke."""
    if not scene.persona.outcome.spoken:
        return {}
    answers = {question.field: question.value for question in questions(scene)}
    return {
        field: _from_course(field, scene) if _key(field) in _KNOWN else answers.get(field)
        for field in scene.brief.fields
    }


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked for a field, what is answered, and the value that this makes."""

    field: str
    asked: str
    answer: str
    value: object

    @property
    def lines(self) -> list[Line]:
        """Question and answer."""
        return [agent(self.asked), customer(self.answer)]


def questions(scene: Scene) -> list[Question]:
    """What the agent asks an interested person, for the fields that the course doesn't tell."""
    persona = scene.persona
    if persona.wish is None:
        return []
    asked = [field for field in scene.brief.fields if _key(field) not in _KNOWN]
    named = [field for field in scene.brief.fields if _key(field) in _NAMES]
    introduction = [] if persona.known_as or not named else [_introduction(named[0], persona)]
    return introduction + [_question(field, persona) for field in asked[:MOST_ASKED]]


def _introduction(field: str, persona: Persona) -> Question:
    return Question(field, "May I have your name?", f"It is {persona.name}.", persona.name)


def _question(field: str, persona: Persona) -> Question:
    words = _words(field)
    spelled = " ".join(words)
    known = _ASKED.get(_key(field))
    if known is not None:
        value = known(persona)
        return Question(field, f"What is your {spelled}?", f"It is {value}.", value)
    if words and words[0] in YES_OR_NO:
        truth = persona.draw.unit(f"field {field}") < 0.5  # noqa: PLR2004 -- heads or tails
        return Question(
            field, f"For my notes, {spelled}: yes or no?", "Yes." if truth else "No.", truth
        )
    if COUNTS.intersection(words):
        count = 1 + int(persona.draw.unit(f"field {field}") * 9)
        return Question(field, f"May I ask the {spelled}?", f"{count}.", count)
    return _open_question(field, spelled, persona)


def _open_question(field: str, spelled: str, persona: Persona) -> Question:
    asked = f"May I ask about your {spelled or 'wishes'}?"
    value = persona.draw.pick(f"field {field}", _TEXTS)
    if value is None:
        return Question(field, asked, "I would rather not say.", None)
    return Question(field, asked, f"{value[0].upper()}{value[1:]}.", value)


def _from_course(field: str, scene: Scene) -> object:
    return _KNOWN[_key(field)](scene)


def _key(field: str) -> str:
    return "".join(_words(field))


def _words(field: str) -> list[str]:
    return WORDS.findall(HUMPS.sub(" ", clean(field, FIELD_LENGTH)).lower())


def _name(scene: Scene) -> str | None:
    persona = scene.persona
    if persona.outcome is Outcome.WRONG_PERSON:
        return None
    return persona.name if persona.wish is not None else persona.known_as


def _part(scene: Scene, place: int) -> str | None:
    name = (_name(scene) or "").split()
    return name[place] if name else None


def _reason(scene: Scene) -> str:
    wish = scene.persona.wish
    return REFUSALS[scene.persona.outcome] if wish is None else REASONS[wish]


def _interested(scene: Scene) -> bool | None:
    if scene.persona.outcome is Outcome.WRONG_PERSON:
        return None
    return scene.persona.wish is not None


def _callback(scene: Scene) -> str | None:
    return iso(scene.callback_at) if _is(scene, Outcome.CALLBACK) else None


def _appointment(scene: Scene) -> str | None:
    return None if scene.appointment_at is None else iso(scene.appointment_at)


def _transferred(scene: Scene) -> str | None:
    course = scene.course
    return course.destination.name if course.destination and course.connected else None


def _is(scene: Scene, outcome: Outcome) -> bool:
    return scene.persona.outcome is outcome


_NAMES = frozenset({"name", "fullname", "customername", "callername", "contactname", "leadname"})
Known = Callable[[Scene], object]
_KNOWN: dict[str, Known] = {
    **dict.fromkeys(_NAMES, _name),
    "firstname": lambda scene: _part(scene, 0),
    "lastname": lambda scene: _part(scene, -1),
    **dict.fromkeys(
        ("phone", "phonenumber", "customerphone", "contactnumber", "callbacknumber", "mobile"),
        lambda scene: scene.persona.phone,
    ),
    **dict.fromkeys(("interested", "isinterested", "interest"), _interested),
    **dict.fromkeys(("callbackat", "callbacktime", "callback", "callbackdate"), _callback),
    "callbackrequested": lambda scene: _is(scene, Outcome.CALLBACK),
    **dict.fromkeys(
        ("donotcall", "optout", "optedout", "dnc"), lambda scene: _is(scene, Outcome.OPT_OUT)
    ),
    **dict.fromkeys(
        ("wrongperson", "wrongnumber"), lambda scene: _is(scene, Outcome.WRONG_PERSON)
    ),
    **dict.fromkeys(
        ("appointmentat", "appointmenttime", "appointmentdate", "appointment", "scheduledat"),
        _appointment,
    ),
    **dict.fromkeys(
        ("appointmentbooked", "booked"), lambda scene: scene.appointment_at is not None
    ),
    "transferred": lambda scene: _transferred(scene) is not None,
    "transferredto": _transferred,
    **dict.fromkeys(("reason", "reasonforcalling", "reasonforcall", "callreason"), _reason),
}
"""Fields that the course of a conversation tells by itself, by their names without blanks."""

_ASKED: dict[str, Callable[[Persona], object]] = {
    **dict.fromkeys(("email", "emailaddress", "mail"), lambda persona: persona.email),
    **dict.fromkeys(
        ("address", "streetaddress", "serviceaddress", "homeaddress"),
        lambda persona: persona.address,
    ),
    "city": lambda persona: persona.draw.pick("city", ("Albany", "Yonkers", "Hoboken")),
    **dict.fromkeys(
        ("zip", "zipcode", "postalcode"),
        lambda persona: f"{10_001 + int(persona.draw.unit('zip') * 270)}",
    ),
    **dict.fromkeys(
        ("preferredtime", "besttime", "besttimetocall"),
        lambda persona: persona.draw.pick("hours", ("the morning", "the afternoon")),
    ),
    **dict.fromkeys(
        ("timeline", "timeframe", "urgency"),
        lambda persona: persona.draw.pick("pace", ("this week", "this month", "no hurry")),
    ),
    **dict.fromkeys(
        ("favoritecolor", "color", "colour", "favouritecolour"),
        lambda persona: persona.draw.pick("color", ("blue", "green", "yellow", "red")),
    ),
    "language": lambda _: "English",
}
_TEXTS = (None, None, "not decided yet", "no preference", "the usual")
