"""Routes that read JSON strictly: 415 for another kind, 400 with the position for a broken one."""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute

from dialer.rules.errors import UnsupportedMediaError
from dialer.rules.intake.payload import is_json, read_json


class JsonRequest(Request):
    """A request whose JSON is read by our own limits."""

    async def json(self) -> object:
        """The body's JSON.

        Raises:
            json.JSONDecodeError: with the position of the first fault.
        """
        return read_json(await self.body())


class JsonRoute(APIRoute):
    """An operation whose body, where it has one, is JSON."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Wrap FastAPI's own handler."""
        handle = super().get_route_handler()
        takes_body = self.body_field is not None

        async def strict(request: Request) -> Response:
            if takes_body and _has_body(request):
                _need_json(request.headers.get("content-type", ""))
            return await handle(JsonRequest(request.scope, request.receive))

        return strict


def _has_body(request: Request) -> bool:
    return (
        request.headers.get("content-length", "0") != "0" or "transfer-encoding" in request.headers
    )


def _need_json(content_type: str) -> None:
    if not is_json(content_type):
        shown = content_type[:100] or "nothing"
        raise UnsupportedMediaError(
            f"send the body with Content-Type: application/json; this says {shown!r}"
        )
