"""The progress of an apply: each step with its time, each wait once, uploads on terminals."""

from collections.abc import Iterator
from io import StringIO
from itertools import count

import pytest
from rich.console import Console

from outdial.upstream.apply_view import Teller
from provision.events import Event, Phase
from provision.plan import Action, Verb
from provision.state import Kind

STEP = Action(address="files.prices", kind=Kind.FILE, verb=Verb.CREATE, label="prices.md")


def told(*phases: tuple[Phase, str], terminal: bool = False, hidden: bool = False) -> str:
    """What is printed for the phases of one step; every look at the clock is half a second on."""
    seconds: Iterator[float] = (number / 2 for number in count())
    file = StringIO()
    console = Console(file=file, width=100, force_terminal=terminal, markup=False, highlight=False)
    with Teller(console, hidden=hidden, clock=lambda: next(seconds)) as teller:
        for phase, detail in phases:
            event = Event(phase=phase, action=STEP, number=2, of=3, detail=detail, sent=1, total=2)
            teller(event)
    return file.getvalue()


def test_a_step_has_a_beginning_and_an_end_with_its_time() -> None:
    assert told((Phase.STARTED, ""), (Phase.SENDING, ""), (Phase.DONE, "")).splitlines() == [
        "[2/3] files.prices: creating …",
        "[2/3] files.prices: created (0.5 s)",
    ]


def test_the_second_half_of_a_replacement_is_told_as_that() -> None:
    action = Action(
        address="files.prices", kind=Kind.FILE, verb=Verb.DELETE, label="a", replaced=True
    )
    file = StringIO()
    with Teller(Console(file=file, width=100), clock=lambda: 0.0) as teller:
        teller(Event(phase=Phase.STARTED, action=action, number=3, of=3))
    assert "files.prices: deleting the old one" in file.getvalue()


def test_a_wait_is_told_once() -> None:
    wait = (Phase.WAITING, "for files.prices to be ready")
    lines = told((Phase.STARTED, ""), wait, wait, (Phase.DONE, "")).splitlines()
    assert lines[1:-1] == ["[2/3] files.prices: waiting for files.prices to be ready …"]


def test_a_lost_answer_is_told() -> None:
    assert "the answer was lost; looking what became of it" in told((Phase.LOST, ""))


@pytest.mark.parametrize("terminal", [True, False])
def test_bytes_are_shown_on_a_terminal_alone(*, terminal: bool) -> None:
    upload = ((Phase.STARTED, ""), (Phase.UPLOADING, ""), (Phase.DONE, ""))
    assert ("prices.md" in told(*upload, terminal=terminal)) is terminal


def test_nothing_is_shown_where_programs_read() -> None:
    assert told((Phase.STARTED, ""), (Phase.WAITING, "x"), (Phase.DONE, ""), hidden=True) == ""
