"""POST .../call: rings a person, by every rule that the guide states, or misbehaves on order."""

import asyncio
import re

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.answers import Silence, Truncated, garbled, json_answer
from sandbox.api.access import PLAIN, Access, failed, plain_answer
from sandbox.api.agents import UPDATE
from sandbox.bodies import read_model
from sandbox.calls import Call
from sandbox.errors import ApiError
from sandbox.exchange import Exchange, Order
from sandbox.faults import Fault, FaultName, Target
from sandbox.model.agents import Agent, AgentType
from sandbox.model.tenants import Business
from sandbox.state import Sandbox

US_NUMBER = re.compile(r"\+1[2-9][0-9]{2}[2-9][0-9]{6}")
"""The guide's rule: +1XXXXXXXXXX; area code and exchange do not start with 0 or 1."""

REQUEST_ID_LENGTH = 200
CONFLICT = "Call record already exists"
CALL_FAILED = "Failed to initiate call"

RINGING = frozenset(
    {
        FaultName.CONFLICT_AFTER_RING,
        FaultName.CONFLICT_BEFORE_RING,
        FaultName.DROP,
        FaultName.FAIL_AFTER_RING,
        FaultName.GARBLED,
        FaultName.HANG,
        FaultName.LATE_RING,
        FaultName.SUCCESS_FALSE,
        FaultName.TRUNCATED,
    }
)
"""Faults that only a call can have, and that decide its answer."""


class CallBody(BaseModel):
    """The request's body; the guide names no others, and what it doesn't name is ignored."""

    model_config = ConfigDict(alias_generator=to_camel, strict=True)

    phone_number: str
    name: str | None = None
    lead_id: str | None = None
    context: str | None = None
    additional_info: str | None = None
    image_urls: list[str] | None = None


class CallRoutes:
    """The route that rings.

    Args:
        sandbox: Holds agents, leads and faults.
        access: Lets callers in.
        exchange: Rings.
    """

    def __init__(self, *, sandbox: Sandbox, access: Access, exchange: Exchange) -> None:
        self._sandbox = sandbox
        self._access = access
        self._exchange = exchange

    def routes(self, prefix: str) -> list[Route]:
        """The routes under the API's prefix."""
        path = f"{prefix}/businesses/{{business_id}}/voice-agents/{{agent_id}}/call"
        return [Route(path, self.place, methods=["POST"])]

    async def place(self, request: Request) -> Response:
        """Ring a person."""
        business = self._access.business(request, UPDATE, Target.CALL)
        body = await read_model(request, CallBody)
        agent = self._sandbox.world.agent_of(business, str(request.path_params["agent_id"]))
        order = self._order(business, agent, body, request.headers.get("x-request-id"))
        slow = self._strike({FaultName.SLOW}, order)
        fault = self._strike(PLAIN | RINGING, order)
        if fault is None:
            answer = json_answer(_shown(self._exchange.ring(order, answered="200")))
        elif fault.name in PLAIN:
            answer = plain_answer(fault, request, UPDATE)
        else:
            answer = self._misbehave(fault, order)
        delay = self._sandbox.tuning.call_ms / 1000 + (slow.seconds if slow else 0.0)
        if delay > 0.0:
            await asyncio.sleep(delay)
        return answer

    def _order(
        self, business: Business, agent: Agent, body: CallBody, request_id: str | None
    ) -> Order:
        number = _calling_number(agent)
        if not US_NUMBER.fullmatch(body.phone_number):
            raise ApiError(400, "phoneNumber must be a valid US number in the form +1XXXXXXXXXX")
        return Order(
            business=business,
            agent=agent,
            agent_number=number,
            phone=body.phone_number,
            context=self._context(business, body),
            name=body.name,
            lead_id=body.lead_id,
            additional_info=body.additional_info,
            image_urls=tuple(body.image_urls or ()),
            request_id=request_id and request_id[:REQUEST_ID_LENGTH],
        )

    def _context(self, business: Business, body: CallBody) -> str:
        if body.lead_id is not None:
            return self._sandbox.world.lead_of(business, body.lead_id).context(business)
        return body.context or f"You are calling on behalf of {business.name}."

    def _strike(self, names: set[FaultName] | frozenset[FaultName], order: Order) -> Fault | None:
        return self._sandbox.faults.strike(
            names, Target.CALL, phone=order.phone, agent_id=order.agent.id
        )

    def _misbehave(self, fault: Fault, order: Order) -> Response:
        match fault.name:
            case FaultName.CONFLICT_BEFORE_RING:
                raise ApiError(409, CONFLICT)
            case FaultName.CONFLICT_AFTER_RING:
                self._exchange.ring(order, answered="409")
                raise ApiError(409, CONFLICT)
            case FaultName.FAIL_AFTER_RING:
                self._exchange.ring(order, answered=str(fault.order.status))
                return failed(fault, CALL_FAILED)
            case FaultName.LATE_RING:
                self._exchange.ring_later(order, seconds=fault.seconds)
                return Silence()
            case FaultName.SUCCESS_FALSE:
                if fault.order.rang:
                    self._exchange.ring(order, answered="200")
                return json_answer({"success": False, "message": CALL_FAILED})
            case FaultName.GARBLED:
                self._exchange.ring(order, answered="200")
                return garbled()
            case FaultName.TRUNCATED:
                return Truncated(_shown(self._exchange.ring(order, answered="200")))
            case _:  # HANG and DROP, the rest of RINGING
                self._exchange.ring(order, answered="none")
                return Silence(seconds=fault.seconds)


def _calling_number(agent: Agent) -> str:
    if agent.type is not AgentType.OUTBOUND:
        raise ApiError(400, "Voice agent is not of type OUTBOUND")
    if agent.phone_number is None:
        raise ApiError(400, "Voice agent is not deployed")
    if not agent.on_duty:
        raise ApiError(400, "Voice agent is not on duty")
    return agent.phone_number


def _shown(call: Call) -> dict[str, object]:
    return {
        "success": True,
        "callId": call.id,
        "phoneNumber": call.customer_number,
        "status": "initiated",
    }
