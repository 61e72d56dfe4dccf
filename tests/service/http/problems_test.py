"""Every refusal is a problem document: of the core, of the framework, of the unforeseen."""

from collections.abc import AsyncIterator

import httpx2
import pytest
from fastapi import FastAPI
from sqlalchemy.exc import OperationalError

from dialer.rules import errors
from dialer.rules.errors import OutdialError
from service.http.problems import STATUSES, unexpected
from tests.service.tenants import Tenant, fresh_phone

JSON = {"content-type": "application/json"}
_MEMBERS = {"type", "title", "status", "detail", "code", "instance", "errors"}


def _check(answer: httpx2.Response, status: int, code: str) -> None:
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert set(problem) == _MEMBERS
    assert (answer.status_code, problem["status"], problem["code"]) == (status, status, code)
    assert problem["type"] == f"urn:outdial:problem:{code}"
    assert problem["instance"] == answer.headers["x-request-id"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert problem["detail"]


def test_every_error_of_the_core_has_a_status() -> None:
    kinds = [k for k in vars(errors).values() if isinstance(k, type)]
    codes = {k.code for k in kinds if issubclass(k, OutdialError)}
    assert codes <= set(STATUSES)


@pytest.mark.asyncio
@pytest.mark.parametrize("path", ["/nope", "/v1", "/v1/leads/", "/v1/../v1/nope", "/static/nope"])
async def test_an_unknown_address_is_404(api: httpx2.AsyncClient, path: str) -> None:
    _check(await api.get(path), 404, "not_found")


@pytest.mark.asyncio
async def test_another_method_is_405_and_says_which_there_are(api: httpx2.AsyncClient) -> None:
    answer = await api.delete("/v1/leads")
    _check(answer, 405, "method_not_allowed")
    assert answer.headers["allow"] == "GET, POST"
    assert (await api.put("/v1/keys/x")).headers["allow"] == "DELETE"


@pytest.mark.asyncio
@pytest.mark.parametrize("kind", ["text/plain", "application/xml", "multipart/form-data", ""])
async def test_a_body_that_is_not_json_is_415(tenant: Tenant, kind: str) -> None:
    headers = {"content-type": kind} if kind else {}
    answer = await tenant.call("POST", "/v1/leads", content=b"{}", headers=headers)
    _check(answer, 415, "unsupported_media_type")


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b'{"phone": "1",}', "at character 14"),
        (b"{", "at character 1"),
        (b'{"phone": NaN}', "NaN"),
        (b"\xff\xfe", "UTF-8"),
        (b"[" * 100_000, "nested"),
    ],
)
async def test_broken_json_is_400_with_its_position(
    tenant: Tenant, body: bytes, words: str
) -> None:
    answer = await tenant.call("POST", "/v1/leads", content=body, headers=JSON)
    _check(answer, 400, "malformed_json")
    assert words in answer.json()["detail"]


@pytest.mark.asyncio
@pytest.mark.parametrize("body", [b"", b"null", b"[]", b'"text"', b"5"])
async def test_json_of_another_shape_is_422(tenant: Tenant, body: bytes) -> None:
    _check(
        await tenant.call("POST", "/v1/leads", content=body, headers=JSON), 422, "invalid_input"
    )


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("query", "pointer"),
    [("limit=0", "?limit"), ("limit=x", "?limit"), ("state=x", "?state"), ("phone=", None)],
)
async def test_a_wrong_parameter_is_pointed_at(
    tenant: Tenant, query: str, pointer: str | None
) -> None:
    answer = await tenant.call("GET", f"/v1/leads?{query}")
    if pointer is None:
        assert answer.status_code == 200
    else:
        _check(answer, 422, "invalid_input")
        assert answer.json()["errors"][0]["pointer"] == pointer


@pytest.mark.asyncio
@pytest.mark.parametrize("key", ["", "x" * 201, "\x07"])
async def test_a_wrong_idempotency_key_is_pointed_at(tenant: Tenant, key: str) -> None:
    body = {"campaign_id": tenant.campaign_id, "phone": fresh_phone()}
    answer = await tenant.post("/v1/leads", body, idempotency_key=key)
    _check(answer, 422, "invalid_input")
    assert answer.json()["errors"][0]["pointer"] == "idempotency-key:"
    assert answer.json()["detail"].startswith("idempotency-key: ")


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("method", "path", "suggestion"),
    [
        ("GET", "/v1/leads?campaing_id=x", "campaign_id"),
        ("GET", "/v1/ledger?campaign_id=x", None),
        ("GET", "/v1/calls?limit=5&Outcome=busy", "outcome"),
        ("POST", "/v1/leads/bulk?sorce=file", "source"),
        ("POST", "/v1/hooks/crm?keey=x", "key"),
        ("DELETE", "/v1/keys/x?force=1", None),
        ("GET", "/v1/events?<script>=1", None),
    ],
)
async def test_an_unknown_parameter_is_named_with_the_nearest(
    tenant: Tenant, method: str, path: str, suggestion: str | None
) -> None:
    answer = await tenant.call(method, path)
    _check(answer, 422, "invalid_input")
    error = answer.json()["errors"][0]
    assert (error["code"], error.get("suggestion")) == ("unknown_parameter", suggestion)
    assert error["pointer"].startswith("?")


@pytest.mark.asyncio
async def test_parameters_that_a_route_knows_pass(tenant: Tenant) -> None:
    rows = {"campaign_id": tenant.campaign_id, "leads": [{"phone": fresh_phone()}]}
    assert (await tenant.post("/v1/leads/bulk?source=file", rows)).status_code == 200
    source = await tenant.source()
    hook = f"{source['hook']}?key={source['key']}"
    assert (await tenant.api.post(hook, json={"phone": fresh_phone()})).status_code == 202
    assert (await tenant.api.get("/healthz?at=1")).status_code == 200


@pytest.mark.asyncio
async def test_refusals_speak_in_plain_words(tenant: Tenant) -> None:
    rows = [{"phone": "911"}] * 1_001
    for path, body, words in (
        ("/v1/leads", [], "this must be an object with fields"),
        ("/v1/leads/bulk", {"campaign_id": tenant.campaign_id, "leads": rows}, "at most 1,000"),
        ("/v1/leads/bulk", {"campaign_id": tenant.campaign_id, "leads": {}}, "must be a list"),
    ):
        detail = (await tenant.post(path, body)).json()["detail"]
        assert words in detail
        assert "valid" not in detail


@pytest.mark.asyncio
async def test_a_body_over_the_limit_is_413(tenant: Tenant) -> None:
    for path in ("/v1/leads", "/v1/leads/bulk", "/v1/hooks/x", "/login", "/nope"):
        answer = await tenant.call("POST", path, content=b"x" * 1_048_577, headers=JSON)
        _check(answer, 413, "too_large")
    fits = b'{"phone": "' + b"1" * (1_048_576 - 13) + b'"}'
    assert len(fits) == 1_048_576
    answer = await tenant.call("POST", "/v1/leads", content=fits, headers=JSON)
    _check(answer, 422, "invalid_input")


@pytest.mark.asyncio
async def test_a_streamed_body_over_the_limit_is_413(tenant: Tenant) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(40):
            yield b"x" * 65_536

    answer = await tenant.call("POST", "/v1/leads", content=chunks(), headers=JSON)
    _check(answer, 413, "too_large")


@pytest.mark.asyncio
async def test_a_given_request_id_is_kept_when_it_is_harmless(api: httpx2.AsyncClient) -> None:
    kept = await api.get("/healthz", headers={"X-Request-Id": "trace-0001"})
    assert kept.headers["x-request-id"] == "trace-0001"
    for odd in ("short", "a b c d e f g h", "x" * 65, "<script>alert(1)</script>"):
        answer = await api.get("/healthz", headers={"X-Request-Id": odd})
        assert answer.headers["x-request-id"] != odd


@pytest.mark.asyncio
async def test_a_fault_of_ours_is_500_and_tells_nothing(app: FastAPI) -> None:
    def fail() -> None:
        raise RuntimeError("a secret in a message")

    app.add_api_route("/fail", fail, include_in_schema=False)
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://outdial.test") as client:
        answer = await client.get("/fail")
    _check(answer, 500, "internal_error")
    assert "secret" not in answer.text


def test_a_database_that_is_away_is_503() -> None:
    away = OperationalError("SELECT 1", {}, ConnectionRefusedError(), connection_invalidated=True)
    for error in (away, ConnectionRefusedError(), TimeoutError()):
        answer = unexpected("id", error)
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
