"""The hours that a campaign chooses: a week in the lead's own time.

The floor is 47 CFR 64.1200(c)(1) and 16 CFR 310.4(c): no sales call before 8 a.m. or after
9 p.m. at the called person's location. A campaign may narrow it, never widen it. Where a
person may be in several zones, the call must be allowed in all of them at once.
"""

from collections.abc import Mapping, Sequence
from datetime import time, timedelta
from itertools import pairwise
from types import MappingProxyType

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
LAWFUL = (time(8), time(21))
STOP_MARGIN = timedelta(minutes=1)
"""No call starts in the last minute of a window: the phone rings on a little."""

_END_OF_DAY = "24:00"


class WeeklyHours:
    """A week of calling hours in the lead's own time, such as weekdays 09:00 to 17:00.

    Build it from `{"monday": [["09:00", "17:00"]], ...}`: 24-hour HH:MM, the end exclusive,
    `24:00` allowed as an end; a day left out is closed.

    Raises:
        ValueError: with a message that names the day and what is wrong.
    """

    def __init__(self, week: Mapping[str, Sequence[Sequence[str]]]) -> None:
        unknown = set(week) - set(DAYS)
        if unknown:
            raise ValueError(f"{min(unknown)!r} is not a day; use monday to sunday")
        self.spans = tuple(_day_spans(day, week.get(day, ())) for day in DAYS)
        if not any(self.spans):
            raise ValueError("the week has no hours at all, so no call could ever be made")
        self._key = self.spans

    def __hash__(self) -> int:
        return hash(self._key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, WeeklyHours) and self._key == other._key


ALWAYS: Mapping[str, Sequence[Sequence[str]]] = MappingProxyType(
    {day: [["00:00", _END_OF_DAY]] for day in DAYS}
)
"""No limits of the campaign's own; the lawful floor still holds."""


def _day_spans(day: str, spans: Sequence[Sequence[str]]) -> tuple[tuple[int, int], ...]:
    parsed = sorted(_span(day, span) for span in spans)
    for (_, end), (start, _) in pairwise(parsed):
        if start < end:
            raise ValueError(f"{day} has hours that overlap")
    return tuple(_joined(parsed))


def _joined(spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    # Hours that meet are one window: the stop margin belongs to its end alone.
    joined: list[tuple[int, int]] = []
    for start, end in spans:
        if joined and joined[-1][1] == start:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return joined


def _span(day: str, span: Sequence[str]) -> tuple[int, int]:
    if len(span) != 2:  # noqa: PLR2004 -- a span is a start and an end
        raise ValueError(f"{day} needs pairs of a start and an end, such as 09:00 and 17:00")
    start, end = _clock(day, span[0]), _clock(day, span[1])
    if start >= end:
        raise ValueError(f"{day} starts at {span[0]}, which is not before its end {span[1]}")
    if max(start, _minutes(LAWFUL[0])) >= min(end, _minutes(LAWFUL[1])):
        raise ValueError(f"{day} {span[0]}-{span[1]} lies outside the lawful 08:00-21:00")
    return start, end


def _clock(day: str, text: str) -> int:
    if text == _END_OF_DAY:
        return 24 * 60
    try:
        parsed = time.fromisoformat(text)
    except (ValueError, TypeError):
        parsed = None
    if parsed is None or len(text) != len("HH:MM"):
        raise ValueError(f"{day}: {text!r} is not a time of day; write it as HH:MM")
    return _minutes(parsed)


def _minutes(of: time) -> int:
    return of.hour * 60 + of.minute
