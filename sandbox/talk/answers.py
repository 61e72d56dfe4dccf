"""Decides what a person answers to a question, so that it fits what was asked."""

from collections.abc import Callable, Mapping, Sequence

from sandbox.talk.asking import Part
from sandbox.talk.persona import Persona, Wish
from sandbox.talk.scene import Scene
from sandbox.talk.topics import Topic

YES = ("Yes.", "Yes, exactly.", "Yes, that is right.")
AGREED = ("Yes, I will.", "Of course.", "Sure, I can do that.")
SHRUGS = (
    "I would have to check that.",
    "I can't say for certain.",
    "I don't know yet, to be honest.",
)
ASSENTS = ("All right.", "Sure.", "Good.", "I see, thank you.")
MOST = 3
"""So many sentences make an answer."""


def answer(scene: Scene, parts: Sequence[Part]) -> str:
    """What the person says to a question with these parts."""
    told = dict.fromkeys(_one(scene, part) for part in parts)
    return " ".join(list(told)[:MOST])


def assent(persona: Persona, label: str) -> str:
    """What the person says to something that is no question; ``label`` tells places apart."""
    return persona.draw.pick(label, ASSENTS)


def _one(scene: Scene, part: Part) -> str:
    persona = scene.persona
    known = _ANSWERS.get(part.topic)
    if part.kind == "to" and known is not None and part.words.startswith("confirm"):
        return known(scene)
    if known is not None and not (part.kind in {"whether", "to"} and part.topic in _OPEN):
        return known(scene)
    if part.kind == "to":
        return persona.draw.pick(f"agreed {part.words}", AGREED)
    if part.kind == "whether":
        return persona.draw.pick(f"yes {part.words}", YES)
    if part.kind == "questions":
        return "Yes, go ahead."
    return persona.draw.pick(f"shrug {part.words}", SHRUGS)


def _emergency(scene: Scene) -> str:
    return "Yes, it is." if scene.persona.urgent else "No, it can wait a little."


def _suits(scene: Scene) -> str:
    if scene.persona.wish is Wish.APPOINTMENT:
        return "No, I am afraid not."
    return "Yes, that is fine."


def _picked(label: str, *choices: str) -> Callable[[Scene], str]:
    def picked(scene: Scene) -> str:
        return scene.persona.draw.pick(label, choices)

    return picked


_ANSWERS: Mapping[Topic, Callable[[Scene], str]] = {
    Topic.IDENTITY: lambda _: "Yes, that is me.",
    Topic.NAME: lambda scene: f"It is {scene.persona.name}.",
    Topic.EMAIL: lambda scene: f"It is {scene.persona.email}.",
    Topic.ADDRESS: lambda scene: f"It is {scene.persona.address}.",
    Topic.PHONE: lambda _: "This number is the best one.",
    Topic.CONTACT: lambda scene: f"This number is fine, or write to {scene.persona.email}.",
    Topic.MORE: lambda _: "No, that is all.",
    Topic.MOMENT: lambda _: "Yes, it is.",
    Topic.EMERGENCY: _emergency,
    Topic.SUITS: _suits,
    Topic.SINCE: lambda scene: f"{scene.trouble.since}.",
    Topic.PLACE: lambda scene: f"{scene.trouble.where}.",
    Topic.REASON: lambda scene: f"{scene.trouble.what}.",
    Topic.PROBLEM: lambda scene: f"{scene.trouble.what}.",
    Topic.SOURCE: _picked("source", "A neighbor told me about you.", "I found you online."),
    Topic.BUDGET: _picked("budget", "Around two thousand dollars.", "I have no fixed idea yet."),
    Topic.AGE: _picked("age", "About ten years, I think.", "I am not sure, perhaps fifteen."),
    Topic.COUNT: _picked("count", "Two, I think.", "I would have to count, three or so."),
    Topic.FEELING: _picked("feeling", "It went well, thank you.", "Very well, no complaints."),
    Topic.TIME: _picked("hours said", "The mornings are best for me.", "Any afternoon is fine."),
}
_OPEN = frozenset(
    (
        *(Topic.NAME, Topic.EMAIL, Topic.ADDRESS, Topic.PHONE, Topic.CONTACT, Topic.SINCE),
        *(Topic.PLACE, Topic.REASON, Topic.PROBLEM, Topic.SOURCE, Topic.BUDGET, Topic.AGE),
        *(Topic.COUNT, Topic.FEELING, Topic.TIME),
    )
)
"""What a mere yes answers where it is asked with yes or no."""
