"""docs/sandbox.md says what the code does: options, endpoints, outcomes, faults."""

import re
from pathlib import Path

import typer.main

from sandbox.__main__ import app
from sandbox.app import PREFIX, build_app
from sandbox.clock import VirtualClock
from sandbox.control.gate import PUBLISHED_KEY
from sandbox.faults import FAULTS, Kind
from sandbox.script import DEFAULT_MIX, LENGTHS, REASONS, Outcome
from sandbox.seed import DEMO_CLIENT_ID, DEMO_CLIENT_SECRET, DEMO_KEY, DEMO_NUMBER, OTHER_KEY
from sandbox.state import Sandbox
from sandbox.talk.persona import DEFAULT_WISHES, Wish

PAGE = (Path(__file__).parents[2] / "docs" / "sandbox.md").read_text(encoding="utf-8")


def _rows(heading: str) -> list[list[str]]:
    section = PAGE.split(f"\n{heading}\n")[1]
    table = section.split("\n\n")[0].splitlines()
    return [[cell.strip() for cell in row.strip("|").split(" | ")] for row in table[1:]]


def test_options_are_those_of_the_program() -> None:
    written = set(re.findall(r"^\| `(--[a-z-]+)` \|", PAGE, re.MULTILINE))
    command = typer.main.get_command(app)
    assert written == {option.opts[0] for option in command.params if option.name != "help"}
    assert f"`{PUBLISHED_KEY}`" in PAGE


def test_endpoints_are_those_of_the_application() -> None:
    written = set(re.findall(r"^\| `((?:GET|POST|PUT|PATCH|DELETE) /\S*)` \|", PAGE, re.MULTILINE))
    sandbox = Sandbox(clock=VirtualClock(), seed=1, folder=None)
    front = build_app(sandbox=sandbox, control_key="k")
    assert written == {name.replace(PREFIX, "") for name in front.names}


def test_outcomes_are_those_of_the_script() -> None:
    rows = _rows("| Outcome | Default share | Ends | Lasts | Ended reason |")
    assert [row[0] for row in rows] == [f"`{outcome}`" for outcome in Outcome]
    for outcome, row in zip(Outcome, rows, strict=True):
        low, high = LENGTHS[outcome]
        share = DEFAULT_MIX.get(outcome)
        assert row[1] == ("–" if share is None else f"{share:.2f}")  # noqa: RUF001 -- the docs' dash for nothing
        assert row[2] == ("COMPLETED" if outcome.completed else "FAILED")
        assert row[3] == f"{low:g}–{high:g} s"  # noqa: RUF001 -- the docs' dash between numbers
        assert row[4] == ", ".join(f"`{reason}`" for reason in REASONS[outcome])


def test_wishes_are_those_of_people() -> None:
    rows = _rows("| Wish | Default weight | Needs | What happens |")
    assert [row[:2] for row in rows] == [[f"`{w}`", f"{x:.2f}"] for w, x in DEFAULT_WISHES.items()]
    assert set(DEFAULT_WISHES) == set(Wish)


def test_faults_are_those_in_force() -> None:
    rows = _rows("| Fault | Does | Routes | Settings and defaults |")
    expected = [
        [f"`{name}`", kind.does, ", ".join(_routes(kind)), _settings(kind)]
        for name, kind in FAULTS.items()
    ]
    assert rows == expected


def test_the_seeded_names_are_told() -> None:
    for name in (DEMO_CLIENT_ID, DEMO_CLIENT_SECRET, DEMO_KEY, DEMO_NUMBER, OTHER_KEY):
        assert f"`{name}`" in PAGE


def _routes(kind: Kind) -> list[str]:
    return [kind.usual, *sorted(kind.targets - {kind.usual})]


def _settings(kind: Kind) -> str:
    told = []
    if kind.seconds is not None:
        told.append(f"`seconds` {kind.seconds:g}")
    if kind.status is not None:
        told.append(f"`status` {kind.status}")
    if kind.retry_after is not None:
        told.append(f"`retry_after` {kind.retry_after or 'none'}")
    if kind.rang is not None:
        told.append(f"`rang` {str(kind.rang).lower()}")
    return ", ".join(told) or "–"  # noqa: RUF001 -- the docs' dash for nothing
