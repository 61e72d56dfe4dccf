"""Words of a conversation: how it opens, what the person says and how refusals go."""

from sandbox.script import Outcome
from sandbox.talk.persona import Wish
from sandbox.talk.purpose import purpose_of
from sandbox.talk.scene import CONTEXT_QUOTED, Line, Scene, agent, customer
from sandbox.talk.text import clean, whole

NOTE_QUOTED = 100
HELLOS = ("Hello?", "Yes, hello?", "Hello, who is this?")
REPLIES = ("Hello.", "Yes, hello.", "Hi.")
GO_AHEAD = ("Yes, go ahead.", "Yes, it is fine.", "Yes, I have a minute.")
NOT_INTERESTED = (
    "Thanks, but we have found somebody already.",
    "No, it sorted itself out.",
    "Not now, money is tight.",
)
BUSY = ("I am driving.", "I am in a meeting.", "The kids are eating.")
NOT_NEEDED = (
    "Thank you, but I no longer need it.",
    "It has been settled otherwise, thank you.",
)
HURRIED = (
    "Oh, somebody is at the door, I have to go.",
    "I am sorry, I am just being called away.",
)
DEMANDED = (
    "You keep calling me. Please take my number off your list.",
    "I want you to stop calling me. Please remove my number.",
)
DEMANDS = (
    "Please take me off your list and do not call me again.",
    "Stop calling this number.",
    "I never want to get another call from you. Remove my number.",
)
STRANGERS = (
    "You have the wrong number.",
    "There is nobody of that name here, you have the wrong person.",
    "I have only had this number for a month; you want somebody else.",
)
WISHES: dict[Wish, tuple[str, ...]] = {
    Wish.APPOINTMENT: (
        "Yes. I would like to make an appointment.",
        "Yes, good timing. Could I get an appointment?",
    ),
    Wish.TRANSFER: (
        "Yes, but I would rather speak with a person. Can you put me through?",
        "Yes. Could I talk to one of your people about it?",
    ),
    Wish.QUESTION: (
        "Yes. Before we go on, I have a question.",
        "Yes, but I would like to know something first.",
    ),
    Wish.DETAILS: (
        "Yes, thank you for calling.",
        "Yes, sure. What do you need from me?",
    ),
}
CALLERS: dict[Wish, tuple[str, ...]] = {
    Wish.APPOINTMENT: (
        "I would like to make an appointment.",
        "Could I get an appointment, please?",
    ),
    Wish.TRANSFER: (
        "Could you put me through to somebody, please?",
        "I would like to speak with one of your people, please.",
    ),
    Wish.QUESTION: ("I have a question.", "I would like to know something."),
    Wish.DETAILS: ("I need some help, please.", "I hope that you can help me."),
}
NEVER_MIND = (
    "Oh, never mind, it sorted itself out.",
    "I only wanted to hear if this is your number.",
)
REMINDED = (
    "Yes, about that appointment: I am afraid that I need another time.",
    "Yes. I am glad you call, I have to change something about it.",
)
ASKED = ("Thank you for your interest.", "Call us whenever something else comes up.")
NOTED = (
    "I have noted everything, and we will get back to you. Thank you for your time.",
    "Thank you, that is all I need. We will be in touch.",
)
PATIENT = frozenset({Outcome.ANSWERED_NOT_INTERESTED})
"""Who refuses, but hears first what it is about."""

URGENT = (
    "It is urgent. Can I talk to somebody right away?",
    "This can't wait, I am afraid. Is there somebody I can talk to now?",
)


def opening(scene: Scene) -> list[Line]:
    """Greeting and purpose; what the agent's first message is, where it has one, comes first."""
    first = whole(scene.brief.first_message or scene.course.nodes[0].first_message)
    if scene.brief.inbound:
        greeting = first or f"Thank you for calling {scene.brief.business}. How can I help?"
        return [agent(greeting), *_introduced(scene)]
    draw = scene.persona.draw
    name = scene.persona.known_as.split()[0] if scene.persona.known_as else ""
    if first:
        asked = f"Am I speaking with {name}? " if name else ""
        if "?" not in first:
            purpose = f"{asked}{_about(scene)}Is this a good moment?"
            return [agent(first), customer(draw.pick("hello", REPLIES)), agent(purpose)]
        return [agent(first), *_purpose(scene, f"{asked}{_about(scene)}".strip())]
    introduction = f"Hi{name and ', '}{name}, this is the assistant of {scene.brief.business}."
    return [
        customer(draw.pick("hello", HELLOS)),
        agent(f"{introduction} {_about(scene)}Is this a good moment?"),
    ]


def wish(scene: Scene, wished: Wish) -> Line:
    """What an interested person answers, or calls for."""
    choices = CALLERS if scene.brief.inbound else WISHES
    said = choices[wished]
    if scene.persona.urgent:
        said = URGENT
    elif wished is Wish.APPOINTMENT and scene.brief.reminds and not scene.brief.inbound:
        said = REMINDED
    return customer(scene.persona.draw.pick("wish words", said))


def refusal(scene: Scene) -> Line:
    """What a person says who wants nothing, or nothing now."""
    draw = scene.persona.draw
    match scene.persona.outcome:
        case Outcome.CALLBACK:
            busy = HURRIED if scene.brief.inbound else BUSY
            return customer(f"{draw.pick('busy', busy)} Could you call me back tomorrow at five?")
        case Outcome.OPT_OUT:
            return customer(draw.pick("demand", DEMANDED if scene.brief.inbound else DEMANDS))
        case Outcome.WRONG_PERSON:
            if scene.brief.inbound:
                return customer("Oh, I have dialed the wrong number.")
            return customer(draw.pick("stranger", STRANGERS))
        case _:
            usual = NOT_NEEDED if scene.brief.reminds else NOT_INTERESTED
            reasons = NEVER_MIND if scene.brief.inbound else usual
            return customer(draw.pick("why", reasons))


def farewell(scene: Scene) -> list[Line]:
    """How the call ends for a person who wants nothing, or nothing now."""
    match scene.persona.outcome:
        case Outcome.CALLBACK:
            return [
                agent("Of course, tomorrow at five. Talk to you then."),
                customer("Thanks."),
            ]
        case Outcome.OPT_OUT:
            return [agent("I am sorry. I will see to it that you are not called again. Goodbye.")]
        case Outcome.WRONG_PERSON:
            return [agent("I am sorry for the trouble. Goodbye."), customer("No problem. Bye.")]
        case _:
            return [
                agent("I understand. Thank you for telling me, and have a good day."),
                customer("You too."),
            ]


def goodbye(scene: Scene) -> list[Line]:
    """How a call ends that had a point; whoever ends it has the last word."""
    said = [agent(f"{_settled(scene)} Goodbye!")]
    if not scene.reason.startswith("assistant"):
        said.append(customer("Thank you, goodbye."))
    return said


def voicemail(scene: Scene) -> list[Line]:
    """What a machine says, and what is left on it."""
    return [
        Line("Voicemail", "You have reached my mailbox. Leave a message after the tone."),
        agent(
            f"Hello, this is the assistant of {scene.brief.business}. "
            "We will try again later. Goodbye!"
        ),
    ]


def _purpose(scene: Scene, said: str) -> list[Line]:
    # The first message has asked already whether it suits; who has no time says so at once.
    if not said or not (scene.persona.wish or scene.persona.outcome in PATIENT):
        return []
    return [customer(scene.persona.draw.pick("hello", GO_AHEAD)), agent(f"Thank you. {said}")]


def _settled(scene: Scene) -> str:
    if scene.slot is not None or scene.found is not None:
        return "You will get a confirmation by text message. Thank you for your time."
    if scene.persona.wish is Wish.QUESTION:
        return scene.persona.draw.pick("settled", ASKED)
    if scene.brief.reminds and not scene.brief.inbound:
        return "Then everything stays as it is. Thank you for your time."
    if scene.persona.wish is Wish.DETAILS:
        return scene.persona.draw.pick("settled", NOTED)
    return "Thank you for your time."


def _introduced(scene: Scene) -> list[Line]:
    if scene.persona.known_as is None or scene.persona.outcome is Outcome.WRONG_PERSON:
        return []
    return [customer(f"Hi, this is {scene.persona.known_as}.")]


def _about(scene: Scene) -> str:
    told = purpose_of(clean(scene.context, CONTEXT_QUOTED))
    note = whole(clean(scene.additional_info, NOTE_QUOTED))
    if note:
        told += f"I also have a note here: {note} "
    return told + _pictures(scene.pictures)


def _pictures(count: int) -> str:
    if not count:
        return ""
    what = "the picture" if count == 1 else f"the {count} pictures"
    return f"I have got {what} that came with your request, thank you. "
