"""Tables as spreadsheets save them: encodings, separators, row numbers, broken files."""

from pathlib import Path

import pytest

from dialer.rules.intake.sheet import Row
from outdial.speaking.sheet import opened
from outdial.speaking.speech import CommandError, Exit


def read(path: Path) -> tuple[tuple[str, ...], list[Row]]:
    """A whole table."""
    with opened(path) as sheet:
        return sheet.header, list(sheet.rows)


def cells(path: Path) -> list[tuple[str, ...]]:
    """The cells of a table's rows."""
    return [row.cells for row in read(path)[1]]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_it_reads_what_spreadsheets_write(tmp_path: Path, encoding: str) -> None:
    file = tmp_path / "a.csv"
    file.write_bytes("Name,Phone\r\nJosé Muñoz,2125550142\r\n".encode(encoding))
    assert read(file)[0] == ("Name", "Phone")
    assert cells(file) == [("José Muñoz", "2125550142")]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_the_header_tells_the_separator(tmp_path: Path, separator: str) -> None:
    file = tmp_path / "a.csv"
    file.write_text(f"Name{separator}Phone\nAda{separator}1\n", encoding="utf-8")
    assert cells(file) == [("Ada", "1")]


def test_rows_are_numbered_as_a_spreadsheet_does(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text('a,b\n1,"two\nlines"\n\n , \n2,x\n', encoding="utf-8")
    assert [(row.number, row.cells) for row in read(file)[1]] == [
        (2, ("1", "two\nlines")),
        (5, ("2", "x")),
    ]


def test_short_rows_are_filled_and_what_is_too_much_is_told(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("a,b\n1\n1,2,,\n1,2,3, ,4\n", encoding="utf-8")
    assert read(file)[1] == [
        Row(2, ("1", "")),
        Row(3, ("1", "2")),
        Row(4, ("1", "2"), ("3", "4")),
    ]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "No such file"),
        (b"", "is empty"),
        (b"\n\n", "is empty"),
        (b'a\n"' + b"x" * 200_000 + b'"\n', r"line 2 \(row 2\): not a CSV file"),
    ],
)
def test_a_file_that_cannot_be_read_is_told_with_its_reason(
    tmp_path: Path, content: bytes | None, said: str
) -> None:
    file = tmp_path / "a.csv"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(CommandError, match=said) as caught:
        read(file)
    assert caught.value.code is Exit.USAGE


@pytest.mark.parametrize(
    ("rows", "line"),
    [
        pytest.param(['1,"Ada,2125550142', "2,Ben,2125550143"], 2, id="never closed"),
        pytest.param(
            ["1,Ada,2125550142", '2,"Ben,2125550143', '3,"Cy",2125550144'], 3, id="closed too late"
        ),
        pytest.param(
            ['1,"Ada,2125550142', "2,Ben,2125550143", '3,Cy",2125550144'], 2, id="paired by chance"
        ),
        pytest.param(['1,"Ada,home', "2,Ben,none", '3,Cy",none'], 2, id="rows without any phone"),
        pytest.param(['1,"Ada', *["x"] * 25, 'end",2125550142'], 2, id="a cell of many lines"),
        pytest.param(['1,"Ada "the boss" Example",2125550142'], 2, id="quotes inside quotes"),
        pytest.param(
            ['1,"two\nlines",2125550142', "", '2,"Ben,2125550143'], 5, id="lines are a text's"
        ),
    ],
)
def test_a_quote_that_swallows_rows_is_told_with_its_line(
    tmp_path: Path, rows: list[str], line: int
) -> None:
    file = tmp_path / "a.csv"
    file.write_text("id,name,phone\n" + "".join(f"{row}\n" for row in rows), encoding="utf-8")
    with pytest.raises(CommandError, match=rf"a\.csv, line {line} \(row .*quote") as caught:
        read(file)
    assert caught.value.code is Exit.USAGE


@pytest.mark.parametrize(
    ("header", "row"),
    [
        ("phone,notes", '2125550142,"Roof, bad\nCall 2125550143, late\nThird floor"'),
        ("id,phone,name,notes", '7,2125550142,Ada,"12 Main St, Apt 4\nSpringfield, IL, 62701"'),
        ("phone,notes", '2125550142,"' + "a line\n" * 20 + '"'),
        ("phone,size", '2125550142,5" pipe'),
        ("phone,notes", '2125550142,"says ""hello"""'),
    ],
)
def test_notes_of_several_lines_and_lone_inch_marks_are_read(
    tmp_path: Path, header: str, row: str
) -> None:
    file = tmp_path / "a.csv"
    file.write_text(f"{header}\n{row}\n", encoding="utf-8")
    assert len(read(file)[1]) == 1
