"""Asks servers of other people's: once, bounded in time and size, and never the wrong machine."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx2

MOST_CONNECTIONS = 200

_CONNECTED = "connection.connect_tcp.complete"
"""httpcore2 awaits its trace at this event, when TCP stands and not a byte has been sent."""


class WebhookError(Exception):
    """No whole answer came; the message says why, for people."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole answer."""

    status: int
    body: bytes


_Trace = Callable[[str, Mapping[str, Any]], Awaitable[None]]
PeerFault = Callable[[str, str], str | None]
"""Takes a scheme and the address of the machine that was reached: why nothing may be sent."""


class Webhooks:
    """Connections to other people's servers, one for each question.

    HTTP/1.1 only, no redirects, no retries, no cookies, no proxy of the environment, and none of
    the Partner API's connections: a server that hangs takes no call's place. A kept connection
    may be closed by the other end just as it is written to, so none is kept.
    """

    def __init__(self) -> None:
        self._transport: httpx2.AsyncHTTPTransport | None = None
        self._opening = asyncio.Lock()

    async def post(
        self,
        url: str,
        *,
        body: bytes,
        headers: Mapping[str, str],
        seconds: float,
        limit: int,
        peer_fault: PeerFault,
    ) -> Reply:
        """Send once and read the answer, of any status.

        Args:
            url: http or https.
            body: JSON.
            headers: Further ones.
            seconds: For the whole exchange.
            limit: Most bytes of the answer.
            peer_fault: Judges the machine that the name turned out to stand for.

        Raises:
            WebhookError: no whole answer came, or it is too long.
        """
        peer = _Peer(urlsplit(url).scheme, peer_fault)
        try:
            request = _request(url, body, headers, peer.trace)
            async with asyncio.timeout(seconds):
                return await self._exchange(request, limit)
        except TimeoutError as error:
            raise WebhookError(f"no whole answer within {seconds:g} s") from error
        except (httpx2.HTTPError, httpx2.InvalidURL, OSError, ValueError) as error:
            # The error may quote the peer, who is not to be trusted: its kind says enough.
            raise WebhookError(f"no answer ({type(error).__name__})") from error
        finally:
            await peer.aclose()

    async def aclose(self) -> None:
        """Close what is open; exchanges under way fail."""
        if self._transport is not None:
            await self._transport.aclose()

    async def _exchange(self, request: httpx2.Request, limit: int) -> Reply:
        transport = await self._opened()
        response = await transport.handle_async_request(request)
        read = bytearray()
        async with aclosing(response), aclosing(response.aiter_raw()) as pieces:
            async for piece in pieces:
                read += piece
                if len(read) > limit:
                    raise WebhookError(f"the answer is longer than {limit:,} bytes")
        return Reply(response.status_code, bytes(read))

    async def _opened(self) -> httpx2.AsyncHTTPTransport:
        # Reading the certificates takes tens of milliseconds, and most processes never ask.
        async with self._opening:
            if self._transport is None:
                self._transport = await asyncio.to_thread(_transport)
            return self._transport


def _request(url: str, body: bytes, headers: Mapping[str, str], trace: _Trace) -> httpx2.Request:
    sent = {
        "Content-Type": "application/json",
        "Accept": "application/json",
        # A coded body can unpack to a thousand times its size.
        "Accept-Encoding": "identity",
        "User-Agent": "outdial",
        "Connection": "close",
        **headers,
    }
    return httpx2.Request("POST", url, content=body, headers=sent, extensions={"trace": trace})


def _transport() -> httpx2.AsyncHTTPTransport:
    return httpx2.AsyncHTTPTransport(
        verify=httpx2.create_ssl_context(),
        trust_env=False,
        http1=True,
        http2=False,
        retries=0,
        limits=httpx2.Limits(max_connections=MOST_CONNECTIONS, max_keepalive_connections=0),
    )


class _Peer:
    """The machine that a connection reached: judged, and hung up on at the end."""

    def __init__(self, scheme: str, fault: PeerFault) -> None:
        self._scheme = scheme
        self._fault = fault
        self._stream: Any = None

    async def trace(self, event: str, info: Mapping[str, Any]) -> None:
        if event != _CONNECTED:
            return
        self._stream = info["return_value"]
        # What a name stands for may change between any look at it and the connection, so the
        # machine that was reached is judged, not the name.
        address = self._stream.get_extra_info("server_addr") or ("",)
        fault = self._fault(self._scheme, str(address[0]))
        if fault is not None:
            raise WebhookError(fault)

    async def aclose(self) -> None:
        # httpcore2 leaves the socket open where a handshake is cut short.
        if self._stream is not None:
            await self._stream.aclose()
