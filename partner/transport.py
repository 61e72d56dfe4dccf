"""Sends one request and says for certain whether any of it may have left this machine."""

import asyncio
import contextlib
import socket
import ssl
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final

import httpx2

from partner.errors import NotSent, NotSentCode, Unknown
from partner.evidence import Evidence, blot, clean, make_evidence

_FIRST_BYTE: Final = "http11.send_request_headers.started"
"""httpcore2 awaits its trace at this event after TCP and TLS stand, before the first byte."""

_KEPT_IDLE: Final = 4.0  # seconds; below the five after which common servers hang up
_CHAIN_DEPTH: Final = 10
_REASON_CHARS: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts:
    """Limits on waiting, all in seconds.

    Attributes:
        connect: For TCP, and again for TLS.
        pool: For a free connection when ``max_connections`` are busy.
        silence: Between two pieces of an answer, for everything but a call.
        total: For a read with all its tries, or for one write.
        upload_total: For one upload, from waiting for a connection to the answer's last byte.
        call_total: For one call, from waiting for a connection to the answer's last byte.
        token_total: For one request for an access token.
    """

    connect: float = 5.0
    pool: float = 5.0
    silence: float = 15.0
    total: float = 30.0
    upload_total: float = 300.0
    call_total: float = 30.0
    token_total: float = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """One request, ready to go.

    Attributes:
        method: The HTTP method.
        url: The whole address, quoted.
        headers: Everything but Host and Content-Length, which follow from the rest.
        content: The body; None sends none. Pieces need a Content-Length among the headers;
            what they raise reaches the caller.
        total: Seconds for the whole exchange.
        silence: Seconds between two pieces of the answer.
        body_limit: Most bytes that the answer's body may have.
        secrets: Texts that must not show up in evidence.
        before_send: Awaited once, when the connection stands and nothing has been sent.
    """

    method: str
    url: str
    headers: Mapping[str, str]
    content: bytes | AsyncGenerator[bytes, None] | None = None
    total: float
    silence: float
    body_limit: int
    secrets: tuple[str, ...] = ()
    before_send: Callable[[], Awaitable[None]] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A complete answer, whatever its status.

    Attributes:
        status: The HTTP status.
        body: The whole body; no content coding is ever undone (we ask for none).
        coded: Whether the upstream coded the body all the same, so that it can't be read.
        evidence: The same answer, cut to what is worth keeping.
        secrets: Texts that must not show up in messages made from the body.
    """

    status: int
    body: bytes
    coded: bool
    evidence: Evidence
    secrets: tuple[str, ...] = ()


class Wire:
    """Connections to one upstream: HTTP/1.1 only, no redirects, no retries, no cookies, no proxy.

    A proxy's CONNECT would pass the same trace event as the request itself and so open the gate
    for bytes that aren't the call; the environment's proxies are therefore never used.
    """

    def __init__(
        self,
        *,
        tls: ssl.SSLContext,
        timeouts: Timeouts,
        max_connections: int,
        keep: bool,
        clock: Callable[[], float],
    ) -> None:
        self._timeouts = timeouts
        self._clock = clock
        self._transport = httpx2.AsyncHTTPTransport(
            verify=tls,
            trust_env=False,
            http1=True,
            http2=False,
            retries=0,
            limits=httpx2.Limits(
                max_connections=max_connections,
                max_keepalive_connections=max_connections if keep else 0,
                keepalive_expiry=_KEPT_IDLE,
            ),
        )

    async def send(self, outgoing: Outgoing) -> Answer:
        """Send once and read the whole answer.

        Raises:
            NotSent: Nothing was sent.
            Unknown: Something may have been sent, and no whole answer came back.
            Exception: Whatever ``before_send`` raised, unchanged; nothing was sent. Or what the
                content's pieces raised; not all was sent.
        """
        exchange = _Exchange(outgoing=outgoing, clock=self._clock)
        try:
            async with asyncio.timeout(outgoing.total) as deadline:
                return await exchange.run(self._transport, self._timeouts, deadline)
        except Exception as error:
            if exchange.objection is None:
                raise exchange.failure(error) from error
        # Outside the handler, so that the caller's exception keeps its own cause and context.
        raise exchange.objection

    async def aclose(self) -> None:
        """Close every connection; exchanges under way fail."""
        await self._transport.aclose()


class _GateShutError(Exception):
    """``before_send`` objected: carries the stop through layers that translate exceptions."""


class _BodyTooLargeError(Exception):
    """The body is longer than allowed."""


class _Exchange:
    """One request and all that came back of it, kept even where it breaks off."""

    def __init__(self, *, outgoing: Outgoing, clock: Callable[[], float]) -> None:
        self._outgoing = outgoing
        self._clock = clock
        self._began = clock()
        self._sent = False
        self._status: int | None = None
        self._headers: Mapping[str, str] = {}
        self._body = bytearray()
        self.objection: Exception | None = None

    async def run(
        self,
        transport: httpx2.AsyncHTTPTransport,
        timeouts: Timeouts,
        deadline: asyncio.Timeout,
    ) -> Answer:
        content = self._outgoing.content
        if content is None or isinstance(content, bytes):
            await self._exchange(content, transport, timeouts, deadline)
        else:
            async with contextlib.aclosing(self._watched(content)) as pieces:
                await self._exchange(pieces, transport, timeouts, deadline)
        coding = self._headers.get("content-encoding", "identity").strip().lower()
        return Answer(
            status=self._status or 0,
            body=bytes(self._body),
            coded=coding not in {"", "identity"},
            evidence=self._evidence(),
            secrets=self._outgoing.secrets,
        )

    async def _exchange(
        self,
        content: bytes | AsyncGenerator[bytes, None] | None,
        transport: httpx2.AsyncHTTPTransport,
        timeouts: Timeouts,
        deadline: asyncio.Timeout,
    ) -> None:
        outgoing = self._outgoing
        request = httpx2.Request(
            outgoing.method,
            outgoing.url,
            headers=dict(outgoing.headers),
            content=content,
            extensions={
                "timeout": {
                    "connect": timeouts.connect,
                    "pool": timeouts.pool,
                    "read": outgoing.silence,
                    "write": outgoing.silence,
                },
                "trace": self._gate(deadline),
            },
        )
        await self._receive(await transport.handle_async_request(request))

    async def _watched(self, pieces: AsyncGenerator[bytes, None]) -> AsyncGenerator[bytes, None]:
        """The pieces; what they raise is kept apart from what the network raises."""
        async with contextlib.aclosing(pieces):
            try:
                async for piece in pieces:
                    yield piece
            except Exception as error:
                self.objection = error
                raise

    def failure(self, error: Exception) -> NotSent | Unknown:
        what = f"{self._outgoing.method} {self._outgoing.url}"
        reason = self._reason(error)
        if not self._sent:
            return NotSent(_not_sent_code(error), f"{what} was not sent: {reason}")
        evidence = self._evidence()
        if isinstance(error, _BodyTooLargeError):
            limit = self._outgoing.body_limit
            message = f"{what}: the answer is longer than {limit} bytes"
            return Unknown("body_too_large", message, evidence=evidence)
        if isinstance(error, TimeoutError | httpx2.TimeoutException):
            return Unknown(
                "timeout", f"{what} was sent; no whole answer in time", evidence=evidence
            )
        message = f"{what} was sent; the answer broke off: {reason}"
        return Unknown("connection_lost", message, evidence=evidence)

    def _reason(self, error: Exception) -> str:
        """The error's own words; a protocol error quotes the peer, who is not to be trusted."""
        words = blot(str(error), self._outgoing.secrets) or type(error).__name__
        return clean(words)[:_REASON_CHARS]

    def _gate(self, deadline: asyncio.Timeout) -> Callable[[str, object], Awaitable[None]]:
        async def trace(event: str, _info: object) -> None:
            if event != _FIRST_BYTE:
                return
            await self._ask_leave()
            # A before_send that swallows the deadline's cancellation must not send late.
            if deadline.expired():
                raise TimeoutError("the time was up before anything was sent")
            self._sent = True

        return trace

    async def _ask_leave(self) -> None:
        if self._outgoing.before_send is None:
            return
        try:
            await self._outgoing.before_send()
        except Exception as error:
            self.objection = error
            raise _GateShutError from error

    async def _receive(self, response: httpx2.Response) -> None:
        self._status = response.status_code
        self._headers = {name.lower(): value for name, value in response.headers.items()}
        async with contextlib.aclosing(response.aiter_raw()) as pieces:
            async for piece in pieces:
                self._body += piece
                if len(self._body) > self._outgoing.body_limit:
                    raise _BodyTooLargeError

    def _evidence(self) -> Evidence:
        return make_evidence(
            status=self._status,
            headers=self._headers,
            body=bytes(self._body[:65_536]),
            elapsed=self._clock() - self._began,
            secrets=self._outgoing.secrets,
        )


def _not_sent_code(error: Exception) -> NotSentCode:
    causes = _chain(error)
    if isinstance(error, httpx2.PoolTimeout):
        return "pool_timeout"
    if isinstance(error, httpx2.ConnectTimeout):
        return "connect_timeout"
    if isinstance(error, TimeoutError):
        return "timeout_before_send"
    if any(isinstance(cause, socket.gaierror) for cause in causes):
        return "dns_failed"
    if any(isinstance(cause, ssl.SSLError) for cause in causes):
        return "tls_failed"
    return "connect_failed"


def _chain(error: BaseException) -> list[BaseException]:
    """The error and what led to it, nearest first."""
    found: list[BaseException] = []
    current: BaseException | None = error
    while current is not None and len(found) < _CHAIN_DEPTH:
        found.append(current)
        current = current.__cause__ or current.__context__
    return found
