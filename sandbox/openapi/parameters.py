"""The parameters of the simulated API's operations: ids in paths, paging, filters, order."""

from collections.abc import Mapping

from sandbox.api.history import Direction
from sandbox.api.paging import DEFAULT_PAGE_SIZE, MAX_PAGE, MAX_PAGE_SIZE
from sandbox.calls import CallStatus, CallType
from sandbox.listing import OrderField
from sandbox.openapi.shapes import Schema

INSTANT: Schema = {"anyOf": [{"format": "date-time"}, {"format": "date"}], "type": "string"}
WHOLE: Schema = {"type": "integer", "minimum": 1}

QUERY: Mapping[str, Schema] = {
    "Page": {
        "name": "page",
        "description": "from 1",
        "schema": WHOLE | {"maximum": MAX_PAGE, "default": 1},
    },
    "PageSize": {
        "name": "page_size",
        "description": "items on a page",
        "schema": WHOLE | {"maximum": MAX_PAGE_SIZE, "default": DEFAULT_PAGE_SIZE},
    },
    "CallType": {
        "name": "type",
        "description": "only calls of this type",
        "schema": {"type": "string", "enum": list(CallType)},
    },
    "CallStatus": {
        "name": "status",
        "description": "only calls that stand there now",
        "schema": {"type": "string", "enum": list(CallStatus)},
    },
    "Start": {
        "name": "start",
        "description": "only calls that started after this instant; UTC without an offset",
        "schema": INSTANT,
        "example": "2026-03-02T15:00:00Z",
    },
    "End": {
        "name": "end",
        "description": "only calls that started before this instant; UTC without an offset",
        "schema": INSTANT,
        "example": "2026-03-03",
    },
    "LeadId": {
        "name": "leadId",
        "description": "only calls for this lead of the platform",
        "schema": {"type": "string"},
        "example": "lead_demo_1",
    },
    "BusinessId": {
        "name": "businessId",
        "description": "only calls of this business",
        "schema": {"type": "string"},
        "example": "biz_demo",
    },
    "OrderBy": {
        "name": "orderBy",
        "description": "`orderBy[field]=endedAt&orderBy[direction]=asc`; a JSON object is taken "
        "too. By default startedAt, desc. A call without a value counts as the latest.",
        "style": "deepObject",
        "explode": True,
        "schema": {
            "type": "object",
            "properties": {
                "field": {"type": "string", "enum": list(OrderField)},
                "direction": {"type": "string", "enum": list(Direction)},
            },
        },
    },
}
"""What follows the question mark, by the parameter's name in the document."""

IDS: Mapping[str, str] = {
    "businessId": "biz_demo",
    "voiceId": "voice-abc123",
    "toolId": "tool_demo_transfer",
    "fileId": "file_demo_prices",
    "voiceAgentId": "agent_demo",
    "callId": "call_example",
}
"""What paths name, each with an example."""


def parameters() -> dict[str, Schema]:
    """All parameters, by their names in the document."""
    queries = {name: one | {"in": "query"} for name, one in QUERY.items()}
    return queries | {f"path-{name}": _id(name, example) for name, example in IDS.items()}


def path_parameters(path: str) -> list[str]:
    """The names in the document of what a path names."""
    return [f"path-{name}" for name in IDS if f"{{{name}}}" in path]


def _id(name: str, example: str) -> Schema:
    return {
        "name": name,
        "in": "path",
        "required": True,
        "schema": {"type": "string", "minLength": 1, "maxLength": 100, "pattern": r"^[^\s/]+$"},
        "example": example,
    }
