"""A child's line can't act on the terminal."""

import pytest

from outdial.speaking.lines import clean, moment, plain


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        (b"plain\n", "plain"),
        (b"tab\tkept\r\n", "tab\tkept"),
        (b"\x1b[31mred\x1b[0m", "red"),
        (b"\x1b]0;title\x07text", "text"),
        (b"\x1b]8;;https://example.com\x1b\\link", "link"),
        (b"\x1b]52;c;never ended", ""),
        (b"back\x08space \x9b1A \x7f", "back?space \N{REPLACEMENT CHARACTER}1A ?"),
        ("c1 \u009b2J".encode(), "c1 ?2J"),
        (b"lone \x1b", "lone ?"),
        (b"over\rwritten", "over?written"),
        ("caf\u00e9".encode(), "caf\u00e9"),
    ],
)
def test_a_line_is_shown_without_its_powers(raw: bytes, shown: str) -> None:
    assert clean(raw) == shown


def test_marks_that_reorder_a_line_are_shown() -> None:
    assert plain("\u202egnp.exe\u2066 \u200f\u061c") == "?gnp.exe? ??"


def test_an_instant_is_shown_to_the_second() -> None:
    assert moment("2026-03-03T17:30:00.123456Z") == "2026-03-03 17:30:00Z"
    assert moment(None) is None
