"""Writes files that only their owner can read: whole, or not at all."""

import os
import secrets
from pathlib import Path


def write_new(path: Path, text: str) -> None:
    """Make a file of mode 0600 with this text; when this returns, its bytes are on the disk.

    Raises:
        FileExistsError: There is something of that name, be it a dangling link.
        OSError: It can't be written; what was begun is taken away.
    """
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
    descriptor = os.open(path, flags, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def replace(path: Path, text: str) -> None:
    """Put a file of mode 0600 with this text in place of another, which a power cut can't undo.

    Raises:
        OSError: It can't be written; the file is as it was.
    """
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
    write_new(temporary, text)
    try:
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def sync_folder(path: Path) -> None:
    """Have the names in a folder outlast a power cut."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
