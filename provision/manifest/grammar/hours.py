"""When an INBOUND agent answers, and when appointments can be booked."""

from zoneinfo import available_timezones

from provision.manifest.grammar.words import time
from provision.manifest.records import Field, Items, Record
from provision.manifest.report import Path, Report
from provision.manifest.shapes import Complaint, Text, near
from provision.manifest.tree import Node

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

CLOSED = "CLOSED"
"""Stands for both times of a day on which an agent doesn't answer."""


def _check_activated(node: Node, path: Path, report: Report) -> None:
    start, end = node.child("startTime"), node.child("endTime")
    if start is None or end is None:
        return
    first, last = start.text(), end.text()
    if (first == CLOSED) != (last == CLOSED):
        at = "endTime" if first == CLOSED else "startTime"
        message = "CLOSED stands in both startTime and endTime, or in neither"
        report.add((*path, at), node.entries()[at].place, "bad_hours", message)
    elif first != CLOSED:
        over = "a span over midnight is two: until 24:00, and from 00:00 the day after"
        _check_order(start, end, (*path, "endTime"), report, over)


def _check_open(node: Node, path: Path, report: Report) -> None:
    opens, closes = node.child("openTime"), node.child("closeTime")
    if opens is not None and closes is not None:
        over = "bookable time ends at 23:59 and begins again at 00:00 the day after"
        _check_order(opens, closes, (*path, "closeTime"), report, over)


def _check_order(start: Node, end: Node, path: Path, report: Report, over: str) -> None:
    first, last = start.text(), end.text()
    if first is None or last is None or not (_is_time(first) and _is_time(last)):
        return
    if first >= last:
        message = f"expected a time after {first}, found {last}"
        report.add(path, end.place, "bad_hours", message, over if first > last else None)


def _is_time(text: str) -> bool:
    return len(text) == len("HH:MM") and text[2] == ":"


def _check_zone(name: str) -> Complaint | None:
    zones = available_timezones()
    if name in zones:
        return None
    message = "expected an IANA time zone, such as America/New_York"
    return "bad_timezone", message, near(name.replace(" ", "_"), sorted(zones))


def _any_case(word: str) -> str:
    return "".join(f"[{letter.upper()}{letter}]" for letter in word)


ACTIVATED_HOURS = Record(
    title="a set of activated hours",
    fields={
        "timezone": Field(
            shape=Text(
                most=64,
                expected="an IANA time zone",
                judge=_check_zone,
                hints=(
                    "America/New_York",
                    "America/Chicago",
                    "America/Denver",
                    "America/Phoenix",
                    "America/Los_Angeles",
                    "America/Anchorage",
                    "Pacific/Honolulu",
                    "UTC",
                ),
            ),
            required=True,
            about="The business's time zone: an IANA name, such as America/New_York.",
        ),
        "hours": Field(
            shape=Items(
                expected="spans of hours",
                item=Record(
                    title="a span of hours",
                    fields={
                        "day": Field(
                            shape=Text(
                                pattern="|".join(_any_case(day) for day in DAYS),
                                expected="a day of the week",
                                code="bad_day",
                                hints=DAYS,
                            ),
                            required=True,
                            about="A day of the week, in English; upper and lower case are one.",
                        ),
                        "startTime": Field(
                            shape=time(CLOSED),
                            required=True,
                            about="HH:MM from which the agent answers, or CLOSED.",
                        ),
                        "endTime": Field(
                            shape=time("24:00", CLOSED),
                            required=True,
                            about="HH:MM until which it answers, 24:00 for midnight, or CLOSED.",
                        ),
                    },
                    judge=_check_activated,
                ),
            ),
            required=True,
            about="Spans by day; a day may have several, and one without any is closed.",
        ),
    },
)
"""``activatedHours`` of an agent."""

_SPANS = Items(
    expected="spans of hours",
    most=24,
    item=Record(
        title="a span of hours",
        fields={
            "openTime": Field(
                shape=time(), required=True, about="HH:MM at which bookable time begins."
            ),
            "closeTime": Field(
                shape=time(), required=True, about="HH:MM at which it ends, after openTime."
            ),
        },
        judge=_check_open,
    ),
)

BOOKABLE_HOURS = Record(
    title="a set of bookable hours",
    fields={
        day: Field(shape=_SPANS, about=f"Spans of {day.capitalize()} that can be booked.")
        for day in DAYS
    },
)
"""``hoursJson`` of a calendar tool."""
