"""Turns YAML into a tree that knows where everything stands.

YAML 1.2's plain scalars only: ``no``, ``on`` and ``09:00`` are text, and so is a number that
begins with a plus or a needless zero. Tags, several documents, repeated keys, deep nesting and
aliases that would grow without bound are refused.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

import yaml
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

from provision.manifest.faults import FaultCode, Place, quoted
from provision.manifest.report import Path, Report, UnreadableError

MAX_DEPTH = 32
"""Collections within collections; the deepest that a manifest needs is under half of it."""

MAX_NODES = 20_000
"""Values after every alias was put in place."""

_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]{0,17})")
_FLOAT = re.compile(r"-?(?:0|[1-9][0-9]{0,17})(?:\.[0-9]{0,18})?(?:[eE][-+]?[0-9]{1,2})?")
_WORDS: Mapping[str, bool | None] = {
    "": None,
    "~": None,
    "null": None,
    "Null": None,
    "NULL": None,
    "true": True,
    "True": True,
    "TRUE": True,
    "false": False,
    "False": False,
    "FALSE": False,
}

Scalar = bool | int | float | str | None


class _Mark(Protocol):
    line: int
    column: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A value of the file and where it stands.

    Attributes:
        value: A scalar, the items of a sequence, or the entries of a mapping.
        place: Where it is written; of a collection under a key, where the key is.
        keys: Where the keys of a mapping are written.
        raw: A scalar as it was written, without its quotes.
        expanded: Whether a variable gave some of it; then a number or a flag is still text.
        broken: Whether a fault was reported for it already, so that its value means nothing.
        weight: How many values it holds, itself included.
    """

    value: "Scalar | tuple[Node, ...] | dict[str, Node]"
    place: Place
    keys: Mapping[str, Place] = field(default_factory=dict)
    raw: str = ""
    expanded: bool = False
    broken: bool = False
    weight: int = 1

    def entries(self) -> "Mapping[str, Node]":
        """The entries of a mapping; empty for everything else."""
        return self.value if isinstance(self.value, dict) else {}

    def items(self) -> "tuple[Node, ...]":
        """The items of a sequence; empty for everything else."""
        return self.value if isinstance(self.value, tuple) else ()

    def text(self) -> str | None:
        """The value where it is text that can be relied on."""
        return self.value if isinstance(self.value, str) and not self.broken else None

    def child(self, *names: str) -> "Node | None":
        """What stands under these keys, one within the other."""
        found: Node | None = self
        for name in names:
            found = None if found is None else found.entries().get(name)
        return found


def parse(text: str, report: Report) -> Node:
    """The tree of a document.

    Args:
        text: The whole file.
        report: Takes faults that don't keep the rest from being read, such as repeated keys.

    Raises:
        UnreadableError: It is no YAML, or none that is read here; the report says why.
    """
    try:
        return _Composer(text, report).document()
    except yaml.reader.ReaderError as error:
        before = text[: error.position]
        place = Place(line=before.count("\n") + 1, column=len(before.rpartition("\n")[2]) + 1)
        raise report.stop(
            place,
            "bad_character",
            "expected no character that can't be printed; write it as an escape",
        ) from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise report.stop(_place(mark), "yaml_syntax", _explained(error)) from error


def grown(value: object, depth: int = 0) -> Node:
    """The tree of a JSON value that no file holds; all of it stands in the first line.

    What lies far below ``MAX_DEPTH`` is left out: no reader looks there.
    """
    start = Place(line=1, column=1)
    if depth > MAX_DEPTH * 2:
        return Node(value=None, place=start)
    match value:
        case Mapping():
            entries = {str(key): grown(item, depth + 1) for key, item in value.items()}
            return Node(value=entries, place=start, keys=dict.fromkeys(entries, start))
        case list() | tuple():
            return Node(value=tuple(grown(item, depth + 1) for item in value), place=start)
        case None | bool() | int() | float() | str():
            return Node(value=value, place=start, raw=str(value))
        case _:
            raise TypeError(f"no JSON value: {type(value).__name__}")


def plain(node: Node) -> Any:  # noqa: ANN401 - any JSON value
    """The tree as JSON."""
    match node.value:
        case dict():
            return {key: plain(one) for key, one in node.value.items()}
        case tuple():
            return [plain(one) for one in node.value]
        case _:
            return node.value


def scalar(raw: str) -> Scalar:
    """What a plain scalar means by YAML 1.2, but for signs and zeros that numbers don't need."""
    if raw in _WORDS:
        return _WORDS[raw]
    if _INTEGER.fullmatch(raw):
        return int(raw)
    return float(raw) if _FLOAT.fullmatch(raw) else raw


class _Composer:
    """Builds the tree from the parser's events, so that limits strike before memory is spent."""

    def __init__(self, text: str, report: Report) -> None:
        self._events: Iterator[Event] = yaml.parse(text, Loader=yaml.SafeLoader)
        self._report = report
        self._anchors: dict[str, Node] = {}
        self._count = 0

    def document(self) -> Node:
        next(self._events)
        event = next(self._events)
        if isinstance(event, StreamEndEvent):
            raise self._report.stop(Place(line=1, column=1), "empty", "the file is empty")
        root = self._node(next(self._events), (), None)
        next(self._events)
        event = next(self._events)
        if isinstance(event, DocumentStartEvent):
            raise self._stop(
                event, "several_documents", "expected one document; a second begins here"
            )
        return root

    def _node(self, event: Event, path: Path, place: Place | None) -> Node:
        if isinstance(event, AliasEvent):
            return self._alias(event)
        self._count_one(event)
        if len(path) > MAX_DEPTH:
            raise self._stop(
                event, "too_deep", f"expected at most {MAX_DEPTH} collections in each other"
            )
        node = self._content(event, path, place or _place(event.start_mark))
        if isinstance(event, NodeEvent) and event.anchor:
            self._anchors[event.anchor] = node
        return node

    def _content(self, event: Event, path: Path, place: Place) -> Node:
        self._refuse_tag(event)
        match event:
            case MappingStartEvent():
                return self._mapping(path, place)
            case SequenceStartEvent():
                return self._sequence(path, place)
            case ScalarEvent():
                plain = event.implicit[0]
                value = scalar(event.value) if plain else event.value
                return Node(value=value, place=_place(event.start_mark), raw=event.value)
            case _:
                raise self._stop(event, "yaml_syntax", "expected a value")

    def _mapping(self, path: Path, place: Place) -> Node:
        entries: dict[str, Node] = {}
        keys: dict[str, Place] = {}
        while not isinstance(event := next(self._events), MappingEndEvent):
            name, where = self._key(event)
            node = self._node(next(self._events), (*path, name), where)
            if name in entries:
                self._repeated((*path, name), where, keys[name])
                continue
            entries[name], keys[name] = node, where
        weight = 1 + sum(node.weight for node in entries.values())
        return Node(value=entries, place=place, keys=keys, weight=weight)

    def _key(self, event: Event) -> tuple[str, Place]:
        if not isinstance(event, ScalarEvent):
            raise self._stop(
                event, "bad_key", "expected a name before the colon, not a collection"
            )
        self._refuse_tag(event)
        self._count_one(event)
        return event.value, _place(event.start_mark)

    def _repeated(self, path: Path, place: Place, first: Place) -> None:
        self._report.add(
            path, place, "repeated_key", f"written twice; it stands in line {first.line} already"
        )

    def _sequence(self, path: Path, place: Place) -> Node:
        items: list[Node] = []
        while not isinstance(event := next(self._events), SequenceEndEvent):
            items.append(self._node(event, (*path, str(len(items))), None))
        weight = 1 + sum(item.weight for item in items)
        return Node(value=tuple(items), place=place, weight=weight)

    def _alias(self, event: AliasEvent) -> Node:
        name = event.anchor or ""
        node = self._anchors.get(name)
        if node is None:
            named = quoted(name)
            raise self._stop(
                event,
                "unknown_alias",
                f"expected an anchor {named} that is complete before its alias",
            )
        self._count_one(event, node.weight)
        return replace(node, place=_place(event.start_mark))

    def _count_one(self, event: Event, weight: int = 1) -> None:
        self._count += weight
        if self._count > MAX_NODES:
            raise self._stop(event, "too_many_values", f"expected at most {MAX_NODES:,} values")

    def _refuse_tag(self, event: Event) -> None:
        tag = getattr(event, "tag", None)
        if tag is not None:
            raise self._stop(event, "tag", f"expected no tags; {quoted(tag)} stands here")

    def _stop(self, event: Event, code: FaultCode, message: str) -> UnreadableError:
        return self._report.stop(_place(event.start_mark), code, message)


def _place(mark: _Mark | None) -> Place:
    if mark is None:
        return Place(line=1, column=1)
    return Place(line=mark.line + 1, column=mark.column + 1)


def _explained(error: yaml.MarkedYAMLError) -> str:
    problem = str(error.problem or error.context or "unreadable")
    if "'\\t'" in problem:
        return "YAML takes no tab here: write spaces"
    context = f", {error.context}" if error.context and error.problem else ""
    return f"can't be read as YAML: {problem}{context}"
