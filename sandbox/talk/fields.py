"""Decides what is collected: a value for each field that an agent asks for, null where unknown."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sandbox.clock import iso
from sandbox.script import Outcome
from sandbox.talk.persona import Persona, Wish
from sandbox.talk.phrases import field_question
from sandbox.talk.scene import Scene
from sandbox.talk.text import clean, whole
from sandbox.talk.topics import Topic

MOST_ASKED = 12
"""So many questions are asked at most; further fields stay null."""

MOST_IN_HASTE = 2
"""And so many of somebody who can't wait."""

HALF = 0.5
FIELD_LENGTH = 60
HUMPS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
WORDS = re.compile(r"[A-Za-z0-9]+")
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
    topic: Topic = Topic.OTHER


def questions(scene: Scene) -> list[Question]:
    """What the agent asks an interested person, for the fields that the course doesn't tell."""
    persona = scene.persona
    if persona.wish is None:
        return []
    asked = [field for field in scene.brief.fields if _key(field) not in _KNOWN]
    named = [field for field in scene.brief.fields if _key(field) in _NAMES]
    introduction = [] if persona.known_as or not named else [_introduction(named[0], persona)]
    most = MOST_IN_HASTE if persona.urgent else MOST_ASKED
    return introduction + [_question(field, scene) for field in asked[:most]]


def _introduction(field: str, persona: Persona) -> Question:
    name = persona.name
    return Question(field, "May I have your name?", f"It is {name}.", name, Topic.NAME)


def _question(field: str, scene: Scene) -> Question:
    persona, words = scene.persona, _words(field)
    known = _ASKED.get(_key(field))
    if known is not None:
        value = known.value(scene)
        if known.topic is Topic.PROBLEM and scene.written and not persona.urgent:
            said = whole(scene.trouble.what)
            return Question(field, known.asked, said, scene.written.rstrip("."), known.topic)
        return Question(field, known.asked, whole(known.said.format(value)), value, known.topic)
    unit = persona.draw.unit(f"field {field}")
    asked, kind = field_question(words)
    match kind:
        case "truth":
            return Question(field, asked, "Yes." if unit < HALF else "No.", unit < HALF)
        case "count":
            count = 1 + int(unit * 9)
            return Question(field, asked, f"About {count}, I think.", count)
        case _:
            text = _TEXTS[int(unit * len(_TEXTS))]
            return Question(field, asked, whole(text or "I would rather not say"), text)


def _from_course(field: str, scene: Scene) -> object:
    return _KNOWN[_key(field)](scene)


def _key(field: str) -> str:
    return "".join(_words(field))


@lru_cache(maxsize=1024)
def _words(field: str) -> tuple[str, ...]:
    return tuple(WORDS.findall(HUMPS.sub(" ", clean(field, FIELD_LENGTH)).lower()))


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


def _confirmed(scene: Scene) -> bool | None:
    if scene.persona.outcome is Outcome.WRONG_PERSON:
        return None
    return scene.persona.wish is not None and (scene.slot is not None or not scene.cancelled)


def _moved(scene: Scene) -> str | None:
    return iso(scene.slot) if scene.slot is not None and scene.found is not None else None


def _transferred(scene: Scene) -> str | None:
    course = scene.course
    return course.destination.name if course.destination and course.connected else None


def _is(scene: Scene, outcome: Outcome) -> bool:
    return scene.persona.outcome is outcome


_NAMES = frozenset({"name", "fullname", "customername", "callername", "contactname", "leadname"})
_KNOWN: dict[str, Callable[[Scene], object]] = {
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
    **dict.fromkeys(("confirmed", "appointmentconfirmed"), _confirmed),
    **dict.fromkeys(("movedto", "rescheduledto"), _moved),
    "transferred": lambda scene: _transferred(scene) is not None,
    "transferredto": _transferred,
    **dict.fromkeys(("reason", "reasonforcalling", "reasonforcall", "callreason"), _reason),
}
"""Fields that the course of a conversation tells by itself, by their names without blanks."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is asked for a field by its name, how it is answered, and with what."""

    asked: str
    said: str
    value: Callable[[Scene], object]
    topic: Topic = Topic.OTHER


def _picked(label: str, *choices: str) -> Callable[[Scene], object]:
    def picked(scene: Scene) -> str:
        return scene.persona.draw.pick(label, choices)

    return picked


_ASKED: dict[str, Known] = {
    **dict.fromkeys(
        ("email", "emailaddress", "mail"),
        Known(
            "What is your email address?",
            "It is {}",
            lambda scene: scene.persona.email,
            Topic.EMAIL,
        ),
    ),
    **dict.fromkeys(
        ("address", "streetaddress", "serviceaddress", "homeaddress", "propertyaddress"),
        Known(
            "Could you tell me your address?",
            "It is {}",
            lambda scene: scene.persona.address,
            Topic.ADDRESS,
        ),
    ),
    **dict.fromkeys(
        ("problem", "issue", "problemdescription", "description", "concern", "need", "service"),
        Known(
            "What do you need help with?", "{}", lambda scene: scene.trouble.what, Topic.PROBLEM
        ),
    ),
    "city": Known(
        "Which city do you live in?", "In {}", _picked("city", "Albany", "Yonkers", "Hoboken")
    ),
    **dict.fromkeys(
        ("zip", "zipcode", "postalcode"),
        Known(
            "What is your zip code?",
            "It is {}",
            lambda scene: f"{10_001 + int(scene.persona.draw.unit('zip') * 270)}",
        ),
    ),
    **dict.fromkeys(
        ("preferredtime", "besttime", "besttimetocall", "availability", "preferreddate"),
        Known(
            "What time of the day suits you best?",
            "Best in {}",
            _picked("hours", "the morning", "the afternoon"),
            Topic.TIME,
        ),
    ),
    **dict.fromkeys(
        ("timeline", "timeframe", "urgency"),
        Known(
            "How soon do you need it?",
            "I would say {}",
            _picked("pace", "this week", "this month", "no hurry"),
        ),
    ),
    **dict.fromkeys(
        ("favoritecolor", "color", "colour", "favouritecolour"),
        Known(
            "Which color do you like best?",
            "I like {}",
            _picked("color", "blue", "green", "yellow", "red"),
        ),
    ),
    "budget": Known(
        "What budget do you have in mind?",
        "{}",
        _picked("budget", "Around two thousand dollars", "I have no fixed idea yet"),
        Topic.BUDGET,
    ),
    **dict.fromkeys(
        ("source", "referralsource", "howheard", "heardabout", "referral"),
        Known(
            "How did you hear about us?",
            "{}",
            _picked("source", "A neighbor told me about you", "I found you online"),
            Topic.SOURCE,
        ),
    ),
    **dict.fromkeys(
        ("notes", "note", "comments", "remarks", "additionalinfo", "additionalnotes"),
        Known(
            "Is there anything that I should note?", "No, nothing in particular", lambda _: None
        ),
    ),
    "language": Known("Which language do you prefer?", "{} is fine", lambda _: "English"),
}
_TEXTS = (None, None, "not decided yet", "no preference", "the usual")
