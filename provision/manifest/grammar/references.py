"""What the parts of a manifest need of each other: keys that exist, calendars, names but once."""

import re
from collections.abc import Iterator
from typing import Any

from provision.manifest.faults import quoted
from provision.manifest.records import Keyed
from provision.manifest.report import Path, Report
from provision.manifest.shapes import near
from provision.manifest.tree import Node, plain

_CALENDAR_TEMPLATE = "googleCal"
_BOOKING = "scheduleAppointment"


def check_references(root: Node, path: Path, report: Report) -> None:
    """Report references to nothing, names given twice, and tools without what they need."""
    _check_names(root, path, report)
    for section in ("tools", "files"):
        _check_keys(root, section, path, report)
    _check_calendar_tools(root, path, report)
    _check_appointments(root, path, report)
    _check_booking(root, path, report)


def _section(root: Node, name: str) -> dict[str, Node]:
    section = root.child(name)
    return dict(section.entries()) if section else {}


def _check_names(root: Node, path: Path, report: Report) -> None:
    first: dict[str, str] = {}
    for key, agent in _section(root, "agents").items():
        named = agent.child("name")
        name = named.text() if named else None
        if named is None or name is None:
            continue
        if first.setdefault(name, key) != key:
            message = f"expected a name of its own; agents.{first[name]} has {quoted(name)} too"
            report.add((*path, "agents", key, "name"), named.place, "repeated_name", message)


def _references(agent: Node, section: str) -> Iterator[tuple[int, Node, str]]:
    listed = agent.child(section)
    for at, item in enumerate(listed.items() if listed else ()):
        text = item.text()
        if text is not None:
            yield at, item, text


def _check_keys(root: Node, section: str, path: Path, report: Report) -> None:
    known = tuple(_section(root, section))
    for key, agent in _section(root, "agents").items():
        for at, item, text in _references(agent, section):
            if text in known or not re.fullmatch(Keyed.KEY, text, re.ASCII):
                continue
            where = (*path, "agents", key, section, str(at))
            message = f"expected a key under {section}, or id: and an upstream id"
            meant = near(text, known) or _id_meant(text)
            report.add(
                where, item.place, "unknown_reference", f"{message}; found {quoted(text)}", meant
            )


def _id_meant(text: str) -> str | None:
    looks_like_one = "_" in text or "-" in text or any(one.isdigit() for one in text)
    return f"write id:{text} for an upstream id" if looks_like_one else None


def _check_calendar_tools(root: Node, path: Path, report: Report) -> None:
    if "calendar" in root.entries():
        return
    for key, tool in _section(root, "tools").items():
        template = tool.child("template")
        if template is not None and template.text() == _CALENDAR_TEMPLATE:
            message = "a googleCal tool needs calendar: in the manifest"
            meant = "write calendar: existing where the business has one connected already"
            where = (*path, "tools", key, "template")
            report.add(where, template.place, "needs_calendar", message, meant)


def _check_appointments(root: Node, path: Path, report: Report) -> None:
    """The upstream keeps one set of appointment settings for each business."""
    first: tuple[str, Any] | None = None
    for key, tool in _section(root, "tools").items():
        settings = tool.child("config", "appointmentConfig")
        if settings is None:
            continue
        told = plain(settings)
        if first is None:
            first = key, told
        elif told != first[1]:
            where = (*path, "tools", key, "config", "appointmentConfig")
            message = (
                f"expected the settings of tools.{first[0]}: a business has one set of them, and "
                "the last one applied would count for both"
            )
            report.add(where, settings.place, "differing_config", message)


def _check_booking(root: Node, path: Path, report: Report) -> None:
    tools = _section(root, "tools")
    for key, agent in _section(root, "agents").items():
        node = agent.child("workflow", "nodes")
        for at, phase in enumerate(node.items() if node else ()):
            prompt = _booking_prompt(phase)
            if prompt is not None and not _may_book(agent, tools):
                where = (*path, "agents", key, "workflow", "nodes", str(at), "prompt")
                message = "scheduleAppointment needs a googleCal tool among the agent's tools"
                report.add(
                    where,
                    prompt.place,
                    "needs_calendar_tool",
                    message,
                    _calendar_tool_meant(tools),
                )


def _booking_prompt(phase: Node) -> Node | None:
    kind, prompt = phase.child("type"), phase.child("prompt")
    if kind is None or prompt is None or kind.text() != "tool":
        return None
    return prompt if prompt.text() == _BOOKING else None


def _may_book(agent: Node, tools: dict[str, Node]) -> bool:
    """Whether one of its tools is a calendar's, or may be one as far as can be told offline."""
    for _, _, text in _references(agent, "tools"):
        tool = tools.get(text)
        template = tool.child("template") if tool else None
        named = template.text() if template else None
        if named is None or named == _CALENDAR_TEMPLATE or named.startswith("id:"):
            return True
    return False


def _calendar_tool_meant(tools: dict[str, Node]) -> str | None:
    for key, tool in tools.items():
        template = tool.child("template")
        if template is not None and template.text() == _CALENDAR_TEMPLATE:
            return f"add {key} to its tools"
    return None
