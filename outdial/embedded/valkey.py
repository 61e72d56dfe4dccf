"""Runs a private Valkey server: append-only file, on a loopback port, behind a password."""

import contextlib
import json
import secrets
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import redis
from redis.exceptions import BusyLoadingError, RedisError

from outdial.embedded import binaries
from outdial.embedded.accounts import identity
from outdial.embedded.errors import PortTakenError, StartFailedError
from outdial.embedded.logs import open_log, tail
from outdial.embedded.placement import Placement, remove, settle
from outdial.embedded.ports import LOOPBACK, free_port
from outdial.machine.files import read_small, write_private
from outdial.machine.processes import ProcessStamp

_POLL_SECONDS = 0.02
_ANSWER_SECONDS = 2.0
_READY_SECONDS = 60.0
_PORT_TRIES = 5
_REAP_SECONDS = 5.0
_STOP_STEPS = ((signal.SIGTERM, 10.0), (signal.SIGKILL, 5.0))
_REPLACE_STEPS = ((signal.SIGTERM, 3.0), (signal.SIGKILL, 5.0))
_PROGRAM = "valkey-server"


@dataclass(frozen=True, kw_only=True)
class _Record:
    """How to find a server that this folder's last owner left running."""

    port: int
    password: str
    process: ProcessStamp | None


def _silent(_line: str) -> None:
    return


class EmbeddedValkey:
    """One Valkey server on one data folder.

    The password is new at every fresh start: what listens on the old port after a reboot may be
    a stranger, who learns nothing of use from an attempt to adopt it.
    """

    def __init__(self, *, directory: Path, announce: Callable[[str], None] = _silent) -> None:
        """Names the folder; nothing is started.

        Args:
            directory: The server's folder, created at the first start.
            announce: Takes the lines that a person should see.
        """
        self._directory = directory
        self._announce = announce
        self._running: _Record | None = None
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The process id of the running server; 0 where it doesn't run."""
        process = self._running.process if self._running else None
        return process.pid if process is not None and self.running() else 0

    @property
    def port(self) -> int:
        """The loopback port it was last started on; 0 before the first start."""
        return self._running.port if self._running else 0

    def running(self) -> bool:
        """Tells whether the server started or adopted by this object still runs."""
        if self._child is not None:
            self._child.poll()
        process = self._running.process if self._running else None
        return process is not None and process.running()

    def start(self) -> str:
        """Starts the server, or adopts the one that a killed parent left running on this folder.

        Started again on the same object it keeps its port and password, so that clients
        reconnect.

        Returns:
            A URL, `redis://...`, password included.

        Raises:
            EmbeddedServerError: It can't run here; the subclass and its `code` say why.
        """
        self._reap()
        place = settle(self._directory)
        if not place.data.exists():
            place.make_data(place.data)
        if place.moved:
            self._announce(f"Valkey's data is in {place.data}")
        self._running = self._adopt() or self._launch(place)
        return f"redis://:{self._running.password}@{LOOPBACK}:{self._running.port}/0"

    def stop(self) -> None:
        """Stops the server, its data written; returns within 15 seconds in any case."""
        if self._running is not None and self._running.process is not None:
            self._running.process.end(_STOP_STEPS)
        self._reap()

    def remove(self) -> None:
        """Stops the server and deletes its data for good, wherever it lives."""
        self.stop()
        remove(self._directory)

    def _reap(self) -> None:
        if self._child is not None and not self.running():
            # Its main thread may be gone a moment before the others, and the port with them.
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._child.wait(_REAP_SECONDS)
            self._child = None

    def _adopt(self) -> _Record | None:
        record = _read(self._directory)
        if record is None:
            return None
        found = _answering(record)
        if found is not None:
            _write(self._directory, found)
            return found
        if record.process is not None and _PROGRAM in record.process.command():
            # Two servers on one append-only file would ruin it.
            record.process.end(_REPLACE_STEPS)
        return None

    def _launch(self, place: Placement) -> _Record:
        last = self._running
        password = last.password if last else secrets.token_urlsafe(32)
        port = last.port if last else free_port()
        for _ in range(_PORT_TRIES - 1):
            with contextlib.suppress(PortTakenError):
                return self._launch_on(port, password, place)
            port = free_port()
        return self._launch_on(port, password, place)

    def _launch_on(self, port: int, password: str, place: Placement) -> _Record:
        program = binaries.valkey_program(place)
        # Written before the start as well: a parent killed in between leaves a server that the
        # next one finds by its port and password.
        record = _Record(port=port, password=password, process=None)
        _write(self._directory, record)
        log = place.root / "valkey.log"
        with open_log(log) as output:
            self._child = subprocess.Popen(  # noqa: S603 - a program out of the wheel, arguments are ours
                [str(program), "-"],
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
                # Its data goes to its working folder, so no path needs quoting.
                cwd=place.data,
                # A Ctrl-C in the terminal is for the parent, which stops the server last.
                process_group=0,
                **identity(place.account),
            )
        try:
            _configure(self._child, port, password)
            found = _await_ready(self._child, record, log)
        except BaseException:
            self._child.kill()
            self._child.wait()
            raise
        _write(self._directory, found)
        return found


def _configure(child: subprocess.Popen[bytes], port: int, password: str) -> None:
    # Through standard input: a command line is there for every local user to read.
    settings = (
        f"bind {LOOPBACK}",
        f"port {port}",
        f"requirepass {password}",
        "appendonly yes",
        "appendfsync everysec",
        'save ""',
        # Wake-ups may be late, never silently dropped.
        "maxmemory-policy noeviction",
        "daemonize no",
    )
    if child.stdin is not None:
        with contextlib.suppress(BrokenPipeError), child.stdin as pipe:
            pipe.write("".join(f"{line}\n" for line in settings).encode())


def _await_ready(child: subprocess.Popen[bytes], record: _Record, log: Path) -> _Record:
    deadline = time.monotonic() + _READY_SECONDS
    while child.poll() is None:
        found = _answering(record)
        if found is not None and found.process is not None and found.process.pid == child.pid:
            return found
        if time.monotonic() > deadline:
            raise StartFailedError(f"Valkey was not ready in {_READY_SECONDS:.0f} s: {log}")
        time.sleep(_POLL_SECONDS)
    said = tail(log)
    kind = PortTakenError if "bind" in said.lower() else StartFailedError
    raise kind(f"Valkey ended with code {child.returncode}; {log} says: {said}")


def _answering(record: _Record) -> _Record | None:
    deadline = time.monotonic() + _READY_SECONDS
    while True:
        try:
            pid = _ask_pid(record)
        except BusyLoadingError:
            if time.monotonic() > deadline:
                return None
            time.sleep(_POLL_SECONDS)
        except (RedisError, OSError):
            return None
        else:
            stamp = ProcessStamp.of(pid)
            if stamp is None or _PROGRAM not in stamp.command():
                return None
            return _Record(port=record.port, password=record.password, process=stamp)


def _ask_pid(record: _Record) -> int:
    client = redis.Redis(
        host=LOOPBACK,
        port=record.port,
        password=record.password,
        socket_timeout=_ANSWER_SECONDS,
        socket_connect_timeout=_ANSWER_SECONDS,
        retry_on_timeout=False,
    )
    with client:
        facts = cast("dict[str, Any]", client.info("server"))
        return int(facts["process_id"])


def _read(directory: Path) -> _Record | None:
    try:
        stored = json.loads(read_small(directory / "server.json"))
        process = stored["process"]
        return _Record(
            port=int(stored["port"]),
            password=str(stored["password"]),
            process=ProcessStamp(pid=int(process[0]), started=str(process[1]))
            if process
            else None,
        )
    except (OSError, ValueError, KeyError, TypeError, IndexError):
        return None


def _write(directory: Path, record: _Record) -> None:
    process = record.process
    stored = {
        "port": record.port,
        "password": record.password,
        "process": [process.pid, process.started] if process else None,
    }
    write_private(directory / "server.json", json.dumps(stored))
