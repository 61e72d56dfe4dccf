"""Keeps what an embedded server prints: one file per start, the one before it kept beside it."""

import os
from pathlib import Path
from typing import IO

_TAIL_BYTES = 4096


def open_log(path: Path) -> IO[bytes]:
    """Opens a new, private log file, moving the last start's aside.

    Args:
        path: The file.

    Returns:
        The file, open for writing; the caller closes it once the server has it.
    """
    if path.exists():
        path.replace(path.with_suffix(f".previous{path.suffix}"))
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_APPEND
    return os.fdopen(os.open(path, flags, 0o600), "ab")


def tail(path: Path) -> str:
    """Reads the end of a log, for an error message.

    Args:
        path: The file.

    Returns:
        Its last 4 KiB at most.
    """
    with path.open("rb") as file:
        file.seek(0, os.SEEK_END)
        file.seek(max(0, file.tell() - _TAIL_BYTES))
        return file.read().decode("utf-8", "replace").strip()
