"""The command `outdial up`: the whole system in one foreground process tree."""

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer
from alembic.util import CommandError as MigrationError
from rich.console import Console, Group
from rich.panel import Panel
from rich.table import Table
from rich.text import Text
from sqlalchemy.exc import SQLAlchemyError

from outdial.embedded.errors import EmbeddedServerError
from outdial.machine.home import AlreadyRunningError, Home, HomeError, Runtime
from outdial.speaking.login import HomeOption, link, secret_key
from outdial.speaking.speech import CommandError, Exit
from outdial.tree import addresses
from outdial.tree.child import ChildFailedError, StartInterruptedError
from outdial.tree.first_steps import prepare
from outdial.tree.rehearsal import of_home
from outdial.tree.tree import PortInUseError, Tree, TreeOptions

_STYLES = {
    "postgres": "blue",
    "valkey": "magenta",
    "sandbox": "yellow",
    "api": "green",
    "worker": "cyan",
}
_STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
FAILURES: tuple[type[Exception], ...] = (
    CommandError,
    EmbeddedServerError,
    ChildFailedError,
    PortInUseError,
    HomeError,
    SQLAlchemyError,
    MigrationError,
    OSError,
)


class Terminal(Console):
    """A console whose reader may leave, as in `outdial up | head`; the tree runs on."""

    def on_broken_pipe(self) -> None:
        """Goes silent; Rich would end the thread, and a child nobody reads blocks for ever."""
        self.quiet = True
        silence = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silence, sys.stdout.fileno())
        os.close(silence)


def up(
    port: Annotated[
        int | None, typer.Option(min=1, max=65535, help="Port of the API and the pages.")
    ] = None,
    sandbox_port: Annotated[
        int | None, typer.Option(min=1, max=65535, help="Port of the sandbox.")
    ] = None,
    rehearse: Annotated[
        float | None,
        typer.Option(
            min=1,
            max=600,
            metavar="SPEED",
            help="Sandbox only: start campaign time at a Tuesday noon, SPEED times as fast.",
        ),
    ] = None,
    home: HomeOption = Path(".outdial"),
) -> None:
    """Start the database, the queue, the API, a worker and the sandbox; Ctrl-C stops them.

    OUTDIAL_DATABASE_URL (postgresql://…) and OUTDIAL_REDIS_URL (redis://…) name servers to use
    instead of the embedded ones,
    OUTDIAL_PARTNER_BASE_URL a Partner API to use instead of the sandbox (with
    OUTDIAL_PARTNER_API_KEY, or OUTDIAL_PARTNER_CLIENT_ID and OUTDIAL_PARTNER_CLIENT_SECRET).
    """
    console = Terminal(highlight=False)
    addresses.check(os.environ)
    if port is not None and port == sandbox_port:
        raise CommandError(
            f"--port and --sandbox-port are both {port}; give two different ports",
            code=Exit.USAGE,
        )
    if rehearse is not None and os.environ.get("OUTDIAL_PARTNER_BASE_URL"):
        raise CommandError(
            "--rehearse dials the sandbox only; unset OUTDIAL_PARTNER_BASE_URL", code=Exit.USAGE
        )
    asyncio.run(addresses.ask(os.environ))
    try:
        tree = Tree(
            home=Home(home),
            options=TreeOptions(
                port=port, sandbox_port=sandbox_port, clock=partial(of_home, speed=rehearse)
            ),
            environ=os.environ,
            prepare=prepare,
            emit=printer(console),
        )
    except (HomeError, OSError) as error:
        console.print(str(error), style="red", markup=False)
        raise typer.Exit(Exit.FAILED) from error
    raise typer.Exit(run(tree, console))


def printer(console: Console) -> Callable[[str, str], None]:
    """Builds the function that shows a child's line behind its coloured name.

    Args:
        console: Where to.

    Returns:
        Takes the name and the line, from any thread.
    """

    def emit(name: str, line: str) -> None:
        text = Text.assemble((f"{name:<8} ", _STYLES.get(name, "dim")), line)
        try:
            console.print(text, soft_wrap=True)
        except OSError:
            console.quiet = True

    return emit


def run(tree: Tree, console: Console) -> int:
    """Runs a tree in the foreground until a signal ends it.

    Args:
        tree: The tree, not yet started.
        console: Where people read.

    Returns:
        The exit code: 0 after a signal, 3 where a tree runs in the folder already, 1 where it
        doesn't start.
    """
    with stopped_by_signals(tree):
        return _run(tree, console)


@contextmanager
def stopped_by_signals(tree: Tree) -> Iterator[None]:
    """Has Ctrl-C, SIGTERM and a lost terminal ask the tree for its end.

    Args:
        tree: The tree.
    """
    previous = {number: signal.getsignal(number) for number in _STOP_SIGNALS}

    def stop(_number: int, _frame: FrameType | None) -> None:
        tree.request_stop()

    for number, handler in previous.items():
        # Under nohup the tree outlives its terminal.
        if not (number is signal.SIGHUP and handler is signal.SIG_IGN):
            signal.signal(number, stop)
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


def _run(tree: Tree, console: Console) -> int:
    try:
        runtime = tree.start()
        pages = link(runtime, secret_key(tree.home, os.environ))
        console.print(panel(runtime, tree.home.path, pages), soft_wrap=True)
        tree.wait()
    except StartInterruptedError:
        return 0
    except AlreadyRunningError as error:
        console.print(str(error), style="red", markup=False, soft_wrap=True)
        return Exit.RUNNING
    except FAILURES as error:
        said = addresses.brief(error) if isinstance(error, SQLAlchemyError) else str(error)
        console.print(said, style="red", markup=False, soft_wrap=True)
        return Exit.FAILED
    console.print("Stopping: calls in flight are waited for. Once more to stop at once.")
    tree.stop()
    return 0


def panel(runtime: Runtime, folder: Path, pages: str | None) -> Group:
    """Lays out where everything is.

    Args:
        runtime: The running tree's addresses and keys.
        folder: The data folder.
        pages: The link that opens the status page.

    Returns:
        A panel to print, and below it the link, which no frame may break in two.
    """
    rows = {
        "API and pages": runtime.addresses.get("api"),
        "API key": runtime.api_key,
        "Calls go to": runtime.partner_base_url or "nowhere yet: PUT /v1/partner",
        "Sandbox": runtime.addresses.get("sandbox"),
        "Sandbox key": runtime.sandbox_key,
        "Database": addresses.place(runtime.database_url),
        "Queue": addresses.place(runtime.redis_url),
        "Data": str(folder),
    }
    table = Table.grid(padding=(0, 2))
    for name, value in rows.items():
        if value is not None:
            table.add_row(Text(name, style="bold"), Text(value, overflow="fold"))
    framed = Panel.fit(table, title="Outdial is up", subtitle="Ctrl-C stops all of it")
    return Group(framed, Text(f"Status page: {pages}" if pages else ""))
