"""Lists the fields that a JSON Schema knows, by the paths that docs/agents.md writes."""

from collections.abc import Iterator, Mapping
from typing import Any

_DAYS = frozenset({"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"})
_BRANCHES = ("anyOf", "oneOf", "allOf")


def fields(schema: Mapping[str, Any]) -> dict[str, set[str]]:
    """Every field with its descriptions.

    Args:
        schema: A JSON Schema without references.

    Returns:
        Path -> what is said of it, once for each place. Keys of the user's own are `KEY`,
        weekdays `DAY`, and `[]` follows a list.
    """
    found: dict[str, set[str]] = {}
    for path, described in _walk(schema, ""):
        found.setdefault(path, set()).update(described)
    return found


def _walk(node: object, path: str) -> Iterator[tuple[str, set[str]]]:
    if not isinstance(node, Mapping):
        return
    for name, inner in node.get("properties", {}).items():
        here = _joined(path, "DAY" if name in _DAYS else name)
        about = inner.get("description") if isinstance(inner, Mapping) else None
        yield here, {about} if about else set()
        yield from _walk(inner, here)
    yield from _walk(node.get("items"), f"{path}[]")
    yield from _walk(node.get("additionalProperties"), _joined(path, "KEY"))
    for name in _BRANCHES:
        for branch in node.get(name, ()):
            yield from _walk(branch, path)
    for name in ("if", "then", "else"):
        yield from _walk(node.get(name), path)


def _joined(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
