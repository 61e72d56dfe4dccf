"""What a knowledge-base file is."""

from enum import StrEnum
from typing import Any

from sandbox.clock import iso
from sandbox.model.base import Record


class FileStatus(StrEnum):
    """How far the processing of a file got."""

    PROCESSING = "processing"
    READY = "ready"
    FAILED = "failed"


class KnowledgeFile(Record):
    """An uploaded file.

    ``text`` is what could be read in it, shortened; None where nothing could, and then the
    processing fails. ``settles`` is when processing ends, in virtual Unix seconds.
    """

    business_id: str
    name: str
    mime_type: str
    size_bytes: int
    text: str | None
    settles: float
    created_at: str = ""
    updated_at: str = ""

    def status(self, now: float) -> FileStatus:
        """Where it stands at ``now`` (virtual Unix seconds)."""
        if now < self.settles:
            return FileStatus.PROCESSING
        return FileStatus.FAILED if self.text is None else FileStatus.READY

    def described(self, now: float) -> dict[str, Any]:
        """The API's answer for it at ``now`` (virtual Unix seconds)."""
        shown = self.model_dump(mode="json", by_alias=True, exclude={"text", "settles"})
        status = self.status(now)
        changed = {} if status is FileStatus.PROCESSING else {"updatedAt": iso(self.settles)}
        return shown | {"status": status} | changed
