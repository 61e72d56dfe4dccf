"""The operations of the simulated API: what each is for, needs, reads, answers and refuses."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sandbox.api import agents, calendar, files, history, tools, voices

TOOLS = "/businesses/{businessId}/tools"
FILES = "/businesses/{businessId}/files"
CALENDAR = "/businesses/{businessId}/integrations/google-calendar"
AGENTS = "/businesses/{businessId}/voice-agents"
CALLS = "/businesses/{businessId}/calls"
AGENT = f"{AGENTS}/{{voiceAgentId}}"
TOOL = f"{TOOLS}/{{toolId}}"
FILE = f"{FILES}/{{fileId}}"

PAGING = ("Page", "PageSize")
HISTORY = (*PAGING, "CallType", "CallStatus", "Start", "End", "LeadId", "OrderBy")
BAD_PAGE = "page or page_size is no number, or out of range"
BAD_QUERY = "a filter, the order, page or page_size can't be read"
BAD_AGENT = (
    "the body doesn't fit: a member, the workflow, the hours, or hours for an OUTBOUND agent; "
    "or it names a voice, tool or file that isn't there or can't be used"
)
BAD_OVERRIDE = "the body doesn't fit, configOverride among it, or the calendar isn't set up"
PLATFORM_TOOL = "the platform made the tool by itself"
NO_AGENT = "no such voice agent"
NO_TOOL = "no such tool"
NO_FILE = "no such file"
NO_CALL = "no such call"


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One of the API's operations.

    ``answers`` names schemas by status, None where there is no body. ``refusals`` says by
    status why it refuses, beyond what follows from the rest: keys (401), scopes (403),
    businesses that aren't there (404), bodies that are too long (413).
    """

    id: str
    method: str
    path: str
    tag: str
    summary: str
    scope: str | None
    answers: Mapping[int, str | None]
    refusals: Mapping[int, str] = field(default_factory=dict)
    parameters: tuple[str, ...] = ()
    body: str | None = None
    body_required: bool = True
    body_types: tuple[str, ...] = ("application/json",)


OPERATIONS = (
    Operation(
        id="issueToken", method="POST", path="/oauth/token", tag="Authorization",
        summary="Exchange client credentials for an access token", scope=None,
        answers={200: "AccessToken"}, body="TokenRequest",
        body_types=("application/x-www-form-urlencoded", "application/json"),
        refusals={
            400: "another grant_type, a scope that the client lacks, or no readable body",
            401: "unknown client or wrong secret",
        },
    ),
    Operation(
        id="listVoices", method="GET", path="/voices", tag="Voices",
        summary="List voices: a bare array", scope=voices.READ, answers={200: "VoiceList"},
    ),
    Operation(
        id="getVoice", method="GET", path="/voices/{voiceId}", tag="Voices",
        summary="Read a voice", scope=voices.READ, answers={200: "Voice"},
        refusals={404: "no such voice"},
    ),
    Operation(
        id="listToolTemplates", method="GET", path="/tools", tag="Tools",
        summary="List tool templates", scope=tools.READ, answers={200: "ToolTemplatePage"},
        parameters=PAGING, refusals={400: BAD_PAGE},
    ),
    Operation(
        id="getToolTemplate", method="GET", path="/tools/{toolId}", tag="Tools",
        summary="Read a tool template", scope=tools.READ, answers={200: "ToolTemplate"},
        refusals={404: "no such template"},
    ),
    Operation(
        id="listTools", method="GET", path=TOOLS, tag="Tools",
        summary="List a business's tools, no templates", scope=tools.READ,
        answers={200: "ToolPage"}, parameters=PAGING, refusals={400: BAD_PAGE},
    ),
    Operation(
        id="createTool", method="POST", path=TOOLS, tag="Tools",
        summary="Make a tool from a template", scope=tools.CREATE, answers={201: "Tool"},
        body="CreateTool", refusals={400: BAD_OVERRIDE},
    ),
    Operation(
        id="getTool", method="GET", path=TOOL, tag="Tools", summary="Read a tool",
        scope=tools.READ, answers={200: "Tool"}, refusals={404: NO_TOOL},
    ),
    Operation(
        id="updateTool", method="PATCH", path=TOOL, tag="Tools",
        summary="Replace a tool's overrides", scope=tools.UPDATE, answers={200: "Tool"},
        body="UpdateTool", body_required=False,
        refusals={400: f"{BAD_OVERRIDE}, or {PLATFORM_TOOL}", 404: NO_TOOL},
    ),
    Operation(
        id="deleteTool", method="DELETE", path=TOOL, tag="Tools", summary="Delete a tool",
        scope=tools.DELETE, answers={204: None},
        refusals={400: PLATFORM_TOOL, 404: NO_TOOL, 409: "a voice agent uses the tool"},
    ),
    Operation(
        id="listFiles", method="GET", path=FILES, tag="Files",
        summary="List knowledge-base files", scope=files.READ,
        answers={200: "KnowledgeFilePage"}, parameters=PAGING, refusals={400: BAD_PAGE},
    ),
    Operation(
        id="uploadFile", method="POST", path=FILES, tag="Files",
        summary="Upload a file; it is processed for a while", scope=files.CREATE,
        answers={201: "KnowledgeFile"}, body="UploadFile", body_types=("multipart/form-data",),
        refusals={
            400: "no form with one named file, an empty file, or one of another type",
            413: "the file is longer than 25 MiB",
        },
    ),
    Operation(
        id="getFile", method="GET", path=FILE, tag="Files",
        summary="Read a file and how far its processing got", scope=files.READ,
        answers={200: "KnowledgeFile"}, refusals={404: NO_FILE},
    ),
    Operation(
        id="deleteFile", method="DELETE", path=FILE, tag="Files", summary="Delete a file",
        scope=files.DELETE, answers={204: None},
        refusals={404: NO_FILE, 409: "a voice agent uses the file"},
    ),
    Operation(
        id="getGoogleCalendarIntegration", method="GET", path=CALENDAR, tag="Integrations",
        summary="Read the Google Calendar integration", scope=calendar.READ,
        answers={200: "CalendarIntegration"}, refusals={404: "none is set up"},
    ),
    Operation(
        id="connectGoogleCalendar", method="POST", path=CALENDAR, tag="Integrations",
        summary="Create or update the Google Calendar integration", scope=calendar.CREATE,
        answers={200: "CalendarIntegration", 201: "CalendarIntegration"},
        body="ConnectCalendar",
        refusals={400: "the body doesn't fit, or the calendar could not be shared"},
    ),
    Operation(
        id="listVoiceAgents", method="GET", path=AGENTS, tag="Voice agents",
        summary="List a business's voice agents", scope=agents.READ,
        answers={200: "VoiceAgentPage"}, parameters=PAGING, refusals={400: BAD_PAGE},
    ),
    Operation(
        id="createVoiceAgent", method="POST", path=AGENTS, tag="Voice agents",
        summary="Make a voice agent, or nothing at all", scope=agents.CREATE,
        answers={201: "VoiceAgent"}, body="CreateVoiceAgent",
        refusals={400: BAD_AGENT, 500: "its assistant could not be made; nothing was kept"},
    ),
    Operation(
        id="getVoiceAgent", method="GET", path=AGENT, tag="Voice agents",
        summary="Read a voice agent", scope=agents.READ, answers={200: "VoiceAgent"},
        refusals={404: NO_AGENT},
    ),
    Operation(
        id="updateVoiceAgent", method="PATCH", path=AGENT, tag="Voice agents",
        summary="Change a voice agent: what is left out stays, null clears", scope=agents.UPDATE,
        answers={200: "VoiceAgent"}, body="UpdateVoiceAgent", body_required=False,
        refusals={
            400: f"{BAD_AGENT}; or it changes the type, or clears the conversation",
            404: NO_AGENT,
            500: "its assistant could not be made; nothing was changed",
        },
    ),
    Operation(
        id="deleteVoiceAgent", method="DELETE", path=AGENT, tag="Voice agents",
        summary="Delete a voice agent; its calls stay", scope=agents.DELETE,
        answers={204: None}, refusals={404: NO_AGENT},
    ),
    Operation(
        id="deployVoiceAgent", method="POST", path=f"{AGENT}/deploy", tag="Voice agents",
        summary="Give a voice agent a phone number and set it on duty", scope=agents.UPDATE,
        answers={200: "VoiceAgent"},
        refusals={404: NO_AGENT, 500: "no phone number is left to provision"},
    ),
    Operation(
        id="setOnDuty", method="PATCH", path=f"{AGENT}/on", tag="Voice agents",
        summary="Set a voice agent on duty", scope=agents.UPDATE, answers={200: "VoiceAgent"},
        refusals={400: "the agent is not deployed", 404: NO_AGENT},
    ),
    Operation(
        id="setOffDuty", method="PATCH", path=f"{AGENT}/off", tag="Voice agents",
        summary="Set a voice agent off duty", scope=agents.UPDATE, answers={200: "VoiceAgent"},
        refusals={400: "the agent is not deployed", 404: NO_AGENT},
    ),
    Operation(
        id="placeCall", method="POST", path=f"{AGENT}/call", tag="Voice agents",
        summary="Ring a person's phone", scope=agents.UPDATE, answers={200: "CallPlaced"},
        body="PlaceCall",
        refusals={
            400: "no valid number, or the agent is not OUTBOUND, not deployed or off duty",
            404: "no such voice agent, or no such lead",
            409: "the call record exists already; the phone may be ringing",
            500: "the call could not be initiated, as it seems; the phone may be ringing",
        },
    ),
    Operation(
        id="listBusinessCalls", method="GET", path=CALLS, tag="Calls",
        summary="List a business's calls", scope=history.READ, answers={200: "CallPage"},
        parameters=HISTORY, refusals={400: BAD_QUERY},
    ),
    Operation(
        id="getBusinessCall", method="GET", path=f"{CALLS}/{{callId}}", tag="Calls",
        summary="Read a business's call", scope=history.READ, answers={200: "Call"},
        refusals={404: NO_CALL},
    ),
    Operation(
        id="listOrganizationCalls", method="GET", path="/organizations/calls", tag="Calls",
        summary="List an organization's calls", scope=history.READ,
        answers={200: "CallPage"}, parameters=(*HISTORY, "BusinessId"),
        refusals={400: BAD_QUERY, 404: "no such business, where businessId names one"},
    ),
    Operation(
        id="getOrganizationCall", method="GET", path="/organizations/calls/{callId}",
        tag="Calls", summary="Read an organization's call", scope=history.READ,
        answers={200: "Call"}, refusals={404: NO_CALL},
    ),
)  # fmt: skip
"""All 29, in the guide's order."""
