"""A whole manifest: a business, its calendar, its tools and files, and its agents."""

from typing import Any

from provision.manifest.faults import quoted
from provision.manifest.grammar.agent import AGENT
from provision.manifest.grammar.references import check_references
from provision.manifest.grammar.tools import ToolShape
from provision.manifest.grammar.words import identifier, line
from provision.manifest.records import Field, Keyed, Record
from provision.manifest.report import Path, Report
from provision.manifest.shapes import Text, near
from provision.manifest.tree import Node

EXISTING = "existing"
"""``calendar: existing``: what is connected upstream is used."""

_CONNECTED = Record(
    title="a calendar",
    fields={
        "calendarId": Field(
            shape=line(expected="the id of a calendar"),
            required=True,
            about="primary, or the id of one calendar in Google's settings.",
        ),
        "accessToken": Field(
            shape=Text(most=16_384, expected="an access token", pattern=r"[!-~]+"),
            required=True,
            about="A Google OAuth access token for calendars; write ${GOOGLE_ACCESS_TOKEN} to "
            "take it from the environment.",
        ),
    },
)


class _CalendarShape:
    """A calendar to connect, or the word for the one that is connected."""

    def schema(self) -> dict[str, Any]:
        return {"anyOf": [{"const": EXISTING}, _CONNECTED.schema()]}

    def read(self, node: Node, path: Path, report: Report) -> dict[str, Any] | str | None:
        word = node.text()
        if word is None:
            return _CONNECTED.read(node, path, report)
        if word == EXISTING:
            return word
        message = f"expected {EXISTING}, or calendarId and accessToken; found {quoted(word)}"
        report.add(path, node.place, "bad_choice", message, near(word, (EXISTING,)))
        return None


_FILE = Record(
    title="a file",
    fields={
        "path": Field(
            shape=Text(most=1_000, expected="a path"),
            about="A file on this machine, relative to the manifest and within its folder, or "
            "absolute. Text, PDF or DOCX, at most 25 MiB.",
        ),
        "id": Field(
            shape=identifier("a file"),
            about="A file that exists upstream: used as it is, never changed or deleted.",
        ),
    },
    one_of=("path", "id"),
)

MANIFEST = Record(
    title="a manifest",
    fields={
        "business": Field(
            shape=identifier("a business"), required=True, about="The business's id."
        ),
        "calendar": Field(
            shape=_CalendarShape(),
            about="The Google Calendar that appointments go to: calendarId and accessToken, or "
            "existing for the one that is connected already.",
        ),
        "tools": Field(
            shape=Keyed(item=ToolShape(), expected="tools"),
            about="Tools by keys of your own; agents refer to the keys.",
        ),
        "files": Field(
            shape=Keyed(item=_FILE, expected="files"),
            about="Files for the knowledge base by keys of your own; agents refer to the keys.",
        ),
        "agents": Field(
            shape=Keyed(item=AGENT, expected="agents"),
            about="Voice agents by keys of your own.",
        ),
    },
    judge=check_references,
    free="x-",
)
"""The file as a whole; keys that begin with x- are passed over, for anchors."""
