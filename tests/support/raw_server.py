"""Plays an HTTP server byte by byte, so that a test can misbehave in exactly one way."""

import asyncio
import contextlib
import json
import socket
import ssl
import struct
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path
from types import TracebackType
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass(frozen=True, slots=True)
class Seen:
    """One request as it arrived; header names in lower case."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes
    connection: int

    def json(self) -> object:
        """The body as JSON."""
        return json.loads(self.body)


@dataclass(slots=True)
class Peer:
    """One connection, from the server's side."""

    number: int
    server: "RawServer"
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def request(self) -> Seen | None:
        """The next whole request, or None when the client hung up."""
        try:
            head = await self.reader.readuntil(b"\r\n\r\n")
        except (asyncio.IncompleteReadError, ConnectionError):
            return None
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = {
            name.lower(): value.strip()
            for name, _, value in (line.partition(":") for line in lines if line)
        }
        body = await self.reader.readexactly(int(headers.get("content-length", "0")))
        method, target, _ = first.split(" ")
        seen = Seen(method, target, headers, body, self.number)
        self.server.requests.append(seen)
        self.server.arrived.set()
        return seen

    async def send(self, data: bytes) -> None:
        """Send bytes as they are."""
        with contextlib.suppress(ConnectionError):
            self.writer.write(data)
            await self.writer.drain()

    async def hang(self) -> None:
        """Say nothing until the client hangs up."""
        with contextlib.suppress(ConnectionError):
            while await self.reader.read(65_536):
                pass

    def reset(self) -> None:
        """Close with a TCP reset."""
        sock: socket.socket = self.writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()


Script = Callable[[Peer], Awaitable[None]]
Reply = bytes | Callable[[Peer], Awaitable[None]]


@dataclass(slots=True)
class RawServer:
    """A server on a free loopback port that runs a script for each connection.

    Attributes:
        script: What to do with a connection; it is closed when the script returns.
        requests: Every request that arrived whole.
        connections: How many connections were accepted.
        arrived: Set when a request has arrived whole.
    """

    script: Script
    tls: ssl.SSLContext | None = None
    requests: list[Seen] = field(default_factory=list)
    connections: int = 0
    arrived: asyncio.Event = field(default_factory=asyncio.Event)
    _server: asyncio.Server | None = None
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def port(self) -> int:
        """The port it listens on."""
        assert self._server is not None
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    @property
    def base_url(self) -> str:
        """A base URL as the Partner API has one."""
        scheme = "https" if self.tls is not None else "http"
        return f"{scheme}://127.0.0.1:{self.port}/api/partner/v1"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(
            self._accept,
            "127.0.0.1",
            0,
            ssl=self.tls,
            ssl_handshake_timeout=5 if self.tls else None,
        )
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        self.connections += 1
        try:
            await self.script(Peer(self.connections, self, reader, writer))
        except asyncio.CancelledError:
            # The end of the test; the stream's own callback would log a cancelled handler.
            pass
        finally:
            writer.close()
            with contextlib.suppress(OSError, asyncio.CancelledError):
                await writer.wait_closed()


def in_turn(*replies: Reply) -> Script:
    """Answer each request, on whichever connection, with the next reply; the last repeats."""
    left = list(replies)

    async def script(peer: Peer) -> None:
        while await peer.request() is not None:
            reply = left.pop(0) if len(left) > 1 else left[0]
            if isinstance(reply, bytes):
                await peer.send(reply)
            else:
                await reply(peer)
                return

    return script


def answer(
    status: int = 200, body: object = None, headers: Mapping[str, str] | None = None
) -> bytes:
    """A whole, well-formed answer; bodies that are not bytes are sent as JSON."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    fields = {"Content-Type": "application/json", "Content-Length": str(len(content))}
    lines = [f"{name}: {value}" for name, value in (fields | dict(headers or {})).items()]
    head = "\r\n".join([f"HTTP/1.1 {status} Text", *lines, "", ""])
    return head.encode() + content


async def hang(peer: Peer) -> None:
    """Never answer."""
    await peer.hang()


async def drop(peer: Peer) -> None:
    """Close without an answer."""
    peer.writer.close()


async def reset(peer: Peer) -> None:
    """Reset the connection without an answer."""
    peer.reset()


def cut(data: bytes, *, at: int) -> Reply:
    """Send only the first bytes of an answer, then close."""

    async def reply(peer: Peer) -> None:
        await peer.send(data[:at])

    return reply


@dataclass(frozen=True, slots=True)
class Certificates:
    """A server's context, and a client's that trusts just that server."""

    server: ssl.SSLContext
    client: ssl.SSLContext


def make_certificates(folder: Path) -> Certificates:
    """A self-signed certificate for 127.0.0.1 that never expires in our time."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2100, 1, 1, tzinfo=UTC))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    path = folder / "server.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(path)
    return Certificates(server=server, client=ssl.create_default_context(cafile=path))
