"""The schemas of what is answered: the records, as much of them as is shown."""

from collections.abc import Mapping

from pydantic import BaseModel

from sandbox.agents.automatic import KNOWLEDGE_BASE_QUERY
from sandbox.api.call import US_NUMBER
from sandbox.calls import CallStatus, CallType
from sandbox.errors import CODES
from sandbox.model.agents import Agent
from sandbox.model.calendar import CalendarIntegration
from sandbox.model.files import FileStatus, KnowledgeFile
from sandbox.model.tools import Tool, ToolTemplate
from sandbox.model.voices import Voice
from sandbox.openapi.shapes import (
    Schema,
    answer_schema,
    model_schemas,
    object_schema,
    page_schema,
    ref,
)

TEXT: Schema = {"type": "string"}
NUMBER: Schema = {"type": "string", "pattern": f"^{US_NUMBER.pattern}$"}
INSTANT: Schema = {"type": "string", "format": "date-time"}
ADDRESS: Schema = {"type": "string", "format": "uri"}
STAMPS = {"createdAt": INSTANT, "updatedAt": INSTANT}
RECORDS: Mapping[str, type[BaseModel]] = {
    "VoiceAgent": Agent,
    "CalendarIntegration": CalendarIntegration,
    "KnowledgeFile": KnowledgeFile,
    "Tool": Tool,
    "ToolTemplate": ToolTemplate,
    "Voice": Voice,
}
PARTS = {
    "Graph": "Workflow",
    "Node": "WorkflowNode",
    "Edge": "WorkflowEdge",
    "Personality": "Personality",
    "ActivatedHours": "ActivatedHours",
    "OnDutySpan": "DayHours",
}
PAGES = {
    "ToolTemplatePage": "ToolTemplate",
    "ToolPage": "Tool",
    "KnowledgeFilePage": "KnowledgeFile",
    "VoiceAgentPage": "VoiceAgent",
    "CallPage": "Call",
}


def answer_schemas() -> dict[str, Schema]:
    """The schemas of all answers, errors among them."""
    found = model_schemas(RECORDS, "serialization", parts=PARTS)
    parts = {
        name: answer_schema(found[name], optional=_nullable(found[name]))
        for name in PARTS.values()
    }
    return {
        **{name: schema for name, schema in found.items() if "enum" in schema},
        **parts,
        "Voice": answer_schema(found["Voice"], without={"pitch"}, more={"previewUrl": ADDRESS}),
        "VoiceList": {"type": "array", "items": ref("Voice")},
        "ToolTemplate": answer_schema(
            found["ToolTemplate"], without={"message"}, more={"isTemplate": {"const": True}}
        ),
        "Tool": _tool(found["Tool"]),
        "KnowledgeFile": _file(found["KnowledgeFile"]),
        "CalendarIntegration": answer_schema(found["CalendarIntegration"], without={"businessId"}),
        "VoiceAgent": _agent(found["VoiceAgent"]),
        "CallPlaced": _call_placed(),
        "LeadContext": _lead_context(),
        "Call": _call(),
        **{name: page_schema(item) for name, item in PAGES.items()},
        "AccessToken": _access_token(),
        "Error": _error(),
        "TokenError": _token_error(),
    }


def _nullable(schema: Schema) -> set[str]:
    return {
        name
        for name, part in schema["properties"].items()
        if {"type": "null"} in part.get("anyOf", ())
    }


def _tool(schema: Schema) -> Schema:
    return answer_schema(
        schema,
        without={"agentId"},
        optional={"templateToolId", "message"},
        more={
            "isTemplate": {"const": False},
            "effectiveConfig": {
                "type": "object",
                "additionalProperties": True,
                "description": "config with configOverride laid over it",
            },
            "templateToolId": TEXT
            | {"description": f"left out for {KNOWLEDGE_BASE_QUERY}, which has no template"},
            **STAMPS,
        },
    )


def _file(schema: Schema) -> Schema:
    more = {"status": {"enum": list(FileStatus)}, **STAMPS}
    return answer_schema(schema, without={"text", "settles"}, more=more)


def _agent(schema: Schema) -> Schema:
    kept = _nullable(schema) - {"conversationFlow", "workflow"}
    return answer_schema(
        schema,
        without={"automaticToolIds", "formsSettle", "dutySetAt"},
        optional=kept,
        more={
            "workflow": {
                "anyOf": [ref("Workflow"), {"type": "null"}],
                "description": "null while it is generated",
            },
            "conversationFlow": {
                "anyOf": [TEXT, {"type": "null"}],
                "description": "null while it is generated",
            },
            "activatedHours": ref("ActivatedHours") | {"description": "of INBOUND agents"},
            "phoneNumber": NUMBER | {"description": "once the agent is deployed"},
            "onDuty": {"type": "boolean", "description": "once the agent is deployed"},
            **STAMPS,
        },
    )


def _call_placed() -> Schema:
    return object_schema(
        {
            "success": {"const": True},
            "callId": TEXT,
            "phoneNumber": NUMBER | {"description": "the number that was called"},
            "status": {"const": "initiated"},
        }
    )


def _lead_context() -> Schema:
    return object_schema(
        {
            "context": TEXT,
            "generatedFromLeadId": TEXT,
            "additionalInfo": TEXT,
            "name": TEXT,
            "imageUrls": {
                "type": "array",
                "items": TEXT,
                "description": "once the call has started",
            },
        },
        optional={"generatedFromLeadId", "additionalInfo", "name", "imageUrls"},
    )


def _call() -> Schema:
    always = {
        "id": TEXT,
        "businessId": TEXT,
        "agentId": TEXT,
        "type": {"enum": list(CallType)},
        "phoneNumber": TEXT | {"description": "the agent's number"},
        "customerNumber": TEXT | {"description": "the person's number"},
        "status": {"enum": list(CallStatus)},
        "leadContext": ref("LeadContext"),
    }
    known_later = {
        "leadId": TEXT,
        "startedAt": INSTANT | {"description": "left out while SCHEDULED"},
        "endedAt": INSTANT | {"description": "left out until the call has ended, as what follows"},
        "endedReason": TEXT,
        "durationMs": {"type": "integer", "minimum": 0},
        "structuredData": {
            "type": "object",
            "additionalProperties": True,
            "description": "a member for each of the agent's collectFields",
        },
        "summary": TEXT,
        "transcript": TEXT,
        "recordingUrl": ADDRESS,
    }
    return object_schema(always | known_later, optional=known_later)


def _access_token() -> Schema:
    return object_schema(
        {
            "access_token": TEXT,
            "token_type": {"const": "Bearer"},
            "expires_in": {"type": "integer", "minimum": 1, "description": "seconds"},
            "scope": TEXT | {"description": "what was granted, separated by blanks"},
        }
    )


def _error() -> Schema:
    return object_schema(
        {
            "message": TEXT | {"description": "for people; never depend on it"},
            "error": {"enum": [*CODES.values(), "ERROR"]},
            "statusCode": {"type": "integer", "minimum": 400, "maximum": 599},
        }
    )


def _token_error() -> Schema:
    codes = [
        "invalid_request",
        "invalid_client",
        "invalid_scope",
        "unsupported_grant_type",
        CODES[413],
    ]
    return object_schema(
        {
            "message": TEXT,
            "error": {"enum": codes, "description": "RFC 6749's, where it has one"},
            "statusCode": {"type": "integer", "minimum": 400, "maximum": 599},
            "error_description": TEXT,
        },
        optional={"error_description"},
    )
