"""Decides who may use the control interface: whoever knows the control key."""

import base64
import binascii
import hmac
from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response

from sandbox.errors import ApiError

Handler = Callable[[Request], Awaitable[Response]]


class Gate:
    """Lets in requests that carry the control key.

    The header ``X-Sandbox-Key`` opens everything. HTTP Basic with the key as password opens
    what only reads, for browsers: they send Basic credentials with requests that a foreign
    page makes them send, so it must not open what changes something.

    Args:
        key: The control key.
    """

    def __init__(self, *, key: str) -> None:
        self._key = key.encode()

    def guard(self, handler: Handler) -> Handler:
        """The handler, behind the gate."""

        async def guarded(request: Request) -> Response:
            if not self._opens(request):
                raise ApiError(
                    401,
                    "The control interface wants its key in the header X-Sandbox-Key",
                    headers={"WWW-Authenticate": 'Basic realm="sandbox control"'},
                )
            return await handler(request)

        return guarded

    def _opens(self, request: Request) -> bool:
        header = request.headers.get("x-sandbox-key")
        if header is None and request.method in {"GET", "HEAD"}:
            header = _basic_password(request.headers.get("authorization", ""))
        return header is not None and hmac.compare_digest(header.encode(), self._key)


def _basic_password(authorization: str) -> str | None:
    kind, _, value = authorization.partition(" ")
    if kind.lower() != "basic":
        return None
    try:
        return base64.b64decode(value, validate=True).decode().partition(":")[2]
    except (ValueError, binascii.Error):
        return None
