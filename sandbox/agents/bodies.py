"""Reads the bodies that make and change an agent: their shape; rules stand in ``change``."""

import re
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from sandbox.agents.graph import MAX_MESSAGE, GraphBody
from sandbox.agents.hours import HoursBody
from sandbox.model.agents import AgentType

MAX_FLOW = 20_000
MAX_INSTRUCTIONS = 10_000
MAX_TRAIT = 1_000
MAX_SOUND = 2_000
MAX_IDS = 100
MAX_FIELDS = 50
OFFICE = "office"
WEB_ADDRESS = re.compile(r"https?://[^\s/?#]+[^\s]*", re.IGNORECASE)


def _unique(names: list[str]) -> list[str]:
    for place, name in enumerate(names):
        if name in names[:place]:
            raise ValueError(f"{name!r} is named twice")
    return names


def _sound(text: str) -> str:
    if text != OFFICE and WEB_ADDRESS.fullmatch(text) is None:
        raise ValueError(f"must be {OFFICE!r} or an http or https address")
    return text


Id = Annotated[str, Field(min_length=1, max_length=100)]
Ids = Annotated[list[Id], Field(max_length=MAX_IDS), AfterValidator(_unique)]
FieldName = Annotated[str, Field(min_length=1, max_length=100)]
FieldNames = Annotated[list[FieldName], Field(max_length=MAX_FIELDS), AfterValidator(_unique)]
Sound = Annotated[str, Field(max_length=MAX_SOUND), AfterValidator(_sound)]
Trait = Annotated[str, Field(max_length=MAX_TRAIT)]
Name = Annotated[str, Field(min_length=1, max_length=40)]


class AgentPart(BaseModel):
    """A part of a body; what the guide doesn't name is ignored."""

    model_config = ConfigDict(alias_generator=to_camel, strict=True)


class PersonalityBody(AgentPart):
    """A personality as it is sent."""

    tone: Trait | None = None
    style: Trait | None = None
    description: Trait | None = None
    use_empathy: bool | None = None
    use_humor: bool | None = None


class AgentBody(AgentPart):
    """What changes an agent: members that are not in ``model_fields_set`` change nothing.

    None clears what is optional.
    """

    name: Name = ""
    type: AgentType = AgentType.OUTBOUND
    conversation_flow: str | None = Field(default=None, min_length=1, max_length=MAX_FLOW)
    workflow: GraphBody | None = None
    custom_instructions: str | None = Field(default=None, max_length=MAX_INSTRUCTIONS)
    voice_id: Id | None = None
    tool_ids: Ids | None = None
    knowledge_base_document_ids: Ids | None = None
    personality: PersonalityBody | None = None
    first_message: str | None = Field(default=None, max_length=MAX_MESSAGE)
    multilingual: bool | None = None
    background_sound: Sound | None = None
    collect_fields: FieldNames | None = None
    activated_hours: HoursBody | None = None


class NewAgentBody(AgentBody):
    """What makes an agent."""

    name: Name
    type: AgentType
