"""How large and how slow a request's body may be, whoever sends it and however it is framed."""

import asyncio
from contextlib import suppress

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dialer.rules.errors import TooLargeError
from service.problems import problem

BODY_SECONDS = 30.0
"""A body that takes longer to arrive is given up: a slow sender must not hold a connection."""


class BodyTooLarge(HTTPException):
    """More bytes came than are taken; FastAPI lets this class of error through unchanged."""

    def __init__(self, limit: int) -> None:
        super().__init__(413, _message(limit), {"Connection": "close"})


class BodyTooSlow(HTTPException):
    """The body did not arrive in time."""

    def __init__(self) -> None:
        message = f"the body did not arrive within {BODY_SECONDS:.0f} seconds"
        super().__init__(408, message, {"Connection": "close"})


class BodyLimit:
    """Refuses a body over `limit` bytes: at once by its Content-Length, else as it streams in."""

    def __init__(self, app: ASGIApp, *, limit: int, seconds: float = BODY_SECONDS) -> None:
        self._app = app
        self._limit = limit
        self._seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
        elif _declared(scope) > self._limit:
            refusal = problem(
                scope["state"]["request_id"],
                TooLargeError.code,
                _message(self._limit),
                headers={"Connection": "close"},
            )
            await refusal(scope, receive, send)
        else:
            await self._app(scope, self._bounded(receive), send)

    def _bounded(self, receive: Receive) -> Receive:
        taken = 0
        ended = False
        deadline = asyncio.get_running_loop().time() + self._seconds

        async def bounded() -> Message:
            nonlocal taken, ended
            if ended:
                return await receive()
            try:
                async with asyncio.timeout_at(deadline):
                    message = await receive()
            except TimeoutError:
                raise BodyTooSlow from None
            taken += len(message.get("body", b""))
            ended = not message.get("more_body", False)
            if taken > self._limit:
                raise BodyTooLarge(self._limit)
            return message

        return bounded


def _declared(scope: Scope) -> int:
    with suppress(ValueError):
        return int(Headers(scope=scope).get("content-length", "0"))
    return 0


def _message(limit: int) -> str:
    return f"the body is over {limit} bytes; send fewer rows at once"
