"""Writes answers: JSON, errors, and those that no decent server gives."""

import asyncio

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from sandbox.errors import ApiError
from sandbox.journal import compact

HANG_UP = "sandbox.hang_up"
"""The key in the ASGI scope under which the server leaves what closes the connection."""


def json_answer(
    value: object, *, status: int = 200, headers: dict[str, str] | None = None
) -> Response:
    """An answer in JSON."""
    return Response(
        compact(value), status_code=status, headers=headers, media_type="application/json"
    )


def error_answer(error: ApiError) -> Response:
    """An error in the sandbox's shape."""
    return json_answer(error.body(), status=error.status, headers=error.headers)


class Interruption(Exception):  # noqa: N818 -- it carries an answer, it reports no mistake
    """Ends a request with ``answer`` instead of the usual one."""

    def __init__(self, answer: Response) -> None:
        super().__init__()
        self.answer = answer


class Silence(Response):
    """No answer at all: the connection is held for ``seconds`` real seconds, then closed."""

    def __init__(self, *, seconds: float = 0.0) -> None:
        super().__init__()
        self._seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 -- nothing is sent, that is the point
        """Wait, then close; a client that hangs up first ends it sooner."""
        try:
            async with asyncio.timeout(self._seconds):
                await _gone(receive)
        except TimeoutError:
            await _close(scope, receive)


class Truncated(Response):
    """An answer that promises its whole body, sends half of it and closes the connection."""

    def __init__(self, value: object) -> None:
        super().__init__(compact(value), media_type="application/json")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send half, then close."""
        await send(
            {
                "type": "http.response.start",
                "status": self.status_code,
                "headers": self.raw_headers,
            }
        )
        half = bytes(self.body)[: len(self.body) // 2]
        await send({"type": "http.response.body", "body": half, "more_body": True})
        await _close(scope, receive)


def garbled() -> Response:
    """200 with a body that is not JSON, nor text in any encoding."""
    return Response(b'\x00\xff\xfe{"success": tr\xc3', media_type="application/json")


async def _close(scope: Scope, receive: Receive) -> None:
    scope[HANG_UP]()
    await _gone(receive)


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
