"""What tests of agents share: a business of its own, and what it makes through the API."""

from typing import Any, Self

import httpx2

from tests.sandbox.worlds import Tenant, client, until
from tests.support.sandbox import SandboxProcess

FLOW = "Greet the caller. If they want a visit, use the scheduling tool. Say goodbye."
BODY = {"name": "Caller", "type": "OUTBOUND", "conversationFlow": FLOW}
OFFICE = {
    "timezone": "America/New_York",
    "hours": [
        {"day": "Monday", "startTime": "09:00", "endTime": "17:00"},
        {"day": "sunday", "startTime": "CLOSED", "endTime": "CLOSED"},
    ],
}
DESTINATION = {"name": "Office", "phoneNumber": "+12125550191"}


class Desk:
    """A tenant's agents, tools and files, through the API.

    Args:
        sandbox: Where the tenant is made.
        phone: The business's own number, if it has one.
    """

    def __init__(self, sandbox: SandboxProcess, *, phone: str | None = None) -> None:
        self.tenant = Tenant(sandbox)
        business = sandbox.add(
            "businesses",
            organization_id=self.tenant.organization,
            name="Bayou Gutters",
            **({"phone_number": phone} if phone else {}),
        )["id"]
        self.business = business
        self.api = client(sandbox, self.tenant.key)
        self.agents = f"/businesses/{business}/voice-agents"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.api.close()

    def send(self, **fields: object) -> httpx2.Response:
        """Ask for an agent; the fields lie over those of a plain one."""
        return self.api.post(self.agents, json=BODY | fields)

    def made(self, **fields: object) -> dict[str, Any]:
        """An agent that must be made."""
        answer = self.send(**fields)
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    def patched(self, agent: dict[str, Any], **fields: object) -> dict[str, Any]:
        """An agent as a change that must succeed leaves it."""
        answer = self.api.patch(self.path(agent), json=fields)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def path(self, agent: dict[str, Any]) -> str:
        """Where an agent is read."""
        return f"{self.agents}/{agent['id']}"

    def read(self, agent: dict[str, Any]) -> dict[str, Any]:
        """An agent as it stands."""
        return dict(self.api.get(self.path(agent)).json())

    def tools(self) -> dict[str, dict[str, Any]]:
        """Every tool of the business, by id."""
        path = f"/businesses/{self.business}/tools"
        listed = self.api.get(path, params={"page_size": 100}).json()["items"]
        return {tool["id"]: tool for tool in listed}

    def types(self, agent: dict[str, Any]) -> list[str]:
        """The types of an agent's tools, in their order."""
        tools = self.tools()
        return [tools[tool_id]["type"] for tool_id in agent["toolIds"]]

    def tool(self, template: str = "template-transfer-001") -> str:
        """A new tool's id."""
        override = {"destinations": [DESTINATION]} if "transfer" in template else {}
        path = f"/businesses/{self.business}/tools"
        body = {"templateToolId": template, "configOverride": override}
        return str(self.api.post(path, json=body).json()["id"])

    def file(self) -> str:
        """A file that has just been uploaded; its id."""
        path = f"/businesses/{self.business}/files"
        files = {"file": ("prices.txt", b"A visit costs 89 dollars.", "text/plain")}
        return str(self.api.post(path, files=files).json()["id"])

    def ready_file(self) -> str:
        """A file that has been processed, on a fast clock; its id."""
        file_id = self.file()
        path = f"/businesses/{self.business}/files/{file_id}"
        until(lambda: self.api.get(path).json(), lambda file: file["status"] == "ready")
        return file_id


def refused(answer: httpx2.Response) -> str:
    """The message of an answer that must be a 400."""
    body = answer.json()
    assert (answer.status_code, body["error"]) == (400, "BAD_REQUEST"), answer.text
    return str(body["message"])
