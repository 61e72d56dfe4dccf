"""Gives each test process one real PostgreSQL and one real Valkey, and cheap databases in it.

Nothing starts before it is asked for. Under xdist every worker has its own servers. They end with
`stop_servers`, at exit, or by the warden should the test process be killed.
"""

import asyncio
import atexit
import functools
import shutil
import signal
import tempfile
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import NullPool, text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import create_async_engine

from outdial.embedded.postgres import EmbeddedPostgres
from outdial.embedded.valkey import EmbeddedValkey
from outdial.machine.processes import ProcessStamp
from outdial.tree.warden import Warden

_STEPS = ((signal.SIGINT, 10.0), (signal.SIGKILL, 5.0))


@functools.cache
def postgres_url() -> str:
    """Starts this process's PostgreSQL at the first call.

    Returns:
        The SQLAlchemy URL of its database `outdial`, which tests leave alone: the role in it may
        create databases of its own.
    """
    server = EmbeddedPostgres(directory=_folder() / "postgres", fast=True)
    url = server.start()
    atexit.register(server.stop)
    watch(server.pid)
    return url


@functools.cache
def valkey_url() -> str:
    """Starts this process's Valkey at the first call.

    Returns:
        A `redis://` URL of its database 0; 1 to 15 exist too.
    """
    server = EmbeddedValkey(directory=_folder() / "valkey")
    url = server.start()
    atexit.register(server.stop)
    watch(server.pid)
    return url


def create_database(url: str, name: str, template: str = "template0") -> str:
    """Creates a database, replacing one of that name.

    Copying a migrated template takes some tens of milliseconds. Nobody may be connected to it.

    Args:
        url: Any database of the server.
        name: The new database's name.
        template: The database to copy.

    Returns:
        The new database's SQLAlchemy URL.
    """
    _elsewhere(_create(url, name, template))
    return make_url(url).set(database=name).render_as_string(hide_password=False)


def drop_database(url: str, name: str) -> None:
    """Drops a database if it exists, sending away whoever is connected to it.

    Args:
        url: Any other database of the server.
        name: The database's name.
    """
    _elsewhere(_drop(url, name))


@contextmanager
def database(template: str = "template0", *, name: str) -> Iterator[str]:
    """Lends a database of this process's PostgreSQL.

    Args:
        template: The database to copy.
        name: The new database's name, not used by another test at the same time.

    Yields:
        Its SQLAlchemy URL.
    """
    url = create_database(postgres_url(), name, template)
    try:
        yield url
    finally:
        drop_database(postgres_url(), name)


@functools.cache
def _folder() -> Path:
    # Not pytest's own temporary folder: as root its parents are closed to the server's account.
    folder = Path(tempfile.mkdtemp(prefix="outdial-tests-"))
    folder.chmod(0o711)
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


@functools.cache
def _warden() -> Warden:
    warden = Warden()
    atexit.register(warden.dismiss)
    return warden


def watch(pid: int) -> None:
    """Have this server ended should the test process be killed."""
    stamp = ProcessStamp.of(pid)
    if stamp is not None:
        _warden().watch(stamp, _STEPS)


async def _create(url: str, name: str, template: str) -> None:
    await _execute(
        url,
        f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)',
        f'CREATE DATABASE "{name}" TEMPLATE "{template}"',
    )


async def _drop(url: str, name: str) -> None:
    await _execute(url, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


async def _execute(url: str, *statements: str) -> None:
    engine = create_async_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    try:
        async with engine.connect() as connection:
            for statement in statements:
                await connection.execute(text(statement))
    finally:
        await engine.dispose()


def _elsewhere(work: Coroutine[None, None, None]) -> None:
    # The calling thread may already run an event loop: fixtures of async tests do.
    with ThreadPoolExecutor(max_workers=1) as pool:
        pool.submit(asyncio.run, work).result()
