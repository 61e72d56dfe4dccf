"""Runs the application under uvicorn: says when it listens, and lets streams end when it stops."""

import asyncio
import json
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import uvicorn
from fastapi import FastAPI

from service.shell import Shell

GRACE_SECONDS = 10
_BACKLOG = 2048
_STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)


def listen(host: str, port: int) -> socket.socket:
    """Open the socket; port 0 takes a free one.

    Raises:
        OSError: the address is taken, or none of this machine's.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family, backlog=_BACKLOG)


def address(listening: socket.socket) -> str:
    """The URL that a listening socket answers at."""
    host, port, *_ = listening.getsockname()
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


class Server(uvicorn.Server):
    """uvicorn, with a word when it is ready and one to the streams when it stops."""

    def __init__(
        self, config: uvicorn.Config, *, on_ready: Callable[[], None], closing: asyncio.Event
    ) -> None:
        super().__init__(config)
        self._on_ready = on_ready
        self._closing = closing

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Stop at SIGINT and SIGTERM, a second SIGINT at once, and live to close what is open.

        uvicorn would raise the signal again after its stop and so end the process there.
        """
        loop = asyncio.get_running_loop()
        for number in _STOP_SIGNALS:
            loop.add_signal_handler(number, self.handle_exit, number, None)
        try:
            yield
        finally:
            for number in _STOP_SIGNALS:
                loop.remove_signal_handler(number)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start serving."""
        await super().startup(sockets)
        if self.started:
            self._on_ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop serving, after the requests at hand."""
        # A status stream never ends by itself; uvicorn would wait its whole grace for it.
        self._closing.set()
        await super().shutdown(sockets)


async def serve(app: FastAPI, listening: socket.socket) -> None:
    """Serve until SIGINT or SIGTERM; prints one JSON line to stdout once it listens."""
    shell: Shell = app.state.shell
    config = uvicorn.Config(
        app,
        loop="uvloop",
        http="httptools",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
        timeout_keep_alive=30,
        backlog=_BACKLOG,
    )
    ready = json.dumps({"event": "ready", "url": address(listening)})
    server = Server(config, on_ready=lambda: _say(ready), closing=shell.closing)
    await server.serve(sockets=[listening])


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
