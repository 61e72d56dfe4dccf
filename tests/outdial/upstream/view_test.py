"""What the upstream sent is shown as text: wrapped, named, and harmless to a terminal."""

from datetime import UTC, datetime
from io import StringIO

import pytest
from rich.console import Console, RenderableType

from outdial.upstream.view import as_json, details, dialogue, moment, size, span
from partner import CallRecord

HOSTILE = "\x1b]0;owned\x07\x1b[2Jred\x1b[31m \u202eevil\x9b"


def shown(what: RenderableType, width: int = 60) -> str:
    """What a terminal of that width would show."""
    file = StringIO()
    Console(file=file, width=width, markup=False, highlight=False, emoji=False).print(what)
    return file.getvalue()


def test_details_leave_out_what_is_not_there() -> None:
    pairs = [("id", "call_1"), ("empty", ""), ("none", None), ("no", False), ("zero", 0)]
    assert shown(details(pairs)).split() == ["id", "call_1", "no", "no", "zero", "0"]


def test_a_dialogue_wraps_beside_its_speakers() -> None:
    text = "Agent: Hello, this is Example Plumbing. How can I help you today?\nUser: A leak."
    lines = shown(dialogue(text), width=40).splitlines()
    assert lines[0].startswith("Agent: Hello, this is")
    assert lines[1].startswith("       ")
    assert lines[-1].startswith("User:  A leak.")


def test_a_line_without_a_speaker_goes_on_with_the_last() -> None:
    lines = shown(dialogue("(ringing)\nAgent: One\nand two\nhttp://example.com")).splitlines()
    assert [line.strip() for line in lines] == [
        "(ringing)",
        "Agent: One",
        "and two",
        "http://example.com",
    ]


@pytest.mark.parametrize(
    "made",
    [
        dialogue(f"Agent: {HOSTILE}\n{HOSTILE}: words"),
        details([("id", HOSTILE), ("more", {HOSTILE: [HOSTILE]}), ("text", f"a\n{HOSTILE}\rb")]),
    ],
    ids=["dialogue", "details"],
)
def test_nothing_reaches_the_terminal_but_text(made: RenderableType) -> None:
    text = shown(made)
    assert "evil" in text
    assert not [c for c in text if not c.isprintable() and c != "\n"]


def test_an_object_is_given_as_it_came() -> None:
    came = {"id": "c", "durationMs": "long", "leadContext": {"name": "Ann", "new": 1}, "extra": []}
    assert as_json(CallRecord.model_validate(came)) == came


def test_units() -> None:
    assert moment(datetime(2026, 1, 5, 17, 30, 2, 9, tzinfo=UTC)) == "2026-01-05 17:30:02Z"
    assert [span(ms) for ms in (None, 0, 59_600, 125_000)] == [None, "0:00", "1:00", "2:05"]
    assert [size(n) for n in (None, 812, 1434, 25 * 1024**2)] == [
        None,
        "812 B",
        "1.4 KiB",
        "25.0 MiB",
    ]
