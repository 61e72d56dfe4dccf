"""The OpenAPI document is complete, stable and true: the service never answers against it."""

import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from dialer.pipeline.access.keys import SCOPES
from dialer.settings import Settings
from service.http.openapi import document
from service.http.problems import STATUSES
from service.metrics import METRICS
from tests.service.program import Running, environment, service
from tests.service.tenants import Tenant

_DOCS = Path(__file__).parents[3] / "docs" / "api.md"
_EXAMPLES = 8
_CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


def _operations(app: FastAPI) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in document(app)["paths"].items():
        for method, operation in item.items():
            yield method.upper(), path, operation


def _scope(operation: dict[str, Any]) -> str:
    if operation["operationId"] == "post_hook":
        return "leads:write"
    needed = {s for one in operation.get("security", ()) for s in next(iter(one.values()))}
    return needed.pop() if needed else "none"


def test_operations_have_stable_ids_a_tag_and_a_summary(app: FastAPI) -> None:
    found = list(_operations(app))
    ids = [operation["operationId"] for _, _, operation in found]
    assert len(ids) == len(set(ids))
    for _, path, operation in found:
        assert re.fullmatch(r"[a-z]+(_[a-z]+)*", operation["operationId"])
        assert len(operation["tags"]) == 1, path
        assert operation["summary"]
        assert operation["description"]


def test_every_body_has_an_example_and_every_refusal_is_a_problem(app: FastAPI) -> None:
    schemas = document(app)["components"]["schemas"]
    for _, path, operation in _operations(app):
        content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
        named = content.get("schema", {}).get("$ref", "").rpartition("/")[2]
        if content:
            assert content.get("examples") or schemas[named]["examples"], path
        for status, answer in operation["responses"].items():
            if status >= "400":
                assert list(answer["content"]) == ["application/problem+json"], (path, status)
    assert "HTTPValidationError" not in schemas


def test_every_operation_of_the_api_may_refuse_a_parameter(app: FastAPI) -> None:
    for _, path, operation in _operations(app):
        assert ("422" in operation["responses"]) is path.startswith("/v1/"), path


def _table(heading: str) -> list[list[str]]:
    section = _DOCS.read_text("utf-8").partition(f"## {heading}\n")[2].partition("\n## ")[0]
    rows = [line for line in section.splitlines() if line.startswith("|")][2:]
    return [[cell.strip(" `") for cell in row.strip("|").split("|")] for row in rows]


def test_the_docs_list_every_operation_with_its_scope(app: FastAPI) -> None:
    told = {(method, path, scope) for method, path, scope, _ in _table("Operations")}
    assert told == {(m, path, _scope(operation)) for m, path, operation in _operations(app)}


def test_the_docs_list_every_scope_problem_and_metric() -> None:
    assert {row[0]: row[1] for row in _table("Scopes")} == SCOPES
    assert {row[0]: int(row[1]) for row in _table("Problems")} == STATUSES
    assert {row[0]: row[1] for row in _table("Metrics")} == METRICS


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def running(settings: Settings) -> AsyncIterator[Running]:
    """A service of this module's database, on a free port."""
    async with service(environment(settings)) as found:
        yield found


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of the generator's own libraries
def test_no_generated_request_gets_an_answer_that_is_not_documented(
    running: Running, tenant: Tenant
) -> None:
    schema = schemathesis.openapi.from_url(f"{running.url}/openapi.json")
    for found in schema.get_all_operations():
        assert isinstance(found, Ok)
        operation = found.ok()

        @settings(
            max_examples=_EXAMPLES,
            derandomize=True,
            deadline=None,
            database=None,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy())
        def ask(case: schemathesis.Case[Any]) -> None:
            headers = {"X-API-Key": tenant.key}
            case.call_and_validate(headers=headers, checks=_CHECKS)

        ask()
