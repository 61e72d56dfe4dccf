"""Puts the simulated API's OpenAPI document together from its operations and schemas."""

from typing import Any

from sandbox.model.tenants import SCOPES
from sandbox.openapi.answers import answer_schemas
from sandbox.openapi.bodies import body_schemas
from sandbox.openapi.examples import EXAMPLES
from sandbox.openapi.operations import OPERATIONS, Operation
from sandbox.openapi.parameters import parameters, path_parameters
from sandbox.openapi.shapes import Schema, ref

JSON = "application/json"
BEARER = "apiKey"
OAUTH = "clientCredentials"
ABOUT = (
    "The Partner API as the sandbox simulates it; no real phone rings. Members of a body that "
    "are not named here are ignored. A valid X-Request-Id comes back in the answer. Where a "
    "fault is switched on, any operation may answer 307, 429 or 5xx, in HTML too, with half an "
    "answer or with none."
)
TAGS = ("Authorization", "Voices", "Tools", "Files", "Integrations", "Voice agents", "Calls")
UNAUTHORIZED = "no key or token, an unknown or an expired one"
TOO_LONG = "the body is longer than 256 KiB"
HEADERS: dict[str, Schema] = {
    "Challenge": {
        "description": "RFC 6750's challenge; names a missing scope",
        "required": True,
        "schema": {"type": "string"},
    },
    "NoStore": {"required": True, "schema": {"const": "no-store"}},
}


def document(base_url: str) -> dict[str, Any]:
    """The document, OpenAPI 3.1.

    Args:
        base_url: Where the API was reached, ``http://127.0.0.1:8700/api/partner/v1``.
    """
    paths: dict[str, Schema] = {}
    for operation in OPERATIONS:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _described(operation)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Partner API (sandbox)", "version": "1", "description": ABOUT},
        "servers": [{"url": base_url}],
        "tags": [{"name": tag} for tag in TAGS],
        "paths": paths,
        "components": {
            "schemas": body_schemas() | answer_schemas(),
            "parameters": parameters(),
            "headers": HEADERS,
            "securitySchemes": _security_schemes(f"{base_url}/oauth/token"),
        },
    }


def _described(operation: Operation) -> Schema:
    described: Schema = {
        "operationId": operation.id,
        "tags": [operation.tag],
        "summary": operation.summary,
        "security": _security(operation),
        "responses": _answers(operation) | _refusals(operation),
    }
    named = [*path_parameters(operation.path), *operation.parameters]
    if named:
        described["parameters"] = [{"$ref": f"#/components/parameters/{name}"} for name in named]
    if operation.body is not None:
        described["requestBody"] = _body(operation, operation.body)
    return described


def _security(operation: Operation) -> list[dict[str, list[str]]]:
    if operation.scope is None:
        return []
    return [{BEARER: []}, {OAUTH: [operation.scope]}]


def _body(operation: Operation, name: str) -> Schema:
    content: Schema = {"schema": ref(name)}
    if name in EXAMPLES:
        content["examples"] = {label: {"value": one} for label, one in EXAMPLES[name].items()}
    return {
        "required": operation.body_required,
        "content": dict.fromkeys(operation.body_types, content),
    }


def _answers(operation: Operation) -> dict[str, Schema]:
    return {
        str(status): _answer(operation, status, name) for status, name in operation.answers.items()
    }


def _answer(operation: Operation, status: int, name: str | None) -> Schema:
    if name is None:
        return {"description": "done; no body"}
    told = {200: "done", 201: "made"}[status]
    answer: Schema = {"description": told, "content": {JSON: {"schema": ref(name)}}}
    if operation.scope is None:
        answer["headers"] = {"Cache-Control": {"$ref": "#/components/headers/NoStore"}}
    return answer


def _refusals(operation: Operation) -> dict[str, Schema]:
    told = _usual_refusals(operation)
    for status, reason in operation.refusals.items():
        told[status] = f"{told[status]}; or {reason}" if status in told else reason
    return {str(status): _refusal(operation, status, told[status]) for status in sorted(told)}


def _usual_refusals(operation: Operation) -> dict[int, str]:
    told: dict[int, str] = {}
    if operation.scope is not None:
        told |= {401: UNAUTHORIZED, 403: f"the scope {operation.scope} is missing; named"}
    if "{businessId}" in operation.path:
        told[404] = "no such business, or another organization's"
    if operation.body is not None and 413 not in operation.refusals:  # noqa: PLR2004 -- an HTTP status
        told[413] = TOO_LONG
    return told


def _refusal(operation: Operation, status: int, reason: str) -> Schema:
    name = "TokenError" if operation.scope is None else "Error"
    refusal: Schema = {"description": reason, "content": {JSON: {"schema": ref(name)}}}
    if status in {401, 403}:
        refusal["headers"] = {"WWW-Authenticate": {"$ref": "#/components/headers/Challenge"}}
    return refusal


def _security_schemes(token_url: str) -> dict[str, Schema]:
    scopes = {scope: scope.replace(":", ", ") for scope in sorted(SCOPES)}
    return {
        BEARER: {
            "type": "http",
            "scheme": "bearer",
            "description": "a static API key, with the scopes that it was made with",
        },
        OAUTH: {
            "type": "oauth2",
            "flows": {"clientCredentials": {"tokenUrl": token_url, "scopes": scopes}},
        },
    }
