"""What the experimenter can do as a person: call an agent; and read what agents have booked."""

from typing import Any

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.answers import json_answer
from sandbox.api.call import US_NUMBER
from sandbox.api.paging import read_number
from sandbox.bodies import read_model
from sandbox.calls import CallType
from sandbox.clock import iso
from sandbox.control.gate import Gate
from sandbox.control.orders import Body
from sandbox.errors import ApiError, missing
from sandbox.exchange import Exchange, Order
from sandbox.model.agents import Agent, AgentType
from sandbox.model.calendar import Appointment
from sandbox.model.tenants import Business
from sandbox.state import Sandbox

MOST_APPOINTMENTS = 10_000


class InboundOrder(Body):
    """Who calls an agent; ``context`` is what the agent is told of the caller."""

    phone: str = Field(pattern=rf"^{US_NUMBER.pattern}$")
    name: str | None = Field(default=None, max_length=200)
    context: str | None = Field(default=None, max_length=2_000)


class TalkRoutes:
    """Calls that come in, and appointments.

    Args:
        sandbox: Holds agents, calls and appointments.
        gate: Lets the experimenter in.
        exchange: Takes the calls.
    """

    def __init__(self, *, sandbox: Sandbox, gate: Gate, exchange: Exchange) -> None:
        self._sandbox = sandbox
        self._gate = gate
        self._exchange = exchange

    def routes(self) -> list[Route]:
        """The routes, all behind the gate."""
        guard = self._gate.guard
        inbound = "/sandbox/agents/{agent_id}/inbound"
        return [
            Route(inbound, guard(self.receive), methods=["POST"]),
            Route("/sandbox/appointments", guard(self.appointments), methods=["GET"]),
        ]

    async def receive(self, request: Request) -> Response:
        """Have a person call an agent's number."""
        agent = self._sandbox.world.find(Agent, str(request.path_params["agent_id"]))
        order = await read_model(request, InboundOrder)
        if agent is None:
            raise missing("Voice agent")
        business = self._sandbox.world.find(Business, agent.business_id)
        if business is None:
            raise missing("Business")
        if agent.type is not AgentType.INBOUND or agent.phone_number is None:
            raise ApiError(400, "Only a deployed agent of type INBOUND takes calls")
        call = self._exchange.receive(
            Order(
                business=business,
                agent=agent,
                agent_number=agent.phone_number,
                phone=order.phone,
                context=order.context or f"{order.name or order.phone} called {business.name}.",
                name=order.name,
                kind=CallType.INBOUND,
            )
        )
        answer = {
            "call_id": call.id,
            "answered": call.outcome.spoken,
            "forwarded_to": call.forwarded_to,
        }
        return json_answer(answer, status=201)

    async def appointments(self, request: Request) -> Response:
        """Appointments booked by now, by start; of one business where it is named."""
        limit = read_number(
            request.query_params, "limit", default=1_000, least=1, most=MOST_APPOINTMENTS
        )
        named = request.query_params.get("business_id")
        now = self._sandbox.clock.now()
        booked = [
            appointment
            for appointment in self._sandbox.world.every(Appointment)
            if appointment.booked <= now and named in {None, appointment.business_id}
        ]
        booked.sort(key=lambda appointment: (appointment.starts, appointment.id))
        shown = [_shown(appointment, now) for appointment in booked[:limit]]
        return json_answer({"items": shown, "total": len(booked)})


def _shown(appointment: Appointment, now: float) -> dict[str, Any]:
    shown = appointment.model_dump(mode="json", exclude={"cancelled_by"})
    for instant in ("starts", "ends", "booked"):
        shown[instant] = iso(shown[instant])
    # A cancellation is fixed when the phone rings; nobody knows of it before that call ends.
    cancelled = appointment.cancelled is not None and appointment.cancelled <= now
    shown["cancelled"] = iso(appointment.cancelled or 0.0) if cancelled else None
    shown["cancelled_by"] = appointment.cancelled_by if cancelled else None
    return shown
