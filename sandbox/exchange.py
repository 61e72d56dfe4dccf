"""Makes phones ring, and takes calls that come in: one record for each, at one instant."""

import asyncio
import math
from dataclasses import dataclass, replace

from sandbox.agents.duty import on_duty
from sandbox.calls import Call, CallType
from sandbox.draw import Draw
from sandbox.faults import Fault, FaultName, Target
from sandbox.model.agents import Agent
from sandbox.model.tenants import Business
from sandbox.script import LENGTHS, REASONS, SETUP_SECONDS, Outcome
from sandbox.state import Sandbox
from sandbox.talk.fate import Fates

HUNG_UP = "call.ringing.sip-inbound-caller-hungup-before-call-connect"
"""How a call ends that comes in when no agent is on duty and the business has no phone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A call that passed every check and may ring, or one that comes in.

    ``agent_number`` is the agent's, ``phone`` the person's, whoever of them calls.
    """

    business: Business
    agent: Agent
    agent_number: str
    phone: str
    context: str
    name: str | None
    kind: CallType = CallType.OUTBOUND
    lead_id: str | None = None
    additional_info: str | None = None
    image_urls: tuple[str, ...] = ()
    request_id: str | None = None


class Exchange:
    """Places calls, now or later, and takes calls that come in.

    Args:
        sandbox: Where calls and rings are kept.
    """

    def __init__(self, *, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._fates = Fates(sandbox=sandbox)
        self._late: set[asyncio.Task[None]] = set()

    def ring(self, order: Order, *, answered: str) -> Call:
        """Ring a phone now.

        The record is kept first: a process killed between the two then shows a call that did
        not ring, never a ring that no call explains.

        Args:
            order: Whom to ring and why.
            answered: What the request is about to be answered with.
        """
        with self._sandbox.as_one():
            call = self._call(order)
            self._sandbox.keep_call(call)
        self._sandbox.rings.record(
            phone=order.phone,
            business_id=order.business.id,
            agent_id=order.agent.id,
            call_id=call.id,
            request_id=order.request_id,
            answered=answered,
        )
        return call

    def ring_later(self, order: Order, *, seconds: float) -> None:
        """Ring a phone after ``seconds`` of real time, whoever has hung up meanwhile."""

        async def wait_and_ring() -> None:
            await asyncio.sleep(seconds)
            self.ring(order, answered="none")

        task = asyncio.create_task(wait_and_ring())
        self._late.add(task)
        task.add_done_callback(self._late.discard)

    def receive(self, order: Order) -> Call:
        """Take a call that comes in; nobody's phone rings by us, so no ring is recorded.

        Off duty, the platform forwards it to the business's own number, the fallback that
        deployment sets up; where there is none, the caller hears it ring and hangs up.

        Args:
            order: Of kind INBOUND; its agent is deployed and of type INBOUND.
        """
        now = self._sandbox.clock.now()
        duty = on_duty(order.agent, now)
        with self._sandbox.as_one():
            call = self._call(order) if duty else self._not_taken(order)
            self._sandbox.keep_call(call)
        return call

    def _call(self, order: Order) -> Call:
        blank = self._blank(order)
        fate = self._fates.draw(
            order.agent, kind=order.kind, phone=order.phone, attempt=blank.attempt, name=order.name
        )
        started = round(blank.created + fate.plan.setup_seconds, 3)
        ended = self._end(order, round(started + fate.plan.length_seconds, 3))
        bookings = self._fates.book(fate, replace(blank, ended=ended))
        return replace(
            blank,
            started=started,
            ended=ended,
            visible=self._visible(order, blank.created),
            outcome=fate.plan.outcome,
            reason=fate.plan.reason,
            brief=fate.brief.digest,
            wish=fate.persona.wish,
            booked=bookings.booked,
            found=bookings.found,
            cancelled=bookings.cancelled,
        )

    def _not_taken(self, order: Order) -> Call:
        blank = self._blank(order)
        draw = Draw(seed=self._sandbox.seed, subject=("not taken", order.phone, blank.attempt))
        fallback = order.business.phone_number
        outcome = Outcome.FORWARDED if fallback else Outcome.NO_ANSWER
        started = round(blank.created + draw.between("setup", *SETUP_SECONDS), 3)
        return replace(
            blank,
            started=started,
            ended=round(started + draw.between("length", *LENGTHS[outcome]), 3),
            outcome=outcome,
            reason=REASONS[Outcome.FORWARDED][0] if fallback else HUNG_UP,
            brief=self._sandbox.briefs.take(order.agent).digest,
            forwarded_to=fallback,
        )

    def _blank(self, order: Order) -> Call:
        now = self._sandbox.clock.now()
        seq = len(self._sandbox.calls) + 1
        return Call(
            id="call_" + Draw(seed=self._sandbox.seed, subject=(seq, repr(now))).token("id"),
            seq=seq,
            organization_id=order.business.organization_id,
            business_id=order.business.id,
            agent_id=order.agent.id,
            type=order.kind,
            agent_number=order.agent_number,
            customer_number=order.phone,
            attempt=self._sandbox.calls.attempts(order.phone, order.kind) + 1,
            created=now,
            started=now,
            ended=now,
            visible=now,
            outcome=Outcome.FAILED,
            reason="",
            context=order.context,
            name=order.name,
            lead_id=order.lead_id,
            additional_info=order.additional_info,
            image_urls=order.image_urls,
        )

    def _end(self, order: Order, usual: float) -> float:
        fault = self._strike(FaultName.STUCK_IN_PROGRESS, order)
        if fault is None:
            return usual
        return usual + fault.seconds if fault.seconds else math.inf

    def _visible(self, order: Order, now: float) -> float:
        fault = self._strike(FaultName.HISTORY_LAG, order)
        return now if fault is None else round(now + fault.seconds, 3)

    def _strike(self, name: FaultName, order: Order) -> Fault | None:
        # Faults of this kind are set for the request that rings; nobody requests what comes in.
        if order.kind is CallType.INBOUND:
            return None
        return self._sandbox.faults.strike(
            {name}, Target.CALL, phone=order.phone, agent_id=order.agent.id
        )
