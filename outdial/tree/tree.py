"""Starts and stops the whole system on one machine: servers, schema, programs, in that order."""

import os
import secrets
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field

from outdial.embedded.ports import LOOPBACK, free_port, is_free
from outdial.machine.home import Home, RecordedProcess, Runtime
from outdial.tree.child import Program, StartInterruptedError
from outdial.tree.programs import Foundation, SandboxClock, standard_programs
from outdial.tree.servers import Servers
from outdial.tree.supervisor import Supervisor, end_orphans


class PortInUseError(Exception):
    """A port that was asked for is taken."""

    code = "port_in_use"


@dataclass(frozen=True, kw_only=True)
class Owner:
    """Whose tree it is, as the preparation of the database found.

    Attributes:
        organization_id: The first organization.
        api_key: A key of it for everything.
        partner_base_url: Where its calls are placed; None while it has no credentials.
    """

    organization_id: str
    api_key: str = field(repr=False)
    partner_base_url: str | None


def _real_time(_home: Home) -> None:
    return


@dataclass(frozen=True, kw_only=True)
class TreeOptions:
    """What the caller may choose.

    Attributes:
        port: The API's loopback port; None for the last one, else any free one.
        sandbox_port: The same for the sandbox.
        clock: Chooses campaign time once the folder is locked; None means real time.
    """

    port: int | None = None
    sandbox_port: int | None = None
    clock: Callable[[Home], SandboxClock | None] = _real_time


class Tree:
    """One process tree in one data folder.

    `start`, `wait` and `stop` belong to one thread; `request_stop` may be called from any, and
    from a signal handler.
    """

    def __init__(
        self,
        *,
        home: Home,
        options: TreeOptions,
        environ: Mapping[str, str],
        prepare: Callable[[Foundation], Owner],
        emit: Callable[[str, str], None],
        programs: Callable[[Foundation], Sequence[Program]] = standard_programs,
    ) -> None:
        """Takes the parts; nothing is started.

        Args:
            home: The data folder.
            options: What the caller chose.
            environ: The environment: settings and what children inherit.
            prepare: Called once the servers answer, before any program starts: migrates and
                fills the database, and returns what is to be written down.
            emit: Takes a name and a line for people; called from several threads.
            programs: Lists what to run.
        """
        self._home = home
        self._options = options
        self._environ = environ
        self._prepare = prepare
        self._emit = emit
        self._programs = programs
        self._runtime = Runtime()
        self._saving = threading.Lock()
        self._interrupted = threading.Event()
        self._hurry = threading.Event()
        self._stops = ExitStack()

    @property
    def home(self) -> Home:
        """The data folder."""
        return self._home

    @property
    def runtime(self) -> Runtime:
        """Addresses, keys and processes of the tree."""
        return self._runtime

    @property
    def addresses(self) -> Mapping[str, str]:
        """Base URLs by name: `api`, and `sandbox` where there is one."""
        return self._runtime.addresses

    def start(self) -> Runtime:
        """Starts everything, replacing what a killed tree left; on a failure stops all of it.

        Returns:
            Addresses, keys and processes.

        Raises:
            AlreadyRunningError: Another tree runs in this folder.
            PortInUseError: A port that was asked for is taken.
            StartInterruptedError: `request_stop` was called meanwhile.
            ChildFailedError: A program doesn't come up.
            EmbeddedServerError: A server can't run here.
        """
        self._stops.enter_context(self._home.lock())
        try:
            self._start()
        except BaseException:
            self.stop()
            raise
        return self._runtime

    def wait(self, seconds: float | None = None) -> bool:
        """Waits until somebody calls `request_stop`.

        Args:
            seconds: The longest wait; None for no limit.

        Returns:
            Whether the end was asked for.
        """
        return self._interrupted.wait(seconds)

    def request_stop(self) -> None:
        """Asks for the end; asked twice, children are not waited for."""
        if self._interrupted.is_set():
            self._hurry.set()
        self._interrupted.set()

    def stop(self) -> None:
        """Stops everything in reverse order; safe to call again."""
        self._interrupted.set()
        self._stops.close()

    def _start(self) -> None:
        last = self._home.runtime()
        self._runtime = last
        end_orphans(last.processes, self._emit)
        self._stops.callback(self._save, pid=0, processes=())
        servers = Servers(home=self._home, environ=self._environ, emit=self._emit)
        self._stops.callback(servers.stop)
        database_url, redis_url = servers.start()
        self._check_wanted()
        foundation = self._found(last, database_url, redis_url)
        self._save(
            pid=os.getpid(),
            addresses=foundation.addresses,
            database_url=database_url,
            redis_url=redis_url,
            sandbox_key=None if foundation.sandbox_port is None else foundation.sandbox_key,
            processes=(),
        )
        self._save(**asdict(self._prepare(foundation)))
        self._run(foundation)

    def _run(self, foundation: Foundation) -> None:
        supervisor = Supervisor(
            emit=self._emit,
            record=self._record,
            interrupted=self._interrupted,
            hurry=self._hurry,
        )
        self._stops.callback(supervisor.stop)
        for program in self._programs(foundation):
            self._check_wanted()
            supervisor.start(program)

    def _found(self, last: Runtime, database_url: str, redis_url: str) -> Foundation:
        api_port = _port(self._options.port, last.addresses.get("api"))
        sandbox_port = None
        if not self._environ.get("OUTDIAL_PARTNER_BASE_URL"):
            sandbox_port = _port(
                self._options.sandbox_port, last.addresses.get("sandbox"), other=api_port
            )
        clock = self._options.clock(self._home)
        if clock is not None:
            self._emit("outdial", f"rehearsal: campaign time is {clock}")
        return Foundation(
            home=self._home,
            environ=self._environ,
            database_url=database_url,
            redis_url=redis_url,
            secret_key=self._environ.get("OUTDIAL_SECRET_KEY") or self._home.secret_key(),
            api_port=api_port,
            sandbox_port=sandbox_port,
            sandbox_key=last.sandbox_key or secrets.token_urlsafe(24),
            clock=clock,
        )

    def _check_wanted(self) -> None:
        if self._interrupted.is_set():
            raise StartInterruptedError("the tree was told to stop while it was starting")

    def _record(self, processes: tuple[RecordedProcess, ...]) -> None:
        self._save(processes=processes)

    def _save(self, **changes: object) -> None:
        with self._saving:
            self._runtime = self._runtime.model_copy(update=changes)
            self._home.save(self._runtime)


def _port(asked: int | None, last: str | None, *, other: int = 0) -> int:
    if asked is not None:
        if asked == other or not is_free(asked):
            raise PortInUseError(f"port {asked} of {LOOPBACK} is taken by another program")
        return asked
    # The same address at every start, where possible: people keep it in bookmarks and webhooks.
    remembered = int((last or "").rpartition(":")[2] or 0)
    if remembered not in {0, other} and is_free(remembered):
        return remembered
    while (port := free_port()) == other:
        pass
    return port
