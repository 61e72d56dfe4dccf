"""Looks at this machine the way a suspicious administrator would."""

import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

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
