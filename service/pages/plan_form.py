"""The form on which a campaign's plan is edited: its fields as text, and what was changed of them.

Only what a person changed is saved, so that two who edit different parts don't undo each other.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from dialer.pipeline.planning.plans import LIFTABLE
from dialer.rules.calling.hours import DAYS
from dialer.rules.errors import Fault, InvalidInputError
from service.pages import forms
from service.shapes.campaigns import CampaignPatch

Kind = Literal["text", "number", "money", "instant", "dates", "check", "hours"]
_MOMENT = "%Y-%m-%dT%H:%M"
_MAX_TEXT = 20_000
_SPAN = re.compile(r"\s*(\d{1,2}:\d{2})\s*-\s*(\d{1,2}:\d{2})\s*")


@dataclass(frozen=True, slots=True)
class Field:
    """A field of the form.

    Attributes:
        name: As in the plan; a day of the week for its hours.
        label: For people.
        kind: What it holds.
        hint: What an empty one means, or how it is written.
    """

    name: str
    label: str
    kind: Kind
    hint: str = ""


FIELDS = (
    Field("name", "Name", "text"),
    Field("calls_per_minute", "Calls a minute", "number", "Empty: no limit of its own."),
    Field("concurrency", "Calls at once", "number", "Empty: no limit of its own."),
    Field("priority", "Priority", "number", "Among the agent's campaigns, higher goes first."),
    Field("weight", "Weight", "number", "Its part of the calls among those of one priority."),
    Field("max_calls_per_day", "Calls a day, at most", "number", "Empty: no limit."),
    Field("max_calls", "Calls in all, at most", "number", "Empty: no limit."),
    Field("price_per_minute", "Price of a minute", "money", "For estimates and the budget."),
    Field("budget", "Budget", "money", "Dialing stops at it. Empty: none."),
    Field("starts_at", "Starts (UTC)", "instant", "Empty: as soon as it is started."),
    Field("ends_at", "Ends (UTC)", "instant", "Empty: when every lead is finished."),
    Field("closed_dates", "Dates without calls", "dates", "Such as 2026-07-03, one a line."),
    Field("holidays", "No calls on federal holidays", "check"),
    *(Field(day, day.capitalize(), "hours", "Such as 09:00-12:00, 13:00-17:00") for day in DAYS),
)
"""Every field, in the form's order."""


def shown(campaign: Mapping[Any, Any]) -> dict[str, str]:
    """The fields' texts for a campaign as it is."""
    return {field.name: _text(field, campaign) for field in FIELDS}


def changed(form: Mapping[str, object], campaign: Mapping[Any, Any]) -> dict[str, str]:
    """The texts that differ from the campaign as it is; a field that wasn't sent is left alone."""
    given = {field.name: _given(field, form) for field in FIELDS}
    was = shown(campaign)
    return {name: text for name, text in given.items() if text is not None and text != was[name]}


def patch(texts: Mapping[str, str], campaign: Mapping[Any, Any]) -> CampaignPatch:
    """What these texts change of a campaign's plan.

    Raises:
        InvalidInputError: naming each text that can't be read, by its field.
    """
    faults: list[Fault] = []
    values: dict[str, object] = {}
    for field in FIELDS:
        if field.name in texts and field.kind != "hours":
            values[field.name] = _value(field, texts[field.name])
    if any(day in texts for day in DAYS):
        values["hours"] = _week(texts, campaign, faults)
    if faults:
        raise InvalidInputError("the hours can't be read", faults=tuple(faults))
    return forms.read(CampaignPatch, values, what="the plan")


def by_field(faults: Sequence[Fault]) -> dict[str, str]:
    """What is wrong, by field; what concerns none of them under the empty name."""
    told: dict[str, str] = {}
    names = {field.name for field in FIELDS}
    for fault in faults:
        name = fault.pointer.removeprefix("/").partition("/")[0]
        told.setdefault(name if name in names else "", _sentence(fault, name in names))
    return told


def _sentence(fault: Fault, known: bool) -> str:  # noqa: FBT001 -- private
    where = "" if known or not fault.pointer else f"{fault.pointer.removeprefix('/')}: "
    return f"{where}{fault.message}"


def _given(field: Field, form: Mapping[str, object]) -> str | None:
    found = form.get(field.name)
    if field.kind == "check":
        # A browser says nothing of a box that isn't ticked.
        return "on" if found else ""
    if not isinstance(found, str):
        return None
    lines = found[:_MAX_TEXT].replace("\r\n", "\n").strip()
    return "\n".join(_dates(lines)) if field.kind == "dates" else lines


def _text(field: Field, campaign: Mapping[Any, Any]) -> str:
    match field.kind:
        case "hours":
            spans = campaign["hours"].get(field.name, [])
            return ", ".join(f"{start}-{end}" for start, end in spans)
        case "check":
            return "on" if campaign[field.name] else ""
        case "dates":
            return "\n".join(str(day) for day in campaign[field.name])
        case "instant":
            at: datetime | None = campaign[field.name]
            return at.astimezone(UTC).strftime(_MOMENT) if at else ""
        case "money":
            amount = campaign[field.name]
            return "" if amount is None else f"{amount.normalize():f}"
        case "text" | "number":
            value = campaign[field.name]
            return "" if value is None else str(value)


def _value(field: Field, text: str) -> object:
    if not text and field.name in LIFTABLE:
        return None
    match field.kind:
        case "number":
            return forms.whole(text)
        case "instant":
            return f"{text}Z"
        case "dates":
            return _dates(text)
        case "check":
            return text == "on"
        case "text" | "money" | "hours":
            return text


def _dates(text: str) -> list[str]:
    return text.replace(",", " ").split()


def _week(
    texts: Mapping[str, str], campaign: Mapping[Any, Any], faults: list[Fault]
) -> dict[str, list[list[str]]]:
    was = shown(campaign)
    week: dict[str, list[list[str]]] = {}
    for day in DAYS:
        spans = list(_spans(day, texts.get(day, was[day]), faults))
        if spans:
            week[day] = spans
    return week


def _spans(day: str, text: str, faults: list[Fault]) -> Iterator[list[str]]:
    for part in filter(str.strip, text.split(",")):
        read = _SPAN.fullmatch(part)
        if read is None:
            says = f"{part.strip()[:100]!r} are no hours; write them as 09:00-17:00"
            faults.append(Fault(f"/{day}", "invalid_hours", says))
            return
        yield [
            f"{int(end.partition(':')[0]):02d}:{end.partition(':')[2]}" for end in read.groups()
        ]
