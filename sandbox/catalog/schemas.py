"""Decides what a tool's overrides may hold: one JSON Schema for each template."""

from typing import Any

from sandbox.model.tools import WEEKDAYS

Schema = dict[str, Any]

DIALECT = "https://json-schema.org/draft/2020-12/schema"
TIME = "^([01][0-9]|2[0-3]):[0-5][0-9]$"
US_NUMBER = r"^\+1[2-9][0-9]{2}[2-9][0-9]{6}$"
WEB_ADDRESS = r"^https?://[^\s/?#]+[^\s]*$"
MAX_DESTINATIONS = 50
MAX_SPANS = 24


def _object(properties: Schema, *required: str, **more: object) -> Schema:
    shape: Schema = {"type": "object", "properties": properties}
    return shape | ({"required": list(required)} if required else {}) | more


def _text(description: str, most: int, **more: object) -> Schema:
    return {"type": "string", "maxLength": most, "description": description} | more


def _minutes(description: str, *, least: int, most: int, default: int) -> Schema:
    return {
        "type": "integer",
        "minimum": least,
        "maximum": most,
        "default": default,
        "description": description,
    }


def _schema(title: str, shape: Schema) -> Schema:
    return {"$schema": DIALECT, "title": title} | shape


ADDRESS = _text("an http or https address", 2_048, pattern=WEB_ADDRESS)
DESTINATION = _object(
    {
        "name": _text("what the destination is called", 100, minLength=1, pattern=r"\S"),
        "phoneNumber": _text(
            "a US number, +1XXXXXXXXXX; area code and exchange start with neither 0 nor 1",
            12,
            pattern=US_NUMBER,
        ),
        "description": _text("when to transfer to it", 1_000, default=""),
        "warmTransferEnabled": {
            "type": "boolean",
            "default": False,
            "description": "whether somebody's presence is verified before the call is connected",
        },
    },
    "name",
    "phoneNumber",
)
MESSAGE = _object(
    {"type": {"const": "request-complete"}, "content": ADDRESS},
    "type",
    "content",
)
TRANSFER = _schema(
    "Transfer destinations",
    _object(
        {
            "destinations": {
                "type": "array",
                "minItems": 1,
                "maxItems": MAX_DESTINATIONS,
                "items": DESTINATION,
            },
            "messages": {
                "type": "array",
                "maxItems": 10,
                "items": MESSAGE,
                "description": "the sound played on hold; the platform's own where left out",
            },
        },
        "destinations",
    ),
)

SPAN = _object(
    {
        "openTime": _text("HH:MM, 24-hour clock", 5, pattern=TIME),
        "closeTime": _text("HH:MM, 24-hour clock, after openTime", 5, pattern=TIME),
    },
    "openTime",
    "closeTime",
)
APPOINTMENTS = _object(
    {
        "slotDurationMinutes": _minutes("length of a slot", least=10, most=300, default=60),
        "slotBufferMinutes": _minutes("time between slots", least=0, most=120, default=0),
        "advanceNoticeMinutes": _minutes(
            "how long before it a slot can still be booked", least=0, most=14_400, default=1_440
        ),
        "hoursJson": _object(
            {day: {"type": "array", "maxItems": MAX_SPANS, "items": SPAN} for day in WEEKDAYS},
            additionalProperties=False,
            description="when slots can be booked, by day; business hours where left out",
        ),
    }
)
CALENDAR = _schema("Appointments", _object({"appointmentConfig": APPOINTMENTS}))

END_CALL = _schema("No settings", _object({}, additionalProperties=False))

FUNCTION = _schema(
    "Custom function",
    _object(
        {
            "serverUrl": ADDRESS,
            "functionName": _text(
                "letters, digits, hyphens and underscores", 64, pattern="^[A-Za-z0-9_-]+$"
            ),
            "description": _text("when the agent should call it", 1_000),
            "parameters": {
                "type": "object",
                "description": "a JSON Schema of the function's arguments",
            },
            "timeoutSeconds": {"type": "integer", "minimum": 1, "maximum": 120, "default": 20},
        },
        "serverUrl",
        "functionName",
    ),
)

API_REQUEST = _schema(
    "API request",
    _object(
        {
            "url": ADDRESS,
            "method": {"enum": ["GET", "POST", "PUT", "PATCH", "DELETE"]},
            "description": _text("when the agent should send it", 1_000),
            "headers": {
                "type": "object",
                "maxProperties": 50,
                "additionalProperties": {"type": "string", "maxLength": 4_096},
            },
            "body": {"type": "object", "description": "a JSON Schema of the request's body"},
            "timeoutSeconds": {"type": "integer", "minimum": 1, "maximum": 120, "default": 20},
        },
        "url",
        "method",
    ),
)
