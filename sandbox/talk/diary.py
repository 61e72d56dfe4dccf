"""Keeps the appointments of every business, so that no two of them overlap."""

from bisect import bisect_left
from dataclasses import dataclass, field

from sandbox.model.calendar import Appointment
from sandbox.world import World


@dataclass(slots=True)
class Sheet:
    """One business's appointments that stand, by start; none overlaps another."""

    starts: list[float] = field(default_factory=list)
    appointments: list[Appointment] = field(default_factory=list)

    def free(self, low: float, high: float) -> bool:
        """Whether nothing stands between two instants."""
        at = bisect_left(self.starts, high)
        return at == 0 or self.appointments[at - 1].ends <= low

    def add(self, appointment: Appointment) -> None:
        """Write one in."""
        at = bisect_left(self.starts, appointment.starts)
        self.starts.insert(at, appointment.starts)
        self.appointments.insert(at, appointment)

    def drop(self, appointment: Appointment) -> None:
        """Strike one out."""
        at = bisect_left(self.starts, appointment.starts)
        del self.starts[at], self.appointments[at]


class Diary:
    """Books and cancels; a slot that is cancelled can be booked again.

    Args:
        world: Where appointments are kept; those already there are taken up.
    """

    def __init__(self, *, world: World) -> None:
        self._world = world
        self._sheets: dict[str, Sheet] = {}
        self._latest: dict[tuple[str, str], Appointment] = {}
        for appointment in world.every(Appointment):
            if appointment.cancelled is None:
                self._enter(appointment)

    def free(self, business_id: str, low: float, high: float) -> bool:
        """Whether a business has nothing between two instants (virtual Unix seconds)."""
        sheet = self._sheets.get(business_id)
        return sheet is None or sheet.free(low, high)

    def upcoming(self, business_id: str, phone: str, now: float) -> Appointment | None:
        """The appointment that a person still has with a business."""
        found = self._latest.get((business_id, phone))
        return found if found is not None and found.starts > now else None

    def settle(
        self, *, booked: Appointment | None, cancelled: Appointment | None, at: float, by: str
    ) -> None:
        """Keep what a call books and cancels, all of it or nothing.

        Args:
            booked: A new appointment; its slot must be free.
            cancelled: One that stands; its slot is free again.
            at: When the call ends, virtual Unix seconds.
            by: The call.
        """
        parts = [booked] if booked is not None else []
        if cancelled is not None:
            self._sheets[cancelled.business_id].drop(cancelled)
            del self._latest[cancelled.business_id, cancelled.customer_number]
            changes = {"cancelled": at, "cancelled_by": by}
            parts.append(cancelled.model_copy(update=changes))
        self._world.together(put=parts)
        if booked is not None:
            self._enter(booked)

    def _enter(self, appointment: Appointment) -> None:
        self._sheets.setdefault(appointment.business_id, Sheet()).add(appointment)
        self._latest[appointment.business_id, appointment.customer_number] = appointment
