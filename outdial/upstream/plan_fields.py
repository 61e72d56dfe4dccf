"""Shows the fields of a plan that differ: in a line each, long texts as a diff of lines."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import unified_diff
from json import dumps
from typing import Final

from pydantic import JsonValue
from rich.text import Text

from outdial.speaking.lines import plain
from provision.plan import Difference

SENSITIVE: Final = "(sensitive value)"

_LONG: Final = 72
_DIFF_HEAD: Final = 3
_SIGNS: Final = {"+": "green", "-": "red", "~": "yellow"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Lengths:
    """How much of long texts is shown; None for all.

    Attributes:
        lines: Lines of a text.
        diff_lines: Lines of what changed in one.
        chars: Characters of a line.
    """

    lines: int | None
    diff_lines: int | None
    chars: int | None


SHORT: Final = Lengths(lines=12, diff_lines=60, chars=4_000)
"""As much as is read at a glance."""

WHOLE: Final = Lengths(lines=None, diff_lines=None, chars=None)
"""Everything."""


def differences(found: Iterable[Difference], lengths: Lengths) -> Iterator[Text]:
    """Shows fields that differ, each in a line or as the lines of its text.

    Args:
        found: They. Text in them is made safe here.
        lengths: How much of long texts.

    Yields:
        Lines.
    """
    for one in found:
        sign = "+" if one.before is None else "-" if one.after is None else "~"
        if one.secret:
            yield _field(sign, f"{plain(one.path)} = {SENSITIVE}")
        elif sign == "~":
            yield from _changed(one.path, one.before, one.after, lengths)
        else:
            value = one.after if sign == "+" else one.before
            yield from _given(sign, one.path, value, lengths)


def _given(sign: str, path: str, value: JsonValue, lengths: Lengths) -> Iterator[Text]:
    if not _is_prose(value):
        yield _field(sign, f"{plain(path)} = {_written(value, lengths)}")
        return
    lines = _spread(value)
    yield _field(sign, f"{plain(path)} =")
    for line in lines[: lengths.lines]:
        yield Text(f"            {_cut(line, lengths)}")
    yield from _rest(lines, lengths.lines, indent=12)


def _changed(path: str, before: JsonValue, after: JsonValue, lengths: Lengths) -> Iterator[Text]:
    if not (_is_prose(before) or _is_prose(after)):
        told = f"{_written(before, lengths)} -> {_written(after, lengths)}"
        yield _field("~", f"{plain(path)} = {told}")
        return
    yield _field("~", f"{plain(path)} =")
    diff = list(unified_diff(_spread(before), _spread(after), lineterm="", n=1))[_DIFF_HEAD:]
    for line in diff[: lengths.diff_lines]:
        shown = "…" if line.startswith("@@") else f"{line[:1]} {_cut(line[1:], lengths)}"
        yield Text(f"          {shown}", style=_SIGNS.get(line[:1], ""))
    yield from _rest(diff, lengths.diff_lines, indent=10)


def _rest(lines: list[str], shown: int | None, *, indent: int) -> Iterator[Text]:
    if shown is not None and len(lines) > shown:
        yield Text(f"{' ' * indent}… {len(lines) - shown} more lines (--full shows all)")


def _field(sign: str, words: str) -> Text:
    return Text.assemble((f"        {sign} ", _SIGNS[sign]), words)


def _is_prose(value: JsonValue) -> bool:
    match value:
        case str():
            return len(value) > _LONG or "\n" in value
        case list():
            return len(dumps(value)) > _LONG and any(isinstance(one, list | dict) for one in value)
        case dict():
            return len(dumps(value)) > _LONG
        case _:
            return False


def _spread(value: JsonValue) -> list[str]:
    match value:
        case str():
            return value.splitlines()
        case list():
            return ["[", *(f"  {dumps(one, ensure_ascii=False)}" for one in value), "]"]
        case _:
            return dumps(value, ensure_ascii=False, indent=2).splitlines()


def _written(value: JsonValue, lengths: Lengths) -> str:
    return _cut(dumps(value, ensure_ascii=False), lengths)


def _cut(line: str, lengths: Lengths) -> str:
    more = len(line) - (lengths.chars or len(line))
    return plain(line) if more <= 0 else f"{plain(line[: lengths.chars])} … {more} more characters"
