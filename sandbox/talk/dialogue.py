"""Decides what is said between opening and goodbye: along the graph, each thing asked once."""

from collections.abc import Iterator, Sequence
from itertools import zip_longest

from sandbox.model.workflow import Node, NodeTool
from sandbox.talk import acts
from sandbox.talk.answers import answer, assent
from sandbox.talk.asking import Part, question
from sandbox.talk.fields import Question, questions
from sandbox.talk.intents import Intent, intents_of
from sandbox.talk.persona import Wish
from sandbox.talk.scene import Line, Scene, agent, customer
from sandbox.talk.speech import Move, condition_of, moves_of
from sandbox.talk.topics import Topic, topic_of
from sandbox.talk.walk import WISHED, tool_of

EMPATHY = ("I am sorry to hear that.", "I understand, thank you for telling me.")
HEARD = ("Thank you.", "Got it.", "All right.", "", "")
TROUBLED = frozenset({Topic.PROBLEM, Topic.REASON})
SAME = {Topic.PROBLEM: Topic.REASON, Topic.REASON: Topic.PROBLEM}
"""What is answered along with each: who says what is wrong has said what the call is about."""


class Dialogue:
    """What agent and person say to each other once the person has said what is wanted.

    Args:
        scene: The call's, of an interested person.
    """

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._asked: set[Topic] = set()
        self._said: set[str] = set()
        self._troubled = False
        persona = scene.persona
        if persona.known_as:
            self._asked |= {Topic.NAME, Topic.IDENTITY}
        if scene.brief.inbound and persona.wish is not Wish.DETAILS and not persona.urgent:
            self._asked.add(Topic.REASON)
        if persona.urgent or persona.wish is Wish.QUESTION:
            self._asked.add(Topic.EMERGENCY)
        if persona.urgent or (scene.brief.reminds and persona.wish is Wish.APPOINTMENT):
            self._asked.add(Topic.SUITS)
        self._asked.add(Topic.MOMENT)

    def lines(self) -> Iterator[Line]:
        """The lines, in order; a transfer that comes about is the last thing said."""
        scene, nodes = self._scene, self._scene.course.nodes
        tools = [tool_of(node) for node in nodes]
        split = self._split()
        yield from self._along(nodes[:split])
        for asked in questions(scene):
            yield from self._for_field(asked)
        if scene.course.books and NodeTool.SCHEDULE_APPOINTMENT not in tools:
            yield from acts.scheduling(scene)
        if scene.course.destination and NodeTool.TRANSFER_CALL not in tools:
            yield from acts.transferring(scene)
            if scene.course.connected:
                return
        yield from self._along(nodes[split:])

    def _split(self) -> int:
        # Fields are asked for before the first tool acts: afterwards the caller may be gone.
        nodes = self._scene.course.nodes
        first = next((n for n, node in enumerate(nodes) if self._closes(node)), len(nodes))
        if 1 < first < len(nodes) and tool_of(nodes[first]) is NodeTool.TRANSFER_CALL:
            # Who announces a transfer asks for nothing after that.
            announces = not any(move.parts for move in moves_of(nodes[first - 1]))
            return first - 1 if announces else first
        return first

    def _closes(self, node: Node) -> bool:
        if tool_of(node) is not None:
            return True
        return any(part.topic is Topic.MORE for move in moves_of(node) for part in move.parts)

    def _along(self, nodes: Sequence[Node]) -> Iterator[Line]:
        scene = self._scene
        for node in nodes:
            match tool_of(node):
                case NodeTool.SCHEDULE_APPOINTMENT:
                    yield from acts.scheduling(scene)
                case NodeTool.TRANSFER_CALL:
                    yield from acts.transferring(scene)
                case NodeTool.END_CALL:
                    pass
                case None:
                    yield from self._at(node)

    def _at(self, node: Node) -> Iterator[Line]:
        if not _meant(node, self._scene.persona.wish):
            return
        opened = node is self._scene.course.nodes[0] and node.first_message
        # What a node that opens the call has for a message was said at the opening, if at all.
        moves = [move for move in moves_of(node)[1 if opened else 0 :] if self._new(move)]
        for move, after in zip_longest(moves, moves[1:]):
            if move.parts:
                yield from self._question(move.parts)
            else:
                self._said.add(move.text)
                yield agent(move.text)
                # Who goes on to a question leaves no time to answer before it.
                if after is None or not after.parts:
                    yield customer(self._reply(move.text))

    def _new(self, move: Move) -> bool:
        if move.parts:
            return not all(map(self._known, move.parts))
        return move.text not in self._said

    def _reply(self, said: str) -> str:
        if said.endswith("?"):
            return answer(self._scene, [Part(said, topic_of(said), "whether")])
        return assent(self._scene.persona, f"reply {said}")

    def _question(self, parts: Sequence[Part]) -> Iterator[Line]:
        open_to = [part for part in parts if not self._known(part)]
        if not open_to:
            return
        for part in open_to:
            self._said.add(part.words)
            self._note(part.topic)
        yield agent(question(open_to))
        yield from self._answered(answer(self._scene, open_to), [one.topic for one in open_to])

    def _for_field(self, asked: Question) -> Iterator[Line]:
        if asked.topic is not Topic.OTHER and self._known(Part(asked.asked, asked.topic, "")):
            return
        self._note(asked.topic)
        yield agent(asked.asked)
        yield from self._answered(asked.answer, [asked.topic], asked.field)

    def _answered(self, said: str, topics: Sequence[Topic], label: str = "") -> Iterator[Line]:
        yield customer(said)
        draw = self._scene.persona.draw
        if self._scene.brief.empathy and not self._troubled and TROUBLED.intersection(topics):
            self._troubled = True
            yield agent(draw.pick("empathy", EMPATHY))
        elif Topic.MORE not in topics:
            heard = draw.pick(f"heard {label or said}", HEARD)
            if heard:
                yield agent(heard)

    def _known(self, part: Part) -> bool:
        if part.topic is Topic.OTHER or part.kind == "to":
            return part.words in self._said
        return part.topic in self._asked

    def _note(self, topic: Topic) -> None:
        self._asked.add(topic)
        if topic in SAME:
            self._asked.add(SAME[topic])


def _meant(node: Node, wish: Wish | None) -> bool:
    # Questions are answered as soon as they are asked, not at the node that speaks of them.
    condition = condition_of(node)
    if condition is None:
        return True
    about = intents_of(condition)
    if wish is None or wish is Wish.QUESTION:
        return Intent.INTEREST in about
    wished = {Intent.INTEREST, WISHED[wish]}
    return bool((wished | {Intent.URGENT} if wish is Wish.TRANSFER else wished) & about)
