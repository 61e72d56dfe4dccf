"""Speaks to the Partner API: every answer ends as a value, or not sent, refused or unknown."""

from partner.auth import TokenInfo
from partner.client import PartnerClient
from partner.credentials import ClientCredentials, StaticKey
from partner.errors import (
    FileFailed,
    FileNotReady,
    NotSent,
    PartnerError,
    Refused,
    UnfitFile,
    Unknown,
)
from partner.evidence import Evidence
from partner.models.agents import (
    AgentPersonality,
    CreateVoiceAgent,
    Personality,
    UpdateVoiceAgent,
    VoiceAgent,
)
from partner.models.calendar import CalendarIntegration, ConnectCalendar
from partner.models.calls import CallPlaced, CallQuery, CallRecord, CallRequest, LeadContext
from partner.models.files import KnowledgeFile
from partner.models.hours import (
    ActivatedHours,
    AgentDayHours,
    AgentHours,
    DayHours,
    OpenHours,
    Weekday,
)
from partner.models.page import Page
from partner.models.tools import (
    AppointmentConfig,
    CalendarOverride,
    CreateTool,
    HoldAudio,
    Tool,
    ToolTemplate,
    TransferDestination,
    TransferOverride,
    UpdateTool,
)
from partner.models.voices import Voice
from partner.models.workflow import AgentEdge, AgentNode, AgentWorkflow, Edge, Node, Workflow
from partner.multipart import Progress
from partner.scopes import SCOPES
from partner.transport import Timeouts
from partner.upload import Upload
from partner.walk import Walk

__all__ = [
    "SCOPES",
    "ActivatedHours",
    "AgentDayHours",
    "AgentEdge",
    "AgentHours",
    "AgentNode",
    "AgentPersonality",
    "AgentWorkflow",
    "AppointmentConfig",
    "CalendarIntegration",
    "CalendarOverride",
    "CallPlaced",
    "CallQuery",
    "CallRecord",
    "CallRequest",
    "ClientCredentials",
    "ConnectCalendar",
    "CreateTool",
    "CreateVoiceAgent",
    "DayHours",
    "Edge",
    "Evidence",
    "FileFailed",
    "FileNotReady",
    "HoldAudio",
    "KnowledgeFile",
    "LeadContext",
    "Node",
    "NotSent",
    "OpenHours",
    "Page",
    "PartnerClient",
    "PartnerError",
    "Personality",
    "Progress",
    "Refused",
    "StaticKey",
    "Timeouts",
    "TokenInfo",
    "Tool",
    "ToolTemplate",
    "TransferDestination",
    "TransferOverride",
    "UnfitFile",
    "Unknown",
    "UpdateTool",
    "UpdateVoiceAgent",
    "Upload",
    "Voice",
    "VoiceAgent",
    "Walk",
    "Weekday",
    "Workflow",
]
