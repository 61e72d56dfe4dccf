"""A TCP proxy between two programs: it cuts, holds, delays and refuses, or strikes at a moment.

It runs in a thread with an event loop of its own, so that whatever the test waits for, bytes go
on; and what it strikes with happens between two bytes.
"""

import asyncio
import contextlib
import socket
import threading
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any, Protocol, Self

LOOPBACK = "127.0.0.1"
CHUNK = 65_536
PATIENCE_SECONDS = 10.0


class Way(Enum):
    """Which way bytes go."""

    TO_SERVER = auto()
    TO_CLIENT = auto()


class Do(Enum):
    """What becomes of a piece of a stream."""

    PASS = auto()
    """It goes on."""
    CUT = auto()
    """It is dropped, if it did not go on yet, and the connection reset on both sides."""
    SWALLOW = auto()
    """It is dropped, and all that follows it that way; the connection stays, silent."""


class Tap(Protocol):
    """Looks at each piece of one connection's bytes, before and after it goes on."""

    def see(self, way: Way, piece: bytes) -> Do:
        """Say what becomes of the piece."""
        ...

    def passed(self, way: Way) -> Do:
        """Say what becomes of the connection, now that the piece went on."""
        ...


@dataclass(eq=False)
class _Line:
    """One connection, both halves."""

    client: asyncio.StreamWriter
    server: asyncio.StreamWriter
    tap: Tap | None

    def reset(self) -> None:
        for writer in (self.client, self.server):
            with contextlib.suppress(OSError):
                found = writer.get_extra_info("socket")
                if found is not None:
                    # Zero seconds to linger: the peer is reset, as by a machine that vanished.
                    found.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            writer.transport.abort()


@dataclass(eq=False)
class Proxy:
    """Listens on a free port of its own and forwards to another.

    Args:
        host: Where the server listens.
        port: Likewise; both may be changed while it runs, for connections from then on.
        tap: Makes a new tap for each connection; none looks at nothing.
        chunk: Most bytes of a piece: a tap can strike only between two of them.
    """

    host: str
    port: int
    tap: Callable[[], Tap] | None = None
    own_port: int = 0
    delay: float = 0.0
    chunk: int = CHUNK
    _lines: set[_Line] = field(default_factory=set)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _listener: asyncio.Server | None = None
    _kept: socket.socket | None = None
    _flowing: asyncio.Event = field(default_factory=asyncio.Event)
    _loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.new_event_loop)
    _thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._loop.run_forever, name="proxy", daemon=True)
        self._thread.start()
        self._flowing.set()
        self.open()
        return self

    def __exit__(self, *_: object) -> None:
        self._call(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        if self._thread is not None:
            self._thread.join(PATIENCE_SECONDS)
        self._loop.close()

    def open(self) -> None:
        """Take connections (again), always on the same port."""
        self._call(self._open())

    def refuse(self) -> None:
        """Reset what is connected and refuse new connections, until `open`."""
        self._call(self._refuse())

    def cut(self) -> None:
        """Reset what is connected; new connections are taken."""
        self._call(self._cut())

    def hold(self) -> None:
        """Forward nothing in either direction, until `release`: a network that went silent."""
        self._loop.call_soon_threadsafe(self._flowing.clear)

    def release(self) -> None:
        """Forward again, what was held first."""
        self._loop.call_soon_threadsafe(self._flowing.set)

    @property
    def connections(self) -> int:
        """How many connections are open."""
        return len(self._lines)

    def _call(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(PATIENCE_SECONDS)

    async def _open(self) -> None:
        if self._kept is not None:
            self._kept.close()
            self._kept = None
        if self._listener is None:
            self._listener = await asyncio.start_server(self._connected, LOOPBACK, self.own_port)
            self.own_port = self._listener.sockets[0].getsockname()[1]

    async def _cut(self) -> None:
        for line in tuple(self._lines):
            line.reset()

    async def _refuse(self) -> None:
        if self._listener is not None:
            self._listener.close()
            self._listener = None
            # A port that is bound refuses like a free one, and nobody else takes it meanwhile.
            self._kept = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
            self._kept.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self._kept.bind((LOOPBACK, self.own_port))
        await self._cut()

    async def _end(self) -> None:
        await self._refuse()
        if self._kept is not None:
            self._kept.close()
        self._flowing.set()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        try:
            up_reader, up_writer = await asyncio.open_connection(self.host, self.port)
        except OSError:
            writer.transport.abort()
            return
        line = _Line(writer, up_writer, self.tap() if self.tap else None)
        self._lines.add(line)
        try:
            await asyncio.gather(
                self._pump(line, reader, up_writer, Way.TO_SERVER),
                self._pump(line, up_reader, writer, Way.TO_CLIENT),
            )
        except asyncio.CancelledError:
            # Only the proxy's end cancels. The stream's own callback would report it as an error.
            line.reset()
        finally:
            self._lines.discard(line)
            for end in (writer, up_writer):
                end.close()

    async def _pump(
        self, line: _Line, source: asyncio.StreamReader, sink: asyncio.StreamWriter, way: Way
    ) -> None:
        do = Do.PASS
        try:
            while piece := await source.read(self.chunk):
                await self._flowing.wait()
                if self.delay:
                    await asyncio.sleep(self.delay)
                if do is Do.SWALLOW:
                    continue
                do = line.tap.see(way, piece) if line.tap else Do.PASS
                if do is Do.PASS:
                    sink.write(piece)
                    await sink.drain()
                    do = line.tap.passed(way) if line.tap else Do.PASS
                if do is Do.CUT:
                    line.reset()
                    return
            await self._flowing.wait()
            sink.write_eof()
        except OSError:
            # One side was reset: so is the other.
            await self._flowing.wait()
            line.reset()
