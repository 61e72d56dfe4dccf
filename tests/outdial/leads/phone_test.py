"""`outdial phone` reports on numbers and files, and says what is wrong with its arguments."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from outdial.leads.phone import phone

_APP = typer.Typer()
_APP.command()(phone)
_ENVIRONMENT = {"COLUMNS": "600", "NO_COLOR": "1", "TERM": "dumb"}


def _run(*arguments: str) -> Result:
    return CliRunner().invoke(_APP, arguments, env=_ENVIRONMENT)


def _rows(*arguments: str) -> list[dict[str, str | None]]:
    result = _run("--json", *arguments)
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


def _write(path: Path, rows: Sequence[str], encoding: str = "utf-8") -> str:
    path.write_bytes("".join(f"{row}\n" for row in rows).encode(encoding))
    return str(path)


@pytest.fixture
def leads(tmp_path: Path) -> str:
    return _write(
        tmp_path / "leads.csv",
        [
            "name,Phone Number,phone_type",
            "Ana,(212) 555-0142,cell",
            'Ben,"cell: 917-555-0143",cell',
            "Cy,212-555 home,home",
            "",
            "Di",
            'Ed,"212-555-0142\n917-555-0143",both',
        ],
    )


def test_numbers_as_objects() -> None:
    assert _rows("cell: (212) 555-0142", "212-555-0142 / 917-555-0143") == [
        {
            "raw": "cell: (212) 555-0142",
            "e164": "+12125550142",
            "code": "ok_label",
            "suggestion": None,
        },
        {
            "raw": "212-555-0142 / 917-555-0143",
            "e164": None,
            "code": "multiple_numbers",
            "suggestion": "+12125550142|+19175550143",
        },
    ]


def test_numbers_as_a_table_with_a_summary() -> None:
    result = _run("cell: (212) 555-0142", "212-555 home", "212-555-0142 ext 5")
    assert result.exit_code == 0
    assert "3 rows: 1 accepted, 2 refused" in result.stdout
    assert "ok_label" in result.stdout
    assert "There are too few digits" in result.stdout
    assert result.stdout.count("+12125550142") == 2


def test_a_column_of_a_file(leads: str) -> None:
    rows = _rows("--csv", leads, "--column", "Phone Number")
    assert [row["code"] for row in rows] == [
        "ok_555_exchange",
        "ok_label",
        "too_short",
        "empty",
        "multiple_numbers",
    ]


@pytest.mark.parametrize("column", ["phone_number", "PHONE NUMBER", " phonenumber "])
def test_a_column_is_found_however_it_is_written(leads: str, column: str) -> None:
    assert len(_rows("--csv", leads, "--column", column)) == 5


def test_the_only_likely_column_is_guessed(leads: str) -> None:
    assert len(_rows("--csv", leads)) == 5


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ("phone,mobile", 'several columns look like a phone; name one of: "phone", "mobile"'),
        ("name,city", 'no column looks like a phone; name one of: "name", "city"'),
    ],
)
def test_a_guess_is_never_a_choice(tmp_path: Path, header: str, message: str) -> None:
    result = _run("--csv", _write(tmp_path / "leads.csv", [header, "a,b"]))
    assert result.exit_code == 2
    assert message in result.stderr


def test_a_missing_column_is_answered_with_the_columns_and_the_nearest(leads: str) -> None:
    result = _run("--csv", leads, "--column", "phone numbr")
    assert result.exit_code == 2
    assert '"name", "Phone Number", "phone_type"' in result.stderr
    assert 'Did you mean "Phone Number"?' in result.stderr


def test_a_missing_column_that_resembles_none(leads: str) -> None:
    result = _run("--csv", leads, "--column", "xyzzy")
    assert result.exit_code == 2
    assert "Did you mean" not in result.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "give numbers, or a file with --csv"),
        (("212-555-0142", "--csv", "leads.csv"), "give numbers, or a file with --csv"),
        (("212-555-0142", "--column", "phone"), "it names a column of a file; add --csv"),
        (("--csv", "no-such-file.csv"), "No such file"),
        (("--csv", "."), "directory"),
    ],
)
def test_wrong_arguments(arguments: tuple[str, ...], message: str) -> None:
    result = _run(*arguments)
    assert result.exit_code == 2
    assert message in result.stderr
    assert result.stdout == ""


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\xef\xbb\xbf"])
def test_an_empty_file(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "leads.csv").write_bytes(content)
    result = _run("--csv", str(tmp_path / "leads.csv"))
    assert result.exit_code == 2
    assert "is empty" in result.stderr


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_encodings(tmp_path: Path, encoding: str) -> None:
    file = _write(tmp_path / "leads.csv", ["phone,name", "Teléfono: 2125550142,José"], encoding)
    assert _rows("--csv", file) == [
        {
            "raw": "Teléfono: 2125550142",
            "e164": "+12125550142",
            "code": "ok_label",
            "suggestion": None,
        },
    ]


def test_a_late_foreign_byte_decides_the_encoding(tmp_path: Path) -> None:
    rows = ["phone,name", *["212-555-0142,Ana"] * 100_000, "917-555-0143,José"]
    answers = _rows("--csv", _write(tmp_path / "leads.csv", rows, "cp1252"))
    assert len(answers) == 100_001
    assert answers[-1]["e164"] == "+19175550143"


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_other_delimiters(tmp_path: Path, delimiter: str) -> None:
    rows = [delimiter.join(("name", "phone")), delimiter.join(("Ana, Kim", "212-555-0142"))]
    assert _rows("--csv", _write(tmp_path / "leads.csv", rows))[0]["e164"] == "+12125550142"


def test_a_single_column(tmp_path: Path) -> None:
    assert len(_rows("--csv", _write(tmp_path / "leads.csv", ["tel", "212-555-0142"]))) == 1


def test_a_field_beyond_all_bounds_is_told_not_a_crash(tmp_path: Path) -> None:
    file = _write(tmp_path / "leads.csv", ["phone", "2" * 1_000_000])
    result = _run("--csv", file)
    assert result.exit_code == 2
    assert "not a CSV file that can be read" in result.stderr


def test_a_long_file_is_counted_in_full_and_shown_in_part(tmp_path: Path) -> None:
    file = _write(tmp_path / "leads.csv", ["phone", *["212-664-0142"] * 1_234])
    result = _run("--csv", file)
    assert "and 234 more rows" in result.stdout
    assert "1,234 rows: 1,234 accepted, 0 refused" in result.stdout
    assert result.stdout.count("+12126640142") == 1_000


def test_nothing_in_a_field_reaches_the_terminal_as_a_command() -> None:
    result = _run("\x1b[31m212", "[bold]212[/bold]", "\u202e2410555212", "\udcff212")
    assert result.exit_code == 0
    assert "\x1b" not in result.stdout
    assert "\u202e" not in result.stdout
    assert r"\x1b[31m212" in result.stdout
    assert "[bold]212[/bold]" in result.stdout
    assert r"\udcff212" in result.stdout


def test_territories_when_asked() -> None:
    assert _rows("787-234-0142")[0]["code"] == "us_territory"
    assert _rows("--allow-territories", "787-234-0142")[0]["e164"] == "+17872340142"


@pytest.mark.parametrize("column", ["phone", "mobile", "Cell Phone"])
def test_a_usual_name_finds_the_only_column_of_phones(leads: str, column: str) -> None:
    assert len(_rows("--csv", leads, "--column", column)) == 5


def test_a_usual_name_is_no_choice_among_several(tmp_path: Path) -> None:
    file = _write(tmp_path / "leads.csv", ["Home Phone,Work Phone", "212-555-0142,212-555-0143"])
    result = _run("--csv", file, "--column", "phone")
    assert result.exit_code == 2
    assert 'name one of: "Home Phone", "Work Phone"' in result.stderr


def test_a_quote_that_is_not_closed_is_told_before_any_row(tmp_path: Path) -> None:
    rows = ["name,phone", "Ana,212-555-0142", '"Ben,212-555-0143', "Cy,212-555-0144"]
    result = _run("--json", "--csv", _write(tmp_path / "leads.csv", rows))
    assert result.exit_code == 2
    assert "line 3 (row 3)" in result.stderr
    assert result.stdout == ""


def test_one_row_is_one_row() -> None:
    assert "1 row: 1 accepted, 0 refused" in _run("212-555-0142").stdout


def test_a_number_that_starts_with_a_dash_comes_after_two() -> None:
    assert _rows("--", "-5")[0]["code"] == "too_short"
