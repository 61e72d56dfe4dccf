"""Puts address, token and retries around a request, each by what the request may do."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import quote, urlencode

from partner.auth import TokenInfo, TokenSource
from partner.errors import NotSent, Refused, Unknown
from partner.multipart import Form
from partner.reading import CALL_REFUSALS, OTHER_REFUSALS, require_success
from partner.transport import Answer, Outgoing, Timeouts, Wire

_READ_BYTES: Final = 8 * 1024 * 1024
_CALL_BYTES: Final = 256 * 1024
_OK: Final = frozenset({200})
_DONE: Final = frozenset({200, 201, 202, 204})
_PAUSES: Final = ((0.05, 0.25), (0.25, 1.0))
"""Shortest and longest wait before each further try of a read, in seconds."""

WORTH_RETRYING: Final = frozenset(
    {
        "connect_failed",
        "connect_timeout",
        "connection_lost",
        "dns_failed",
        "pool_timeout",
        "server_error",
        "timeout",
        "token_unavailable",
    }
)
"""Codes of failures that may pass, of a question that can be asked again."""

_SEGMENT_CHARS: Final = 200
_DOTS: Final = frozenset({".", ".."})


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """Where a request goes.

    Attributes:
        method: The HTTP method.
        path: The path under the base URL, quoted, as :func:`path_of` makes it.
        scope: The scope that the guide names for it.
    """

    method: str
    path: str
    scope: str


def path_of(*segments: str) -> str:
    """A path whose segments can't reach beyond their place, whatever they contain.

    Raises:
        NotSent: A segment is empty, a dot or two, longer than 200 characters, or has control
            characters or lone surrogates: no id of the upstream's, so nothing is sent.
    """
    return "".join(f"/{_segment(segment)}" for segment in segments)


class Channel:
    """Everything that the endpoints share.

    Reads go over kept connections and are tried up to three times. Whatever acts gets a
    connection of its own: one that has lain idle may be closed by the other end just as the
    request is written, which would make a healthy call unknown.
    """

    def __init__(
        self,
        *,
        base_url: str,
        reads: Wire,
        acts: Wire,
        tokens: TokenSource,
        user_agent: str,
        timeouts: Timeouts,
    ) -> None:
        self._base_url = base_url
        self._reads = reads
        self._acts = acts
        self._tokens = tokens
        self._user_agent = user_agent
        self._timeouts = timeouts

    async def read(self, endpoint: Endpoint, query: Sequence[tuple[str, str]] = ()) -> Answer:
        """The answer to an idempotent question, asked up to three times within ``total``.

        Raises:
            NotSent: It could not be asked.
            Refused: The upstream refused it.
            Unknown: No good answer came.
        """
        last: NotSent | Unknown | None = None
        try:
            async with asyncio.timeout(self._timeouts.total):
                for shortest, longest in _PAUSES:
                    try:
                        return await self._read_once(endpoint, query)
                    except (NotSent, Unknown) as error:
                        if error.code not in WORTH_RETRYING:
                            raise
                        last = error
                    await asyncio.sleep(_between(shortest, longest))
                return await self._read_once(endpoint, query)
        except TimeoutError as error:
            raise last or _out_of_time(endpoint) from error

    async def read_listed(self, endpoint: Endpoint, page: int, page_size: int) -> Answer:
        """As :meth:`read`, for one page of a list."""
        return await self.read(endpoint, (("page", str(page)), ("page_size", str(page_size))))

    async def write(
        self,
        endpoint: Endpoint,
        body: bytes | None = None,
        *,
        secrets: tuple[str, ...] = (),
    ) -> Answer:
        """The answer to a change, sent once; a refused token alone is renewed and tried again.

        Args:
            endpoint: Where it goes.
            body: JSON, or None for none.
            secrets: Texts in the body that must not show up in evidence or in messages.

        Raises:
            NotSent: It was not sent.
            Refused: The upstream did not act.
            Unknown: The upstream may have acted.
        """
        headers = {"Connection": "close"}
        if body is not None:
            headers["Content-Type"] = "application/json"

        async def once(token: str) -> Answer:
            outgoing = self._outgoing(endpoint, token, headers=headers)
            secret = outgoing.secrets + secrets
            return await self._act(endpoint, replace(outgoing, content=body, secrets=secret))

        return await self._with_fresh_token(once)

    async def upload(self, endpoint: Endpoint, form: Callable[[], Form]) -> Answer:
        """As :meth:`write`, for a form; ``form`` makes it anew for each time it is sent.

        Raises:
            NotSent: It was not sent.
            Refused: The upstream did not act.
            Unknown: The upstream may have acted.
            Exception: Whatever the form's ``on_progress`` raised, unchanged.
        """

        async def once(token: str) -> Answer:
            sent = form()
            # Without "Connection: close": a server that refuses early and then closes with some
            # of the body unread resets the connection, and its refusal is lost on the way.
            outgoing = self._outgoing(endpoint, token, headers=sent.headers)
            total = self._timeouts.upload_total
            return await self._act(endpoint, replace(outgoing, content=sent.pieces(), total=total))

        return await self._with_fresh_token(once)

    async def ring(
        self,
        endpoint: Endpoint,
        *,
        body: bytes,
        request_id: str | None,
        before_send: Callable[[], Awaitable[None]] | None,
    ) -> Answer:
        """The answer to a call: one request, once, whatever happens.

        Raises:
            NotSent: It was not sent.
            Refused: The upstream did not act; after a 401 the token is dropped, no more.
            Unknown: A phone may be ringing.
            Exception: Whatever ``before_send`` raised, unchanged; nothing was sent.
        """
        headers = {"Connection": "close", "Content-Type": "application/json"}
        if request_id is not None:
            headers["X-Request-Id"] = _header_safe(request_id)
        token = await self._tokens.token()
        answer = await self._acts.send(
            Outgoing(
                method=endpoint.method,
                url=f"{self._base_url}{endpoint.path}",
                headers=self._headers(token) | headers,
                content=body,
                total=self._timeouts.call_total,
                silence=self._timeouts.call_total,
                body_limit=_CALL_BYTES,
                secrets=(token,),
                before_send=before_send,
            )
        )
        try:
            require_success(answer, successes=_OK, refusals=CALL_REFUSALS, scope=endpoint.scope)
        except Refused as error:
            if error.code == "unauthorized":
                self._tokens.invalidate(token)
            raise
        return answer

    async def warm(self) -> None:
        """Have a token at hand.

        Raises:
            NotSent: None could be had.
            Refused: The upstream refuses the credentials, or asks us to wait.
        """
        await self._tokens.token()

    async def describe(self) -> TokenInfo:
        """What is known of the token.

        Raises:
            NotSent: None could be had.
            Refused: The upstream refuses the credentials, or asks us to wait.
        """
        return await self._tokens.describe()

    async def aclose(self) -> None:
        """Stop a refresh under way and close every connection."""
        await self._tokens.aclose()
        await self._acts.aclose()
        await self._reads.aclose()

    async def _act(self, endpoint: Endpoint, outgoing: Outgoing) -> Answer:
        answer = await self._acts.send(outgoing)
        require_success(answer, successes=_DONE, refusals=OTHER_REFUSALS, scope=endpoint.scope)
        return answer

    async def _read_once(self, endpoint: Endpoint, query: Sequence[tuple[str, str]]) -> Answer:
        async def once(token: str) -> Answer:
            answer = await self._reads.send(self._outgoing(endpoint, token, query=query))
            require_success(answer, successes=_OK, refusals=OTHER_REFUSALS, scope=endpoint.scope)
            return answer

        return await self._with_fresh_token(once)

    async def _with_fresh_token(self, once: Callable[[str], Awaitable[Answer]]) -> Answer:
        token = await self._tokens.token()
        try:
            return await once(token)
        except Refused as error:
            if error.code != "unauthorized" or not self._tokens.invalidate(token):
                raise
        return await once(await self._tokens.token())

    def _outgoing(
        self,
        endpoint: Endpoint,
        token: str,
        *,
        query: Sequence[tuple[str, str]] = (),
        headers: Mapping[str, str] | None = None,
    ) -> Outgoing:
        asked = f"?{urlencode(query, quote_via=quote)}" if query else ""
        return Outgoing(
            method=endpoint.method,
            url=f"{self._base_url}{endpoint.path}{asked}",
            headers=self._headers(token) | dict(headers or {}),
            total=self._timeouts.total,
            silence=self._timeouts.silence,
            body_limit=_READ_BYTES,
            secrets=(token,),
        )

    def _headers(self, token: str) -> dict[str, str]:
        return {
            "Authorization": f"Bearer {token}",
            "Accept": "application/json",
            # A coded body can unpack to a thousand times its size.
            "Accept-Encoding": "identity",
            "User-Agent": self._user_agent,
        }


def _segment(segment: str) -> str:
    if segment in _DOTS or not 0 < len(segment) <= _SEGMENT_CHARS or not segment.isprintable():
        raise NotSent("invalid_request", "an id is empty, too long or has odd characters")
    return quote(segment, safe="")


def _header_safe(text: str) -> str:
    if not (0 < len(text) <= _SEGMENT_CHARS and text.isascii() and text.isprintable()):
        raise NotSent("invalid_request", "a request id is 1 to 200 printable ASCII characters")
    return text


def _between(shortest: float, longest: float) -> float:
    return random.SystemRandom().uniform(shortest, longest)


def _out_of_time(endpoint: Endpoint) -> Unknown:
    return Unknown("timeout", f"{endpoint.method} {endpoint.path}: no answer in time")
