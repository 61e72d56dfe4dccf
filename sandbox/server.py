"""Runs the application: one socket, one greeting, a clean end on SIGTERM and SIGINT."""

import errno
import signal
import socket
import sys

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from sandbox.answers import HANG_UP
from sandbox.greeting import Greeting

KEEP_ALIVE_SECONDS = 30
GRACE_SECONDS = 1


class Protocol(HttpToolsProtocol):
    """Leaves in the scope what closes the connection: faults do so without an answer."""

    def on_message_begin(self) -> None:
        """Begin a request's scope."""
        super().on_message_begin()
        self.scope[HANG_UP] = self.transport.close  # type: ignore[literal-required]  # ASGI lets servers add keys


class Server(uvicorn.Server):
    """Says on standard output when and where it listens: to people on a terminal, else in JSON.

    Args:
        config: How to serve.
        url: Where it listens.
        greeting: What to say.
    """

    def __init__(self, *, config: uvicorn.Config, url: str, greeting: Greeting) -> None:
        super().__init__(config)
        self._url = url
        self._greeting = greeting

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, then say so."""
        await super().startup(sockets=sockets)
        say = self._greeting.for_people if sys.stdout.isatty() else self._greeting.for_programs
        sys.stdout.write(say(self._url) + "\n")
        sys.stdout.flush()


def listen(host: str, port: int) -> socket.socket:
    """A bound socket; port 0 takes a free one.

    Raises:
        OSError: The address is not ours.
        RuntimeError: The port is taken; the message names the option.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        if error.errno != errno.EADDRINUSE:
            raise
        raise RuntimeError(
            f"port {port} is in use; choose another with --port, or 0 for a free one"
        ) from error
    return listener


def serve(app: ASGIApp, *, listener: socket.socket, greeting: Greeting) -> None:
    """Serve until a signal says to stop; returns normally then.

    Args:
        app: What answers.
        listener: A bound socket, closed at the end.
        greeting: What is said once it listens.
    """
    host, port = listener.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    config = uvicorn.Config(
        app,
        http=Protocol,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        date_header=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    server = Server(config=config, url=f"http://{shown}:{port}", greeting=greeting)
    _stop_on_signals(server)
    try:
        server.run(sockets=[listener])
    finally:
        listener.close()


def _stop_on_signals(server: uvicorn.Server) -> None:
    # uvicorn raises a signal again once it has shut down; without handlers of our own that
    # would end the process by the signal, where a clean exit is promised.
    def stop(number: int, frame: object) -> None:  # noqa: ARG001 -- a signal handler's signature
        server.should_exit = True

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
