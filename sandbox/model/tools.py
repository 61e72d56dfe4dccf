"""What a tool template and a tool instance are, and what an instance's configuration points at."""

from collections.abc import Mapping
from typing import Any

from pydantic import Field

from sandbox.model.base import Record, Shape, new_id

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class Tool(Record):
    """An instance of a template, of one business.

    ``agent_id`` is set for a tool that the platform made for one agent by itself;
    ``template_tool_id`` is ``None`` for one that is made from no template.
    """

    business_id: str
    template_tool_id: str | None
    name: str
    display_name: str
    type: str
    config: dict[str, Any] = Field(default_factory=dict)
    config_override: dict[str, Any] = Field(default_factory=dict)
    message: str | None = None
    enabled: bool = True
    agent_id: str | None = None
    created_at: str = ""
    updated_at: str = ""

    @property
    def automatic(self) -> bool:
        """Whether the platform made it; nobody else changes or deletes it then."""
        return self.agent_id is not None

    @property
    def effective_config(self) -> dict[str, Any]:
        """The template's configuration with the overrides laid over it."""
        return _merged(self.config, self.config_override)

    def described(self) -> dict[str, Any]:
        """The API's answer for it."""
        shown = self.model_dump(mode="json", by_alias=True, exclude={"agent_id"})
        known = {name: value for name, value in shown.items() if value is not None}
        return known | {"isTemplate": False, "effectiveConfig": self.effective_config}


class ToolTemplate(Record):
    """What instances are made from; ``config_schema`` is a JSON Schema for their overrides.

    ``message`` is what an agent says when it uses the tool.
    """

    name: str
    display_name: str
    type: str
    config: dict[str, Any]
    config_schema: dict[str, Any]
    message: str | None = None

    def described(self) -> dict[str, Any]:
        """The API's answer for it."""
        shown = self.model_dump(mode="json", by_alias=True, exclude={"message"})
        return shown | {"isTemplate": True}

    def instance(
        self,
        *,
        business_id: str,
        override: Mapping[str, Any],
        at: str,
        agent_id: str | None = None,
    ) -> Tool:
        """A new tool of this template.

        Args:
            business_id: Whose it is.
            override: Its overrides as they are stored.
            at: When it is made, ISO 8601.
            agent_id: The agent for which the platform makes it by itself.
        """
        return Tool(
            id=new_id("tool"),
            business_id=business_id,
            template_tool_id=self.id,
            name=self.name,
            display_name=self.display_name,
            type=self.type,
            config=self.config,
            config_override=dict(override),
            message=self.message,
            agent_id=agent_id,
            created_at=at,
            updated_at=at,
        )


class TransferDestination(Record):
    """Where a call can be transferred; ``phone_number`` is E.164 US."""

    business_id: str
    name: str
    phone_number: str
    description: str = ""
    warm_transfer_enabled: bool = False


class OpenHours(Shape):
    """A span of one day, HH:MM, the end after the start."""

    open_time: str
    close_time: str


BUSINESS_HOURS: Mapping[str, tuple[OpenHours, ...]] = {
    day: (OpenHours(open_time="09:00", close_time="17:00"),) for day in WEEKDAYS[:5]
}
"""When appointments can be booked where nobody chose hours: office hours on working days."""


class AppointmentConfig(Record):
    """When appointments can be booked; durations in minutes, hours by lower-case weekday.

    One per business. A day that is left out, or has no spans, has no appointments.
    """

    business_id: str
    slot_duration_minutes: int = 60
    slot_buffer_minutes: int = 0
    advance_notice_minutes: int = 1440
    hours_json: dict[str, tuple[OpenHours, ...]] = Field(
        default_factory=lambda: dict(BUSINESS_HOURS)
    )


def _merged(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for name, value in over.items():
        below = merged.get(name)
        if isinstance(below, dict) and isinstance(value, dict):
            merged[name] = _merged(below, value)
        else:
            merged[name] = value
    return merged
