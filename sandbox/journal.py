"""Keeps append-only files of JSON lines that survive a killed process."""

import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO


class Lines:
    """One append-only file; each line is written and flushed before ``append`` returns.

    A line that a killed process left half written is cut off when the file is opened: it was
    never flushed, so nobody was answered on the strength of it.

    Args:
        path: The file, made with mode 0600; ``None`` keeps nothing.
        fsync: Also wait for the disk after each line.

    Raises:
        ValueError: A line is not a JSON object.
    """

    def __init__(self, *, path: Path | None, fsync: bool = False) -> None:
        self._path = path
        self._fsync = fsync
        self._file: BinaryIO | None = None
        if path is not None:
            _cut_torn_tail(path)
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            self._file = os.fdopen(descriptor, "ab")

    def read(self) -> Iterator[dict[str, Any]]:
        """Every line written so far, oldest first."""
        if self._path is None:
            return
        with self._path.open("rb") as file:
            for number, line in enumerate(file, start=1):
                yield _parsed(line, f"{self._path.name}:{number}")

    def append(self, entry: Mapping[str, Any]) -> None:
        """Write one line and flush it."""
        if self._file is None:
            return
        self._file.write(compact(entry) + b"\n")
        self._file.flush()
        if self._fsync:
            os.fsync(self._file.fileno())

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()
            self._file = None


def compact(value: object) -> bytes:
    """JSON without blanks, as UTF-8."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "replace")


def lock_folder(folder: Path) -> BinaryIO:
    """Take the folder for this process, so that two sandboxes never write one journal.

    Returns:
        The open lock file; the lock lasts as long as it stays open.

    Raises:
        RuntimeError: Another process holds it.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise RuntimeError(f"another sandbox is using {folder}") from None
    return os.fdopen(descriptor, "r+b")


def _parsed(line: bytes, where: str) -> dict[str, Any]:
    try:
        return dict(json.loads(line))
    except (TypeError, ValueError) as error:
        raise ValueError(f"{where} is unreadable; move the folder away to start afresh") from error


def _cut_torn_tail(path: Path) -> None:
    if not path.exists():
        return
    with path.open("r+b") as file:
        size = file.seek(0, os.SEEK_END)
        keep = size
        while keep > 0:
            start = max(0, keep - 65_536)
            file.seek(start)
            found = file.read(keep - start).rfind(b"\n")
            if found >= 0:
                keep = start + found + 1
                break
            keep = start
        if keep < size:
            file.truncate(keep)
