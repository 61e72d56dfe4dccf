"""Lists fit the terminal: columns go before anything is broken that people copy."""

from io import StringIO

import pytest
from rich.console import Console

from outdial.upstream.listing import Column, show_list

CALL = "call_0123456789abcdef0123"
NUMBER = "+12125550123"
COLUMNS = (
    Column(name="id"),
    Column(name="status"),
    Column(name="number"),
    Column(name="agent", prose=True, spare=1),
    Column(name="because", spare=2),
)
ROW = (CALL, "IN_PROGRESS", NUMBER, "Speed-to-lead caller", "assistant-forwarded-call")


def shown(width: int, monkeypatch: pytest.MonkeyPatch, *rows: tuple[object, ...]) -> list[str]:
    """The lines that a terminal of that width would show."""
    monkeypatch.setenv("COLUMNS", str(width))
    file = StringIO()
    console = Console(file=file, width=width, markup=False, highlight=False, emoji=False)
    show_list(console, COLUMNS, rows, what="calls")
    return file.getvalue().splitlines()


@pytest.mark.parametrize("width", [120, 100, 80, 72, 60, 40, 20])
def test_what_people_copy_is_never_broken(width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "\n".join(shown(width, monkeypatch, ROW))
    assert all(value in text for value in (CALL, NUMBER, "IN_PROGRESS"))


@pytest.mark.parametrize("width", [120, 100, 80, 72, 60])
def test_no_line_is_wider_than_the_terminal(width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    assert max(len(line) for line in shown(width, monkeypatch, ROW)) <= width


def test_columns_go_in_their_order(monkeypatch: pytest.MonkeyPatch) -> None:
    heads = [shown(width, monkeypatch, ROW)[0].split() for width in (120, 80, 56)]
    assert heads[0] == ["id", "status", "number", "agent", "because"]
    assert heads[1] == ["id", "status", "number", "agent"]
    assert heads[2] == ["id", "status", "number"]


def test_prose_is_wrapped_between_words(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = shown(70, monkeypatch, ROW)
    assert [line.split()[-1] for line in lines[2:]] == ["Speed-to-lead", "caller"]


def test_what_goes_to_a_pipe_is_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    file = StringIO()
    console = Console(file=file, width=40, markup=False, highlight=False, emoji=False)
    show_list(console, COLUMNS, [ROW], what="calls")
    assert all(value in file.getvalue().splitlines()[2] for value in map(str, ROW))


def test_an_empty_list_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    assert shown(80, monkeypatch) == ["No calls."]


def test_nothing_reaches_the_terminal_but_text(monkeypatch: pytest.MonkeyPatch) -> None:
    hostile = "\x1b]0;owned\x07\x1b[2J[red]\u202eevil\r\n"
    for width in (200, 20):
        text = "".join(shown(width, monkeypatch, (hostile,) * len(COLUMNS)))
        assert "evil" in text
        assert text.isprintable()
