"""What a voice agent is."""

from enum import StrEnum

from pydantic import Field

from sandbox.catalog.voices import DEFAULT_VOICE_ID
from sandbox.model.base import Record, Shape
from sandbox.model.workflow import Graph


class AgentType(StrEnum):
    """Which way an agent's calls go."""

    INBOUND = "INBOUND"
    OUTBOUND = "OUTBOUND"


class Personality(Shape):
    """How an agent comes across; texts are the caller's own words."""

    tone: str | None = None
    style: str | None = None
    description: str | None = None
    use_empathy: bool = False
    use_humor: bool = False


class OnDutySpan(Shape):
    """A span of one day: a lower-case weekday, HH:MM, the end (to 24:00) after the start."""

    day: str
    start_time: str
    end_time: str


class ActivatedHours(Shape):
    """When an INBOUND agent is on duty, by the clocks of an IANA zone; spans don't overlap."""

    timezone: str
    hours: tuple[OnDutySpan, ...]


class Agent(Record):
    """A voice agent; ``phone_number`` and ``on_duty`` exist only once it is deployed.

    Of ``conversation_flow`` and ``workflow`` only the form that was given is kept; the other
    follows from it (``sandbox.agents.forms``) and is shown from ``forms_settle`` on (virtual
    Unix seconds).
    ``tool_ids`` are the caller's choice, ``automatic_tool_ids`` what the platform added.
    ``on_duty`` is the duty that was last set by hand, at ``duty_set_at`` (ISO 8601, empty:
    before anything else); what holds now is in ``sandbox.agents.duty``.
    """

    business_id: str
    name: str = Field(min_length=1, max_length=40)
    type: AgentType
    conversation_flow: str | None = None
    workflow: Graph | None = None
    forms_settle: float = 0.0
    custom_instructions: str | None = None
    first_message: str | None = None
    voice_id: str = DEFAULT_VOICE_ID
    personality: Personality | None = None
    multilingual: bool = False
    background_sound: str | None = None
    collect_fields: tuple[str, ...] = ()
    tool_ids: tuple[str, ...] = ()
    automatic_tool_ids: tuple[str, ...] = ()
    knowledge_base_document_ids: tuple[str, ...] = ()
    activated_hours: ActivatedHours | None = None
    created_at: str = ""
    updated_at: str = ""
    phone_number: str | None = None
    on_duty: bool | None = None
    duty_set_at: str = ""

    @property
    def deployed(self) -> bool:
        """Whether it has a number to call from."""
        return self.phone_number is not None

    @property
    def all_tool_ids(self) -> tuple[str, ...]:
        """Every tool that it can use, the caller's choice first."""
        return (*self.tool_ids, *self.automatic_tool_ids)
