"""What tests of tools share: the templates, good overrides, and a business that makes tools."""

from typing import Any

import httpx2

from tests.sandbox.worlds import Tenant
from tests.support.sandbox import SandboxProcess

TRANSFER = "template-transfer-001"
CALENDAR = "template-googlecal-001"
END_CALL = "template-endcall-001"
FUNCTION = "template-function-001"
API_REQUEST = "template-apirequest-001"
SALES = {
    "name": "Sales Team",
    "phoneNumber": "+12125550123",
    "description": "Quotes and new customers",
    "warmTransferEnabled": True,
}
ON_HOLD = {"type": "request-complete", "content": "https://audio.example.com/on-hold.mp3"}
LOOKUP = {"serverUrl": "https://hooks.example.com/lookup", "functionName": "look_up_order"}
REQUEST = {"url": "https://hooks.example.com/orders", "method": "POST"}


class Workshop:
    """A business of its own, without agents, and what it does with tools.

    Args:
        sandbox: Where it is made.
        tenant: Whose business it becomes.
        api: Carries the tenant's key.
    """

    def __init__(self, *, sandbox: SandboxProcess, tenant: Tenant, api: httpx2.Client) -> None:
        made = sandbox.add("businesses", organization_id=tenant.organization, name="Workshop")
        self.api = api
        self.tenant = tenant
        self.business = f"/businesses/{made['id']}"
        self.agents = f"{self.business}/voice-agents"
        self.files = f"{self.business}/files"
        self.tools = f"{self.business}/tools"

    def post(self, template: str, override: object = None) -> httpx2.Response:
        """Ask for a tool."""
        body = {"templateToolId": template, "configOverride": override}
        return self.api.post(self.tools, json=body)

    def make(self, template: str, override: object = None) -> dict[str, Any]:
        """Make a tool that must come about."""
        answer = self.post(template, override)
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    def patch(self, tool: dict[str, Any], **body: object) -> httpx2.Response:
        """Ask for a change of a tool."""
        return self.api.patch(self.path(tool), json=body)

    def path(self, tool: dict[str, Any]) -> str:
        """Where a tool is found."""
        return f"{self.tools}/{tool['id']}"

    def connect_calendar(self) -> None:
        """Set the Google Calendar integration up."""
        path = f"{self.business}/integrations/google-calendar"
        body = {"accessToken": "ya29.invented", "calendarId": "primary"}
        assert self.api.post(path, json=body).status_code == 201

    def agent(self, **members: object) -> dict[str, Any]:
        """Make an agent, with further members of its body."""
        body = {
            "name": "Caller",
            "type": "OUTBOUND",
            "conversationFlow": "Greet, then transfer.",
        }
        answer = self.api.post(self.agents, json=body | members)
        assert answer.is_success, answer.text
        return dict(answer.json())


def refused(answer: httpx2.Response, says: str) -> None:
    """Check that an answer is 400 and tells what is wrong."""
    assert (answer.status_code, answer.json()["error"]) == (400, "BAD_REQUEST"), answer.text
    assert says in answer.json()["message"]
