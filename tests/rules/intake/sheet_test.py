"""Tables as text: what is read needs no file, and nothing of a hostile one costs much."""

import io

import pytest

from dialer.rules.errors import InvalidInputError
from dialer.rules.intake.sheet import MAX_COLUMNS, delimiter_of, encoding_of, read_sheet


@pytest.mark.parametrize(
    ("chunks", "encoding"),
    [
        ([b"Name\nJos\xc3", b"\xa9"], "utf-8-sig"),
        ([b"\xef\xbb\xbfName"], "utf-8-sig"),
        ([b"\xff\xfeN\x00"], "utf-16"),
        ([b"Name\nJos\xe9"], "cp1252"),
        ([b"Name\nJos\xc3"], "cp1252"),
        ([], "utf-8-sig"),
    ],
)
def test_the_bytes_tell_the_encoding(chunks: list[bytes], encoding: str) -> None:
    assert encoding_of(chunks) == encoding


def test_rows_are_read_as_they_are_asked_for() -> None:
    lines = iter(["a;b\r\n", "1;2\r\n", "3;4\r\n"])
    sheet = read_sheet(lines, delimiter=delimiter_of("a;b"))
    assert sheet is not None
    assert sheet.header == ("a", "b")
    assert next(sheet.rows).cells == ("1", "2")
    assert next(lines) == "3;4\r\n"


@pytest.mark.parametrize("text", ["", "\n\n", " , \n"])
def test_nothing_is_no_table(text: str) -> None:
    assert read_sheet(io.StringIO(text, newline=""), delimiter=",") is None


def test_too_many_columns_are_refused_before_anything_is_made_of_them() -> None:
    line = "a," * MAX_COLUMNS
    with pytest.raises(InvalidInputError, match="1,001 columns") as caught:
        read_sheet([line], delimiter=",")
    assert caught.value.faults[0].code == "too_many_columns"


def test_a_row_that_breaks_is_told_when_it_is_reached() -> None:
    sheet = read_sheet(["a,b\n", "1,2\n", '3,"4\n'], delimiter=",")
    assert sheet is not None
    assert next(sheet.rows).number == 2
    with pytest.raises(InvalidInputError, match=r"line 3 \(row 3\): a quote is opened here"):
        next(sheet.rows)
