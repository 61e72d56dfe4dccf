"""What a voice agent is, what makes one, and what changes one."""

from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, StrictBool, model_validator

from partner.models.base import Body, Change, Instant, Listed, Received, Text
from partner.models.hours import ActivatedHours, AgentHours
from partner.models.workflow import AgentWorkflow, Workflow

AgentName = Annotated[Text, Field(min_length=1, max_length=40)]


class AgentPersonality(Received):
    """An agent's personality in an answer; the same fields as :class:`Personality`."""

    tone: str | None = None
    style: str | None = None
    description: str | None = None
    use_empathy: StrictBool | None = None
    use_humor: StrictBool | None = None


class VoiceAgent(Listed):
    """A voice agent; everything that isn't named here is kept in ``model_extra``.

    Attributes:
        type: INBOUND or OUTBOUND; only the latter can call.
        conversation_flow: The conversation in prose.
        workflow: The same as a graph; None while the upstream still makes it.
        tool_ids: Its tools, those that the upstream added by itself included.
        activated_hours: When an INBOUND agent answers.
        phone_number: The number it calls from, E.164; only once deployed.
        on_duty: Whether it may call now; only once deployed.
    """

    business_id: str | None = None
    name: str | None = None
    type: str | None = None
    conversation_flow: str | None = None
    workflow: AgentWorkflow | None = None
    custom_instructions: str | None = None
    voice_id: str | None = None
    tool_ids: tuple[str, ...] | None = None
    knowledge_base_document_ids: tuple[str, ...] | None = None
    personality: AgentPersonality | None = None
    first_message: str | None = None
    multilingual: StrictBool | None = None
    background_sound: str | None = None
    collect_fields: tuple[str, ...] | None = None
    activated_hours: AgentHours | None = None
    phone_number: str | None = None
    on_duty: StrictBool | None = None
    created_at: Instant | None = None
    updated_at: Instant | None = None

    @property
    def deployed(self) -> bool:
        """Whether it went live: the guide adds a number and a duty only then."""
        return self.phone_number is not None or self.on_duty is not None


class Personality(Body):
    """How an agent comes across.

    Attributes:
        tone: Such as friendly or professional.
        style: Such as conversational or narrative.
        description: In free words.
    """

    tone: Text | None = None
    style: Text | None = None
    description: Text | None = None
    use_empathy: StrictBool | None = None
    use_humor: StrictBool | None = None


class CreateVoiceAgent(Body):
    """The body that makes an agent.

    Attributes:
        name: 1 to 40 characters.
        type: INBOUND or OUTBOUND.
        conversation_flow: The conversation in prose. This or ``workflow`` is required; where
            both are given, the upstream takes the workflow.
        workflow: The conversation as a graph.
        custom_instructions: What the agent must heed besides.
        voice_id: A voice; the upstream's own choice where left out.
        tool_ids: Ids of tool instances, never of templates, never names.
        knowledge_base_document_ids: Ids of files that are ready.
        first_message: What the agent says first.
        multilingual: Whether it must understand several languages.
        background_sound: ``office``, or the address of a sound.
        collect_fields: What to find out in each call, for its ``structured_data``.
        activated_hours: For INBOUND agents only.
    """

    name: AgentName
    type: Literal["INBOUND", "OUTBOUND"]
    conversation_flow: Text | None = None
    workflow: Workflow | None = None
    custom_instructions: Text | None = None
    voice_id: Text | None = None
    tool_ids: tuple[Text, ...] | None = None
    knowledge_base_document_ids: tuple[Text, ...] | None = None
    personality: Personality | None = None
    first_message: Text | None = None
    multilingual: StrictBool | None = None
    background_sound: Text | None = None
    collect_fields: tuple[Text, ...] | None = None
    activated_hours: ActivatedHours | None = None

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.conversation_flow is None and self.workflow is None:
            raise ValueError("an agent needs a workflow or a conversationFlow")
        if self.activated_hours is not None and self.type != "INBOUND":
            raise ValueError("activatedHours are for INBOUND agents only")
        return self


class UpdateVoiceAgent(Change):
    """The body that changes an agent: fields left out stay as they are, None clears.

    The fields are those of :class:`CreateVoiceAgent`, but for the type, which can't change.
    Neither can the name and the conversation be cleared.
    """

    lasting: ClassVar[frozenset[str]] = frozenset({"name", "conversation_flow", "workflow"})

    name: AgentName | None = None
    conversation_flow: Text | None = None
    workflow: Workflow | None = None
    custom_instructions: Text | None = None
    voice_id: Text | None = None
    tool_ids: tuple[Text, ...] | None = None
    knowledge_base_document_ids: tuple[Text, ...] | None = None
    personality: Personality | None = None
    first_message: Text | None = None
    multilingual: StrictBool | None = None
    background_sound: Text | None = None
    collect_fields: tuple[Text, ...] | None = None
    activated_hours: ActivatedHours | None = None
