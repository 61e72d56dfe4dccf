"""Faults collected: their order, their number, and lines that may not be shown."""

import pytest

from provision.manifest.faults import Place
from provision.manifest.masking import masker
from provision.manifest.report import MAX_FAULTS, Report


def shown(lines: list[str], number: int, *secrets: str) -> str | None:
    report = Report()
    report.add(("a",), Place(line=number, column=1), "bad_text", "expected x")
    (fault,) = report.faults(shown="f", lines=lines, mask=masker(secrets))
    return fault.source


def test_order_and_number() -> None:
    report = Report()
    for line in range(MAX_FAULTS + 50, 0, -1):
        report.add(("a", str(line)), Place(line=line, column=2), "bad_text", "expected x")
    found = report.faults(shown="f", lines=[], mask=str)
    assert [one.line for one in found] == list(range(1, MAX_FAULTS + 1))
    assert len(report) == MAX_FAULTS + 50


def test_texts_are_safe_to_print() -> None:
    report = Report()
    report.add(("a\x1b[31m",), Place(line=1, column=1), "bad_text", "expected x")
    (fault,) = report.faults(shown="f\x07", lines=["b\u202ec\td"], mask=str)
    assert (fault.file, fault.field, fault.source) == ("f�", "a�[31m", "b�c d")


@pytest.mark.parametrize(
    ("lines", "number"),
    [
        (["accessToken: abc"], 1),
        (['"accessToken" : abc'], 1),
        (["a:", "  Authorization: abc"], 2),
        (["secret: |", "  abc"], 2),
        (["secret: |", "  abc", "", "  def"], 4),
        (["password:", "  - abc"], 2),
        (["a: {apiKey: abc}"], 1),
    ],
)
def test_a_line_that_may_hold_a_secret_is_not_shown(lines: list[str], number: int) -> None:
    assert shown(lines, number) is None


@pytest.mark.parametrize(
    ("lines", "number"),
    [
        (["secret: |", "  abc", "name: x"], 3),
        (["collectFields: [name]"], 1),
        (["tokens: 5"], 1),
    ],
)
def test_another_line_is(lines: list[str], number: int) -> None:
    assert shown(lines, number) == lines[number - 1]


def test_a_line_with_a_known_secret_is_not_shown() -> None:
    assert shown(["name: abcd"], 1, "abcd") is None


def test_a_line_that_is_not_there() -> None:
    assert shown([], 1) is None


def test_what_is_met_at_several_aliases_is_told_once() -> None:
    report = Report()
    for key in ("monday", "tuesday"):
        report.add((key, "0"), Place(line=2, column=1), "bad_time", "expected a time")
    report.add(("friday", "0"), Place(line=3, column=1), "bad_time", "expected a time")
    found = report.faults(shown="f", lines=[], mask=str)
    assert [one.field for one in found] == ["monday.0", "friday.0"]
