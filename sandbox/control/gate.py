"""Decides who may use the control interface: whoever knows the control key."""

import base64
import binascii
import hmac
import ipaddress
import secrets
from collections.abc import Awaitable, Callable, Mapping
from urllib.parse import parse_qsl, urlsplit

from starlette.requests import Request
from starlette.responses import Response

from sandbox.bodies import read_body
from sandbox.errors import ApiError

Handler = Callable[[Request], Awaitable[Response]]
FormHandler = Callable[[Request, Mapping[str, str]], Awaitable[Response]]

PUBLISHED_KEY = "sandbox-control"
"""The key where none was chosen; it stands in docs/sandbox.md, so it guards nothing by itself."""
TOKEN_FIELD = "token"  # noqa: S105 -- a field's name, no secret
FORM = "application/x-www-form-urlencoded"
MAX_FIELDS = 50


class Gate:
    """Lets in requests that carry the control key.

    The header ``X-Sandbox-Key`` opens everything but the page's forms. HTTP Basic with the key
    as password opens what only reads, and the forms. A browser sends Basic credentials also
    with requests that a foreign page makes it send, so a form counts only when the browser says
    that it was sent from our own page, and when it carries that page's token.

    The published key is known to every web page. It opens only to requests that name this
    machine as their host: a page that points a name of its own at 127.0.0.1 is turned away.

    Args:
        key: The control key.
    """

    def __init__(self, *, key: str) -> None:
        self._key = key.encode()
        self._published = hmac.compare_digest(self._key, PUBLISHED_KEY.encode())
        self._token = secrets.token_urlsafe(32)

    @property
    def token(self) -> str:
        """What the page's forms carry; another one in each process."""
        return self._token

    def guard(self, handler: Handler) -> Handler:
        """The handler, behind the gate."""

        async def guarded(request: Request) -> Response:
            self._check_host(request)
            key = request.headers.get("x-sandbox-key")
            if key is None and request.method in {"GET", "HEAD"}:
                key = _basic_password(request)
            self._check_key(key)
            return await handler(request)

        return guarded

    def guard_form(self, handler: FormHandler) -> Handler:
        """The handler of one of the page's forms, behind the gate; it is given the fields.

        Fields that were left empty are left out.
        """

        async def guarded(request: Request) -> Response:
            self._check_host(request)
            self._check_key(_basic_password(request))
            if not _from_our_page(request):
                raise ApiError(403, "The page's forms are taken from the page itself only")
            fields = await _fields(request)
            if not hmac.compare_digest(fields.pop(TOKEN_FIELD, "").encode(), self._token.encode()):
                raise ApiError(403, "The page is from before a restart; load it again")
            return await handler(request, fields)

        return guarded

    def _check_host(self, request: Request) -> None:
        if self._published and not names_this_machine(request.headers.get("host", "")):
            raise ApiError(
                403, "Without a control key of your own, use http://localhost or http://127.0.0.1"
            )

    def _check_key(self, key: str | None) -> None:
        if key is None or not hmac.compare_digest(key.encode(), self._key):
            raise ApiError(
                401,
                "The control interface wants its key in the header X-Sandbox-Key",
                headers={"WWW-Authenticate": 'Basic realm="sandbox control", charset="UTF-8"'},
            )


def names_this_machine(authority: str) -> bool:
    """Whether a ``Host`` header's value, port and all, is a name of the loopback interface."""
    try:
        host = urlsplit(f"//{authority}").hostname or ""
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _basic_password(request: Request) -> str | None:
    kind, _, value = request.headers.get("authorization", "").partition(" ")
    if kind.lower() != "basic":
        return None
    try:
        return base64.b64decode(value, validate=True).decode().partition(":")[2]
    except (ValueError, binascii.Error):
        return None


def _from_our_page(request: Request) -> bool:
    # Browsers leave Sec-Fetch-Site out on plain http beyond this machine, but no browser in use
    # leaves Origin out of a POST. A proxy that ends TLS changes the scheme, so it isn't compared.
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    if site is not None and site != "same-origin":
        return False
    if origin is None:
        return site is not None
    try:
        return urlsplit(origin).netloc.lower() == request.headers.get("host", "").lower() != ""
    except ValueError:
        return False


async def _fields(request: Request) -> dict[str, str]:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != FORM:
        raise ApiError(400, f"A form is sent as {FORM}")
    try:
        text = (await read_body(request)).decode()
        return dict(parse_qsl(text, max_num_fields=MAX_FIELDS, errors="strict"))
    except ValueError as error:
        raise ApiError(400, "The form is unreadable") from error
