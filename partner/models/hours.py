"""When an INBOUND agent answers, and when appointments can be booked."""

import re
from typing import Annotated, Final, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, model_validator

from partner.models.base import Body, Received, Text

CLOSED: Final = "CLOSED"
"""Stands for both times of a day on which an agent doesn't answer."""

_DAY_END: Final = "24:00"
_TIME: Final = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]", re.ASCII)
_DAYS: Final = frozenset(
    {"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"}
)


def _time(text: str) -> str:
    if _TIME.fullmatch(text) is None:
        raise ValueError("a time is HH:MM, 00:00 to 23:59")
    return text


def _end_time(text: str) -> str:
    return text if text == _DAY_END else _time(text)


def _start_or_closed(text: str) -> str:
    return text if text == CLOSED else _time(text)


def _end_or_closed(text: str) -> str:
    return text if text == CLOSED else _end_time(text)


def _day(text: str) -> str:
    if text.lower() not in _DAYS:
        raise ValueError("a day is monday, tuesday, ... or sunday, in any case")
    return text


def _lower(value: object) -> object:
    return value.lower() if isinstance(value, str) else value


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError) as error:
        raise ValueError("a timezone is an IANA name, such as America/New_York") from error
    return name


Weekday = Annotated[
    Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"],
    BeforeValidator(_lower),
]
"""A day of the week, in lower case; any case is read."""


class OpenHours(Body):
    """A span of a day in which appointments can be booked.

    Attributes:
        open_time: HH:MM.
        close_time: HH:MM after ``open_time``; 24:00 is the end of the day.
    """

    open_time: Annotated[str, AfterValidator(_time)]
    close_time: Annotated[str, AfterValidator(_end_time)]

    @model_validator(mode="after")
    def _opens_before_it_closes(self) -> Self:
        if self.open_time >= self.close_time:
            raise ValueError("openTime must be before closeTime")
        return self


class DayHours(Body):
    """A span of a day in which an agent answers.

    Attributes:
        day: A day's English name, in any case.
        start_time: HH:MM, or CLOSED.
        end_time: HH:MM after ``start_time``, 24:00 for the end of the day, or CLOSED; CLOSED
            stands in both or in none.
    """

    day: Annotated[str, AfterValidator(_day)]
    start_time: Annotated[str, AfterValidator(_start_or_closed)]
    end_time: Annotated[str, AfterValidator(_end_or_closed)]

    @model_validator(mode="after")
    def _starts_before_it_ends(self) -> Self:
        if CLOSED in {self.start_time, self.end_time}:
            if self.start_time != self.end_time:
                raise ValueError("CLOSED stands in both startTime and endTime, or in neither")
        elif self.start_time >= self.end_time:
            raise ValueError("startTime must be before endTime")
        return self


class ActivatedHours(Body):
    """When an INBOUND agent answers; without any it always does.

    Attributes:
        timezone: The business's zone, an IANA name.
        hours: Spans by day; the upstream drops the closed ones.
    """

    timezone: Annotated[Text, AfterValidator(_zone)]
    hours: tuple[DayHours, ...]


class AgentDayHours(Received):
    """A span of a day in an answer; the same fields as :class:`DayHours`."""

    day: str | None = None
    start_time: str | None = None
    end_time: str | None = None


class AgentHours(Received):
    """An agent's hours in an answer; closed days aren't among them."""

    timezone: str | None = None
    hours: tuple[AgentDayHours, ...] | None = None
