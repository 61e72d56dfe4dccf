"""docs/partner-api.md: endpoints, rules and errors of the guide have code and tests to show."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import httpx2
import pytest

import partner
from tests.support.sandbox import SandboxProcess

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "partner-api.md").read_text("utf-8")
ENDPOINT = re.compile(
    r"^\| (\d+) \| (GET|POST|PATCH|DELETE) \| `([^`]+)` \| (\S+) \| (.+?) \| (.+?) \| (.+?) \|$",
    re.MULTILINE,
)
RULE = re.compile(
    r"^\| ([A-Z]+-\d+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE
)
REFUSAL = re.compile(r"^\| (\d+) \| (\d{3}) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)
OPEN = re.compile(r"^\| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)
ENDPOINTS = ENDPOINT.findall(PAGE)
RULES = RULE.findall(PAGE)
REFUSALS = REFUSAL.findall(PAGE)
OPEN_QUESTIONS = OPEN.findall(PAGE.partition("\n## What the guide leaves open")[2])[1:]
AREAS = {
    "AUTH": 4,
    "CAL": 4,
    "TPL": 2,
    "TOOL": 14,
    "FILE": 4,
    "VOICE": 2,
    "AGENT": 18,
    "HOURS": 9,
    "DEPLOY": 6,
    "DUTY": 2,
    "CALL": 15,
    "HIST": 8,
    "LIST": 1,
}
"""How many rules each part of the guide states; a row can't get lost unnoticed."""

STATED = {
    *((25, status) for status in (400, 404, 409, 500)),
    *((15, 404), (16, 400), (7, 400), (18, 400), (18, 500)),
}
"""Errors that the guide itself names, by endpoint and status."""

UNGUARDED = "–"  # noqa: RUF001 -- the docs' dash for nothing
each_row = pytest.mark.parametrize("row", [*ENDPOINTS, *RULES], ids=lambda row: row[0])
each_guarded = pytest.mark.parametrize(
    "row", [row for row in ENDPOINTS if row[3] != UNGUARDED], ids=lambda row: row[0]
)


def test_all_endpoints_of_the_guide_stand_in_the_table() -> None:
    assert [int(row[0]) for row in ENDPOINTS] == list(range(1, 30))
    assert len({row[1:3] for row in ENDPOINTS}) == 29


def test_all_rules_of_the_guide_stand_in_the_table() -> None:
    expected = [f"{area}-{n}" for area, count in AREAS.items() for n in range(1, count + 1)]
    assert [row[0] for row in RULES] == expected


def test_every_line_of_a_table_is_read() -> None:
    found = re.findall(r"^\| (?!#|Rule|The guide|-)", PAGE, re.MULTILINE)
    read = [*ENDPOINTS, *RULES, *REFUSALS, *OPEN_QUESTIONS]
    assert len(found) == len(read)


@each_row
def test_every_row_has_a_test_that_exists(row: tuple[str, ...]) -> None:
    _check_tests(row[-1])


@pytest.mark.parametrize("row", REFUSALS, ids=lambda row: f"{row[0]}-{row[1]}")
def test_every_error_has_a_test_that_exists(row: tuple[str, ...]) -> None:
    _check_tests(row[-1])


@each_row
def test_every_row_names_code_of_the_sandbox_that_exists(row: tuple[str, ...]) -> None:
    named = _quoted(row[-2])
    assert named, f"{row[0]}: no code of the sandbox"
    for reference in named:
        path, _, name = reference.partition("::")
        assert name in _names(ROOT / "sandbox" / path), reference


@pytest.mark.parametrize("row", OPEN_QUESTIONS, ids=lambda row: row[0][:40])
def test_every_open_question_names_code_that_exists(row: tuple[str, ...]) -> None:
    named = _quoted(row[-1])
    assert named, row[0]
    for reference in named:
        path, _, name = reference.partition("::")
        assert (ROOT / path).is_file(), reference
        assert not name or name in _names(ROOT / path), reference


def test_every_test_that_the_prose_names_exists() -> None:
    for path, name in re.findall(r"`(?:tests/)?([\w/]+_test\.py)(?:::(\w+))?`", PAGE):
        assert (ROOT / "tests" / path).is_file(), path
        assert not name or name in _names(ROOT / "tests" / path), name


@each_row
def test_every_row_names_a_part_of_the_client_that_exists(row: tuple[str, ...]) -> None:
    column = row[-3]
    for reference in _quoted(column):
        owner, _, member = reference.partition(".")
        assert owner in partner.__all__, reference
        found = getattr(partner, owner)
        fields = getattr(found, "model_fields", {})
        assert not member or member in fields or hasattr(found, member), reference
    assert _quoted(column) or column.strip() == UNGUARDED, f"{row[0]}: neither a name nor a dash"


def test_every_endpoint_has_a_method_of_the_client_and_a_test_that_takes_it_there() -> None:
    for row in ENDPOINTS:
        assert any(name.startswith("PartnerClient.") for name in _quoted(row[-3])), row[0]
        paths = {reference.partition("::")[0] for reference in _quoted(row[-1])}
        assert paths & {"partner/guide_sandbox_test.py", "partner/contract_flow_test.py"}, row[0]


@pytest.fixture(scope="module")
def running() -> Iterator[SandboxProcess]:
    with SandboxProcess() as process:
        yield process


@pytest.fixture(scope="module")
def operations(running: SandboxProcess) -> dict[tuple[str, str], Any]:
    """What the sandbox says of itself: operations by method and path."""
    document = httpx2.get(f"{running.base_url}/openapi.json", trust_env=False).json()
    return {
        (method.upper(), re.sub(r"{(\w+)}", r":\1", path)): operation
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }


def test_the_endpoints_are_those_of_the_sandboxs_document(
    operations: dict[tuple[str, str], Any],
) -> None:
    assert {row[1:3] for row in ENDPOINTS} == set(operations)
    for _, method, path, scope, *_ in ENDPOINTS:
        needed = [one for kind in operations[method, path]["security"] for one in kind.values()]
        assert [scope.strip("`")] in needed or scope == UNGUARDED, path


def test_the_errors_are_those_of_the_sandboxs_document(
    operations: dict[tuple[str, str], Any],
) -> None:
    expected = {
        (int(number), int(status)): answer["description"]
        for number, method, path, scope, *_ in ENDPOINTS
        for status, answer in operations[method, path]["responses"].items()
        if status >= "400" and (scope == UNGUARDED or status not in {"401", "403"})
    }
    told = {(int(number), int(status)): when for number, status, when, _ in REFUSALS}
    assert told == expected
    assert len(told) == len(REFUSALS)
    assert set(told) >= STATED


@pytest.fixture(scope="module")
def bare(running: SandboxProcess) -> Iterator[httpx2.Client]:
    """A client whose key has no scope at all."""
    running.add("credentials", organization_id="org_demo", api_key="bare-key", scopes=[])
    with httpx2.Client(
        base_url=running.base_url,
        headers={"Authorization": "Bearer bare-key"},
        trust_env=False,
    ) as client:
        yield client


@each_guarded
def test_every_endpoint_asks_for_the_scope_of_the_table(
    row: tuple[str, ...], bare: httpx2.Client
) -> None:
    _, method, path, scope, *_ = row
    answer = bare.request(method, re.sub(r":(\w+)", _an_id, path))
    assert answer.status_code == 403, answer.text
    assert answer.json()["message"] == f"Missing required scope: {scope.strip('`')}"


def _an_id(found: re.Match[str]) -> str:
    return "biz_demo" if found[1] == "businessId" else "some-id"


def _check_tests(cell: str) -> None:
    named = _quoted(cell)
    assert named, cell
    for reference in named:
        path, _, name = reference.partition("::")
        assert name.startswith("test_"), reference
        assert name in _names(ROOT / "tests" / path), reference


def _quoted(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


@cache
def _names(path: Path) -> frozenset[str]:
    """What a module defines: functions and classes, methods included, and constants."""
    if not path.is_file():
        return frozenset()
    tree = ast.parse(path.read_text("utf-8"))
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    named = {node.name for node in ast.walk(tree) if isinstance(node, kinds)}
    assigned = [
        target
        for node in tree.body
        for target in (
            node.targets
            if isinstance(node, ast.Assign)
            else [node.target]
            if isinstance(node, ast.AnnAssign)
            else []
        )
    ]
    return frozenset(named | {target.id for target in assigned if isinstance(target, ast.Name)})
