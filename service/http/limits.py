"""How large and how slow a request's body may be, whoever sends it and however it is framed."""

import asyncio
import re
from collections.abc import Mapping
from contextlib import suppress

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dialer.rules.errors import TooLargeError
from service.http.problems import problem

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
    """Refuses a body over `limit` bytes: at once by its Content-Length, else as it streams in.

    `larger` has paths, as regular expressions, whose bodies may be larger, with their limits.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        limit: int,
        seconds: float = BODY_SECONDS,
        larger: Mapping[str, int] | None = None,
    ) -> None:
        self._app = app
        self._limit = limit
        self._seconds = seconds
        self._larger = {re.compile(path): most for path, most in (larger or {}).items()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = self._limit_of(scope["path"])
        if _declared(scope) > limit:
            refusal = problem(
                scope["state"]["request_id"],
                TooLargeError.code,
                _message(limit),
                headers={"Connection": "close"},
            )
            await refusal(scope, receive, send)
        else:
            await self._app(scope, self._bounded(receive, limit), send)

    def _limit_of(self, path: str) -> int:
        found = (most for known, most in self._larger.items() if known.fullmatch(path))
        return max(self._limit, next(found, 0))

    def _bounded(self, receive: Receive, limit: int) -> Receive:
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
            if taken > limit:
                raise BodyTooLarge(limit)
            return message

        return bounded


def _declared(scope: Scope) -> int:
    with suppress(ValueError):
        return int(Headers(scope=scope).get("content-length", "0"))
    return 0


def _message(limit: int) -> str:
    return f"the body is over {limit} bytes; send fewer rows at once"
