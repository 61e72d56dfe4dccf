"""The command `outdial demo`: the whole system on real-looking leads, against the sandbox."""

import contextlib
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from dialer.clock import monotonic, wall
from outdial.demo import campaign
from outdial.demo.campaign import PLAN, Running
from outdial.demo.ledger import BUCKETS, Books, faults
from outdial.demo.view import Glance, Watcher, opened
from outdial.embedded.errors import EmbeddedServerError
from outdial.embedded.postgres import EmbeddedPostgres
from outdial.embedded.valkey import EmbeddedValkey
from outdial.leads import leads
from outdial.machine.home import AlreadyRunningError, Home
from outdial.speaking.client import Client, Target
from outdial.speaking.login import link
from outdial.speaking.speech import CommandError, Exit, out, table
from outdial.tree import first_steps
from outdial.tree.child import StartInterruptedError
from outdial.tree.programs import SandboxClock
from outdial.tree.rehearsal import next_noon
from outdial.tree.supervisor import end_orphans
from outdial.tree.tree import Tree, TreeOptions
from outdial.tree.up import FAILURES, stopped_by_signals

_LOOK_SECONDS = 0.5
_EXAMPLE = Path("examples/leads.csv")
_SETTINGS = {"OUTDIAL_HISTORY_SECONDS": "0.5", "OUTDIAL_LOG_LEVEL": "warning"}


def demo(
    *,
    keep: Annotated[
        bool, typer.Option("--keep", help="Leave everything running until Ctrl-C.")
    ] = False,
    speed: Annotated[
        float, typer.Option(min=1, max=600, help="Campaign seconds in a real one.")
    ] = 120,
    file: Annotated[Path, typer.Option(help="The leads, a CSV file.")] = _EXAMPLE,
    port: Annotated[
        int | None, typer.Option(min=1, max=65535, help="Port of the API and the pages.")
    ] = None,
    sandbox_port: Annotated[
        int | None, typer.Option(min=1, max=65535, help="Port of the sandbox.")
    ] = None,
    limit: Annotated[
        float, typer.Option(min=10, help="Seconds after which it gives up waiting.")
    ] = 300,
    home: Annotated[
        Path, typer.Option(help="Folder of the demo's data; emptied before and after.")
    ] = Path(".outdial/demo"),
    rows: Annotated[int | None, typer.Option("--leads", min=1, hidden=True)] = None,
) -> None:
    """Import 300 leads as people type them, dial them in the sandbox, and balance the books.

    Nothing of `outdial up` is touched, and no real phone can ring: campaign time is sped up,
    which the dialer accepts only towards a sandbox on this machine.
    """
    console = out()
    if not file.is_file():
        raise CommandError(
            f"{file} is not there; run this in Outdial's own folder, or give --file FILE.csv",
            code=Exit.USAGE,
        )
    clock = next_noon(speed=speed)
    asked = Asked(file=file, rows=rows, clock=clock, seconds=limit, keep=keep)
    options = TreeOptions(port=port, sandbox_port=sandbox_port, clock=lambda _home: clock)
    try:
        with fresh(home) as place:
            raise typer.Exit(_run(asked, place, options, console))
    except StartInterruptedError as error:
        raise CommandError("interrupted; everything is stopped") from error
    except AlreadyRunningError as error:
        raise CommandError(str(error), code=Exit.RUNNING) from error
    except FAILURES as error:
        raise CommandError(str(error)) from error


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What the command line says.

    Attributes:
        file: The leads.
        rows: How many of them; None for all.
        clock: Campaign time.
        seconds: Real seconds until it gives up.
        keep: Whether to run on at the end.
    """

    file: Path
    rows: int | None
    clock: SandboxClock
    seconds: float
    keep: bool


@contextlib.contextmanager
def fresh(path: Path) -> Iterator[Home]:
    """Lends an empty data folder.

    Args:
        path: The folder. What a killed demo left in it, processes included, is ended and removed;
            so is all of it afterwards.

    Yields:
        The folder.

    Raises:
        AlreadyRunningError: Another demo runs in it.
        HomeError: It isn't ours.
    """
    # Made as a data folder too, since the database server's account has to pass through it.
    Home(path.parent)
    home = Home(path)
    with home.lock():
        _empty(home)
    try:
        yield home
    finally:
        with contextlib.suppress(AlreadyRunningError), home.lock():
            _empty(home)


def _empty(home: Home) -> None:
    left = home.runtime()
    end_orphans(left.processes, lambda _name, _line: None)
    servers = (EmbeddedPostgres(directory=home.postgres), EmbeddedValkey(directory=home.valkey))
    for server in servers:
        if left.pid:
            # Adopts the server that a killed demo left: only its owner can stop it.
            with contextlib.suppress(EmbeddedServerError, OSError):
                server.start()
        server.remove()
    for entry in home.path.iterdir():
        if entry.is_dir():
            shutil.rmtree(entry, ignore_errors=True)
        elif entry.name != "lock":
            entry.unlink(missing_ok=True)


def _run(asked: Asked, home: Home, options: TreeOptions, console: Console) -> int:
    environ = {k: v for k, v in os.environ.items() if not k.startswith("OUTDIAL_")}
    with (home.path / "demo.log").open("a", encoding="utf-8", buffering=1) as log:
        tree = Tree(
            home=home,
            options=options,
            environ={**environ, **_SETTINGS},
            prepare=first_steps.prepare,
            emit=lambda name, line: print(f"{name:<8} {line}", file=log),
        )
        with stopped_by_signals(tree):
            console.print("Starting the database, the queue, the sandbox, the API and a worker …")
            tree.start()
            try:
                return _play(asked, tree, console)
            finally:
                console.print("Stopping.")
                tree.stop()


def _play(asked: Asked, tree: Tree, console: Console) -> int:
    runtime = tree.runtime
    pages = link(runtime, tree.home.secret_key())
    console.print(f"Status page, live: {pages}\n", soft_wrap=True)
    file = asked.file
    if asked.rows is not None:
        file = campaign.shorten(file, asked.rows, tree.home.path / file.name)
    url, key = runtime.addresses["api"], runtime.api_key or ""
    with Client(target=Target(url=url, key=key)) as client:
        running = campaign.begin(
            client, file, rejects=tree.home.path / f"{file.stem}.rejected.csv"
        )
        leads.show(console, running.imported if asked.keep else _without_file(running.imported))
        last = _watch(asked, tree, Watcher(client=client), running, console)
        books = Books(
            accepted=running.imported.tally.by_status["accepted"],
            buckets=last.ledger["total"],
            calls=list(client.every("/v1/calls")),
            rings=campaign.rings(runtime.addresses["sandbox"], runtime.sandbox_key or ""),
        )
    good = _close(console, last, books)
    console.print(f"Status page: {pages}", soft_wrap=True)
    if asked.keep:
        console.print("Everything runs on until Ctrl-C.")
        tree.wait()
    return Exit.DONE if good else Exit.FAILED


def _without_file(imported: leads.Imported) -> leads.Imported:
    # It goes with the demo's data, so nobody should be sent to look for it.
    return replace(imported, written=None)


def _watch(
    asked: Asked, tree: Tree, watcher: Watcher, running: Running, console: Console
) -> Glance:
    deadline = monotonic() + asked.seconds
    pace = int(str(PLAN["calls_per_minute"]))
    with opened(console, running, limit=pace, speed=asked.clock.speed) as view:
        while True:
            glance = watcher.look(_campaign_time(asked.clock))
            view.show(glance)
            if not glance.left or monotonic() > deadline:
                return glance
            if tree.wait(_LOOK_SECONDS):
                raise CommandError("interrupted; everything is stopped")


def _close(console: Console, last: Glance, books: Books) -> bool:
    found = faults(books)
    buckets = [(name, books.buckets[name]) for name in BUCKETS if books.buckets[name]]
    console.print(table(("bucket", "leads#"), [*buckets, ("accepted", books.buckets["accepted"])]))
    console.print(table(("outcome", "calls#"), sorted(last.ledger["outcomes"].items())))
    console.print(f"Rings in the sandbox's record: {len(books.rings)}")
    console.print(f"Our calls that rang:           {books.rang}")
    if last.left:
        reasons = ", ".join(f"{k} {n}" for k, n in last.ledger["waiting_reasons"].items())
        found.insert(0, f"time is up, and {last.left} leads aren't finished; they wait: {reasons}")
    for sentence in found:
        console.print(Text(sentence, style="red"))
    if not found:
        console.print(
            Text("The ledger balances: every lead in one bucket, one ring per call.", "green")
        )
    return not found


def _campaign_time(clock: SandboxClock) -> datetime:
    return clock.start + timedelta(seconds=(wall() - clock.real_start) * clock.speed)
