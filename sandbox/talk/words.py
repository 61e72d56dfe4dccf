"""Words of a conversation: how it opens, what the person says and how refusals go."""

from sandbox.script import Outcome
from sandbox.talk.persona import Persona, Wish
from sandbox.talk.scene import Line, Scene, agent, customer
from sandbox.talk.text import clean, finished

CONTEXT_QUOTED = 160
NOTE_QUOTED = 100
PLAIN_CONTEXT = "You are calling on behalf of "
"""How a context begins that the platform made for want of another: nothing to quote."""

HELLOS = ("Hello?", "Yes, hello?", "Hi, who is this?")
NOT_INTERESTED = (
    "Thanks, but we have found somebody already.",
    "No, it sorted itself out.",
    "Not now, money is tight.",
)
BUSY = ("I am driving.", "I am in a meeting.", "The kids are eating.")
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
        "Yes, I was hoping that somebody would come. When could that be?",
        "Good timing. I would like to make an appointment.",
    ),
    Wish.TRANSFER: (
        "Yes, but I would rather speak with a person. Can you put me through?",
        "It is urgent. Can I talk to somebody right away?",
    ),
    Wish.QUESTION: (
        "Yes. Before that I have a question.",
        "Maybe. I would like to know something first.",
    ),
    Wish.DETAILS: (
        "Yes, please, it has been bothering me for a week.",
        "Yes, I am still interested. What do you need from me?",
    ),
}
CALLERS: dict[Wish, tuple[str, ...]] = {
    Wish.APPOINTMENT: (
        "I would like to make an appointment.",
        "When could somebody come? It is about an appointment.",
    ),
    Wish.TRANSFER: (
        "Can you put me through to somebody?",
        "It is urgent. Can I talk to a person right away?",
    ),
    Wish.QUESTION: ("I have a question.", "I would like to know something."),
    Wish.DETAILS: ("I need some help.", "Could you help me with something at home?"),
}
NEVER_MIND = (
    "Oh, never mind, it sorted itself out.",
    "I only wanted to hear if this is your number.",
)
ANSWERS = ("Yes.", "Of course.", "Yes, certainly.")
ASSENTS = ("All right.", "Sure.", "That sounds good.", "I see.")


def opening(scene: Scene) -> list[Line]:
    """Greeting and purpose; what the agent's first message is, where it has one, comes first."""
    first = scene.brief.first_message or scene.course.nodes[0].first_message
    hello = scene.persona.draw.pick("hello", HELLOS)
    if scene.brief.inbound:
        greeting = first or f"Thank you for calling {scene.brief.business}. How can I help?"
        return [agent(greeting), *_introduced(scene)]
    name = scene.persona.known_as.split()[0] if scene.persona.known_as else ""
    if first:
        asked = f"Am I speaking with {name}? " if name else ""
        purpose = f"{asked}{_about(scene)}Is this a good moment?"
        return [agent(first), customer(hello), agent(purpose)]
    introduction = f"Hi{name and ', '}{name}, this is the assistant of {scene.brief.business}."
    return [customer(hello), agent(f"{introduction} {_about(scene)}Is this a good moment?")]


def wish(scene: Scene, wished: Wish) -> Line:
    """What an interested person answers, or calls for."""
    choices = CALLERS if scene.brief.inbound else WISHES
    return customer(scene.persona.draw.pick("wish words", choices[wished]))


def reply(persona: Persona, said: str, label: str) -> Line:
    """A short answer to what the agent says; ``label`` tells its places in a call apart."""
    if "anything else" in said:
        return customer("No, that is all.")
    return customer(persona.draw.pick(label, ANSWERS if said.endswith("?") else ASSENTS))


def refusal(scene: Scene) -> Line:
    """What a person says who wants nothing, or nothing now."""
    draw = scene.persona.draw
    match scene.persona.outcome:
        case Outcome.CALLBACK:
            return customer(f"{draw.pick('busy', BUSY)} Could you call me back tomorrow at five?")
        case Outcome.OPT_OUT:
            return customer(draw.pick("demand", DEMANDS))
        case Outcome.WRONG_PERSON:
            if scene.brief.inbound:
                return customer("Oh, I have dialed the wrong number.")
            return customer(draw.pick("stranger", STRANGERS))
        case _:
            reasons = NEVER_MIND if scene.brief.inbound else NOT_INTERESTED
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
    said = [agent("Then everything is settled. You will get a confirmation. Goodbye!")]
    if not scene.reason.startswith("assistant"):
        said.append(customer("Thank you, goodbye."))
    return said


def voicemail(scene: Scene) -> list[Line]:
    """What a machine says, and what is left on it."""
    return [
        Line("Voicemail", "You have reached my mailbox. Leave a message after the tone."),
        agent(f"Hello, this is the assistant of {scene.brief.business}. We will try again."),
    ]


def _introduced(scene: Scene) -> list[Line]:
    if scene.persona.known_as is None or scene.persona.outcome is Outcome.WRONG_PERSON:
        return []
    return [customer(f"Hi, this is {scene.persona.known_as}.")]


def _about(scene: Scene) -> str:
    told = ""
    if not scene.context.startswith(PLAIN_CONTEXT):
        context = clean(scene.context, CONTEXT_QUOTED)
        told = f"I am calling about this: {finished(context)} " if context else ""
    note = clean(scene.additional_info, NOTE_QUOTED)
    if note:
        told += f"I also have a note here: {finished(note)} "
    return told + _pictures(scene.pictures)


def _pictures(count: int) -> str:
    if not count:
        return ""
    what = "the picture" if count == 1 else f"the {count} pictures"
    return f"I have got {what} that came with your request, thank you. "
