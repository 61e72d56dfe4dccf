"""All endpoints but the token's as calls of the client, with what each should look like."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from partner import (
    CallQuery,
    CallRequest,
    ConnectCalendar,
    CreateTool,
    CreateVoiceAgent,
    PartnerClient,
    UpdateTool,
    UpdateVoiceAgent,
)

BIZ = "/businesses/biz"
AGENTS = f"{BIZ}/voice-agents"
CALENDAR = f"{BIZ}/integrations/google-calendar"
GOOGLE_TOKEN = "google-token-that-must-not-leak"
CREATE_AGENT = CreateVoiceAgent(name="Caller", type="OUTBOUND", conversation_flow="Say hello.")
CONNECT = ConnectCalendar.model_validate({"accessToken": GOOGLE_TOKEN, "calendarId": "primary"})


@dataclass(frozen=True, slots=True)
class Case:
    """One endpoint: its number in the list of 29, and how the client asks for it."""

    number: int
    name: str
    method: str
    path: str
    scope: str
    ask: Callable[[PartnerClient, Path], Awaitable[object]]

    @property
    def reads(self) -> bool:
        """Whether it only asks."""
        return self.method == "GET"


CASES = (
    Case(2, "list_voices", "GET", "/voices", "voices:read", lambda c, _: c.list_voices()),
    Case(3, "get_voice", "GET", "/voices/v", "voices:read", lambda c, _: c.get_voice("v")),
    Case(
        4, "list_tool_templates", "GET", "/tools", "tools:read",
        lambda c, _: c.list_tool_templates(),
    ),
    Case(
        5, "get_tool_template", "GET", "/tools/t", "tools:read",
        lambda c, _: c.get_tool_template("t"),
    ),
    Case(
        6, "list_tool_instances", "GET", f"{BIZ}/tools", "tools:read",
        lambda c, _: c.list_tool_instances("biz"),
    ),
    Case(
        7, "create_tool_instance", "POST", f"{BIZ}/tools", "tools:create",
        lambda c, _: c.create_tool_instance("biz", CreateTool(template_tool_id="t")),
    ),
    Case(
        8, "get_tool_instance", "GET", f"{BIZ}/tools/t", "tools:read",
        lambda c, _: c.get_tool_instance("biz", "t"),
    ),
    Case(
        9, "update_tool_instance", "PATCH", f"{BIZ}/tools/t", "tools:update",
        lambda c, _: c.update_tool_instance("biz", "t", UpdateTool(config_override=None)),
    ),
    Case(
        10, "delete_tool_instance", "DELETE", f"{BIZ}/tools/t", "tools:delete",
        lambda c, _: c.delete_tool_instance("biz", "t"),
    ),
    Case(
        11, "list_files", "GET", f"{BIZ}/files", "files:read",
        lambda c, _: c.list_files("biz"),
    ),
    Case(
        12, "upload_file", "POST", f"{BIZ}/files", "files:create",
        lambda c, path: c.upload_file("biz", path),
    ),
    Case(
        13, "get_file", "GET", f"{BIZ}/files/f", "files:read",
        lambda c, _: c.get_file("biz", "f"),
    ),
    Case(
        14, "delete_file", "DELETE", f"{BIZ}/files/f", "files:delete",
        lambda c, _: c.delete_file("biz", "f"),
    ),
    Case(
        15, "get_google_calendar_integration", "GET", CALENDAR, "integrations:read",
        lambda c, _: c.get_google_calendar_integration("biz"),
    ),
    Case(
        16, "create_google_calendar_integration", "POST", CALENDAR, "integrations:create",
        lambda c, _: c.create_google_calendar_integration("biz", CONNECT),
    ),
    Case(
        17, "list_voice_agents", "GET", AGENTS, "voice-agents:read",
        lambda c, _: c.list_voice_agents("biz"),
    ),
    Case(
        18, "create_voice_agent", "POST", AGENTS, "voice-agents:create",
        lambda c, _: c.create_voice_agent("biz", CREATE_AGENT),
    ),
    Case(
        19, "get_voice_agent", "GET", f"{AGENTS}/a", "voice-agents:read",
        lambda c, _: c.get_voice_agent("biz", "a"),
    ),
    Case(
        20, "update_voice_agent", "PATCH", f"{AGENTS}/a", "voice-agents:update",
        lambda c, _: c.update_voice_agent("biz", "a", UpdateVoiceAgent(name="Other")),
    ),
    Case(
        21, "delete_voice_agent", "DELETE", f"{AGENTS}/a", "voice-agents:delete",
        lambda c, _: c.delete_voice_agent("biz", "a"),
    ),
    Case(
        22, "deploy_voice_agent", "POST", f"{AGENTS}/a/deploy", "voice-agents:update",
        lambda c, _: c.deploy_voice_agent("biz", "a"),
    ),
    Case(
        23, "set_on_duty", "PATCH", f"{AGENTS}/a/on", "voice-agents:update",
        lambda c, _: c.set_on_duty("biz", "a"),
    ),
    Case(
        24, "set_off_duty", "PATCH", f"{AGENTS}/a/off", "voice-agents:update",
        lambda c, _: c.set_off_duty("biz", "a"),
    ),
    Case(
        25, "call", "POST", f"{AGENTS}/a/call", "voice-agents:update",
        lambda c, _: c.call("biz", "a", CallRequest(phone_number="+12125550123")),
    ),
    Case(
        26, "list_business_calls", "GET", f"{BIZ}/calls", "calls:read",
        lambda c, _: c.list_business_calls("biz", CallQuery()),
    ),
    Case(
        27, "get_business_call", "GET", f"{BIZ}/calls/c", "calls:read",
        lambda c, _: c.get_business_call("biz", "c"),
    ),
    Case(
        28, "list_organization_calls", "GET", "/organizations/calls", "calls:read",
        lambda c, _: c.list_organization_calls(CallQuery()),
    ),
    Case(
        29, "get_organization_call", "GET", "/organizations/calls/c", "calls:read",
        lambda c, _: c.get_organization_call("c"),
    ),
)  # fmt: skip
"""In the order of the guide's summary; the token's own endpoint is the first of the 29."""
