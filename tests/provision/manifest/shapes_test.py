"""Shapes by themselves: what they take, what they say, and silence about what was told."""

from dataclasses import replace

import pytest

from provision.manifest.report import Report
from provision.manifest.shapes import Choice, Flag, Shape, Text, Whole, near, nearest
from provision.manifest.tree import grown

WORDS = ("transferCall", "googleCal", "endCall")
SHAPES = [Text(), Choice(WORDS), Whole(1, 5), Flag()]


def faults(shape: Shape, value: object) -> list[tuple[str, str]]:
    report = Report()
    shape.read(grown(value), ("x",), report)
    return [(one.code, one.message) for one in report.faults(shown="f", lines=[], mask=str)]


@pytest.mark.parametrize("shape", SHAPES)
def test_a_value_with_a_fault_is_not_told_again(shape: Shape) -> None:
    report = Report()
    assert shape.read(replace(grown("${X}"), broken=True), ("x",), report) is None
    assert report.paths == ()


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("value", [None, [], {}, 9.5])
def test_a_value_of_another_kind(shape: Shape, value: object) -> None:
    assert [code for code, _ in faults(shape, value)] == ["wrong_kind"]


@pytest.mark.parametrize(
    ("least", "most", "length", "message"),
    [
        (1, 5, 0, "expected text, found nothing"),
        (1, 5, 6, "expected at most 5 characters, found 6"),
        (2, 5, 1, "expected 2 to 5 characters, found 1"),
        (0, 5, 6, "expected at most 5 characters, found 6"),
    ],
)
def test_lengths(least: int, most: int, length: int, message: str) -> None:
    assert faults(Text(least=least, most=most), "x" * length) == [("bad_length", message)]


@pytest.mark.parametrize("character", ["\x00", "\x1b", "\x7f", "\x9b", "\ud800"])
def test_characters_that_no_text_needs(character: str) -> None:
    ((code, message),) = faults(Text(), f"a{character}")
    assert code == "bad_character"
    assert f"U+{ord(character):04X}" in message


def test_line_breaks_and_tabs_are_fine() -> None:
    assert faults(Text(), "a\tb\r\nc") == []


def test_a_word_in_another_case_is_near() -> None:
    assert nearest("TRANSFERCALL", WORDS) == "transferCall"
    assert near("endcal", WORDS) == 'did you mean "endCall"?'
    assert near("something else", WORDS) is None
    assert near("x" * 1_000_000, WORDS) is None
