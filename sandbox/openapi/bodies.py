"""The schemas of what is sent: the models that read it, and the rules that they leave to code."""

from collections.abc import Mapping

from pydantic import BaseModel

from sandbox.agents.bodies import OFFICE, AgentBody, NewAgentBody
from sandbox.agents.hours import CLOCK, CLOSED, END_OF_DAY, WEEKDAYS
from sandbox.api.calendar import CalendarBody
from sandbox.api.call import US_NUMBER, CallBody
from sandbox.api.tools import NewTool, ToolChange
from sandbox.api.uploads import FIELD
from sandbox.catalog.templates import TEMPLATES
from sandbox.model.workflow import NodeTool, NodeType
from sandbox.openapi.shapes import Schema, model_schemas, object_schema, ref

MODELS: Mapping[str, type[BaseModel]] = {
    "ConnectCalendar": CalendarBody,
    "CreateTool": NewTool,
    "UpdateTool": ToolChange,
    "CreateVoiceAgent": NewAgentBody,
    "UpdateVoiceAgent": AgentBody,
    "PlaceCall": CallBody,
}
PARTS = {
    "GraphBody": "WorkflowToSend",
    "NodeBody": "NodeToSend",
    "EdgeBody": "EdgeToSend",
    "PersonalityBody": "PersonalityToSend",
    "HoursBody": "ActivatedHoursToSend",
    "SpanBody": "DayHoursToSend",
}
SOUND = rf"^({OFFICE}|[hH][tT][tT][pP][sS]?://[^\s/?#]+\S*)$"
DAY = "^(" + "|".join("".join(f"[{c}{c.upper()}]" for c in day) for day in WEEKDAYS) + ")$"

AGENT_RULES: dict[str, Schema] = {
    "toolIds": {
        "uniqueItems": True,
        "description": "ids of tools of this business, no templates",
    },
    "knowledgeBaseDocumentIds": {
        "uniqueItems": True,
        "description": "ids of files of this business that are ready",
    },
    "collectFields": {"uniqueItems": True, "description": "what structuredData will hold"},
    "backgroundSound": {"pattern": SOUND, "description": "office, or an http or https address"},
    "voiceId": {"description": "the id of a voice; a default one where left out"},
    "workflow": {"description": "wins where conversationFlow is sent too"},
    "activatedHours": {"description": "for INBOUND agents only"},
}
RULES: Mapping[str, Mapping[str, Schema]] = {
    "CreateVoiceAgent": AGENT_RULES,
    "UpdateVoiceAgent": AGENT_RULES | {"type": {"description": "can't be changed"}},
    "NodeToSend": {
        "type": {"enum": list(NodeType)},
        "prompt": {"description": f"of a tool node: {', '.join(NodeTool)}"},
        "firstMessage": {"description": "said on entering the node"},
    },
    "EdgeToSend": {
        "from": {"description": "a node's id"},
        "to": {"description": "a node's id"},
        "when": {"description": "who goes this way, in prose"},
    },
    "WorkflowToSend": {"startNode": {"description": "the first node's id"}},
    "DayHoursToSend": {
        "day": {"pattern": DAY, "description": "a weekday's English name, in either case"},
        "startTime": {"pattern": f"^({CLOCK.pattern}|{CLOSED})$"},
        "endTime": {
            "pattern": f"^({CLOCK.pattern}|{END_OF_DAY}|{CLOSED})$",
            "description": "after startTime; CLOSED where startTime is",
        },
    },
    "ActivatedHoursToSend": {"timezone": {"description": "IANA, such as America/New_York"}},
    "PlaceCall": {
        "phoneNumber": {
            "pattern": f"^{US_NUMBER.pattern}$",
            "description": "a US number; area code and exchange start with neither 0 nor 1",
        },
        "leadId": {"description": "a lead of the platform; its context takes context's place"},
        "context": {"description": "what the call is about; a default where left out"},
        "additionalInfo": {"description": "appended to the context"},
        "imageUrls": {"description": "sent to the agent once the call is under way"},
    },
    "CreateTool": {"templateToolId": {"enum": list(TEMPLATES)}},
    "UpdateTool": {"templateToolId": {"description": "can't be changed"}},
    "ConnectCalendar": {
        "accessToken": {"description": "of Google, with the calendar scope; never kept"},
        "calendarId": {"description": "primary, or a calendar's id"},
    },
}


def body_schemas() -> dict[str, Schema]:
    """The schemas of all bodies, and of the overrides that each tool template takes."""
    named = model_schemas(MODELS, "validation", parts=PARTS)
    for owner, rules in RULES.items():
        for field, rule in rules.items():
            named[owner]["properties"][field] = _ruled(named[owner]["properties"][field], rule)
    # Which of both forms is there, where null counts as neither, is left to the code.
    named["CreateVoiceAgent"]["anyOf"] = [
        {"required": ["conversationFlow"]},
        {"required": ["workflow"]},
    ]
    for owner in ("CreateTool", "UpdateTool"):
        named[owner]["properties"]["configOverride"] = _any_override()
    return named | _overrides() | {"UploadFile": _upload(), "TokenRequest": _token_request()}


def override_name(template_id: str) -> str:
    """The schema's name for the overrides of a template: ``TransferCallOverride``."""
    name = TEMPLATES[template_id].name
    return f"{name[0].upper()}{name[1:]}Override"


def _ruled(schema: Schema, rule: Schema) -> Schema:
    # A rule about values stands beside the values' own, not beside null.
    told = {name: part for name, part in rule.items() if name == "description"}
    checked = {name: part for name, part in rule.items() if name != "description"}
    if "anyOf" not in schema:
        return schema | checked | told
    choices = [
        choice if choice == {"type": "null"} else choice | checked for choice in schema["anyOf"]
    ]
    return schema | {"anyOf": choices} | told


def _any_override() -> Schema:
    choices = [ref(override_name(template_id)) for template_id in TEMPLATES]
    return {
        "anyOf": [*choices, {"type": "null"}],
        "description": "what the template's configSchema allows",
    }


def _overrides() -> dict[str, Schema]:
    return {override_name(template.id): template.config_schema for template in TEMPLATES.values()}


def _upload() -> Schema:
    content = {
        "type": "string",
        "contentMediaType": "application/octet-stream",
        "description": "with its name; up to 25 MiB",
    }
    return object_schema({FIELD: content})


def _token_request() -> Schema:
    text = {"type": "string"}
    return object_schema(
        {
            "grant_type": {"const": "client_credentials"},
            "client_id": text | {"description": "unless the client authenticates by HTTP Basic"},
            "client_secret": text,
            "scope": text | {"description": "separated by blanks; all the client has by default"},
        },
        optional={"client_id", "client_secret", "scope"},
    )
