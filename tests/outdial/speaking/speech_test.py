"""Commands speak safely: untrusted text moves no cursor and is taken for no markup."""

import json

import pytest
from rich.console import Console

from outdial.speaking.speech import (
    CommandError,
    Exit,
    cell,
    counted,
    out,
    say_fault,
    table,
    write_json,
)

HOSTILE = "\x1b[2J\x1b]0;owned\x07[red]bold[/red] \u202egnp.exe :smile:\r\x00"


def test_a_cell_moves_no_cursor() -> None:
    text = cell(HOSTILE).plain
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "\r" not in text
    assert "[red]bold[/red]" in text
    assert ":smile:" in text


def test_nothing_is_shown_for_none() -> None:
    assert cell(None).plain == ""


def test_a_table_keeps_ids_whole(capsys: pytest.CaptureFixture[str]) -> None:
    identifier = "0192f0c1-7a3e-7c52-9d1b-3f5a2f8e4b10"
    rows = [(identifier, "a long text " * 20, 1_234)]
    Console(width=80).print(table(("id", "text", "n#"), rows))
    shown = capsys.readouterr().out
    assert identifier in shown
    assert "1234" in shown


def test_a_fault_is_one_safe_line_on_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    say_fault(CommandError(f"bad {HOSTILE}", code=Exit.USAGE))
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("outdial: bad ")
    assert "\x1b" not in said.err
    assert said.err.count("\n") == 1


def test_json_is_one_line_of_ascii(capsys: pytest.CaptureFixture[str]) -> None:
    write_json({"name": "José\n🌧"})
    said = capsys.readouterr().out
    assert said.isascii()
    assert said.count("\n") == 1
    assert json.loads(said) == {"name": "José\n🌧"}


def test_a_pipe_is_wide(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    monkeypatch.setenv("TERM", "dumb")
    out().print("x" * 150)
    assert capsys.readouterr().out == "x" * 150 + "\n"


def test_one_is_one() -> None:
    assert [counted(n, "row") for n in (0, 1, 1_200)] == ["0 rows", "1 row", "1,200 rows"]
