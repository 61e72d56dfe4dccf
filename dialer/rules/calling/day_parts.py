"""The parts of a lead's day: morning, afternoon and evening by the clock where the lead is.

A lead that may be in several zones has its day by the first of them, so that a part never
makes a call impossible that the calling window of all zones allows.
"""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo


class Part(StrEnum):
    """A named part of the day; together they fill the lawful day from 08:00 to 21:00."""

    MORNING = "morning"
    AFTERNOON = "afternoon"
    EVENING = "evening"

    @property
    def span(self) -> tuple[int, int]:
        """Start and end in minutes after local midnight, the end exclusive."""
        match self:
            case Part.MORNING:
                return 8 * 60, 12 * 60
            case Part.AFTERNOON:
                return 12 * 60, 17 * 60
            case Part.EVENING:
                return 17 * 60, 21 * 60


def part_of(instant: datetime, zones: Sequence[str]) -> Part | None:
    """The part of the day that `instant` (aware) falls into in the first of `zones`.

    Returns:
        None before 08:00 and from 21:00 on.

    Raises:
        KeyError: The zone is not known.
        ValueError: There is no zone.
    """
    if not zones:
        raise ValueError("a part of the day needs at least one time zone")
    local = instant.astimezone(ZoneInfo(zones[0]))
    minute = local.hour * 60 + local.minute
    return next((part for part in Part if part.span[0] <= minute < part.span[1]), None)
