"""Collects faults while a manifest is read, so that all of them are told at once."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from provision.manifest.faults import Fault, FaultCode, Place, visible

Path = tuple[str, ...]
"""The keys and positions (from 0) that lead to a value."""

MAX_FAULTS = 100
"""More help nobody; the rest come with the next reading."""

SENSITIVE = re.compile(
    r"(?:token|secret|password|passwd|authorization|api[-_]?key|credentials?)$", re.IGNORECASE
)
"""Names of fields whose values are secrets even where they are written out."""

_SENSITIVE_LINE = re.compile(
    r"""(?:token|secret|password|passwd|authorization|api[-_]?key|credentials?)["']?\s*:""",
    re.IGNORECASE,
)


class UnreadableError(Exception):
    """Nothing more can be read; the reason is in the report."""

    code = "manifest_unreadable"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    path: Path
    place: Place
    code: FaultCode
    message: str
    suggestion: str | None


class Report:
    """The faults found so far."""

    def __init__(self) -> None:
        self._found: list[_Found] = []

    def __len__(self) -> int:
        return len(self._found)

    @property
    def paths(self) -> tuple[Path, ...]:
        """Where the faults are, as they were found."""
        return tuple(one.path for one in self._found)

    def add(
        self,
        path: Path,
        place: Place,
        code: FaultCode,
        message: str,
        suggestion: str | None = None,
    ) -> None:
        """Take a fault.

        Args:
            path: Leads to the value.
            place: Where it stands.
            code: Stable and machine-readable.
            message: What was expected.
            suggestion: What may have been meant.
        """
        self._found.append(
            _Found(path=path, place=place, code=code, message=message, suggestion=suggestion)
        )

    def stop(self, place: Place, code: FaultCode, message: str) -> UnreadableError:
        """Take a fault after which nothing can be read, and give the error to raise."""
        self.add((), place, code, message)
        return UnreadableError(code)

    def faults(
        self, *, shown: str, lines: Sequence[str], mask: Callable[[str], str]
    ) -> tuple[Fault, ...]:
        """Everything found, in the order of the file.

        Args:
            shown: The file as it was named by whoever asked.
            lines: The file's lines.
            mask: Hides secrets in a text.
        """
        # What stands behind an anchor is met at each of its aliases.
        once = {(one.place, one.code, one.message): one for one in reversed(self._found)}
        found = [one for one in self._found if once[one.place, one.code, one.message] is one]
        ordered = sorted(found, key=lambda one: (one.place.line, one.place.column))
        return tuple(
            Fault(
                code=one.code,
                file=visible(shown),
                line=one.place.line,
                column=one.place.column,
                field=visible(".".join(one.path)),
                message=mask(one.message),
                suggestion=None if one.suggestion is None else mask(one.suggestion),
                source=shown_line(lines, one.place.line, mask),
            )
            for one in ordered[:MAX_FAULTS]
        )


def shown_line(lines: Sequence[str], number: int, mask: Callable[[str], str]) -> str | None:
    """A line that is safe to print, or None where it may hold a secret in the clear.

    Args:
        lines: The file's lines.
        number: Which of them, from 1.
        mask: Hides secrets in a text.
    """
    if number > len(lines) or _holds_secret(lines, number - 1):
        return None
    line = lines[number - 1]
    return visible(line.replace("\t", " ")) if mask(line) == line else None


def _holds_secret(lines: Sequence[str], index: int) -> bool:
    indent = len(lines[index]) + 1
    for line in reversed(lines[: index + 1]):
        own = len(line) - len(line.lstrip())
        if not line.strip() or own >= indent:
            continue
        if _SENSITIVE_LINE.search(line):
            return True
        indent = own
    return False
