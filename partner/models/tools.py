"""What tool templates and their instances are, and how an instance is set up."""

import json
import re
from typing import Annotated, Any, Final, Literal, Self

from pydantic import (
    AfterValidator,
    Discriminator,
    Field,
    JsonValue,
    StrictBool,
    Tag,
    model_validator,
)

from partner.models.base import Body, Change, Instant, Listed, Text
from partner.models.hours import OpenHours, Weekday

_US_NUMBER: Final = re.compile(r"\+1[2-9][0-9]{2}[2-9][0-9]{6}", re.ASCII)


def _us_number(text: str) -> str:
    if _US_NUMBER.fullmatch(text) is None:
        raise ValueError(
            "a phone number is +1 and ten digits, and neither its area code nor its exchange "
            "starts with 0 or 1"
        )
    return text


class ToolTemplate(Listed):
    """A tool of the platform's library, from which instances are made; read-only.

    Attributes:
        id: What ``template_tool_id`` takes; never an agent's ``tool_ids``.
        type: Such as transferCall or apiRequest.
        config: What every instance starts from.
        config_schema: The JSON Schema of an instance's ``config_override``.
    """

    is_template: StrictBool | None = None
    name: str | None = None
    display_name: str | None = None
    type: str | None = None
    config: dict[str, Any] | None = None
    config_schema: dict[str, Any] | None = None


class Tool(Listed):
    """A tool instance of a business.

    Attributes:
        id: What an agent's ``tool_ids`` takes; the name is for people only.
        template_tool_id: The template that it was made from.
        config: The template's part.
        config_override: The instance's part as the upstream keeps it: destinations and hours
            are replaced by ids.
        effective_config: Both, merged.
        message: What the agent says when it uses the tool.
    """

    is_template: StrictBool | None = None
    template_tool_id: str | None = None
    name: str | None = None
    display_name: str | None = None
    type: str | None = None
    config: dict[str, Any] | None = None
    config_override: dict[str, Any] | None = None
    effective_config: dict[str, Any] | None = None
    message: str | None = None
    business_id: str | None = None
    enabled: StrictBool | None = None
    created_at: Instant | None = None
    updated_at: Instant | None = None


class TransferDestination(Body):
    """Where a call can be transferred.

    Attributes:
        phone_number: ``+1`` and ten digits; area code and exchange don't start with 0 or 1.
        description: By which the agent chooses among several.
        warm_transfer_enabled: Whether the agent makes sure first that somebody is there.
    """

    name: Text
    phone_number: Annotated[str, AfterValidator(_us_number)]
    description: Text | None = None
    warm_transfer_enabled: StrictBool | None = None


class HoldAudio(Body):
    """What a caller hears while waiting for a transfer.

    Attributes:
        content: The address of a sound.
    """

    type: Literal["request-complete"] = "request-complete"
    content: Text


class TransferOverride(Body):
    """How a transferCall tool is set up.

    Attributes:
        destinations: At least one.
        messages: The sound to wait by; the platform's own where left out.
    """

    destinations: tuple[TransferDestination, ...]
    messages: tuple[HoldAudio, ...] | None = None

    @model_validator(mode="after")
    def _leads_somewhere(self) -> Self:
        if not self.destinations:
            raise ValueError("at least one destination is required")
        return self


class AppointmentConfig(Body):
    """When and how densely appointments can be booked; what is left out, the upstream sets.

    Attributes:
        slot_duration_minutes: 10 to 300; 60 where left out.
        slot_buffer_minutes: Kept free around each appointment, 0 to 120; 0 where left out.
        advance_notice_minutes: Least time before an appointment, 0 to 14,400; 1,440 where
            left out.
        hours_json: Spans by weekday; the business's hours where left out.
    """

    slot_duration_minutes: Annotated[int, Field(ge=10, le=300, strict=True)] | None = None
    slot_buffer_minutes: Annotated[int, Field(ge=0, le=120, strict=True)] | None = None
    advance_notice_minutes: Annotated[int, Field(ge=0, le=14_400, strict=True)] | None = None
    hours_json: dict[Weekday, tuple[OpenHours, ...]] | None = None


class CalendarOverride(Body):
    """How a googleCal tool is set up; the calendar integration must exist before."""

    appointment_config: AppointmentConfig | None = None


def _is_json(value: dict[str, JsonValue]) -> dict[str, JsonValue]:
    # ValueError alike: numbers that aren't finite, and text that UTF-8 can't carry.
    json.dumps(value, allow_nan=False, ensure_ascii=False).encode()
    return value


def _kind(value: object) -> str:
    if isinstance(value, TransferOverride):
        return "transfer"
    if isinstance(value, CalendarOverride):
        return "calendar"
    if isinstance(value, dict) and "destinations" in value:
        return "transfer"
    if isinstance(value, dict) and {"appointmentConfig", "appointment_config"} & value.keys():
        return "calendar"
    return "other"


ConfigOverride = Annotated[
    Annotated[TransferOverride, Tag("transfer")]
    | Annotated[CalendarOverride, Tag("calendar")]
    | Annotated[dict[str, JsonValue], AfterValidator(_is_json), Tag("other")],
    Discriminator(_kind),
]
"""What an instance changes of its template: a mapping is read as the kind its keys show.

One with ``destinations`` is a transfer's, one with ``appointmentConfig`` a calendar's; any other
goes out as it is, for the upstream to check against the template's ``config_schema``.
"""


class CreateTool(Body):
    """The body that makes an instance of a template.

    Attributes:
        template_tool_id: The template's id.
        config_override: What this instance has of its own, as the template's
            ``config_schema`` describes it.
    """

    template_tool_id: Annotated[Text, Field(min_length=1)]
    config_override: ConfigOverride | None = None


class UpdateTool(Change):
    """The body that changes an instance: None clears what it had of its own."""

    config_override: ConfigOverride | None = None
