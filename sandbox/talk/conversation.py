"""Decides what is said in a call and what is told of it afterwards."""

from collections.abc import Iterator

from sandbox.script import Outcome
from sandbox.talk import acts, words
from sandbox.talk.dialogue import Dialogue
from sandbox.talk.persona import Wish
from sandbox.talk.scene import Line, Scene, agent
from sandbox.talk.text import whole
from sandbox.talk.walk import tool_of


def lines_of(scene: Scene) -> list[Line]:
    """What is said, in order; empty when nobody and no machine answered the agent."""
    outcome = scene.persona.outcome
    if outcome is Outcome.VOICEMAIL:
        return words.voicemail(scene)
    if not outcome.spoken:
        return []
    if scene.persona.wish is None:
        return _merged([*words.opening(scene), *_refused(scene)])
    return _merged([*words.opening(scene), *_wished(scene, scene.persona.wish)])


def summary_of(scene: Scene) -> str | None:
    """A sentence or two on a call that connected."""
    who = scene.persona.known_as or ("The caller" if scene.brief.inbound else "The customer")
    match scene.persona.outcome:
        case Outcome.NO_ANSWER | Outcome.BUSY | Outcome.FAILED:
            return None
        case Outcome.FORWARDED:
            return f"The agent was off duty; the call was forwarded to {scene.forwarded_to}."
        case Outcome.VOICEMAIL:
            return "The call reached voicemail; a short message was left."
        case Outcome.ANSWERED_INTERESTED:
            return f"{who} {_interest(scene)}"
        case Outcome.ANSWERED_NOT_INTERESTED:
            return f"{who} is not interested at the moment."
        case Outcome.CALLBACK:
            at = scene.spoken(scene.callback_at)
            return f"{who} was busy and asked to be called back tomorrow at five ({at})."
        case Outcome.OPT_OUT:
            return f"{who} asked not to be called again."
        case Outcome.WRONG_PERSON:
            return "The call reached the wrong person."


def _refused(scene: Scene) -> Iterator[Line]:
    yield words.refusal(scene)
    for node in scene.course.nodes[1:]:
        if tool_of(node) is None and node.first_message:
            yield agent(whole(node.first_message))
    yield from words.farewell(scene)


def _wished(scene: Scene, wish: Wish) -> Iterator[Line]:
    yield words.wish(scene, wish)
    yield from acts.quoting(scene)
    yield from Dialogue(scene).lines()
    if not scene.course.connected:
        yield from words.goodbye(scene)


def _merged(lines: list[Line]) -> list[Line]:
    # Whoever goes on speaking goes on in the same line, as transcripts are written.
    merged: list[Line] = []
    for line in lines:
        if merged and merged[-1].speaker == line.speaker:
            merged[-1] = Line(line.speaker, f"{merged[-1].text} {line.text}")
        else:
            merged.append(line)
    return merged


def _interest(scene: Scene) -> str:
    told = ["is interested"]
    if scene.course.quote is not None:
        told.append(f"asked a question that was answered from {scene.course.quote.document}")
    if scene.slot is not None:
        moved = "moved the appointment to" if scene.found is not None else "booked"
        told.append(f"{moved} {scene.spoken(scene.slot)}")
    elif scene.found is not None:
        kept = "cancelled" if scene.cancelled else "confirmed"
        told.append(f"{kept} the appointment on {scene.spoken(scene.found)}")
    if scene.course.destination is not None:
        put = "was transferred to" if scene.course.connected else "could not be put through to"
        told.append(f"{put} {scene.course.destination.name}")
    if len(told) == 1:
        told.append(f"wants {scene.brief.business} to get in touch")
    return f"{', '.join(told[:-1])} and {told[-1]}."
