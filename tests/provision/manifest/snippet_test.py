"""Faults with the line that they are in."""

from pathlib import Path

from provision.manifest.faults import Fault
from provision.manifest.snippet import snippet
from tests.provision.manifest.manifests import AGENT, faults_of


def shown(line: str, column: int, suggestion: str | None = None) -> list[str]:
    fault = Fault(
        code="x",
        file="a.yaml",
        line=12,
        column=column,
        field="business",
        message="expected y",
        suggestion=suggestion,
        source=line,
    )
    return snippet(fault).split("\n")


def test_the_mark_stands_under_the_place() -> None:
    assert shown("  a: bc", 6, "write z") == [
        "a.yaml:12:6: business: expected y",
        "  12 |   a: bc",
        "     |      ^",
        "     = write z",
    ]


def test_wide_and_combining_characters() -> None:
    assert shown("日本: x", 5)[2] == "     |       ^"
    assert shown("e\u0301: x", 5)[2] == "     |    ^"


def test_a_long_line_is_cut_around_the_place() -> None:
    line = "x" * 500 + "HERE" + "y" * 500
    _, source, mark = shown(line, 501)
    assert source[mark.index("^") :].startswith("HERE")
    assert source[7] == "…"
    assert source[-1] == "…"
    assert len(source) < 110


def test_without_a_line_there_is_no_mark(tmp_path: Path) -> None:
    text = AGENT + "calendar: {calendarId: 5, accessToken: very-secret-token}\n"
    (fault,) = faults_of(tmp_path, text)
    assert fault.source is None
    assert "very-secret" not in snippet(fault)
    assert "^" not in snippet(fault)
