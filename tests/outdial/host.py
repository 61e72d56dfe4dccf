"""Looks at this machine the way a suspicious administrator would."""

import os
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import NullPool, text
from sqlalchemy.ext.asyncio import create_async_engine

ROOT = os.geteuid() == 0
CHECKOUT = Path(__file__).parents[2]


def modes(*paths: Path) -> dict[Path, tuple[int, int, int]]:
    """Reads mode, owner and group of each path and all its parents."""
    found = {}
    for path in paths:
        for folder in (path, *path.parents):
            status = folder.stat()
            found[folder] = (stat.S_IMODE(status.st_mode), status.st_uid, status.st_gid)
    return found


def run_python(module: str, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    """Runs a module of ours in a process of its own, bounded."""
    return subprocess.run(  # noqa: S603 - our own module, arguments are the test's
        [sys.executable, "-W", "error", "-m", module, *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        cwd=CHECKOUT,
        env={**os.environ, **env},
    )


def walk(folder: Path) -> Iterator[Path]:
    """Lists a folder and all that is in it."""
    yield folder
    yield from folder.rglob("*")


def server_root(folder: Path) -> Path:
    """Finds where the files of the PostgreSQL server in `folder` really are."""
    pointer = folder / "postgres" / "location"
    return Path(pointer.read_text().strip()) if pointer.exists() else folder / "postgres"


async def ask(url: str, *statements: str) -> object:
    """Runs statements and returns the last one's single value."""
    engine = create_async_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    try:
        async with engine.connect() as connection:
            for statement in statements[:-1]:
                await connection.execute(text(statement))
            return (await connection.execute(text(statements[-1]))).scalar()
    finally:
        await engine.dispose()


@contextmanager
def open_folder() -> Iterator[Path]:
    """Lends a folder that the account of root's servers can pass through, unlike pytest's own."""
    path = Path(tempfile.mkdtemp(prefix="outdial-tests-")).resolve()
    path.chmod(0o711)
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)
