"""What a tool instance is, and what its configuration points at."""

from typing import Any

from pydantic import Field

from sandbox.model.base import Record, Shape


class Tool(Record):
    """An instance of a template, of one business.

    ``agent_id`` is set for a tool that the platform made for one agent by itself.
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


class AppointmentConfig(Record):
    """When appointments can be booked; durations in minutes, hours by lower-case weekday."""

    business_id: str
    slot_duration_minutes: int = 60
    slot_buffer_minutes: int = 0
    advance_notice_minutes: int = 1440
    hours_json: dict[str, tuple[OpenHours, ...]]
