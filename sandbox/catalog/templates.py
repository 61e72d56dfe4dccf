"""Decides which tool templates there are, and checks overrides against their schemas."""

import json
from collections.abc import Mapping
from functools import reduce
from typing import Any

import jsonschema_rs

from sandbox.catalog.schemas import API_REQUEST, CALENDAR, END_CALL, FUNCTION, TRANSFER
from sandbox.errors import ApiError
from sandbox.model.tools import ToolTemplate

MAX_TOLD = 10
MAX_MESSAGE = 1_000

TRANSFER_TEMPLATE = ToolTemplate(
    id="template-transfer-001",
    name="transferCall",
    display_name="Transfer Call",
    type="transferCall",
    config={"messages": []},
    config_schema=TRANSFER,
    message="One moment, I'll put you through.",
)
CALENDAR_TEMPLATE = ToolTemplate(
    id="template-googlecal-001",
    name="googleCal",
    display_name="Google Calendar",
    type="apiRequest",
    config={"tools": ["scheduleAppointment", "searchAppointments", "cancelAppointment"]},
    config_schema=CALENDAR,
)
END_CALL_TEMPLATE = ToolTemplate(
    id="template-endcall-001",
    name="endCall",
    display_name="End Call",
    type="endCall",
    config={},
    config_schema=END_CALL,
)
FUNCTION_TEMPLATE = ToolTemplate(
    id="template-function-001",
    name="function",
    display_name="Custom Function",
    type="function",
    config={"timeoutSeconds": 20},
    config_schema=FUNCTION,
)
API_REQUEST_TEMPLATE = ToolTemplate(
    id="template-apirequest-001",
    name="apiRequest",
    display_name="API Request",
    type="apiRequest",
    config={"timeoutSeconds": 20},
    config_schema=API_REQUEST,
)

TEMPLATES: Mapping[str, ToolTemplate] = {
    template.id: template
    for template in (
        TRANSFER_TEMPLATE,
        CALENDAR_TEMPLATE,
        END_CALL_TEMPLATE,
        FUNCTION_TEMPLATE,
        API_REQUEST_TEMPLATE,
    )
}
"""Every template by its id; the first two are the guide's."""

# Masked, so that an error never repeats what was sent.
_VALIDATORS = {
    template.id: jsonschema_rs.validator_for(template.config_schema, mask="the value")
    for template in TEMPLATES.values()
}


def checked_override(template: ToolTemplate, given: Mapping[str, Any]) -> dict[str, Any]:
    """The overrides that the template's schema knows; the rest of ``given`` is ignored.

    Raises:
        ApiError: They don't fit the schema, or hold a number that JSON can't write (400).
    """
    try:
        json.dumps(given, allow_nan=False)
    except ValueError:
        raise ApiError(400, "configOverride: numbers must be finite") from None
    found = list(_VALIDATORS[template.id].iter_errors(given))
    if found:
        told = "; ".join(_told(template, error) for error in found[:MAX_TOLD])
        raise ApiError(400, told[:MAX_MESSAGE])
    return {name: given[name] for name in template.config_schema["properties"] if name in given}


def _told(template: ToolTemplate, error: jsonschema_rs.ValidationError) -> str:
    where = ".".join(map(str, ("configOverride", *error.instance_path)))
    if not isinstance(error.kind, jsonschema_rs.ValidationErrorKind.Pattern):
        return f"{where}: {error.message}"
    broken = reduce(_inside, error.schema_path[:-1], template.config_schema)
    return f"{where}: must be {broken.get('description', 'of another form')}"


def _inside(schema: Any, step: str | int) -> Any:  # noqa: ANN401 -- any part of a JSON Schema
    return schema[step]
