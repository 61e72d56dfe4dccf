"""Slot files: an operating-system lock that proves whether a worker process still lives.

A lease or a database lock proves nothing about a frozen process; the kernel's lock on a file
does: it is gone only when the process is. The successor that takes the file knows that
whatever the former holder armed will not be sent any more.
"""

import fcntl
import os
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path
from uuid import uuid4

MOST = 256


@dataclass(frozen=True, slots=True)
class Slot:
    """A slot of this machine, held until the process ends.

    Attributes:
        worker: The holder's name, unique for ever; calls carry it.
        former: Who held the slot before and is dead for certain; None for a fresh slot.
        file: Keeps the lock; never close it while the process may send.
    """

    worker: str
    former: str | None
    file: TextIOWrapper

    def sign(self) -> None:
        """Write the holder's name, once the former one is buried: a proof is never lost."""
        self.file.seek(0)
        self.file.truncate()
        self.file.write(self.worker)
        self.file.flush()
        os.fsync(self.file.fileno())


def take(folder: Path) -> Slot:
    """Take the first free slot in a folder of this machine's disk.

    Raises:
        RuntimeError: when 256 workers already live here.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for number in range(MOST):
        file = (folder / f"{number:03d}.slot").open("a+", encoding="utf-8")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.close()
            continue
        return _hold(file, number)
    raise RuntimeError(f"{MOST} workers already run in {folder}")


def abandoned(folder: Path) -> Iterator[str]:
    """Name the workers of this machine that died and whose slots nobody has taken since.

    A slot is emptied only after the caller has come back for the next one, so that a crash in
    between loses no proof.
    """
    for path in sorted(folder.glob("*.slot")):
        with path.open("r+", encoding="utf-8") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                continue
            former = file.read().strip()
            if former:
                yield former
                file.seek(0)
                file.truncate()


def _hold(file: TextIOWrapper, number: int) -> Slot:
    file.seek(0)
    former = file.read().strip() or None
    return Slot(f"{socket.gethostname()}/{number}/{uuid4()}", former, file)
