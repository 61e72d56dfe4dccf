"""The list of guards fits the code as it is, so that the gate can't go stale unseen."""

import ast
import subprocess
import sys
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from tests.model.faults import Storm
from tests.mutants.guard import Guard
from tests.mutants.guards import GUARDS

ROOT = Path(__file__).parents[2]
LEAST = 40


@cache
def _text(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


@cache
def _tests_of(name: str) -> frozenset[str]:
    tree = ast.parse(_text(f"tests/{name}"))
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return frozenset(node.name for node in tree.body if isinstance(node, kinds))


def test_there_are_enough_of_them_and_each_has_a_name() -> None:
    assert len(GUARDS) >= LEAST
    twice = [name for name, count in Counter(g.name for g in GUARDS).items() if count > 1]
    assert twice == []
    for guard in GUARDS:
        assert guard.name.isidentifier()
        assert guard.keeps.endswith(".")


@pytest.mark.parametrize("guard", GUARDS, ids=lambda guard: guard.name)
def test_a_guard_stands_where_it_is_said_to_and_can_be_taken_out(guard: Guard) -> None:
    changed = {edit.file: _text(edit.file) for edit in guard.edits}
    for edit in guard.edits:
        assert _text(edit.file).count(edit.old) == 1, f"{edit.file}: {edit.old}"
        changed[edit.file] = changed[edit.file].replace(edit.old, edit.new)
    for name, text in changed.items():
        assert text != _text(name)
        assert ast.dump(ast.parse(text)) != ast.dump(ast.parse(_text(name)))


@pytest.mark.parametrize("guard", GUARDS, ids=lambda guard: guard.name)
def test_those_who_must_miss_it_are_there(guard: Guard) -> None:
    assert guard.tests
    assert guard.storm is None or guard.storm in Storm.__members__
    for test in guard.tests:
        path, _, name = test.partition("::")
        assert name.partition("[")[0] in _tests_of(path), test


def test_only_production_code_is_changed() -> None:
    shells = ("dialer/", "partner/", "service/", "workers/", "migrations/")
    assert [e.file for g in GUARDS for e in g.edits if not e.file.startswith(shells)] == []


def test_the_script_names_its_guards() -> None:
    asked = [sys.executable, "-m", "tests.mutants.run", "--help"]
    told = subprocess.run(asked, cwd=ROOT, capture_output=True, check=True, timeout=60).stdout  # noqa: S603 -- this interpreter
    assert all(guard.name.encode() in told for guard in GUARDS)
