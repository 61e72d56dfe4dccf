"""Reads which PostgreSQL server, if any, runs on a data folder, from its own lock file.

The lines of `postmaster.pid` are those of PostgreSQL's `src/include/utils/pidfile.h`.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from outdial.machine.files import read_small
from outdial.machine.processes import ProcessStamp

_PID, _PORT, _STATUS = 0, 3, 7
_NUMBER = re.compile(r"[0-9]{1,9}")


@dataclass(frozen=True, kw_only=True)
class Postmaster:
    """A PostgreSQL server that runs on our data.

    Attributes:
        process: Its main process.
        port: The port it listens on, 0 while it hasn't said.
        status: What it says of itself: `starting`, `ready`, `stopping` or empty.
    """

    process: ProcessStamp
    port: int
    status: str

    @property
    def ready(self) -> bool:
        """Whether it takes connections."""
        return self.status == "ready" and self.port > 0


def find(data: Path) -> Postmaster | None:
    """Finds the server that runs on a data folder.

    Args:
        data: The data folder, with no symbolic link in its path.

    Returns:
        None where the lock file is missing or stale, its process id reused by a stranger
        included: the process must have been started on this very folder.
    """
    lines = _lines(data)
    pid = _number(lines, _PID)
    stamp = ProcessStamp.of(pid)
    if stamp is None or f"-D {data} " not in stamp.command():
        return None
    return Postmaster(
        process=stamp, port=_number(lines, _PORT), status=_line(lines, _STATUS).strip()
    )


def clear_stale(data: Path) -> None:
    """Removes a lock file whose process id now belongs to a stranger.

    PostgreSQL itself clears a lock file whose process is gone, after checking that no orphaned
    backend still holds the shared memory named in it, so that case is left to it. It refuses to
    start where the id runs again as something else, as happens in a container at every start.

    Args:
        data: The data folder, with no symbolic link in its path.
    """
    stamp = ProcessStamp.of(_number(_lines(data), _PID))
    # Two servers on one folder would ruin it. Any PostgreSQL, even one that seems to run
    # elsewhere, may be on this folder by another name (a bind mount): PostgreSQL then refuses.
    if stamp is not None and "postgres" not in stamp.command():
        (data / "postmaster.pid").unlink(missing_ok=True)


def _lines(data: Path) -> list[str]:
    try:
        return read_small(data / "postmaster.pid").splitlines()
    except (OSError, ValueError):
        return []


def _line(lines: list[str], index: int) -> str:
    return lines[index] if index < len(lines) else ""


def _number(lines: list[str], index: int) -> int:
    text = _line(lines, index).strip()
    return int(text) if _NUMBER.fullmatch(text) else 0
