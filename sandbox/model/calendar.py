"""What a business's Google Calendar integration is, and an appointment in that calendar."""

from sandbox.model.base import Record


class CalendarIntegration(Record):
    """The calendar that a business shares with the platform; one per business."""

    business_id: str
    calendar_id: str
    acl_rule_id: str


class Appointment(Record):
    """A booked slot; all instants in virtual Unix seconds.

    It is reserved when the phone rings and booked at ``booked``, when that conversation has
    ended. ``call_id`` is the call that booked it, ``cancelled_by`` the one that cancelled it.
    """

    business_id: str
    agent_id: str
    call_id: str
    customer_number: str
    name: str | None = None
    starts: float
    ends: float
    booked: float
    cancelled: float | None = None
    cancelled_by: str | None = None
