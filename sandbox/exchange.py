"""Makes phones ring: one call record and one ring, at one instant."""

import asyncio
import math
from dataclasses import dataclass

from sandbox.calls import Call, CallType
from sandbox.draw import Draw
from sandbox.faults import FaultName, Target
from sandbox.model.agents import Agent
from sandbox.model.tenants import Business
from sandbox.script import plan_call
from sandbox.state import Sandbox


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A call that passed every check and may ring."""

    business: Business
    agent: Agent
    agent_number: str
    phone: str
    context: str
    name: str | None
    lead_id: str | None
    additional_info: str | None
    image_urls: tuple[str, ...]
    request_id: str | None


class Exchange:
    """Places calls, now or later.

    Args:
        sandbox: Where calls and rings are kept.
    """

    def __init__(self, *, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._late: set[asyncio.Task[None]] = set()

    def ring(self, order: Order, *, answered: str) -> Call:
        """Ring a phone now.

        The record is kept first: a process killed between the two then shows a call that did
        not ring, never a ring that no call explains.

        Args:
            order: Whom to ring and why.
            answered: What the request is about to be answered with.
        """
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

    def _call(self, order: Order) -> Call:
        sandbox = self._sandbox
        now = sandbox.clock.now()
        seq = len(sandbox.calls) + 1
        attempt = sandbox.calls.attempts(order.phone) + 1
        plan = plan_call(
            Draw(seed=sandbox.seed, subject=("call", order.phone, attempt)), sandbox.tuning.mix
        )
        started = round(now + plan.setup_seconds, 3)
        return Call(
            id="call_" + Draw(seed=sandbox.seed, subject=(seq, repr(now))).token("id"),
            seq=seq,
            organization_id=order.business.organization_id,
            business_id=order.business.id,
            agent_id=order.agent.id,
            type=CallType.OUTBOUND,
            agent_number=order.agent_number,
            customer_number=order.phone,
            attempt=attempt,
            created=now,
            started=started,
            ended=self._end(order, round(started + plan.length_seconds, 3)),
            visible=self._visible(order, now),
            outcome=plan.outcome,
            reason=plan.reason,
            context=order.context,
            name=order.name,
            lead_id=order.lead_id,
            additional_info=order.additional_info,
            image_urls=order.image_urls,
        )

    def _end(self, order: Order, usual: float) -> float:
        fault = self._sandbox.faults.strike(
            {FaultName.STUCK_IN_PROGRESS}, Target.CALL, phone=order.phone, agent_id=order.agent.id
        )
        if fault is None:
            return usual
        return usual + fault.seconds if fault.seconds else math.inf

    def _visible(self, order: Order, now: float) -> float:
        fault = self._sandbox.faults.strike(
            {FaultName.HISTORY_LAG}, Target.CALL, phone=order.phone, agent_id=order.agent.id
        )
        return now if fault is None else round(now + fault.seconds, 3)
