"""Decides what is said in a call: lines, summary and collected fields, from its outcome."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sandbox.clock import iso
from sandbox.draw import Draw
from sandbox.script import Outcome

DAY_SECONDS = 86_400
CONTEXT_QUOTED = 160


@dataclass(frozen=True, slots=True)
class Scene:
    """What a conversation is about; ``started`` in virtual Unix seconds."""

    outcome: Outcome
    business: str
    person: str | None
    phone: str
    context: str
    additional_info: str | None
    started: float
    fields: Sequence[str]


@dataclass(frozen=True, slots=True)
class Line:
    """One utterance."""

    speaker: str
    text: str

    def __str__(self) -> str:
        return f"{self.speaker}: {self.text}"


def lines_of(scene: Scene, draw: Draw) -> list[Line]:
    """What is said, in order; empty when nobody and no machine answered."""
    match scene.outcome:
        case Outcome.NO_ANSWER | Outcome.BUSY | Outcome.FAILED:
            return []
        case Outcome.VOICEMAIL:
            return _voicemail(scene)
        case Outcome.ANSWERED_INTERESTED:
            return [*_opening(scene, draw), *_interested(draw)]
        case Outcome.ANSWERED_NOT_INTERESTED:
            return [*_opening(scene, draw), *_not_interested(draw)]
        case Outcome.CALLBACK:
            return [*_opening(scene, draw), *_callback(draw)]
        case Outcome.OPT_OUT:
            return [*_opening(scene, draw), *_opt_out(draw)]


def summary_of(scene: Scene) -> str | None:
    """One sentence on a call that connected."""
    who = scene.person or "The customer"
    match scene.outcome:
        case Outcome.NO_ANSWER | Outcome.BUSY | Outcome.FAILED:
            return None
        case Outcome.VOICEMAIL:
            return "The call reached voicemail; a short message was left."
        case Outcome.ANSWERED_INTERESTED:
            return f"{who} is interested and asked {scene.business} to set up a visit."
        case Outcome.ANSWERED_NOT_INTERESTED:
            return f"{who} is not interested at the moment."
        case Outcome.CALLBACK:
            return f"{who} was busy and asked to be called back tomorrow at five."
        case Outcome.OPT_OUT:
            return f"{who} asked not to be called again."


def collected(scene: Scene) -> dict[str, Any]:
    """The agent's fields as far as the conversation tells them; others are null."""
    if not scene.outcome.completed or scene.outcome is Outcome.VOICEMAIL:
        return {}
    known = _known(scene)
    return {field: known.get(field) for field in scene.fields}


def _known(scene: Scene) -> Mapping[str, Any]:
    callback = scene.outcome is Outcome.CALLBACK
    tomorrow = scene.started - scene.started % DAY_SECONDS + DAY_SECONDS
    return {
        "name": scene.person,
        "phone": scene.phone,
        "interested": scene.outcome is Outcome.ANSWERED_INTERESTED,
        "callbackAt": iso(tomorrow + 17 * 3600) if callback else None,
        "doNotCall": scene.outcome is Outcome.OPT_OUT,
    }


def _opening(scene: Scene, draw: Draw) -> list[Line]:
    named = f", {scene.person.split()[0]}" if scene.person and scene.person.strip() else ""
    hello = draw.pick("hello", ("Hello?", "Yes, hello?", "Hi, who is this?"))
    return [
        Line("Customer", hello),
        Line("Agent", f"Hi{named}, this is the assistant of {scene.business}. {_about(scene)}"),
    ]


def _about(scene: Scene) -> str:
    told = " ".join(scene.context.split())
    short = told if len(told) <= CONTEXT_QUOTED else told[:CONTEXT_QUOTED].rsplit(" ", 1)[0] + "…"
    extra = " I also have a note from you here." if scene.additional_info else ""
    return f"I am calling about this: {short}{extra} Is this a good moment?"


def _interested(draw: Draw) -> list[Line]:
    wish = draw.pick(
        "wish",
        (
            "Yes, I was hoping that somebody would call. When could you come?",
            "Good timing. What would it cost to have a look?",
            "Yes, please, it has been bothering me for a week.",
        ),
    )
    slot = draw.pick("slot", ("Tuesday at ten", "Wednesday at two", "Thursday at nine"))
    return [
        Line("Customer", wish),
        Line("Agent", f"We could come on {slot}. Would that suit you?"),
        Line("Customer", draw.pick("agree", ("That works.", "Perfect.", "Yes, let us do that."))),
        Line("Agent", "Then it is settled. You will get a confirmation. Goodbye!"),
        Line("Customer", "Thank you, goodbye."),
    ]


def _not_interested(draw: Draw) -> list[Line]:
    why = draw.pick(
        "why",
        (
            "Thanks, but we have found somebody already.",
            "No, it sorted itself out.",
            "Not now, money is tight.",
        ),
    )
    return [
        Line("Customer", why),
        Line("Agent", "I understand. Thank you for telling me, and have a good day."),
        Line("Customer", "You too."),
    ]


def _callback(draw: Draw) -> list[Line]:
    busy = draw.pick("busy", ("I am driving.", "I am in a meeting.", "The kids are eating."))
    return [
        Line("Customer", f"{busy} Could you call me back tomorrow at five?"),
        Line("Agent", "Of course, tomorrow at five. Talk to you then."),
        Line("Customer", "Thanks."),
    ]


def _opt_out(draw: Draw) -> list[Line]:
    demand = draw.pick(
        "demand",
        (
            "Please take me off your list and do not call me again.",
            "Stop calling this number.",
            "I never want to get another call from you. Remove my number.",
        ),
    )
    return [
        Line("Customer", demand),
        Line("Agent", "I am sorry. I will see to it that you are not called again. Goodbye."),
    ]


def _voicemail(scene: Scene) -> list[Line]:
    return [
        Line("Voicemail", "You have reached my mailbox. Leave a message after the tone."),
        Line("Agent", f"Hello, this is the assistant of {scene.business}. We will try again."),
    ]
