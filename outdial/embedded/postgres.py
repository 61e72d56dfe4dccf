"""Runs a private PostgreSQL server: durable, on a loopback port, behind a password."""

import contextlib
import secrets
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from outdial.embedded import binaries, cluster, postmaster
from outdial.embedded.accounts import identity
from outdial.embedded.errors import DataMissingError, PortTakenError, StartFailedError
from outdial.embedded.logs import open_log, tail
from outdial.embedded.placement import Placement, remove, settle
from outdial.embedded.ports import LOOPBACK, free_port
from outdial.embedded.postmaster import Postmaster
from outdial.machine.files import read_small, write_private

_POLL_SECONDS = 0.02
# Replaying a gigabyte of log (max_wal_size) after a crash takes minutes on a slow disk.
_READY_SECONDS = 300.0
_PORT_TRIES = 5
_REAP_SECONDS = 5.0
# Backends of a killed server hold its shared memory until they notice, which takes seconds.
_ORPHAN_SECONDS = 15.0
# Fast shutdown (clients are sent away, a checkpoint is written), immediate shutdown (recovery at
# the next start), and the end of all patience.
_STOP_STEPS = ((signal.SIGINT, 20.0), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 5.0))
_SETTINGS = {
    "listen_addresses": LOOPBACK,
    # A socket file would need a folder that every client can reach.
    "unix_socket_directories": "",
    "max_connections": "100",
    "shared_buffers": "128MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # Statements and the details of errors hold people's phone numbers and names.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_checkpoints": "off",
}
_DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
# Without waiting for the disk, yet what is committed survives a kill of the server.
# Its databases live for a moment: nobody may be in one, a vacuum either, when it is dropped.
_FAST = {**_DURABLE, "fsync": "off", "full_page_writes": "off", "autovacuum": "off"}


def _silent(_line: str) -> None:
    return


class EmbeddedPostgres:
    """One PostgreSQL server on one data folder.

    Run as root, the server runs as an unprivileged account (`postgres`, else `nobody`); where
    that account can't reach the folder, the files live in one of ours that it can, announced in
    one line. No existing folder's mode or owner changes.
    """

    def __init__(
        self,
        *,
        directory: Path,
        fast: bool = False,
        announce: Callable[[str], None] = _silent,
    ) -> None:
        """Names the folder; nothing is started.

        Args:
            directory: The server's folder, created at the first start.
            fast: Never wait for the disk: for tests, whose data may be lost with the machine,
                though not with a killed server.
            announce: Takes the lines that a person should see.
        """
        self._directory = directory
        self._fast = fast
        self._announce = announce
        self._running: Postmaster | None = None
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The process id of the running server; 0 where it doesn't run."""
        return self._running.process.pid if self.running() and self._running else 0

    @property
    def port(self) -> int:
        """The loopback port it was last started on; 0 before the first start."""
        return self._running.port if self._running else 0

    def running(self) -> bool:
        """Tells whether the server started or adopted by this object still runs."""
        if self._child is not None:
            self._child.poll()
        return self._running is not None and self._running.process.running()

    def start(self) -> str:
        """Starts the server, or adopts the one that a killed parent left running on this folder.

        Started again on the same object it listens on the same port, so that clients reconnect.

        Returns:
            A SQLAlchemy URL, `postgresql+asyncpg://...`, password included.

        Raises:
            EmbeddedServerError: It can't run here; the subclass and its `code` say why.
        """
        self._reap()
        place = settle(self._directory)
        if place.account is not None:
            self._announce(_whereabouts(place))
        programs = binaries.postgres_folder(place, major=_data_version(place))
        password = self._prepare(place, programs)
        self._running = _adopt(place.data) or self._launch(place, programs)
        address = f"{LOOPBACK}:{self._running.port}"
        return f"postgresql+asyncpg://{cluster.ROLE}:{password}@{address}/{cluster.DATABASE}"

    def stop(self) -> None:
        """Stops the server: fast, else at once; returns within 30 seconds in any case."""
        if self._running is not None:
            self._running.process.end(_STOP_STEPS)
        self._reap()

    def remove(self) -> None:
        """Stops the server and deletes its data for good, wherever it lives."""
        self.stop()
        remove(self._directory)

    def _reap(self) -> None:
        if self._child is not None and not self.running():
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._child.wait(_REAP_SECONDS)
            self._child = None

    def _prepare(self, place: Placement, programs: Path) -> str:
        secret = self._directory / "password"
        if place.data.exists():
            if not secret.exists():
                raise DataMissingError(f"{secret}, the password of the data beside it, is gone")
            return read_small(secret).strip()
        password = secrets.token_urlsafe(32)
        write_private(secret, f"{password}\n")
        cluster.create(place, programs, password=password, fast=self._fast)
        return password

    def _launch(self, place: Placement, programs: Path) -> Postmaster:
        postmaster.clear_stale(place.data)
        port = self.port or free_port()
        give_up = time.monotonic() + _ORPHAN_SECONDS
        tries = 1
        while True:
            try:
                return self._launch_on(port, place, programs)
            except PortTakenError:
                if tries >= _PORT_TRIES:
                    raise
                tries += 1
                port = free_port()
            except StartFailedError as error:
                if "shared memory block" not in str(error) or time.monotonic() > give_up:
                    raise
                time.sleep(0.5)

    def _launch_on(self, port: int, place: Placement, programs: Path) -> Postmaster:
        settings = {**_SETTINGS, **(_FAST if self._fast else _DURABLE), "port": str(port)}
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        log = place.root / "postgres.log"
        with open_log(log) as output:
            self._child = subprocess.Popen(  # noqa: S603 - a program out of the wheel, arguments are ours
                [str(programs / "postgres"), "-D", str(place.data), *options],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd="/",
                env=cluster.ENVIRONMENT,
                # A Ctrl-C in the terminal is for the parent, which stops the server last.
                process_group=0,
                **identity(place.account),
            )
        try:
            return _await_ready(self._child, place.data, log)
        except BaseException:
            self._child.kill()
            self._child.wait()
            raise


def _adopt(data: Path) -> Postmaster | None:
    deadline = time.monotonic() + _READY_SECONDS
    while (found := postmaster.find(data)) is not None:
        if found.ready:
            return found
        if time.monotonic() > deadline:
            raise StartFailedError(f"PostgreSQL on {data} has been {found.status} for too long")
        time.sleep(_POLL_SECONDS)
    return None


def _await_ready(child: subprocess.Popen[bytes], data: Path, log: Path) -> Postmaster:
    deadline = time.monotonic() + _READY_SECONDS
    while child.poll() is None:
        found = postmaster.find(data)
        if found is not None and found.ready and found.process.pid == child.pid:
            return found
        if time.monotonic() > deadline:
            raise StartFailedError(f"PostgreSQL was not ready in {_READY_SECONDS:.0f} s: {log}")
        time.sleep(_POLL_SECONDS)
    said = tail(log)
    kind = PortTakenError if "could not bind" in said else StartFailedError
    raise kind(f"PostgreSQL ended with code {child.returncode}; {log} says: {said}")


def _data_version(place: Placement) -> int | None:
    if not place.data.exists():
        return None
    text = read_small(place.data / "PG_VERSION").strip()
    return int(text) if text.isascii() and text.isdigit() else None


def _whereabouts(place: Placement) -> str:
    account = place.account.name if place.account is not None else ""
    why = "; its account can't reach the folder of Outdial" if place.moved else ""
    return f"PostgreSQL runs as {account}, its data is in {place.data}{why}"
