"""Reads the bytes of a manifest, within a limit, as UTF-8."""

import os
import stat
from dataclasses import dataclass
from pathlib import Path

from provision.manifest.faults import Place
from provision.manifest.report import Report

MAX_BYTES = 1024 * 1024
"""A manifest of this size holds far more agents than an upstream would take."""

_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_START = Place(line=1, column=1)
# A named pipe without a writer would keep a plain open() waiting for good.
_DONT_WAIT = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """The text of a manifest.

    Attributes:
        path: Absolute, links resolved.
        text: Without a byte order mark.
    """

    path: Path
    text: str

    @property
    def lines(self) -> list[str]:
        """The text's lines, split as YAML splits them."""
        return self.text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def load(path: Path, report: Report) -> Source:
    """The text of the file.

    Raises:
        UnreadableError: There is none to be had; the report says why.
    """
    try:
        content = _content(path, report)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "no such path can be"
        raise report.stop(_START, "manifest_unreadable", f"can't be read: {why}") from error
    if content.startswith(_UTF16_MARKS):
        raise report.stop(_START, "bad_encoding", "expected UTF-8, found UTF-16")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        place = _place_of(content[: error.start])
        raise report.stop(place, "bad_encoding", "expected UTF-8, found another byte") from error
    return Source(path=path.resolve(), text=text)


def _content(path: Path, report: Report) -> bytes:
    with os.fdopen(os.open(path, os.O_RDONLY | _DONT_WAIT), "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise report.stop(_START, "manifest_unreadable", "expected a regular file")
        content = file.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise report.stop(
            _START, "manifest_too_large", f"expected at most {MAX_BYTES // 2**20} MiB"
        )
    return content


def _place_of(before: bytes) -> Place:
    line = before.rpartition(b"\n")[2].decode("utf-8-sig", errors="replace")
    return Place(line=before.count(b"\n") + 1, column=len(line) + 1)
