"""The sentences of that language: lists, mappings by keys of the writer's own, and records."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from provision.manifest.faults import FaultCode, quoted
from provision.manifest.report import Path, Report
from provision.manifest.shapes import Shape, nearest, wrong_kind
from provision.manifest.tree import Node


@dataclass(frozen=True, kw_only=True)
class Items:
    """A list.

    Attributes:
        expected: Names the items, in plural.
        unique: Whether no text may stand in it twice.
    """

    item: Shape
    expected: str
    least: int = 0
    most: int = 100
    unique: bool = False

    def schema(self) -> dict[str, Any]:
        """As JSON Schema."""
        given: dict[str, Any] = {"type": "array", "items": self.item.schema()}
        given |= {"minItems": self.least, "maxItems": self.most}
        return given | {"uniqueItems": True} if self.unique else given

    def read(self, node: Node, path: Path, report: Report) -> list[Any] | None:
        """The items."""
        if node.broken:
            return None
        if not isinstance(node.value, tuple):
            report.add(path, node.place, *wrong_kind(node, f"a list of {self.expected}"))
            return None
        count = len(node.value)
        if not self.least <= count <= self.most:
            message = f"expected {_amount(self.least, self.most)} {self.expected}, found {count:,}"
            report.add(path, node.place, "bad_count", message)
        if self.unique:
            self._find_repeated(node.value, path, report)
        return [
            self.item.read(item, (*path, str(at)), report)
            for at, item in enumerate(node.value[: self.most])
        ]

    def _find_repeated(self, items: tuple[Node, ...], path: Path, report: Report) -> None:
        first: dict[str, int] = {}
        for at, item in enumerate(items):
            text = item.text()
            if text is not None and first.setdefault(text, at) != at:
                message = f"{quoted(text)} stands in the list already"
                report.add((*path, str(at)), item.place, "repeated_item", message)


@dataclass(frozen=True, kw_only=True)
class Keyed:
    """A mapping whose keys the writer of the manifest chooses.

    Attributes:
        expected: Names the entries, in plural.
    """

    item: Shape
    expected: str
    most: int = 1_000

    KEY = r"[A-Za-z0-9][A-Za-z0-9_-]{0,62}"

    def schema(self) -> dict[str, Any]:
        """As JSON Schema."""
        return {
            "type": "object",
            "propertyNames": {"pattern": f"^{self.KEY}$"},
            "additionalProperties": self.item.schema(),
            "maxProperties": self.most,
        }

    def read(self, node: Node, path: Path, report: Report) -> dict[str, Any] | None:
        """The entries."""
        if not isinstance(node.value, dict):
            report.add(path, node.place, *wrong_kind(node, f"{self.expected} by their keys"))
            return None
        if len(node.value) > self.most:
            message = f"expected at most {self.most:,} {self.expected}, found {len(node.value):,}"
            report.add(path, node.place, "bad_count", message)
        for key in node.value:
            self._check_key(key, (*path, key), node, report)
        return {key: self.item.read(one, (*path, key), report) for key, one in node.value.items()}

    def _check_key(self, key: str, path: Path, node: Node, report: Report) -> None:
        if re.fullmatch(self.KEY, key, re.ASCII) is None:
            message = "expected a key of letters, digits, - and _ (at most 63)"
            slug = re.sub(r"[^a-z0-9_-]+", "-", key.lower()).strip("-_")[:63]
            meant = f"write {slug}" if slug else None
            report.add(path, node.keys[key], "bad_key", message, meant)


@dataclass(frozen=True, kw_only=True)
class Field:
    """A field of a record.

    Attributes:
        about: What it means, for whoever writes it; shown by editors.
        nullable: Whether ``null`` is taken, which asks to clear it upstream.
    """

    shape: Shape
    about: str
    required: bool = False
    nullable: bool = False
    default: bool | int | None = None

    def schema(self) -> dict[str, Any]:
        """As JSON Schema."""
        given = self.shape.schema()
        if self.nullable:
            given = {"anyOf": [given, {"type": "null"}]}
        given = {"description": self.about} | given
        return given if self.default is None else given | {"default": self.default}


@dataclass(frozen=True, kw_only=True)
class Record:
    """A mapping whose fields are known.

    Attributes:
        title: What it is, with its article: completes "expected ..." and heads its help.
        one_of: Two fields of which exactly one is written.
        extra: Further JSON Schema, for rules across fields.
        judge: Reports what rules across fields find; meets values of any kind.
        free: A prefix of keys that are passed over, for anchors.
        rest: What unknown fields may hold; None refuses them.
    """

    title: str
    fields: Mapping[str, Field]
    one_of: tuple[str, str] | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)
    judge: Callable[[Node, Path, Report], None] | None = None
    free: str | None = None
    rest: Shape | None = None

    def schema(self) -> dict[str, Any]:
        """As JSON Schema."""
        given: dict[str, Any] = {
            "type": "object",
            "additionalProperties": False if self.rest is None else self.rest.schema(),
            "properties": {name: one.schema() for name, one in self.fields.items()},
        }
        required = [name for name, one in self.fields.items() if one.required]
        if required:
            given["required"] = required
        if self.free:
            given["patternProperties"] = {f"^{self.free}": True}
        if self.one_of:
            given["oneOf"] = [{"required": [name]} for name in self.one_of]
        return given | dict(self.extra)

    def read(self, node: Node, path: Path, report: Report) -> dict[str, Any] | None:
        """The fields that are written, in the order of the grammar."""
        if not isinstance(node.value, dict):
            report.add(path, node.place, *wrong_kind(node, self.title))
            return None
        self._find_unknown(node, path, report)
        self._find_missing(node, path, report)
        if self.judge is not None:
            self.judge(node, path, report)
        names = [name for name in self.fields if name in node.value]
        if self.rest is not None:
            names += [name for name in node.value if name not in self.fields]
        return {name: self._field(name, node.value[name], (*path, name), report) for name in names}

    def _field(self, name: str, node: Node, path: Path, report: Report) -> Any:  # noqa: ANN401 - any JSON value
        known = self.fields.get(name)
        if known is None:
            return None if self.rest is None else self.rest.read(node, path, report)
        if node.value is None and known.nullable:
            return None
        return known.shape.read(node, path, report)

    def _find_unknown(self, node: Node, path: Path, report: Report) -> None:
        if self.rest is not None:
            return
        for name, place in node.keys.items():
            if self._takes(name):
                continue
            message = f"{self.title} has no such field; it takes {', '.join(self.fields)}"
            meant = self._meant(name)
            suggestion = f"did you mean {meant}?" if meant else None
            report.add((*path, name), place, "unknown_field", message, suggestion)

    def _takes(self, name: str) -> bool:
        return name in self.fields or bool(self.free and name.startswith(self.free))

    def _meant(self, name: str) -> str | None:
        return nearest(name, tuple(self.fields))

    def _find_missing(self, node: Node, path: Path, report: Report) -> None:
        misspelt = {self._meant(name): name for name in node.entries() if not self._takes(name)}
        for name, known in self.fields.items():
            if not known.required or name in node.entries():
                continue
            message = f"{self.title} needs the field {name}"
            if name not in misspelt:
                report.add((*path, name), node.place, "missing_field", message, known.about)
            elif self.rest is not None:
                # Nothing else tells of the misspelt one, since anything may stand there.
                wrong = misspelt[name]
                meant = f"did you mean {name}?"
                report.add((*path, wrong), node.keys[wrong], "missing_field", message, meant)
        if self.one_of is None:
            return
        written = [name for name in self.one_of if name in node.entries()]
        if len(written) == 1 or (not written and misspelt.keys() & set(self.one_of)):
            return
        code: FaultCode = "ambiguous_fields" if written else "missing_field"
        both = f"exactly one of {self.one_of[0]} and {self.one_of[1]}"
        report.add(path, node.place, code, f"{self.title} needs {both}")


def known(shape: Shape, value: Any) -> Any:  # noqa: ANN401 - any JSON value
    """The value without the fields that its shape doesn't name, and without nulls.

    Upstream objects carry more than the guide tells; none of it can be declared.
    """
    if isinstance(shape, Record) and isinstance(value, Mapping) and shape.rest is None:
        return {
            name: known(one.shape, value[name])
            for name, one in shape.fields.items()
            if value.get(name) is not None
        }
    if isinstance(shape, Items) and isinstance(value, list):
        return [known(shape.item, item) for item in value]
    return value


def _amount(least: int, most: int) -> str:
    return f"at least {least}" if least == 1 else f"{least:,} to {most:,}"
