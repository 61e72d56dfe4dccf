"""Decides what is said in a call and what is told of it afterwards."""

from collections.abc import Iterator

from sandbox.model.workflow import Node, NodeTool
from sandbox.script import Outcome
from sandbox.talk import acts, words
from sandbox.talk.fields import questions
from sandbox.talk.intents import Intent, intents_of
from sandbox.talk.persona import Wish
from sandbox.talk.scene import Line, Scene, agent
from sandbox.talk.speech import THANKS, condition_of, utterance
from sandbox.talk.walk import WISHED, tool_of

EMPATHY = "I understand, thank you for telling me."


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
            yield agent(node.first_message)
    yield from words.farewell(scene)


def _wished(scene: Scene, wish: Wish) -> Iterator[Line]:
    yield words.wish(scene, wish)
    if scene.brief.empathy:
        yield agent(EMPATHY)
    yield from acts.quoting(scene)
    yield from _onward(scene, scene.course.nodes[1:])
    if not scene.course.connected:
        yield from words.goodbye(scene)


def _onward(scene: Scene, nodes: tuple[Node, ...]) -> Iterator[Line]:
    # Fields are asked for before the first tool acts: afterwards the caller may be gone.
    tools = [tool_of(node) for node in nodes]
    first_tool = next((n for n, tool in enumerate(tools) if tool is not None), len(nodes))
    for node in nodes[:first_tool]:
        yield from _talking(scene, node)
    for question in questions(scene):
        yield from question.lines
    for node in nodes[first_tool:]:
        yield from _talking(scene, node)
    if scene.course.books and NodeTool.SCHEDULE_APPOINTMENT not in tools:
        yield from acts.scheduling(scene)
    if scene.course.destination and NodeTool.TRANSFER_CALL not in tools:
        yield from acts.transferring(scene)


def _talking(scene: Scene, node: Node) -> list[Line]:
    match tool_of(node):
        case NodeTool.SCHEDULE_APPOINTMENT:
            return acts.scheduling(scene)
        case NodeTool.TRANSFER_CALL:
            return acts.transferring(scene)
        case NodeTool.END_CALL:
            return []
        case None:
            return _saying(scene, node) if _meant(node, scene.persona.wish) else []


def _saying(scene: Scene, node: Node) -> list[Line]:
    said = utterance(node)
    if said is None:
        return []
    if said == THANKS:
        return [agent(said)]
    return [agent(said), words.reply(scene.persona, said, f"reply {node.id}")]


def _meant(node: Node, wish: Wish | None) -> bool:
    # Questions are answered as soon as they are asked, not at the node that speaks of them.
    condition = condition_of(node)
    if condition is None:
        return True
    about = intents_of(condition)
    if wish is None or wish is Wish.QUESTION:
        return Intent.INTEREST in about
    return bool({Intent.INTEREST, WISHED[wish]} & about)


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
        told.append(f"asked a question that was answered from {scene.course.quote[0].name}")
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
