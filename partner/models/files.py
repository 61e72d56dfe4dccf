"""What a file of a knowledge base is."""

from typing import Annotated

from pydantic import Field

from partner.models.base import Instant, Listed


class KnowledgeFile(Listed):
    """A file that agents can quote, once it is ready.

    Attributes:
        id: What an agent's ``knowledge_base_document_ids`` takes.
        status: processing, ready, failed, or a word the guide doesn't know.
        size_bytes: As uploaded.
    """

    name: str | None = None
    mime_type: str | None = None
    size_bytes: Annotated[int, Field(ge=0, lt=2**53)] | None = None
    business_id: str | None = None
    status: str | None = None
    created_at: Instant | None = None
    updated_at: Instant | None = None

    @property
    def ready(self) -> bool:
        """Whether an agent can be given it."""
        return self.status == "ready"

    @property
    def failed(self) -> bool:
        """Whether the upstream gave up on it."""
        return self.status == "failed"
