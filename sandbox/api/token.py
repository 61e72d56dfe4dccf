"""POST /oauth/token: access tokens for client credentials (RFC 6749, section 4.4)."""

import base64
import binascii
import hmac
import json
from collections.abc import Mapping
from urllib.parse import parse_qsl, unquote_plus

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.answers import json_answer
from sandbox.api.access import Access
from sandbox.bodies import read_body
from sandbox.errors import ApiError
from sandbox.faults import Target
from sandbox.model.tenants import Credential
from sandbox.state import Sandbox
from sandbox.tokens import Caller, digest

MAX_FIELDS = 20
MEMBERS = ("grant_type", "client_id", "client_secret", "scope")
NO_STORE = {"Cache-Control": "no-store"}


class TokenError(ApiError):
    """An OAuth error: its code stands in ``error``, as RFC 6749 wants it."""

    def __init__(self, status: int, code: str, message: str) -> None:
        basic = {"WWW-Authenticate": 'Basic realm="partner"'} if status == 401 else {}  # noqa: PLR2004 -- the status that must carry a challenge
        super().__init__(status, message, headers=NO_STORE | basic, code=code)

    def body(self) -> dict[str, object]:
        """The JSON body, with RFC 6749's ``error_description``."""
        return super().body() | {"error_description": self.message}


class TokenRoutes:
    """The token route.

    Args:
        sandbox: Knows clients and issues tokens.
        access: Lets faults strike.
    """

    def __init__(self, *, sandbox: Sandbox, access: Access) -> None:
        self._sandbox = sandbox
        self._access = access

    def routes(self, prefix: str) -> list[Route]:
        """The routes under the API's prefix."""
        return [Route(f"{prefix}/oauth/token", self.issue, methods=["POST"])]

    async def issue(self, request: Request) -> Response:
        """Exchange a client's id and secret for a token."""
        await self._access.misbehave(request, Target.TOKEN, "oauth")
        fields = _fields(request.headers.get("content-type", ""), await read_body(request))
        if fields.get("grant_type") != "client_credentials":
            raise TokenError(
                400, "unsupported_grant_type", "grant_type must be client_credentials"
            )
        client = self._client(request, fields)
        scopes = _granted(client, fields.get("scope", ""))
        tokens = self._sandbox.tokens
        answer = {
            "access_token": tokens.issue(Caller(client.organization_id, scopes)),
            "token_type": "Bearer",
            "expires_in": tokens.lifetime,
            "scope": " ".join(sorted(scopes)),
        }
        return json_answer(answer, headers=NO_STORE)

    def _client(self, request: Request, fields: Mapping[str, str]) -> Credential:
        client_id, secret = _basic(request) or (
            fields.get("client_id", ""),
            fields.get("client_secret", ""),
        )
        client = self._sandbox.world.find(Credential, client_id)
        kept = (client and client.secret_digest) or ""
        if client is None or not hmac.compare_digest(kept, digest(secret)):
            raise TokenError(401, "invalid_client", "Unknown client or wrong secret")
        return client


def _fields(content_type: str, body: bytes) -> Mapping[str, str]:
    try:
        if content_type.partition(";")[0].strip().lower() == "application/json":
            parsed = json.loads(body)
            if not isinstance(parsed, dict):
                raise TokenError(400, "invalid_request", "The body must be a JSON object")
            return _texts(parsed)
        return dict(parse_qsl(body.decode(), max_num_fields=MAX_FIELDS))
    except (ValueError, RecursionError) as error:
        raise TokenError(400, "invalid_request", "The body is not readable") from error


def _texts(parsed: dict[str, object]) -> Mapping[str, str]:
    known = {name: parsed[name] for name in MEMBERS if name in parsed}
    found = {name: value for name, value in known.items() if isinstance(value, str)}
    if len(found) < len(known):
        raise TokenError(400, "invalid_request", f"{', '.join(MEMBERS)} must be strings")
    return found


def _basic(request: Request) -> tuple[str, str] | None:
    kind, _, value = request.headers.get("authorization", "").partition(" ")
    if kind.lower() != "basic":
        return None
    try:
        client_id, _, secret = base64.b64decode(value, validate=True).decode().partition(":")
    except (ValueError, binascii.Error):
        raise TokenError(401, "invalid_client", "The Authorization header is not Basic") from None
    return unquote_plus(client_id), unquote_plus(secret)


def _granted(client: Credential, asked: str) -> frozenset[str]:
    wanted = frozenset(asked.split())
    excess = wanted - client.scopes
    if excess:
        named = " ".join(sorted(excess))[:200]
        raise TokenError(400, "invalid_scope", f"The client has no scope {named}")
    return wanted or client.scopes
