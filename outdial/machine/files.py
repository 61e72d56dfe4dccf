"""Writes files that only their owner can read, whole or not at all."""

import os
import secrets
from pathlib import Path

_READ_LIMIT = 1024 * 1024


def write_private(path: Path, text: str) -> None:
    """Replaces `path` by a file of mode 0600 holding `text`.

    A reader sees the old text or the new one, and so does the next boot after a power cut: the
    bytes are on disk before the name points at them.

    Args:
        path: The file; its folder must exist.
        text: The whole content, written as UTF-8.
    """
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
    _write_new(temporary, text)
    try:
        temporary.replace(path)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
    sync_directory(path.parent)


def create_private(path: Path, text: str) -> bool:
    """Writes `path` as `write_private` does, unless it exists.

    Args:
        path: The file; its folder must exist.
        text: The whole content, written as UTF-8.

    Returns:
        Whether this call made the file. Of several at once, exactly one did.
    """
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
    _write_new(temporary, text)
    try:
        # A hard link, unlike a rename, refuses to replace what another process just made.
        os.link(temporary, path)
    except FileExistsError:
        return False
    finally:
        temporary.unlink(missing_ok=True)
    sync_directory(path.parent)
    return True


def read_small(path: Path) -> str:
    """Reads a file of at most 1 MiB as UTF-8; bytes that aren't UTF-8 become U+FFFD.

    Args:
        path: The file.

    Returns:
        The text.

    Raises:
        ValueError: The file is larger.
        OSError: It can't be read.
    """
    with path.open("rb") as file:
        raw = file.read(_READ_LIMIT + 1)
    if len(raw) > _READ_LIMIT:
        raise ValueError(f"{path} is larger than {_READ_LIMIT} bytes")
    return raw.decode("utf-8", errors="replace")


def sync_directory(path: Path) -> None:
    """Makes the names in a folder, not only the files' bytes, survive a power cut.

    Args:
        path: The folder.
    """
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _write_new(path: Path, text: str) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
    with os.fdopen(os.open(path, flags, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
