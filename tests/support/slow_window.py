"""An oracle for calling windows: asks the clock of every zone and the table, minute by minute.

It shares no code with the rules: it reads the table's text, the week's text, the time zones and
the holidays on its own, and knows nothing of spans.
"""

import csv
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cached_property, lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

from holidays import country_holidays

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MINUTE = timedelta(minutes=1)
PARTS = {
    "morning": ("08:00", "12:00"),
    "afternoon": ("12:00", "17:00"),
    "evening": ("17:00", "21:00"),
}
_ALL_DAY = 24 * 60
_READINGS = [f"{minute // 60:02}:{minute % 60:02}" for minute in range(_ALL_DAY)]


@dataclass(frozen=True)
class SlowWindow:
    """What a campaign, its law and a lead say, in plain words and texts.

    Attributes:
        table: The CSV of the calling hours.
        week: Such as {"monday": [["09:00", "17:00"]]}.
        part: A key of `PARTS`, or None.
    """

    table: str
    week: Mapping[str, Sequence[Sequence[str]]]
    purpose: str
    zones: tuple[str, ...]
    states: tuple[str, ...]
    consented: bool = False
    closed_dates: frozenset[date] = frozenset()
    holidays: bool = False
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    part: str | None = None
    _days: dict[tuple[int, bool], bytes] = field(default_factory=dict, compare=False)

    def startable(self, start: datetime, days: int) -> bytes:
        """For each minute from `start` (a midnight in UTC): 1 if a call may start in it.

        A minute is followed by another in the window, or the phone would ring past its end. The
        campaign's own end is no window's: a phone may ring until then.
        """
        allowed = self._allowed(start, days) + b"\0"
        found = bytearray(now & then for now, then in pairwise(allowed))
        self._cut(found, start)
        return bytes(found)

    def closed_day(self, now: datetime) -> str | None:
        """Why the day is closed as a whole where the lead may be; None when it is not."""
        today = [now.astimezone(ZoneInfo(zone)).date() for zone in self.zones]
        if any(day in self.closed_dates for day in today):
            return "closed_date"
        return "holiday" if any(self._is_holiday(day) for day in today) else None

    @cached_property
    def rows(self) -> list[dict[str, str]]:
        """The rows of the table that bind."""
        table = list(csv.DictReader(self.table.splitlines()))
        federal = [row for row in table if row["state"] == "*"]
        own = [row for row in federal if row["profile"] == self.purpose]
        found = own or [row for row in federal if row["profile"] == "sales"]
        for row in table:
            same = row["profile"] == self.purpose
            same = same or (self.purpose == "ai_voice" and row["profile"] == "sales")
            lifted = self.consented and row["lifted_by_consent"] == "yes"
            if row["state"] in self.states and same and not lifted:
                found.append(row)
        return found

    def _allowed(self, start: datetime, days: int) -> bytes:
        whole = bytearray(b"\1" * (days * _ALL_DAY))
        first = start.toordinal() - 2
        for number, zone in enumerate(self.zones):
            local = b"".join(self._local_day(first + i, number == 0) for i in range(days + 4))
            base = first * _ALL_DAY
            clocks = (
                reading for i in range(days) for reading in clock(zone, start.toordinal() + i)
            )
            for minute, reading in enumerate(clocks):
                if not local[reading - base]:
                    whole[minute] = 0
        return bytes(whole)

    def _cut(self, whole: bytearray, start: datetime) -> None:
        if self.starts_at:
            cut = min(max(0, (self.starts_at - start) // MINUTE), len(whole))
            whole[:cut] = bytes(cut)
        if self.ends_at:
            cut = min(max(0, (self.ends_at - start) // MINUTE), len(whole))
            whole[cut:] = bytes(len(whole) - cut)

    def _local_day(self, ordinal: int, first: bool) -> bytes:  # noqa: FBT001 -- a lead's first zone
        day = date.fromordinal(ordinal)
        if day in self.closed_dates or self._is_holiday(day):
            return bytes(_ALL_DAY)
        key = (day.weekday(), first and self.part is not None)
        if key not in self._days:
            self._days[key] = bytes(self._is_in_hours(*key, minute) for minute in range(_ALL_DAY))
        return self._days[key]

    def _is_in_hours(self, weekday: int, first: bool, minute: int) -> bool:  # noqa: FBT001 -- as above
        reading = _READINGS[minute]
        prefix = {5: "sat", 6: "sun"}.get(weekday, "weekday")
        for row in self.rows:
            if row[f"{prefix}_start"] == "closed":
                return False
            if not row[f"{prefix}_start"] <= reading < row[f"{prefix}_end"]:
                return False
        if first and self.part and not PARTS[self.part][0] <= reading < PARTS[self.part][1]:
            return False
        return any(a <= reading < b for a, b in self.week.get(DAYS[weekday], ()))

    def _is_holiday(self, day: date) -> bool:
        kept = {row["holiday_set"] for row in self.rows if row["holiday_ban"] == "yes"}
        return any(_is_kept(of, day) for of in kept | ({"US"} if self.holidays else set()))


@lru_cache(maxsize=8192)
def clock(zone: str, ordinal: int) -> "array[int]":
    """What the clock shows at each minute of a day in UTC: minutes since the year 1."""
    tz = ZoneInfo(zone)
    start = round(
        datetime.combine(date.fromordinal(ordinal), datetime.min.time(), UTC).timestamp()
    )
    read = array("i")
    for second in range(start, start + 86_400, 60):
        local = datetime.fromtimestamp(second, tz)
        read.append(local.toordinal() * _ALL_DAY + local.hour * 60 + local.minute)
    return read


@lru_cache(maxsize=100_000)
def _is_kept(of: str, day: date) -> bool:
    return day in _kept_by(of)


@lru_cache(maxsize=100)
def _kept_by(of: str) -> Mapping[date, str]:
    return country_holidays("US", subdiv=None if of == "US" else of)
