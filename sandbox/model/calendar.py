"""What a business's Google Calendar integration is, and an appointment in that calendar."""

from sandbox.model.base import Record


class CalendarIntegration(Record):
    """The calendar that a business shares with the platform; one per business."""

    business_id: str
    calendar_id: str
    acl_rule_id: str


class Appointment(Record):
    """A booked slot; ``starts`` and ``ends`` in virtual Unix seconds."""

    business_id: str
    call_id: str
    customer_number: str
    name: str | None = None
    starts: float
    ends: float
    cancelled: bool = False
