"""What the experimenter can turn: the clock, faults, outcome mix, latency, tokens."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.answers import json_answer
from sandbox.bodies import read_model
from sandbox.control.gate import Gate
from sandbox.control.orders import ClockOrder, LatencyOrder, MixOrder, TokenOrder
from sandbox.errors import ApiError, missing
from sandbox.faults import FaultOrder
from sandbox.script import read_mix
from sandbox.state import Sandbox
from sandbox.talk.persona import read_wishes


class SteerRoutes:
    """The turning half of the control interface.

    Args:
        sandbox: What is turned.
        gate: Lets the experimenter in.
    """

    def __init__(self, *, sandbox: Sandbox, gate: Gate) -> None:
        self._sandbox = sandbox
        self._gate = gate

    def routes(self) -> list[Route]:
        """The routes, all behind the gate."""
        guard = self._gate.guard
        faults = "/sandbox/faults"
        return [
            Route("/sandbox/clock", guard(self.move_clock), methods=["PUT"]),
            Route(faults, guard(self.set_fault), methods=["POST"]),
            Route(faults, guard(self.list_faults), methods=["GET"]),
            Route(faults, guard(self.clear_faults), methods=["DELETE"]),
            Route(f"{faults}/{{fault_id}}", guard(self.lift_fault), methods=["DELETE"]),
            Route("/sandbox/outcomes", guard(self.set_mix), methods=["PUT"]),
            Route("/sandbox/latency", guard(self.set_latency), methods=["PUT"]),
            Route("/sandbox/tokens", guard(self.set_token_lifetime), methods=["PUT"]),
            Route("/sandbox/tokens", guard(self.revoke_tokens), methods=["DELETE"]),
        ]

    async def move_clock(self, request: Request) -> Response:
        """Let virtual time leap forward; everything follows, since nothing waits by a timer."""
        order = await read_model(request, ClockOrder)
        clock = self._sandbox.clock
        try:
            clock.move(to=order.now, by=order.advance_seconds or 0.0, speed=order.speed)
        except ValueError as error:
            raise ApiError(409, str(error)) from error
        return json_answer(clock.described())

    async def set_fault(self, request: Request) -> Response:
        """Put a fault in force."""
        order = await read_model(request, FaultOrder)
        try:
            fault = self._sandbox.faults.set(order)
        except ValueError as error:
            raise ApiError(409, str(error)) from error
        return json_answer(fault.described(), status=201)

    async def list_faults(self, request: Request) -> Response:  # noqa: ARG002 -- a route's signature
        """All faults since the last clearing, spent ones included."""
        return json_answer({"items": [fault.described() for fault in self._sandbox.faults]})

    async def clear_faults(self, request: Request) -> Response:  # noqa: ARG002 -- a route's signature
        """Lift all faults."""
        return json_answer({"removed": self._sandbox.faults.clear()})

    async def lift_fault(self, request: Request) -> Response:
        """Lift one fault."""
        if not self._sandbox.faults.remove(str(request.path_params["fault_id"])):
            raise missing("Fault")
        return json_answer({"removed": 1})

    async def set_mix(self, request: Request) -> Response:
        """Choose how calls from now on turn out, and what interested people wish for."""
        order = await read_model(request, MixOrder)
        tuning = self._sandbox.tuning
        try:
            mix = read_mix(order.mix)
            wishes = tuning.wishes if order.wishes is None else read_wishes(order.wishes)
        except ValueError as error:
            raise ApiError(400, str(error)) from error
        tuning.mix, tuning.wishes = mix, wishes
        return json_answer({"mix": mix, "wishes": wishes})

    async def set_latency(self, request: Request) -> Response:
        """Choose how slowly calls and history are answered."""
        order = await read_model(request, LatencyOrder)
        tuning = self._sandbox.tuning
        if order.call_ms is not None:
            tuning.call_ms = order.call_ms
        if order.history_ms is not None:
            tuning.history_ms = order.history_ms
        return json_answer({"call_ms": tuning.call_ms, "history_ms": tuning.history_ms})

    async def set_token_lifetime(self, request: Request) -> Response:
        """Choose how long tokens from now on live."""
        order = await read_model(request, TokenOrder)
        self._sandbox.tokens.lifetime = order.expires_in
        return json_answer({"expires_in": order.expires_in})

    async def revoke_tokens(self, request: Request) -> Response:  # noqa: ARG002 -- a route's signature
        """Make every token issued so far invalid."""
        self._sandbox.tokens.revoke_all()
        return json_answer({"revoked": True})
