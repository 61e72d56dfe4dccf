"""Words of a conversation while a tool acts: booking, transferring, looking something up."""

from sandbox.talk.quoting import QUESTIONS
from sandbox.talk.scene import Line, Scene, agent, customer
from sandbox.talk.text import whole

WARM = "One moment, I am checking whether {0} can take the call."
LOOKING_UP = ("Let me look that up.", "One moment, I have it here.", "Good question.")
NOBODY = "I am sorry, {0} cannot take the call just now. Somebody will call you back."


def quoting(scene: Scene) -> list[Line]:
    """A question and a sentence of a document as the answer."""
    if scene.course.quote is None:
        return []
    told, draw = scene.course.quote, scene.persona.draw
    return [
        customer(draw.pick("asks", QUESTIONS[told.subject])),
        agent(f"{draw.pick('looks up', LOOKING_UP)} {whole(told.sentence)}"),
        customer(draw.pick("learns", ("Good to know, thank you.", "I see, thank you."))),
    ]


def scheduling(scene: Scene) -> list[Line]:
    """What is booked, kept, moved or cancelled, or why nothing is."""
    if scene.found is not None:
        return _about_found(scene, scene.found)
    if scene.slot is not None:
        return _booking(scene, scene.slot)
    if scene.course.books:
        return [
            agent("I am sorry, I see no free slot. Somebody will call you to find one."),
            customer("All right."),
        ]
    return [agent("I will note that you would like an appointment."), customer("Thank you.")]


def transferring(scene: Scene) -> list[Line]:
    """The words before a call is handed over, or why it isn't."""
    target = scene.course.destination
    if target is None:
        return [
            agent("I am sorry, nobody can take the call just now. Somebody will call you back."),
            customer("All right."),
        ]
    message = whole(scene.brief.transfer_message)
    said = [agent(message)] if message and "://" not in message else []
    if target.warm:
        said.append(agent(WARM.format(target.spoken)))
    if not scene.course.connected:
        return [*said, agent(NOBODY.format(target.spoken)), customer("All right.")]
    found = "Somebody is there. " if target.warm else ""
    return [*said, agent(f"{found}I am connecting you to {target.spoken} now.")]


def _booking(scene: Scene, slot: float) -> list[Line]:
    said = scene.spoken(slot)
    agreed = scene.persona.draw.pick("agree", ("That works.", "Perfect.", "Yes, let us do that."))
    return [
        agent(f"I can offer {said}. Would that suit you?"),
        customer(agreed),
        agent(f"Then I have booked you for {said}."),
    ]


def _about_found(scene: Scene, found: float) -> list[Line]:
    said = scene.spoken(found)
    told = agent(f"I see an appointment for you on {said}.")
    if not scene.cancelled:
        return [told, customer("Yes, that still suits me."), agent(f"Good, {said} stands.")]
    if scene.slot is None:
        return [
            told,
            customer("I have to cancel it, I am afraid."),
            agent(f"I have cancelled your appointment of {said}."),
        ]
    return [told, customer("Could we move it?"), *_booking(scene, scene.slot)]
