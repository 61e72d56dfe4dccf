"""Decides when appointments can start: the calendar's hours, cut into slots, in local time."""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sandbox.draw import Draw
from sandbox.model.tools import WEEKDAYS, OpenHours

MINUTE = 60
DAY_MINUTES = 1_440
WEEK_MINUTES = 7 * DAY_MINUTES
NEAR_SLOTS = 24
"""So many slots are all looked at, from the first that notice allows."""

TRIES = 4
WEEKS_AHEAD = 52
"""Beyond the near ones, slots are tried at random over a span that doubles up to this; so that a
calendar full of a thousand bookings costs hardly more to search than an empty one."""


class SlotPlan:
    """The slots of a week, which repeats.

    Slots of a span follow each other with the buffer between, the first at its opening, the last
    ends by its closing. A slot that DST skips isn't there.

    Args:
        zone: The IANA zone whose clocks the hours are read by.
        slot_minutes: How long an appointment lasts.
        buffer_minutes: The least time between two appointments.
        notice_minutes: The least time between booking and appointment.
        hours: Open spans by lower-case weekday.
    """

    def __init__(
        self,
        *,
        zone: str,
        slot_minutes: int,
        buffer_minutes: int,
        notice_minutes: int,
        hours: Mapping[str, Sequence[OpenHours]],
    ) -> None:
        self._zone = ZoneInfo(zone)
        self._step = slot_minutes + buffer_minutes
        self._notice = notice_minutes * MINUTE
        self.seconds = slot_minutes * MINUTE
        self.buffer = buffer_minutes * MINUTE
        self._minutes = sorted(set(self._week(hours, slot_minutes)))

    def choose(
        self, draw: Draw, *, booked: float, free: Callable[[float, float], bool]
    ) -> tuple[float, float] | None:
        """A free slot, one of the near ones if any of them is free.

        Args:
            draw: Decides which.
            booked: When the booking is made, virtual Unix seconds.
            free: Whether nothing stands between two instants, buffers included.

        Returns:
            Start and end in virtual Unix seconds; None where nothing free was found.
        """
        if not self._minutes:
            return None
        earliest = booked + self._notice
        local = datetime.fromtimestamp(earliest, self._zone).replace(tzinfo=None)
        midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
        monday = midnight - timedelta(days=local.weekday())
        first = bisect_left(self._minutes, (local - monday) / timedelta(minutes=1))
        for position in self._positions(draw):
            wall = self._wall(monday, first + position)
            start = wall.timestamp()
            end = start + self.seconds
            if start < earliest or not free(start - self.buffer, end + self.buffer):
                continue
            if self._exists(wall, start):
                return start, end
        return None

    def _positions(self, draw: Draw) -> Iterator[int]:
        near = min(NEAR_SLOTS, WEEKS_AHEAD * len(self._minutes))
        first = int(draw.unit("slot") * near)
        yield from ((first + step) % near for step in range(near))
        span = near
        while span < WEEKS_AHEAD * len(self._minutes):
            span = min(2 * span, WEEKS_AHEAD * len(self._minutes))
            yield from (int(draw.unit(f"slot {span} {n}") * span) for n in range(TRIES))

    def _wall(self, monday: datetime, position: int) -> datetime:
        weeks, slot = divmod(position, len(self._minutes))
        wall = monday + timedelta(minutes=weeks * WEEK_MINUTES + self._minutes[slot])
        return wall.replace(tzinfo=self._zone)

    def _exists(self, wall: datetime, start: float) -> bool:
        shown = datetime.fromtimestamp(start, self._zone)
        return shown.replace(tzinfo=None) == wall.replace(tzinfo=None)

    def _week(self, hours: Mapping[str, Sequence[OpenHours]], slot_minutes: int) -> Iterator[int]:
        for day, spans in hours.items():
            midnight = WEEKDAYS.index(day.lower()) * DAY_MINUTES
            for span in spans:
                last = _minutes(span.close_time) - slot_minutes
                for minute in range(_minutes(span.open_time), last + 1, self._step):
                    yield midnight + minute


def _minutes(clock: str) -> int:
    return int(clock[:2]) * 60 + int(clock[3:])
