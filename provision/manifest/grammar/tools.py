"""The tools of a manifest: which templates there are, and what each of them is told."""

from collections.abc import Mapping
from typing import Any

from provision.manifest.faults import quoted
from provision.manifest.grammar.hours import BOOKABLE_HOURS
from provision.manifest.grammar.words import (
    IDENTIFIER,
    NUMBER,
    URL,
    Anything,
    identifier,
    line,
    prose,
)
from provision.manifest.records import Field, Items, Record
from provision.manifest.report import Path, Report
from provision.manifest.shapes import Choice, Flag, Text, Whole, near, wrong_kind
from provision.manifest.tree import Node

_DESTINATION = Record(
    title="a destination",
    fields={
        "name": Field(
            shape=line(100), required=True, about="Who answers there, such as Dispatch."
        ),
        "phoneNumber": Field(
            shape=NUMBER,
            required=True,
            about="A US number as +1 and ten digits, such as +12125550142.",
        ),
        "description": Field(
            shape=prose(1_000), about="By which the agent chooses among several destinations."
        ),
        "warmTransferEnabled": Field(
            shape=Flag(), about="Whether to make sure first that somebody is there."
        ),
    },
)

_HOLD_AUDIO = Record(
    title="a message",
    fields={
        "type": Field(
            shape=Choice(("request-complete",)),
            required=True,
            about="request-complete: the sound that is played while a caller waits.",
        ),
        "content": Field(shape=URL, required=True, about="The web address of the sound."),
    },
)

_TRANSFER = Record(
    title="the config of a transferCall tool",
    fields={
        "destinations": Field(
            shape=Items(item=_DESTINATION, expected="destinations", least=1, most=50),
            required=True,
            about="Where calls can be transferred; at least one.",
        ),
        "messages": Field(
            shape=Items(item=_HOLD_AUDIO, expected="messages", most=10),
            about="A sound to wait by instead of the usual one.",
        ),
    },
)

_CALENDAR = Record(
    title="the config of a googleCal tool",
    fields={
        "appointmentConfig": Field(
            shape=Record(
                title="an appointment config",
                fields={
                    "slotDurationMinutes": Field(
                        shape=Whole(10, 300),
                        default=60,
                        about="How long an appointment lasts: 10 to 300 minutes.",
                    ),
                    "slotBufferMinutes": Field(
                        shape=Whole(0, 120),
                        default=0,
                        about="What is kept free before and after it: 0 to 120 minutes.",
                    ),
                    "advanceNoticeMinutes": Field(
                        shape=Whole(0, 14_400),
                        default=1_440,
                        about="How long ahead it must be booked: 0 to 14,400 minutes (ten days).",
                    ),
                    "hoursJson": Field(
                        shape=BOOKABLE_HOURS,
                        about="What can be booked, by weekday; the business's hours where left "
                        "out.",
                    ),
                },
            ),
            about="When and how densely appointments can be booked.",
        ),
    },
)

_FUNCTION = Record(
    title="the config of a function tool",
    fields={
        "serverUrl": Field(
            shape=URL, required=True, about="The web address of the server that carries it out."
        ),
        "functionName": Field(
            shape=Text(
                pattern=r"[A-Za-z0-9_-]{1,64}",
                expected="a function's name (letters, digits, - and _, at most 64)",
            ),
            required=True,
            about="The name by which the agent calls it.",
        ),
    },
    rest=Anything(),
)

_API_REQUEST = Record(
    title="the config of an apiRequest tool",
    fields={
        "url": Field(shape=URL, required=True, about="The web address that is asked."),
        "method": Field(
            shape=Choice(("GET", "POST", "PUT", "PATCH", "DELETE")),
            required=True,
            about="The HTTP method.",
        ),
    },
    rest=Anything(),
)

_ANY = Record(title="a config", fields={}, rest=Anything())

TEMPLATES: Mapping[str, tuple[Record, bool]] = {
    "transferCall": (_TRANSFER, True),
    "googleCal": (_CALENDAR, False),
    "endCall": (_ANY, False),
    "function": (_FUNCTION, True),
    "apiRequest": (_API_REQUEST, True),
}
"""The config of each template by the template's name, and whether it can't do without."""

_ABOUT = {
    "transferCall": "Transfers calls to destinations.",
    "googleCal": "Books, finds and cancels appointments; needs calendar.",
    "endCall": "Ends calls; every agent has one anyway.",
    "function": "Calls a function on a server of yours.",
    "apiRequest": "Asks any HTTP interface.",
}

_EXISTING = Record(
    title="a tool that exists upstream",
    fields={
        "id": Field(
            shape=identifier("a tool"),
            required=True,
            about="An instance that exists upstream: used as it is, never changed or deleted.",
        )
    },
)


class ToolShape:
    """A tool: what its config may hold is decided by its template."""

    def schema(self) -> dict[str, Any]:
        """As JSON Schema."""
        owned = [
            _owned(Choice((name,)), _ABOUT[name], config, required=required).schema()
            for name, (config, required) in TEMPLATES.items()
        ]
        for name, one in zip(TEMPLATES, owned, strict=True):
            one["properties"]["template"] = {"const": name, "description": _ABOUT[name]}
        return {"oneOf": [*owned, _BY_ID.schema(), _EXISTING.schema()]}

    def read(self, node: Node, path: Path, report: Report) -> dict[str, Any] | None:
        """The fields that are written."""
        if not isinstance(node.value, dict):
            report.add(path, node.place, *wrong_kind(node, "a tool"))
            return None
        if "id" in node.value and "template" in node.value:
            message = "a tool needs exactly one of template (made here) and id (exists upstream)"
            report.add(path, node.place, "ambiguous_fields", message)
            return None
        if "id" in node.value:
            return _EXISTING.read(node, path, report)
        template = node.child("template")
        name = template.text() if template else None
        if template is None or name is None or name.startswith("id:"):
            return _BY_ID.read(node, path, report)
        if name not in TEMPLATES:
            _unknown_template(template, name, (*path, "template"), report)
            return None
        config, required = TEMPLATES[name]
        return _owned(_NAME, _ABOUT[name], config, required=required).read(node, path, report)


def _owned(template: Choice | Text, about: str, config: Record, *, required: bool) -> Record:
    return Record(
        title="a tool",
        fields={
            "template": Field(shape=template, required=True, about=about),
            "config": Field(
                shape=config, required=required, about=f"What is set for it: {config.title}."
            ),
        },
    )


def _unknown_template(template: Node, name: str, path: Path, report: Report) -> None:
    known = ", ".join(TEMPLATES)
    message = f"expected one of {known}, or id: and a template's id; found {quoted(name)}"
    report.add(path, template.place, "unknown_template", message, near(name, tuple(TEMPLATES)))


_NAME = Choice(tuple(TEMPLATES))
_BY_ID = _owned(
    Text(pattern=f"id:{IDENTIFIER}", expected="a template's name, or id: and its id", most=210),
    "A template by its name, or by its id as id:...",
    _ANY,
    required=False,
)
