"""Decides what a call will come to, when the phone rings; nothing changes it afterwards."""

import math
from dataclasses import dataclass, replace

from sandbox.calls import Call, CallType
from sandbox.draw import Draw
from sandbox.model.agents import Agent
from sandbox.model.calendar import Appointment
from sandbox.script import TRANSFERRED, Mix, Outcome, Plan, plan_call
from sandbox.state import Sandbox
from sandbox.talk.brief import Brief
from sandbox.talk.course import Course, Errand, course_of, errand_of
from sandbox.talk.persona import Persona, choose_wish, persona_of


@dataclass(frozen=True, slots=True)
class Fate:
    """A call's plan, the version of the agent that speaks, and what the person wants of it."""

    plan: Plan
    brief: Brief
    persona: Persona
    course: Course


@dataclass(frozen=True, slots=True)
class Bookings:
    """What a call does to the business's calendar: what it books and speaks of, by their ids."""

    booked: str | None = None
    found: str | None = None
    cancelled: bool = False


class Fates:
    """Draws the fates of calls.

    Args:
        sandbox: Its seed, mix, agents and calendars decide.
    """

    def __init__(self, *, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def draw(
        self, agent: Agent, *, kind: CallType, phone: str, attempt: int, name: str | None
    ) -> Fate:
        """The fate of a call between an agent and a person.

        Args:
            agent: As it is now.
            kind: Who calls whom; where the person calls, there is always a conversation.
            phone: The person's number.
            attempt: Which call between them it is, from 1.
            name: The person's name, if the call is placed with one.
        """
        sandbox = self._sandbox
        subject = "call" if kind is CallType.OUTBOUND else "inbound"
        mix = sandbox.tuning.mix
        plan = plan_call(
            Draw(seed=sandbox.seed, subject=(subject, phone, attempt)),
            mix if kind is CallType.OUTBOUND else _conversations(mix),
        )
        brief = sandbox.briefs.take(agent)
        draw = words_draw(sandbox.seed, kind, phone, attempt)
        wish = None
        if plan.outcome is Outcome.ANSWERED_INTERESTED:
            wish = choose_wish(brief, sandbox.tuning.wishes, draw)
        persona = persona_of(outcome=plan.outcome, wish=wish, name=name, phone=phone, draw=draw)
        course = course_of(brief, sandbox.briefs.walker(brief), persona)
        if course.connected:
            plan = replace(plan, reason=TRANSFERRED)
        return Fate(plan, brief, persona, course)

    def book(self, fate: Fate, call: Call) -> Bookings:
        """Book what the conversation books, and keep it.

        Args:
            fate: The call's.
            call: The call, with its end; one that never ends books nothing.
        """
        ended = call.ended
        if not fate.course.books or not math.isfinite(ended):
            return Bookings()
        diary = self._sandbox.diary
        found = diary.upcoming(call.business_id, fate.persona.phone, ended)
        errand = Errand.MOVE if found is None else errand_of(fate.persona.draw)
        if errand is Errand.KEEP:
            return Bookings(found=_id(found))
        booked = None
        if errand is Errand.MOVE:
            booked = self._new(fate, call)
            if booked is None:
                return Bookings(found=_id(found))
        diary.settle(booked=booked, cancelled=found, at=ended, by=call.id)
        return Bookings(_id(booked), _id(found), cancelled=found is not None)

    def _new(self, fate: Fate, call: Call) -> Appointment | None:
        def free(low: float, high: float) -> bool:
            return self._sandbox.diary.free(call.business_id, low, high)

        slots = fate.brief.slots
        slot = slots.choose(fate.persona.draw, booked=call.ended, free=free) if slots else None
        if slot is None:
            return None
        return Appointment(
            id=f"appointment_{call.id.removeprefix('call_')}",
            business_id=call.business_id,
            agent_id=call.agent_id,
            call_id=call.id,
            customer_number=call.customer_number,
            name=fate.persona.name,
            starts=slot[0],
            ends=slot[1],
            booked=call.ended,
        )


def words_draw(seed: int, kind: CallType, phone: str, attempt: int) -> Draw:
    """What decides the words of a call, and the person's wishes."""
    subject = "words" if kind is CallType.OUTBOUND else "inbound words"
    return Draw(seed=seed, subject=(subject, phone, attempt))


def _id(appointment: Appointment | None) -> str | None:
    return None if appointment is None else appointment.id


def _conversations(mix: Mix) -> Mix:
    spoken = {outcome: weight for outcome, weight in mix.items() if outcome.spoken}
    return spoken if sum(spoken.values()) > 0.0 else {Outcome.ANSWERED_INTERESTED: 1.0}
