"""Joins routes, errors, counting and the virtual ``Date`` into one ASGI application."""

import re
from collections.abc import Sequence

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sandbox.answers import Interruption, Silence, error_answer
from sandbox.api.access import Access
from sandbox.api.agents import AgentRoutes
from sandbox.api.calendar import CalendarRoutes
from sandbox.api.call import CallRoutes
from sandbox.api.duty import DutyRoutes
from sandbox.api.files import FileRoutes
from sandbox.api.history import HistoryRoutes
from sandbox.api.token import TokenRoutes
from sandbox.api.tools import ToolRoutes
from sandbox.api.voices import VoiceRoutes
from sandbox.control.build import BuildRoutes
from sandbox.control.gate import Gate
from sandbox.control.page import PageRoutes
from sandbox.control.steer import SteerRoutes
from sandbox.control.talks import TalkRoutes
from sandbox.control.watch import WatchRoutes
from sandbox.errors import ApiError
from sandbox.exchange import Exchange
from sandbox.openapi.route import DescriptionRoutes
from sandbox.records import Recorder
from sandbox.state import Sandbox
from sandbox.stats import UNANSWERED

PREFIX = "/api/partner/v1"
UNKNOWN_ROUTE = "unknown"
REQUEST_ID = re.compile(rb"[\x21-\x7e]{1,200}")


def build_app(*, sandbox: Sandbox, control_key: str) -> "Front":
    """The whole application.

    Args:
        sandbox: Its state.
        control_key: Opens the control interface.
    """
    routes = [*_api_routes(sandbox), *_control_routes(sandbox, Gate(key=control_key))]
    app = Starlette(
        routes=routes,
        exception_handlers={
            ApiError: _on_api_error,
            Interruption: _on_interruption,
            HTTPException: _on_http_error,
            ClientDisconnect: _on_disconnect,
            Exception: _on_mistake,
        },
    )
    app.router.redirect_slashes = False
    return Front(app=app, routes=routes, sandbox=sandbox)


class Front:
    """Stamps every answer with the virtual time and the request's id, and counts it.

    Args:
        app: What answers.
        routes: Give requests their names in the counts.
        sandbox: Its clock and counters.
    """

    def __init__(self, *, app: ASGIApp, routes: Sequence[Route], sandbox: Sandbox) -> None:
        self._app = app
        self._sandbox = sandbox
        self._names = {
            route.endpoint: f"{min((route.methods or set()) - {'HEAD'})} {route.path_format}"
            for route in routes
        }

    @property
    def names(self) -> list[str]:
        """Every route by its name in the counts, ``GET /sandbox/clock`` say."""
        return list(self._names.values())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        status = UNANSWERED
        stamps = _request_id(scope)

        async def stamped(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = str(message["status"])
                date = (b"date", self._sandbox.clock.http_date())
                message["headers"] = [*message["headers"], date, *stamps]
            await send(message)

        try:
            await self._app(scope, receive, stamped)
        finally:
            name = self._names.get(scope.get("endpoint", _no_endpoint), UNKNOWN_ROUTE)
            self._sandbox.stats.count(name, status)


def _no_endpoint() -> None:
    """Stands for the endpoint of a request that no route took."""


def _api_routes(sandbox: Sandbox) -> list[Route]:
    access = Access(sandbox=sandbox)
    exchange = Exchange(sandbox=sandbox)
    recorder = Recorder(world=sandbox.world, briefs=sandbox.briefs, seed=sandbox.seed)
    return [
        *CallRoutes(sandbox=sandbox, access=access, exchange=exchange).routes(PREFIX),
        *HistoryRoutes(sandbox=sandbox, access=access, recorder=recorder).routes(PREFIX),
        *AgentRoutes(sandbox=sandbox, access=access).routes(PREFIX),
        *DutyRoutes(sandbox=sandbox, access=access).routes(PREFIX),
        *TokenRoutes(sandbox=sandbox, access=access).routes(PREFIX),
        *VoiceRoutes(access=access).routes(PREFIX),
        *ToolRoutes(sandbox=sandbox, access=access).routes(PREFIX),
        *FileRoutes(sandbox=sandbox, access=access).routes(PREFIX),
        *CalendarRoutes(sandbox=sandbox, access=access).routes(PREFIX),
        *DescriptionRoutes().routes(PREFIX),
    ]


def _control_routes(sandbox: Sandbox, gate: Gate) -> list[Route]:
    recorder = Recorder(world=sandbox.world, briefs=sandbox.briefs, seed=sandbox.seed)
    return [
        *PageRoutes(sandbox=sandbox, gate=gate, recorder=recorder).routes(),
        *WatchRoutes(sandbox=sandbox, gate=gate, recorder=recorder).routes(),
        *SteerRoutes(sandbox=sandbox, gate=gate).routes(),
        *TalkRoutes(sandbox=sandbox, gate=gate, exchange=Exchange(sandbox=sandbox)).routes(),
        *BuildRoutes(sandbox=sandbox, gate=gate).routes(),
    ]


def _request_id(scope: Scope) -> list[tuple[bytes, bytes]]:
    for name, value in scope["headers"]:
        if name == b"x-request-id" and REQUEST_ID.fullmatch(value):
            return [(b"x-request-id", value)]
    return []


async def _on_api_error(request: Request, error: Exception) -> Response:  # noqa: ARG001 -- Starlette's signature
    if not isinstance(error, ApiError):
        raise TypeError("only API errors are registered") from error
    return error_answer(error)


async def _on_interruption(request: Request, error: Exception) -> Response:  # noqa: ARG001 -- Starlette's signature
    if not isinstance(error, Interruption):
        raise TypeError("only interruptions are registered") from error
    return error.answer


async def _on_http_error(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise TypeError("only HTTP errors are registered") from error
    headers = dict(error.headers or {})
    if "Allow" in headers:
        headers["Allow"] = _allowed(request)
    return error_answer(ApiError(error.status_code, error.detail, headers=headers))


def _allowed(request: Request) -> str:
    # Each method is a route of its own here, and Starlette tells only those of the first.
    path = request.scope["path"]
    found: set[str] = set()
    for route in request.app.routes:
        if isinstance(route, Route) and route.path_regex.match(path):
            found |= route.methods or set()
    return ", ".join(sorted(found))


async def _on_disconnect(request: Request, error: Exception) -> Response:  # noqa: ARG001 -- Starlette's signature
    return Silence()


async def _on_mistake(request: Request, error: Exception) -> Response:  # noqa: ARG001 -- Starlette's signature
    return error_answer(ApiError(500, "The sandbox made a mistake; see its log"))
