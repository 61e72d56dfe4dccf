"""Shows a fault with the line of the file that it is in, and a mark under the place."""

import unicodedata

from provision.manifest.faults import Fault

_WIDTH = 96
_BEFORE = 60


def snippet(fault: Fault) -> str:
    """The fault as several lines of text: what and where, the line, the mark, the suggestion.

    A line that would show a secret is left out.
    """
    head = f"{fault.file}:{fault.line}:{fault.column}: {_named(fault)}{fault.message}"
    margin = " " * len(str(fault.line))
    lines = [head]
    if fault.source is not None:
        shown, mark = _window(fault.source, fault.column - 1)
        lines += [f"  {fault.line} | {shown}", f"  {margin} | {mark}^"]
    if fault.suggestion is not None:
        lines.append(f"  {margin} = {fault.suggestion}")
    return "\n".join(lines)


def _named(fault: Fault) -> str:
    return f"{fault.field}: " if fault.field else ""


def _window(line: str, at: int) -> tuple[str, str]:
    """The part of the line that fits, and the spaces that bring the mark under its place."""
    start = 0 if len(line) <= _WIDTH else max(0, at - _BEFORE)
    shown = line[start : start + _WIDTH]
    if start > 0:
        shown = "…" + shown[1:]
    if start + _WIDTH < len(line):
        shown = shown[:-1] + "…"
    return shown, " " * sum(_cells(one) for one in shown[: at - start])


def _cells(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
