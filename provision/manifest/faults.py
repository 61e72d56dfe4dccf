"""Says what is wrong with a manifest: where, what was expected, what may have been meant."""

import json
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

FaultCode = Literal[
    "ambiguous_fields",
    "bad_character",
    "bad_choice",
    "bad_count",
    "bad_day",
    "bad_encoding",
    "bad_hours",
    "bad_id",
    "bad_key",
    "bad_length",
    "bad_node_tool",
    "bad_number",
    "bad_reference",
    "bad_text",
    "bad_time",
    "bad_timezone",
    "bad_url",
    "bad_variable",
    "differing_config",
    "empty",
    "file_empty",
    "file_missing",
    "file_name",
    "file_not_readable",
    "file_not_regular",
    "file_outside",
    "file_too_large",
    "file_type",
    "inbound_only",
    "long_variable",
    "manifest_too_large",
    "manifest_unreadable",
    "missing_field",
    "needs_calendar",
    "needs_calendar_tool",
    "needs_deploy",
    "out_of_range",
    "repeated_file",
    "repeated_id",
    "repeated_item",
    "repeated_key",
    "repeated_name",
    "several_documents",
    "tag",
    "too_deep",
    "too_many_values",
    "unknown_alias",
    "unknown_field",
    "unknown_node",
    "unknown_reference",
    "unknown_template",
    "unset_variable",
    "wrong_kind",
    "yaml_syntax",
]
"""What can be wrong with a manifest by itself; those of files are the client's own."""

_LONGEST = 60
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where something stands in a file; both numbers start at 1, as editors count."""

    line: int
    column: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing that is wrong.

    Every text is safe for a terminal and for a log: control characters are gone, and no value
    that came from a variable is in it.

    Attributes:
        code: Stable and machine-readable: a ``FaultCode``, or one of what is found out later
            upstream.
        file: The manifest as it was named by whoever asked.
        line: From 1.
        column: From 1, in characters.
        field: Dotted path, such as ``agents.caller.workflow.nodes.2.type``; empty for the whole.
        message: What was expected, in one sentence without a full stop.
        suggestion: What may have been meant, ready to be written, or None.
        source: The line of the file, or None when it would show a secret.
    """

    code: str
    file: str
    line: int
    column: int
    field: str
    message: str
    suggestion: str | None = None
    source: str | None = None

    def __str__(self) -> str:
        """``file:line:column: field: message``, one line."""
        named = f"{self.field}: " if self.field else ""
        meant = f" ({self.suggestion})" if self.suggestion else ""
        return f"{self.file}:{self.line}:{self.column}: {named}{self.message}{meant}"


def quoted(text: str) -> str:
    """The text in double quotes, shortened, and safe to print: nothing in it moves a cursor."""
    short = text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
    return visible(json.dumps(short, ensure_ascii=False))


def visible(text: str) -> str:
    """The text with everything that isn't seen (controls, marks of direction) replaced."""
    return "".join("�" if unicodedata.category(one) in _UNSEEN else one for one in text)


class ManifestError(Exception):
    """The manifest can't be used.

    Attributes:
        faults: Everything that is wrong, in the order of the file; never empty.
    """

    code = "manifest_invalid"

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))
