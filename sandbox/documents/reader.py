"""Reads the text in an uploaded file, away from the event loop, so that no ring waits for it."""

import asyncio
import codecs
import os
import subprocess
import sys
import unicodedata
from pathlib import Path
from typing import IO

from sandbox.documents.kinds import UTF_16_MARKS, Form

MAX_TEXT = 65_536
"""How many characters of a file's text are kept."""

HEAD_BYTES = 4 * MAX_TEXT + 4
"""As many bytes as that can take in any encoding, and a mark of the encoding."""

AT_ONCE = 2
REAL_SECONDS = 15.0
CHILD = Path(__file__).with_name("child.py")
PASSED_ON = ("PATH", "PYTHONPATH", "PYTHONHOME", "LANG", "LC_ALL", "LD_LIBRARY_PATH")
"""What the reading process may know of the environment, which can hold the control key."""

KEPT = frozenset("\n\t\u200c\u200d")
"""Letters that print nothing and are text all the same: joiners shape whole scripts and emoji."""


class DocumentReader:
    """Reads files, a few at once."""

    def __init__(self) -> None:
        self._seats = asyncio.Semaphore(AT_ONCE)

    async def read(self, file: IO[bytes], form: Form) -> str | None:
        """The text in a file, at most 65,536 characters; ``None`` where none can be read.

        Args:
            file: The file; it has a descriptor, and is read from its beginning.
            form: How its text stands in it.
        """
        async with self._seats:
            return await asyncio.to_thread(_text, file, form)


def _text(file: IO[bytes], form: Form) -> str | None:
    text = _plain(file) if form is Form.PLAIN else _unpacked(file, form)
    shown = _printable(text or "")[:MAX_TEXT]
    return shown if shown.strip() else None


def _plain(file: IO[bytes]) -> str:
    file.seek(0)
    head = file.read(HEAD_BYTES)
    if head.startswith(UTF_16_MARKS):
        return head.decode("utf-16", "replace")
    # A letter that the end of the head cuts in two is left out.
    decoder = codecs.getincrementaldecoder("utf-8-sig")()
    try:
        return decoder.decode(head, final=len(head) < HEAD_BYTES)
    except UnicodeDecodeError:
        # Price lists still come from Windows machines that write no UTF-8.
        return head.decode("cp1252", "replace")


def _unpacked(file: IO[bytes], form: Form) -> str | None:
    file.flush()
    descriptor = file.fileno()
    os.lseek(descriptor, 0, os.SEEK_SET)
    known = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    try:
        # -P: what stands beside the program must not pass for modules of the library.
        finished = subprocess.run(  # noqa: S603 -- our own program; the file is its input only
            [sys.executable, "-P", str(CHILD), form],
            stdin=descriptor,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=known,
            timeout=REAL_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return None
    return finished.stdout.decode("utf-8", "replace") if finished.returncode == 0 else None


def _printable(text: str) -> str:
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(letter for letter in lines if letter in KEPT or not _hidden(letter))


def _hidden(letter: str) -> bool:
    return unicodedata.category(letter) in {"Cc", "Cf", "Cs"}
