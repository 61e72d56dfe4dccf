"""The guide's examples: its JSON shapes and field names, with numbers and words of our own."""

from typing import Any, Final

NUMBER: Final = "+12125550123"
OTHER_NUMBER: Final = "+12125550145"
MADE, CHANGED = "2024-01-15T10:00:00Z", "2024-01-15T10:02:00Z"

CONNECT_CALENDAR: Final[dict[str, Any]] = {
    "accessToken": "ya29.invented-token",
    "calendarId": "primary",
}
CALENDAR: Final[dict[str, Any]] = {
    "id": "config-id-123",
    "calendarId": "primary",
    "aclRuleId": "acl-rule-id-456",
}
TEMPLATES: Final[dict[str, Any]] = {
    "items": [
        {
            "id": "template-transfer-001",
            "isTemplate": True,
            "name": "transferCall",
            "displayName": "Transfer Call",
            "type": "transferCall",
            "config": {"async": False},
            "configSchema": {"type": "object", "required": ["destinations"]},
        },
        {
            "id": "template-googlecal-001",
            "isTemplate": True,
            "name": "googleCal",
            "displayName": "Google Calendar",
            "type": "apiRequest",
            "config": {},
            "configSchema": {"type": "object"},
        },
    ],
    "page": 1,
    "page_size": 10,
    "total": 2,
}
CREATE_TRANSFER: Final[dict[str, Any]] = {
    "templateToolId": "template-transfer-001",
    "configOverride": {
        "destinations": [
            {
                "name": "Sales",
                "phoneNumber": NUMBER,
                "description": "Whoever sells",
                "warmTransferEnabled": True,
            },
            {
                "name": "Workshop",
                "phoneNumber": OTHER_NUMBER,
                "description": "Whoever repairs",
                "warmTransferEnabled": False,
            },
        ],
        "messages": [{"type": "request-complete", "content": "https://example.com/hold.mp3"}],
    },
}
TRANSFER_TOOL: Final[dict[str, Any]] = {
    "id": "tool-instance-123",
    "isTemplate": False,
    "templateToolId": "template-transfer-001",
    "name": "transferCall",
    "displayName": "Transfer Call",
    "type": "transferCall",
    "config": {"async": False},
    "configOverride": {"destinationIds": ["dest-1", "dest-2"]},
    "effectiveConfig": {"async": False, "destinationIds": ["dest-1", "dest-2"]},
    "message": "One moment, I am putting you through.",
    "businessId": "biz_123",
    "enabled": True,
    "createdAt": MADE,
    "updatedAt": MADE,
}
_NINE_TO_FIVE: Final = [{"openTime": "09:00", "closeTime": "17:00"}]
_WORKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday")
CREATE_APPOINTMENTS: Final[dict[str, Any]] = {
    "templateToolId": "template-googlecal-001",
    "configOverride": {
        "appointmentConfig": {
            "slotDurationMinutes": 60,
            "slotBufferMinutes": 15,
            "advanceNoticeMinutes": 1440,
            "hoursJson": dict.fromkeys(_WORKDAYS, _NINE_TO_FIVE),
        }
    },
}
APPOINTMENT_TOOL: Final[dict[str, Any]] = {
    "id": "tool-instance-456",
    "isTemplate": False,
    "templateToolId": "template-googlecal-001",
    "name": "googleCal",
    "displayName": "Google Calendar",
    "type": "apiRequest",
    "config": {},
    "configOverride": {"appointmentConfigId": "appt-config-789"},
    "effectiveConfig": {"appointmentConfigId": "appt-config-789"},
    "businessId": "biz_123",
    "enabled": True,
    "createdAt": MADE,
    "updatedAt": MADE,
}
FILE: Final[dict[str, Any]] = {
    "id": "file-123",
    "name": "product-catalog.pdf",
    "mimeType": "application/pdf",
    "sizeBytes": 1_048_576,
    "businessId": "biz_123",
    "status": "processing",
    "createdAt": MADE,
    "updatedAt": CHANGED,
}
VOICES: Final[list[dict[str, Any]]] = [
    {
        "id": "voice-abc123",
        "name": "Sarah",
        "category": "conversational",
        "description": "Warm and clear",
        "previewUrl": "https://example.com/sarah.mp3",
    },
    {
        "id": "voice-def456",
        "name": "Michael",
        "category": "narrative",
        "description": "Calm and sure",
        "previewUrl": "https://example.com/michael.mp3",
    },
]
_FLOW: Final = "Greet the caller. Ask for the name and the matter. Book a visit if one is wanted."
WORKFLOW: Final[dict[str, Any]] = {
    "nodes": [
        {
            "id": "start",
            "type": "conversation",
            "prompt": "Greet the caller and ask for the name",
            "firstMessage": "Hello, Mario Plumbing. What can we do for you?",
            "label": "Greeting",
        },
        {
            "id": "collect-info",
            "type": "conversation",
            "prompt": "Ask what the matter is and how to reach the caller",
            "label": "Collect Information",
        },
        {
            "id": "schedule",
            "type": "tool",
            "prompt": "scheduleAppointment",
            "label": "Schedule Appointment",
        },
        {"id": "transfer", "type": "tool", "prompt": "transferCall", "label": "Transfer Call"},
        {"id": "end", "type": "tool", "prompt": "endCall", "label": "End Call"},
    ],
    "edges": [
        {"from": "start", "to": "collect-info", "when": "always"},
        {"from": "collect-info", "to": "schedule", "when": "a visit is wanted"},
        {"from": "collect-info", "to": "transfer", "when": "somebody else is wanted"},
        {"from": "schedule", "to": "end", "when": "the visit is booked"},
        {"from": "transfer", "to": "end", "when": "the call is put through"},
    ],
    "startNode": "start",
}
_OPEN_HOURS: Final = [{"day": day, "startTime": "09:00", "endTime": "17:00"} for day in _WORKDAYS]
HOURS: Final[dict[str, Any]] = {
    "timezone": "America/New_York",
    "hours": [
        *_OPEN_HOURS,
        {"day": "saturday", "startTime": "CLOSED", "endTime": "CLOSED"},
        {"day": "sunday", "startTime": "CLOSED", "endTime": "CLOSED"},
    ],
}
_SAID: Final[dict[str, Any]] = {
    "name": "Customer Service Agent",
    "type": "INBOUND",
    "conversationFlow": _FLOW,
    "customInstructions": "Never name a price.",
    "voiceId": "voice-abc123",
    "knowledgeBaseDocumentIds": ["file-123", "file-456"],
    "firstMessage": "Hello, Mario Plumbing. What can we do for you?",
    "backgroundSound": "office",
    "collectFields": ["name", "phone", "email"],
}
CREATE_AGENT: Final[dict[str, Any]] = _SAID | {
    "toolIds": ["transfer-tool-instance-456", "google-cal-tool-instance-123"],
    "personality": {"tone": "friendly", "style": "conversational", "useEmpathy": True},
    "activatedHours": HOURS,
}
CREATE_AGENT_WITH_WORKFLOW: Final[dict[str, Any]] = {
    "name": "Caller",
    "type": "OUTBOUND",
    "workflow": WORKFLOW,
    "personality": {
        "tone": "professional",
        "style": "narrative",
        "description": "Friendly and to the point",
        "useEmpathy": True,
        "useHumor": False,
    },
    "multilingual": True,
    "backgroundSound": "https://example.com/rain.mp3",
}
AGENT: Final[dict[str, Any]] = _SAID | {
    "id": "agent-789",
    "businessId": "biz_123",
    "toolIds": ["transfer-tool-instance-456", "google-cal-tool-instance-123", "kb-tool-345"],
    "personality": {
        "tone": "friendly",
        "style": "conversational",
        "useEmpathy": True,
        "useHumor": False,
    },
    "activatedHours": {"timezone": "America/New_York", "hours": _OPEN_HOURS},
    "workflow": None,
    "createdAt": MADE,
    "updatedAt": MADE,
}
DEPLOYED_AGENT: Final[dict[str, Any]] = AGENT | {
    "workflow": WORKFLOW,
    "phoneNumber": NUMBER,
    "onDuty": True,
}
CALL: Final[dict[str, Any]] = {
    "phoneNumber": NUMBER,
    "name": "Ada Example",
    "leadId": "lead-123",
    "context": "Wants a new boiler",
    "additionalInfo": "Came by an advertisement",
    "imageUrls": ["https://example.com/image1.jpg", "https://example.com/image2.jpg"],
}
PLACED: Final[dict[str, Any]] = {
    "success": True,
    "callId": "call-record-456",
    "phoneNumber": NUMBER,
    "status": "initiated",
}
RECORD: Final[dict[str, Any]] = {
    "id": "call-123",
    "businessId": "biz_123",
    "agentId": "agent-789",
    "leadId": "lead-456",
    "type": "OUTBOUND",
    "phoneNumber": OTHER_NUMBER,
    "customerNumber": NUMBER,
    "status": "COMPLETED",
    "endedReason": "Call completed successfully",
    "summary": "Wants a visit next week",
    "transcript": "Agent: Hello",
    "recordingUrl": "https://example.com/call.mp3",
    "durationMs": 120_000,
    "structuredData": {"name": "Ada Example"},
    "leadContext": {
        "context": "Wants a new boiler",
        "generatedFromLeadId": "lead-456",
        "additionalInfo": "Came by an advertisement",
        "name": "Ada Example",
        "imageUrls": ["https://example.com/image1.jpg"],
    },
    "startedAt": MADE,
    "endedAt": CHANGED,
}
HISTORY: Final[dict[str, Any]] = {"items": [RECORD], "total": 100, "page": 1, "page_size": 10}
HISTORY_QUERY: Final = "page=1&page_size=10&type=OUTBOUND&status=COMPLETED"
