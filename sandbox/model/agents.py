"""What a voice agent is."""

from enum import StrEnum
from typing import Any

from pydantic import Field

from sandbox.model.base import Record


class AgentType(StrEnum):
    """Which way an agent's calls go."""

    INBOUND = "INBOUND"
    OUTBOUND = "OUTBOUND"


class Agent(Record):
    """A voice agent; ``phone_number`` and ``on_duty`` exist only once it is deployed."""

    business_id: str
    name: str = Field(min_length=1, max_length=40)
    type: AgentType
    conversation_flow: str = "Say who is calling, ask whether help is still wanted, thank them."
    custom_instructions: str | None = None
    first_message: str | None = None
    voice_id: str = "voice-abc123"
    collect_fields: tuple[str, ...] = ()
    tool_ids: tuple[str, ...] = ()
    knowledge_base_document_ids: tuple[str, ...] = ()
    workflow: None = None
    created_at: str = ""
    updated_at: str = ""
    phone_number: str | None = None
    on_duty: bool | None = None

    @property
    def deployed(self) -> bool:
        """Whether it has a number to call from."""
        return self.phone_number is not None

    def described(self) -> dict[str, Any]:
        """The API's answer for it."""
        shown = self.model_dump(mode="json", by_alias=True, exclude_none=True)
        return shown | {"workflow": None}
