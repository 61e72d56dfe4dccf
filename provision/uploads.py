"""Decides whether a file still has the content that the manifest was read with."""

import asyncio
import hashlib
from pathlib import Path

from provision.errors import OutdatedPlanError
from provision.manifest.models import FileDeclaration


async def check_content(declared: FileDeclaration) -> None:
    """Let a file pass whose content is the declared one.

    Raises:
        OutdatedPlanError: It was changed since, or can't be read any more.
    """
    try:
        found = await asyncio.to_thread(_digest, declared.path)
    except OSError as error:
        raise OutdatedPlanError(
            f"{declared.address}: {declared.name} can't be read any more ({error.strerror})",
            changed="manifest",
        ) from error
    if found != declared.sha256:
        raise OutdatedPlanError(
            f"{declared.address}: {declared.name} was changed since the manifest was read. "
            "Plan again",
            changed="manifest",
        )


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
