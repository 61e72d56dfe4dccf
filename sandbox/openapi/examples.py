"""Examples of what is sent, by body; the numbers are nobody's, the names those of the seed."""

from collections.abc import Mapping
from typing import Any

from sandbox.seed import DEMO_CALENDAR, DEMO_CLIENT_ID, DEMO_CLIENT_SECRET, DEMO_PRICES

WORKFLOW: Mapping[str, Any] = {
    "nodes": [
        {"id": "start", "type": "conversation", "prompt": "Ask whether they still need help."},
        {"id": "book", "type": "tool", "prompt": "scheduleAppointment"},
        {"id": "end", "type": "tool", "prompt": "endCall"},
    ],
    "edges": [
        {"from": "start", "to": "book", "when": "if they want a visit"},
        {"from": "start", "to": "end", "when": "otherwise"},
        {"from": "book", "to": "end", "when": "after scheduling"},
    ],
    "startNode": "start",
}
TRANSFER: Mapping[str, Any] = {
    "destinations": [
        {
            "name": "Dispatcher",
            "phoneNumber": "+12125550171",
            "description": "Emergencies",
            "warmTransferEnabled": True,
        }
    ],
    "messages": [{"type": "request-complete", "content": "https://audio.example.com/on-hold.mp3"}],
}
APPOINTMENTS: Mapping[str, Any] = {
    "appointmentConfig": {
        "slotDurationMinutes": 60,
        "slotBufferMinutes": 15,
        "advanceNoticeMinutes": 1440,
        "hoursJson": {"monday": [{"openTime": "09:00", "closeTime": "17:00"}]},
    }
}

EXAMPLES: Mapping[str, Mapping[str, Mapping[str, Any]]] = {
    "TokenRequest": {
        "demo": {
            "grant_type": "client_credentials",
            "client_id": DEMO_CLIENT_ID,
            "client_secret": DEMO_CLIENT_SECRET,
            "scope": "voice-agents:read calls:read",
        }
    },
    "ConnectCalendar": {"primary": {"accessToken": "ya29.invented", "calendarId": "primary"}},
    "CreateTool": {
        "transfer": {"templateToolId": "template-transfer-001", "configOverride": TRANSFER},
        "appointments": {
            "templateToolId": "template-googlecal-001",
            "configOverride": APPOINTMENTS,
        },
    },
    "UpdateTool": {"transfer": {"configOverride": TRANSFER}},
    "CreateVoiceAgent": {
        "outbound": {
            "name": "Speed-to-lead caller",
            "type": "OUTBOUND",
            "workflow": WORKFLOW,
            "toolIds": [DEMO_CALENDAR],
            "knowledgeBaseDocumentIds": [DEMO_PRICES],
            "collectFields": ["name", "interested"],
        },
        "inbound": {
            "name": "Receptionist",
            "type": "INBOUND",
            "conversationFlow": "Greet the caller. Ask what they are calling about.",
            "personality": {"tone": "friendly", "useEmpathy": True},
            "backgroundSound": "office",
            "activatedHours": {
                "timezone": "America/New_York",
                "hours": [
                    {"day": "monday", "startTime": "09:00", "endTime": "17:00"},
                    {"day": "sunday", "startTime": "CLOSED", "endTime": "CLOSED"},
                ],
            },
        },
    },
    "UpdateVoiceAgent": {"greeting": {"firstMessage": "Hello! How can I help you?"}},
    "PlaceCall": {
        "lead": {
            "phoneNumber": "+12125550123",
            "name": "Ann Bee",
            "context": "Asked for a water heater to be looked at",
            "additionalInfo": "Prefers the afternoon",
            "imageUrls": ["https://images.example.com/heater.jpg"],
        }
    },
}
