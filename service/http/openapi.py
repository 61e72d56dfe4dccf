"""The OpenAPI document: what FastAPI derives, with problems and names as we mean them."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from service.http.problems import Problem, documented

DESCRIPTION = """\
Outdial calls every lead that you push in, once, at a lawful and sensible moment, and brings
every outcome back.

Send an API key with every request: `Authorization: Bearer odk_…` or `X-API-Key: odk_…`.
Every refusal is a problem document (RFC 9457) with a stable `code`, and `errors` that point at
the fields. Lists are paged by an opaque cursor. Instants are ISO 8601 with an offset.
"""

TAGS = [
    {"name": "leads", "description": "People to call: post, list, follow, cancel."},
    {"name": "hooks", "description": "Webhooks of CRMs: stored first, then mapped; replayable."},
    {"name": "sources", "description": "Doors for webhooks, each with a write-only key."},
    {"name": "campaigns", "description": "Plans: hours, pace, cadence; start, pause, cancel."},
    {"name": "rules", "description": "What holds over all campaigns: law, outcomes, caps."},
    {"name": "agents", "description": "Voice agents of the calling platform: the unit of pacing."},
    {"name": "explain", "description": "Why a lead waits, and why a campaign is idle."},
    {"name": "calls", "description": "Attempts, with what proves each."},
    {"name": "operations", "description": "The ledger, limits, and what happened."},
    {"name": "access", "description": "Keys, the do-not-call list, credentials."},
    {"name": "health", "description": "For load balancers and monitoring."},
]

_TEMPLATE = "#/components/schemas/{model}"


def document(app: FastAPI) -> dict[str, Any]:
    """Build the document once, and keep it on the application."""
    if app.openapi_schema is None:
        built = get_openapi(
            title=app.title,
            version=app.version,
            description=app.description,
            tags=app.openapi_tags,
            routes=app.routes,
        )
        _add_problem(built)
        _tell_our_own_errors(built)
        app.openapi_schema = built
    return app.openapi_schema


def _add_problem(built: dict[str, Any]) -> None:
    schema = Problem.model_json_schema(ref_template=_TEMPLATE)
    schemas = built["components"]["schemas"]
    schemas.update(schema.pop("$defs"))
    schemas["Problem"] = schema


def _tell_our_own_errors(built: dict[str, Any]) -> None:
    # FastAPI documents its own 422 body, which we never send; and no operation of the API
    # takes a query parameter that it does not know.
    for name in ("HTTPValidationError", "ValidationError"):
        built["components"]["schemas"].pop(name, None)
    for path, item in built["paths"].items():
        for operation in item.values():
            answers = operation["responses"]
            if "application/json" in answers.get("422", {}).get("content", {}):
                del answers["422"]
            if path.startswith("/v1/"):
                answers.setdefault("422", documented(422)[422])
