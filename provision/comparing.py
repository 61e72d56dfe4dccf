"""Decides what differs between two bodies, field by field, however the upstream spells them."""

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from pydantic import JsonValue

from provision.plan import Difference
from provision.state import Body

AGENT_FIELDS: Final = (
    "name",
    "voiceId",
    "conversationFlow",
    "workflow",
    "customInstructions",
    "firstMessage",
    "personality",
    "multilingual",
    "backgroundSound",
    "collectFields",
    "activatedHours",
    "toolIds",
    "knowledgeBaseDocumentIds",
)
"""What of an agent can be changed, in the order in which a plan shows it."""

LASTING: Final = frozenset({"name", "conversationFlow", "workflow"})
"""Fields that can't be cleared; the two forms of a conversation replace each other."""

_DAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_ALWAYS: Final[JsonValue] = {
    "timezone": "UTC",
    "hours": [{"day": day, "startTime": "00:00", "endTime": "24:00"} for day in _DAYS],
}
_GRAPH: Final[Mapping[str, tuple[str, ...]]] = {
    "nodes": ("id", "type", "prompt", "firstMessage", "label"),
    "edges": ("from", "to", "when"),
}


def canonical(field: str, value: JsonValue) -> JsonValue:
    """A field of an agent in the one spelling in which two of them can be compared.

    What the upstream fills in or drops by itself is gone: days of an agent are lower-case, in
    order and never closed; what is empty or false where that is the default is None; texts
    have no white space around them; a graph has only the guide's fields.
    """
    match value:
        case None:
            return None
        case str():
            return value.strip() or None
        case _:
            reader = _READERS.get(field)
            return value if reader is None else reader(value)


def canonical_agent(body: Mapping[str, JsonValue]) -> Body:
    """The fields of :data:`AGENT_FIELDS` that a body or an answer has, each canonical."""
    return {field: canonical(field, body[field]) for field in AGENT_FIELDS if field in body}


def differences(
    field: str, before: JsonValue, after: JsonValue, path: str = ""
) -> Iterator[Difference]:
    """The leaves in which two values differ.

    Objects are compared member by member, lists of objects with ids by id; any other list is
    a leaf.

    Args:
        field: The field of the body that both are values of.
        before: What is there.
        after: What is wanted.
        path: Where both stand; the field's name unless given.
    """
    path = path or field
    if before == after:
        return
    if isinstance(before, dict | None) and isinstance(after, dict | None):
        had, has = before or {}, after or {}
        for name in dict.fromkeys((*had, *has)):
            yield from differences(field, had.get(name), has.get(name), f"{path}.{name}")
        return
    old, new = _by_id(before), _by_id(after)
    if old is None or new is None or list(old) != list(new):
        yield Difference.of(field, path, before, after)
        return
    for name in new:
        yield from differences(field, old[name], new[name], f"{path}[{name}]")


def _by_id(value: JsonValue) -> dict[str, JsonValue] | None:
    if not isinstance(value, list):
        return None
    named = {str(item["id"]): item for item in value if isinstance(item, dict) and "id" in item}
    return dict(named) if len(named) == len(value) and named else None


def _texts(value: JsonValue) -> JsonValue:
    return value or None


def _ids(value: JsonValue) -> JsonValue:
    if not isinstance(value, list):
        return value
    ids: list[JsonValue] = [*sorted({str(one) for one in value})]
    return ids or None


def _flag(value: JsonValue) -> JsonValue:
    return value or None


def _personality(value: JsonValue) -> JsonValue:
    if not isinstance(value, dict):
        return value
    given = {key: item.strip() if isinstance(item, str) else item for key, item in value.items()}
    return {key: item for key, item in given.items() if item} or None


def _hours(value: JsonValue) -> JsonValue:
    given = value.get("hours") if isinstance(value, dict) else None
    if not isinstance(value, dict) or not isinstance(given, list):
        return value
    spans = [_span(one) for one in given if isinstance(one, dict)]
    kept: list[JsonValue] = [
        span for span in sorted(spans, key=_when) if "CLOSED" not in span.values()
    ]
    read: JsonValue = {"timezone": value.get("timezone"), "hours": kept}
    return None if read == _ALWAYS else read


def _when(span: Body) -> tuple[int, str, str]:
    day = str(span["day"])
    return _DAYS.index(day) if day in _DAYS else len(_DAYS), day, str(span["startTime"])


def _span(value: Mapping[str, JsonValue]) -> Body:
    return {
        "day": str(value.get("day")).lower(),
        "startTime": value.get("startTime"),
        "endTime": value.get("endTime"),
    }


def _graph(value: JsonValue) -> JsonValue:
    if not isinstance(value, dict):
        return value
    read: Body = {"startNode": value.get("startNode")}
    for part, fields in _GRAPH.items():
        items = value.get(part)
        read[part] = [
            {name: item[name] for name in fields if item.get(name) is not None}
            for item in (items if isinstance(items, list) else [])
            if isinstance(item, dict)
        ]
    return read


_READERS: Final[Mapping[str, Callable[[JsonValue], JsonValue]]] = {
    "workflow": _graph,
    "personality": _personality,
    "multilingual": _flag,
    "collectFields": _texts,
    "activatedHours": _hours,
    "toolIds": _ids,
    "knowledgeBaseDocumentIds": _ids,
}
