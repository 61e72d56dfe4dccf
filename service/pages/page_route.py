"""Routes of pages: whoever has no session is sent to log in, and a refusal is itself a page."""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException

from dialer.rules.errors import OutdialError, UnauthenticatedError
from service.http.problems import STATUSES
from service.pages import pages

SEE_OTHER = 303


class PageRoute(APIRoute):
    """An operation that a person looks at in a browser."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Wrap FastAPI's own handler."""
        handle = super().get_route_handler()

        async def told(request: Request) -> Response:
            try:
                return await handle(request)
            except UnauthenticatedError:
                return RedirectResponse("/login", SEE_OTHER)
            except RequestValidationError:
                return _page(404, "there is nothing at this address")
            except OutdialError as error:
                said = [fault.message for fault in error.faults if fault.message != error.message]
                return _page(STATUSES[error.code], error.message, said)
            except HTTPException as error:
                return _page(error.status_code, str(error.detail))

        return told


def _page(status: int, message: str, more: list[str] | None = None) -> Response:
    said = message[:1].upper() + message[1:]
    return pages.page("trouble.html", status, said=said.rstrip(".") + ".", more=more or [])
