"""Turns JSON values into YAML for people: in blocks, prose as prose, quotes where they are needed.

What is written means the same to this reader and to those of YAML 1.1, which take ``no`` for a
flag and ``09:00`` for a number.
"""

import json
import re
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from provision.manifest.faults import visible
from provision.manifest.tree import scalar

_WIDTH = 92
_LONG = 72
_PLAIN = re.compile(r"[^\W\d_](?:(?:[\w ,.!?()'/+;&@%=$-]|:(?=\w|/))*[\w.!?)'])?")
_BARE = re.compile(r"\$\{[A-Za-z_][A-Za-z0-9_]*\}")
_LEGACY = frozenset({"y", "n", "yes", "no", "on", "off"})
_PRINTABLE = re.compile(
    "[\n\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]*"
)
_UNPRINTABLE = re.compile(
    "[^\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """A value with a comment above it.

    Attributes:
        value: Any JSON value.
        note: Its lines are wrapped, and made safe to print.
    """

    value: Any
    note: str


class Raw(str):
    """Text with references to variables in it, whose other parts are escaped already."""

    __slots__ = ()


def emit(value: Mapping[str, Any], *, spaced: int = 0) -> str:
    """The mapping as a YAML document that ends with a line break.

    Text is escaped, so that ``${`` in it is read back as itself.

    Args:
        value: JSON values, some of them with comments.
        spaced: In how many levels of mappings an empty line stands between entries.
    """
    return "\n".join(_mapping(value, 0, spaced)) + "\n"


def _mapping(value: Mapping[str, Any], indent: int, spaced: int = 0) -> Iterator[str]:
    for at, (key, item) in enumerate(value.items()):
        if at and spaced > 0:
            yield ""
        yield from _entry(key, item, indent, spaced)


def _entry(key: str, item: Any, indent: int, spaced: int) -> Iterator[str]:  # noqa: ANN401 - any JSON value
    if isinstance(item, Noted):
        yield from comment(item.note, indent)
        item = item.value
    head = f"{' ' * indent}{_inline(key)}:"
    if isinstance(item, Mapping) and item:
        yield head
        yield from _mapping(item, indent + 2, spaced - 1)
    elif isinstance(item, list | tuple) and item:
        yield head
        yield from _items(item, indent + 2)
    else:
        yield from _headed(f"{head} ", item, indent + 2)


def _items(items: list[Any] | tuple[Any, ...], indent: int) -> Iterator[str]:
    mark = f"{' ' * indent}- "
    for item in items:
        inner: Iterator[str]
        if isinstance(item, Mapping) and item:
            inner = _mapping(item, indent + 2)
        elif isinstance(item, list | tuple) and item:
            inner = _items(item, indent + 2)
        else:
            yield from _headed(mark, item, indent + 2)
            continue
        yield mark + next(inner)[indent + 2 :]
        yield from inner


def _headed(head: str, item: Any, indent: int) -> Iterator[str]:  # noqa: ANN401 - any JSON value
    """A scalar or an empty collection behind its key or its dash."""
    match item:
        case Raw():
            yield head + _inline(item)
        case str():
            yield from _text(head, item.replace("${", "$${"), indent)
        case Mapping():
            yield f"{head}{{}}"
        case list() | tuple():
            yield f"{head}[]"
        case _:
            yield head + json.dumps(item)


def _text(head: str, text: str, indent: int) -> Iterator[str]:
    pad = " " * indent
    if _fits_literal(text):
        mark = "|" if text.endswith("\n") else "|-"
        yield head + mark
        for line in text.removesuffix("\n").split("\n"):
            yield f"{pad}{line}" if line else ""
    elif _fits_folded(text):
        yield f"{head}>-"
        for line in textwrap.wrap(
            text, _WIDTH - indent, break_long_words=False, break_on_hyphens=False
        ):
            yield pad + line
    else:
        yield head + _inline(text)


def _fits_literal(text: str) -> bool:
    lines = text.removesuffix("\n").split("\n")
    return (
        "\n" in text
        and _PRINTABLE.fullmatch(text) is not None
        and bool(lines[0].strip())
        and bool(lines[-1].strip())
        and not lines[0].startswith(" ")
        and all(bool(line.strip()) or not line for line in lines)
    )


def _fits_folded(text: str) -> bool:
    """Whether it is one long line of words between which single spaces stand."""
    return (
        len(text) > _LONG
        and "\n" not in text
        and _PRINTABLE.fullmatch(text) is not None
        and " ".join(text.split(" ")) == text
        and all(word and not word[0].isspace() for word in text.split(" "))
        and not any(one.isspace() and one != " " for one in text)
    )


def _inline(text: str) -> str:
    plain = _PLAIN.fullmatch(text) is not None and _PRINTABLE.fullmatch(text) is not None
    if plain and text.lower() not in _LEGACY and isinstance(scalar(text), str):
        return text
    if _BARE.fullmatch(text):
        return text
    escaped = json.dumps(text, ensure_ascii=False)
    return _UNPRINTABLE.sub(_escape, escaped)


def _escape(found: re.Match[str]) -> str:
    return f"\\u{ord(found.group()):04x}"


def comment(note: str, indent: int) -> Iterator[str]:
    """Comment lines at this indent, wrapped; nothing in them can end the comment."""
    pad = " " * indent
    for paragraph in note.split("\n"):
        for line in textwrap.wrap(visible(paragraph), _WIDTH - indent - 2) or [""]:
            yield f"{pad}# {line}".rstrip()
