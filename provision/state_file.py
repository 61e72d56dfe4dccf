"""Keeps the state in a file beside the manifest: whole, private, and for one run at a time."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from provision.errors import StateLockedError, StateUnusableError
from provision.private_files import replace
from provision.state import State

STATE_BYTES: Final = 8 * 1024 * 1024
"""The largest state file that is read, in bytes."""

_PID_BYTES: Final = 20


def state_path_for(manifest: Path) -> Path:
    """Where the state of a manifest lies unless told otherwise: ``<stem>.state.json``."""
    return manifest.with_name(f"{manifest.stem}.state.json")


def read_state(path: Path) -> State | None:
    """The state, or None where there is no file yet.

    Raises:
        StateUnusableError: It can't be read, is too large, or is no state.
    """
    try:
        with path.open("rb") as file:
            raw = file.read(STATE_BYTES + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StateUnusableError(f"{path} can't be read: {error.strerror}") from error
    if len(raw) > STATE_BYTES:
        raise StateUnusableError(f"{path} is larger than {STATE_BYTES} bytes: not a state file")
    try:
        return State.model_validate_json(raw)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "the whole"
        raise StateUnusableError(
            f"{path} is not a state file of this program ({where}: {first['msg']}). "
            "Put back a copy of it; without one, move it away and adopt what exists by `import`"
        ) from error


class StateFile:
    """An open state file; no other run can open it meanwhile.

    Args:
        path: The file.
        state: What it holds, or will hold.
    """

    def __init__(self, *, path: Path, state: State) -> None:
        self._path = path
        self._state = state

    @property
    def state(self) -> State:
        """What was last saved."""
        return self._state

    def save(self, state: State) -> None:
        """Replace the file; when this returns, a power cut can't undo it.

        Raises:
            StateUnusableError: It can't be written.
        """
        counted = state.model_copy(update={"serial": self._state.serial + 1})
        text = counted.model_dump_json(indent=1) + "\n"
        if len(text.encode()) > STATE_BYTES:
            raise StateUnusableError(
                f"{self._path} would be larger than {STATE_BYTES} bytes, and could not be read "
                "again. Split the manifest"
            )
        try:
            replace(self._path, text)
        except OSError as error:
            raise StateUnusableError(
                f"{self._path} can't be written: {error.strerror}. "
                "Free the disk or the folder, then run again"
            ) from error
        self._state = counted

    def discard(self) -> None:
        """Take the file away, where nothing came of what it was made for.

        Raises:
            StateUnusableError: It can't be taken away.
        """
        try:
            self._path.unlink(missing_ok=True)
        except OSError as error:
            raise StateUnusableError(
                f"{self._path} can't be taken away: {error.strerror}. Delete it: it belongs to "
                "nothing"
            ) from error


@contextmanager
def open_state(path: Path, *, base_url: str, business: str) -> Iterator[StateFile]:
    """The state file at ``path``, locked; a fresh state where there is none.

    A link is followed, so that the file it leads to is replaced rather than the link.

    Raises:
        StateLockedError: Another run holds it.
        StateUnusableError: It can't be read, or the lock can't be made.
    """
    path = _followed(path)
    with _locked(path.with_name(f"{path.name}.lock")):
        state = read_state(path) or State.fresh(base_url=base_url, business=business)
        yield StateFile(path=path, state=state)


def _followed(path: Path) -> Path:
    try:
        return path.resolve()
    except (OSError, RuntimeError) as error:
        raise StateUnusableError(f"{path} can't be followed: it leads in a circle") from error


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    # The lock file stays: taking it away could let two runs hold two files of one name.
    flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        descriptor = os.open(path, flags, 0o600)
    except OSError as error:
        raise StateUnusableError(f"{path} can't be opened: {error.strerror}") from error
    try:
        _take(descriptor, path)
        yield
    finally:
        os.close(descriptor)


def _take(descriptor: int, path: Path) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        holder = os.pread(descriptor, _PID_BYTES, 0).decode("ascii", "replace").strip()
        by = f"process {holder}" if holder.isdigit() else "another process"
        raise StateLockedError(
            f"another run is at work on this manifest: {by} holds {path}. "
            "Wait until it has ended, then run again"
        ) from error
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
