"""The words of the language in which the grammar of a manifest is written: text, numbers, flags.

A shape says twice what it takes: to an editor, as JSON Schema, and to the reader, which gives
the value as JSON or reports what is wrong with it and where. One source for both keeps them from
drifting apart.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Protocol

from provision.manifest.faults import FaultCode, quoted
from provision.manifest.report import Path, Report
from provision.manifest.tree import Node, scalar

Complaint = tuple[FaultCode, str, str | None]
"""A code, what was expected, and what may have been meant."""

VARIABLE = r"\$\{"
"""Where it matches, the value is known only once variables are in place."""

_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")

_COMPARED = 200

_FLAG_WORDS = {
    **dict.fromkeys(("yes", "y", "on", "1"), "write true"),
    **dict.fromkeys(("no", "n", "off", "0"), "write false"),
}


class Shape(Protocol):
    """What a value may be."""

    def schema(self) -> dict[str, Any]:
        """The same as JSON Schema (draft 2020-12)."""
        ...

    def read(self, node: Node, path: Path, report: Report) -> Any:  # noqa: ANN401 - any JSON value
        """The value as JSON; None, and something in the report, where it doesn't fit."""
        ...


def nearest(word: str, words: Sequence[str]) -> str | None:
    """The one of the words that looks most like this one, whatever its case, or None."""
    folded = {one.casefold(): one for one in words}
    found = get_close_matches(word.casefold()[:_COMPARED], folded, n=1, cutoff=0.6)
    return folded[found[0]] if found else None


def near(word: str, words: Sequence[str]) -> str | None:
    """``did you mean ...?`` where one of the words looks like this one."""
    found = nearest(word, words)
    return f"did you mean {quoted(found)}?" if found else None


@dataclass(frozen=True, kw_only=True)
class Text:
    """Text of a length, of a pattern, and as a rule judges it.

    Attributes:
        pattern: A regular expression that both Python and ECMAScript read, matched whole.
        expected: Completes "expected ...".
        code: Of a fault against the pattern.
        judge: Finds what a pattern can't say; told nothing but text that fits everything else.
        hints: Values that an editor offers; others are fine too.
        hint: Makes a suggestion from text that the pattern refuses.
    """

    least: int = 1
    most: int = 200
    pattern: str | None = None
    expected: str = "text"
    code: FaultCode = "bad_text"
    judge: Callable[[str], Complaint | None] | None = None
    hints: tuple[str, ...] = ()
    hint: Callable[[str], str | None] | None = None

    def schema(self) -> dict[str, Any]:
        """As JSON Schema."""
        given: dict[str, Any] = {"type": "string", "minLength": self.least, "maxLength": self.most}
        if self.pattern is not None:
            given["pattern"] = f"^(?:{self.pattern})$|{VARIABLE}"
        if self.hints:
            given["anyOf"] = [{"enum": list(self.hints)}, {"type": "string"}]
        return given

    def read(self, node: Node, path: Path, report: Report) -> str | None:
        """The text."""
        if node.broken:
            return None
        complaint = self._complaint(node)
        if complaint is not None:
            report.add(path, node.place, *complaint)
            return None
        return node.text()

    def _complaint(self, node: Node) -> Complaint | None:
        text = node.value
        if not isinstance(text, str):
            return wrong_kind(node, self.expected, self._meant(node))
        if not self.least <= len(text) <= self.most:
            return "bad_length", self._length(len(text)), None
        if (found := _FORBIDDEN.search(text)) is not None:
            code = f"U+{ord(found.group()):04X}"
            return "bad_character", f"expected {self.expected} without the character {code}", None
        if self.pattern is not None and re.fullmatch(self.pattern, text, re.ASCII) is None:
            message = f"expected {self.expected}, found {quoted(text)}"
            return self.code, message, self.hint(text) if self.hint else near(text, self.hints)
        return self.judge(text) if self.judge else None

    def _meant(self, node: Node) -> str | None:
        """How a number or a flag is written where text is meant."""
        if not isinstance(node.value, bool | int | float):
            return None
        hinted = self.hint(node.raw) if self.hint else None
        return hinted or f'write "{node.raw}", in quotes, where text is meant'

    def _length(self, length: int) -> str:
        if length == 0:
            return f"expected {self.expected}, found nothing"
        if self.least > 1:
            return f"expected {self.least} to {self.most:,} characters, found {length:,}"
        return f"expected at most {self.most:,} characters, found {length:,}"


@dataclass(frozen=True)
class Choice:
    """One of a few words, in just this spelling."""

    words: tuple[str, ...]

    def schema(self) -> dict[str, Any]:
        """As JSON Schema."""
        return {
            "anyOf": [{"enum": list(self.words)}, {"type": "string", "pattern": VARIABLE}],
        }

    def read(self, node: Node, path: Path, report: Report) -> str | None:
        """The word."""
        if node.broken:
            return None
        if isinstance(node.value, str) and node.value in self.words:
            return node.value
        expected = " or ".join(self.words)
        if isinstance(node.value, str):
            message = f"expected {expected}, found {quoted(node.value)}"
            report.add(path, node.place, "bad_choice", message, near(node.value, self.words))
        else:
            report.add(path, node.place, *wrong_kind(node, expected))
        return None


@dataclass(frozen=True)
class Whole:
    """A whole number within bounds, both included."""

    least: int
    most: int

    def schema(self) -> dict[str, Any]:
        """As JSON Schema."""
        return {
            "anyOf": [
                {"type": "integer", "minimum": self.least, "maximum": self.most},
                {"type": "string", "pattern": VARIABLE},
            ]
        }

    def read(self, node: Node, path: Path, report: Report) -> int | None:
        """The number."""
        if node.broken:
            return None
        value = _meant(node)
        expected = f"a whole number from {self.least:,} to {self.most:,}"
        if not isinstance(value, int) or isinstance(value, bool):
            report.add(path, node.place, *wrong_kind(node, expected))
        elif not self.least <= value <= self.most:
            message = f"expected {expected}, found {value:,}"
            report.add(path, node.place, "out_of_range", message)
        else:
            return value
        return None


@dataclass(frozen=True)
class Flag:
    """true or false."""

    def schema(self) -> dict[str, Any]:
        """As JSON Schema."""
        return {"anyOf": [{"type": "boolean"}, {"type": "string", "pattern": VARIABLE}]}

    def read(self, node: Node, path: Path, report: Report) -> bool | None:
        """The flag."""
        value = _meant(node)
        if node.broken:
            return None
        if isinstance(value, bool):
            return value
        meant = _FLAG_WORDS.get(node.raw.lower())
        report.add(path, node.place, *wrong_kind(node, "true or false", meant))
        return None


def wrong_kind(node: Node, expected: str, meant: str | None = None) -> Complaint:
    """The complaint about a value of another kind: text, a number, a list and so on."""
    match node.value:
        case None:
            found = "nothing"
        case bool():
            found = node.raw
        case int() | float():
            found = f"the number {node.raw}"
        case str():
            found = f"the text {quoted(node.value)}"
        case tuple():
            found = "a list"
        case _:
            found = "a mapping"
    return "wrong_kind", f"expected {expected}, found {found}", meant


def _meant(node: Node) -> object:
    """What a scalar means where it may come from a variable, whose values are always text."""
    return scalar(node.raw) if node.expanded else node.value
