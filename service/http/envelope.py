"""What every request and answer carries: an id, security headers, one log line, a count.

The outermost layer; nothing gets past it, so no answer is without a problem document.
"""

import re
from collections.abc import MutableMapping

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dialer.clock import monotonic, new_id
from service.http.problems import unexpected
from service.metrics import Metrics

_GIVEN_ID = re.compile(r"[A-Za-z0-9._\-]{8,64}")
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_QUIET = frozenset({"/healthz", "/readyz", "/metrics"})

CLOSED_POLICY = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'"
"""For data: a browser that shows it may load and run nothing."""

PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; font-src 'self'; form-action 'self'; frame-ancestors 'none'; "
    "base-uri 'none'"
)
"""For pages: only what we serve ourselves, nothing inline."""

_ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}

log = structlog.get_logger(__name__)


class Envelope:
    """Wraps the whole application."""

    def __init__(self, app: ASGIApp, *, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = _request_id(scope)
        scope.setdefault("state", {})["request_id"] = request_id
        answer = _Answer(send, request_id)
        started = monotonic()
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                await self._app(scope, receive, answer)
            except Exception as error:  # noqa: BLE001 -- the last place that can still answer
                await _give_up(error, scope, receive, answer)
            self._note(scope, answer.status, monotonic() - started)

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        method = scope["method"] if scope["method"] in _METHODS else "OTHER"
        # The template, not the address: an address may hold ids and a source's key.
        route = getattr(scope.get("route"), "path", None) or "unmatched"
        self._metrics.request(method=method, route=route, status=status, seconds=seconds)
        write = log.debug if route in _QUIET else log.info
        write(
            "request",
            method=method,
            route=route,
            status=status,
            ms=round(seconds * 1_000, 1),
            organization_id=str(scope["state"].get("organization_id", "")) or None,
        )


class _Answer:
    """Sends on, adding the headers that every answer has."""

    def __init__(self, send: Send, request_id: str) -> None:
        self._send = send
        self._request_id = request_id
        self.status = 0

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            _add_headers(message, self._request_id)
        await self._send(message)


def _add_headers(message: MutableMapping[str, object], request_id: str) -> None:
    headers = MutableHeaders(scope=message)
    headers["X-Request-Id"] = request_id
    for name, value in _ALWAYS.items():
        headers.setdefault(name, value)
    headers.setdefault("Content-Security-Policy", CLOSED_POLICY)
    headers.setdefault("Cache-Control", "no-store")


async def _give_up(error: Exception, scope: Scope, receive: Receive, answer: _Answer) -> None:
    response = unexpected(scope["state"]["request_id"], error)
    # With half an answer out, ending here makes the server close the connection, which tells
    # the client; raising would make it log the exception's text, which may hold a person's data.
    if not answer.status:
        await response(scope, receive, answer)


def _request_id(scope: Scope) -> str:
    given = Headers(scope=scope).get("x-request-id", "")
    return given if _GIVEN_ID.fullmatch(given) else new_id().hex
