"""A manifest, its state and a business of its own in a sandbox, and what the upstream shows."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import yaml

from partner import PartnerClient, StaticKey
from provision.applying import Result, apply
from provision.events import Event
from provision.manifest import Manifest, read
from provision.plan import Action, Plan, Verb
from provision.planning import plan
from provision.state import State
from provision.state_file import read_state, state_path_for
from tests.support.sandbox import SandboxProcess

ENVIRON = {
    "GOOGLE_ACCESS_TOKEN": "ya29.never-to-be-kept",
    "HOLD": "https://example.com/s3cr3t.mp3",
}
PRICES = "# Prices\n\nA visit costs 90 dollars.\n"


def shop() -> dict[str, Any]:
    """A manifest of everything: a calendar, two like tools, a file, agents of both types."""
    return {
        "calendar": {"calendarId": "primary", "accessToken": "${GOOGLE_ACCESS_TOKEN}"},
        "tools": {
            "dispatcher": transfer("Dispatch", "+12125550150"),
            "office": transfer("Office", "+12125550151"),
        },
        "files": {"prices": {"path": "./prices.md"}},
        "agents": {
            "caller": {
                "name": "Shop caller",
                "type": "OUTBOUND",
                "voice": "sarah",
                "conversationFlow": "Greet, ask, say goodbye.\n",
                "personality": {"tone": "friendly", "useEmpathy": True},
                "collectFields": ["name", "interested"],
                "tools": ["dispatcher"],
                "files": ["prices"],
            },
            "desk": {
                "name": "Shop desk",
                "type": "INBOUND",
                "conversationFlow": "Answer and help.",
                "activatedHours": {
                    "timezone": "America/New_York",
                    "hours": [
                        {"day": "Monday", "startTime": "09:00", "endTime": "17:00"},
                        {"day": "sunday", "startTime": "CLOSED", "endTime": "CLOSED"},
                    ],
                },
                "tools": ["office"],
                "onDuty": False,
            },
        },
    }


def transfer(name: str, number: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON value
    """A transfer tool with one destination."""
    destination = {"name": name, "phoneNumber": number, "description": "The desk", **more}
    return {"template": "transferCall", "config": {"destinations": [destination]}}


class Workbench:
    """One manifest and the business that it is for."""

    def __init__(
        self,
        *,
        sandbox: SandboxProcess,
        client: PartnerClient,
        folder: Path,
        business: str,
        key: str,
    ) -> None:
        self.sandbox = sandbox
        self.client = client
        self.business = business
        self.key = key
        folder.mkdir(exist_ok=True)
        self.path = folder / "agents.yaml"
        self.state_path = state_path_for(self.path)
        self.prices(PRICES)

    @classmethod
    @asynccontextmanager
    async def new(
        cls, sandbox: SandboxProcess, folder: Path, scopes: frozenset[str] | None = None
    ) -> AsyncIterator["Workbench"]:
        """A workbench in a business that is empty, with credentials of these scopes."""
        name = uuid4().hex[:12]
        key = f"key-{name}"
        more = {} if scopes is None else {"scopes": sorted(scopes)}
        organization = f"org_{name}"
        sandbox.add("organizations", id=organization, name="Shop", api_key=key, **more)
        business = f"biz_{name}"
        sandbox.add(
            "businesses",
            id=business,
            organization_id=organization,
            name="Shop",
            phone_number="+12125550198",
        )
        async with PartnerClient(base_url=sandbox.base_url, credentials=StaticKey(key)) as client:
            yield cls(sandbox=sandbox, client=client, folder=folder, business=business, key=key)

    def prices(self, text: str) -> None:
        """Write the price list."""
        self.path.with_name("prices.md").write_text(text)

    def manifest(self, declared: Mapping[str, Any]) -> Manifest:
        """The manifest that declares this, written and read."""
        self.path.write_text(yaml.safe_dump({"business": self.business, **declared}))
        return read(self.path, environ=ENVIRON)

    @property
    def state(self) -> State | None:
        """What the state file holds."""
        return read_state(self.state_path)

    @property
    def kept(self) -> State:
        """What the state file holds; there is one.

        Raises:
            RuntimeError: There is none.
        """
        state = self.state
        if state is None:
            raise RuntimeError("there is no state file")
        return state

    def ids(self) -> dict[str, str]:
        """Ids upstream, by address."""
        return {address: entry.id for address, entry in self.kept.entries.items()}

    async def plan(self, declared: Mapping[str, Any]) -> Plan:
        """The plan by the state there is."""
        return await plan(self.client, self.manifest(declared), self.state)

    async def apply(
        self, declared: Mapping[str, Any], on_event: Callable[[Event], None] | None = None
    ) -> Result:
        """Apply without a plan."""
        told = on_event or (lambda _: None)
        return await apply(self.client, self.manifest(declared), on_event=told)

    async def world(self) -> dict[str, Any]:
        """What the business has, by names instead of ids: equal for equal worlds."""
        tools = {one.id: one async for one in self.client.iter_tool_instances(self.business)}
        files = {one.id: one async for one in self.client.iter_files(self.business)}
        agents = [one async for one in self.client.iter_voice_agents(self.business)]
        calendar = await self.client.get_google_calendar_integration(self.business)
        named = {entry.id: name for name, entry in (self._entries()).items()}
        return {
            "calendar": calendar and calendar.calendar_id,
            "tools": sorted((named.get(key, ""), one.type) for key, one in tools.items()),
            "files": sorted(
                (named.get(key, ""), one.name, one.size_bytes, one.status)
                for key, one in files.items()
            ),
            "agents": sorted(
                (self._agent(one.model_dump(mode="json"), named, tools) for one in agents),
                key=lambda one: str(one["name"]),
            ),
        }

    def _entries(self) -> Mapping[str, Any]:
        state = self.state
        return {} if state is None else state.entries

    def _agent(
        self, shown: dict[str, Any], named: Mapping[str, str], tools: Mapping[str, Any]
    ) -> dict[str, Any]:
        ids = {"id", "created_at", "updated_at", "workflow", "phone_number", "business_id"}
        kept = {name: value for name, value in shown.items() if name not in ids}
        return kept | {
            "owned": named.get(shown["id"]),
            "phone_number": shown["phone_number"] is not None,
            "tool_ids": sorted(named.get(one, tools[one].type) for one in shown["tool_ids"] or ()),
            "knowledge_base_document_ids": [
                named.get(one) for one in shown["knowledge_base_document_ids"] or ()
            ],
        }

    def requests(self) -> dict[str, dict[str, int]]:
        """Requests to the API of the whole sandbox, by route and status."""
        counted = self.sandbox.stats()["requests"]
        return {route: by_status for route, by_status in counted.items() if "/api/" in route}

    def writes(self) -> int:
        """How many requests that changed anything were carried out, in the whole sandbox."""
        return sum(
            number
            for route, by_status in self.requests().items()
            if not route.startswith("GET ")
            for status, number in by_status.items()
            if status.startswith("2") or status == "none"
        )


def did(made: Plan) -> list[tuple[Verb, str]]:
    """The actions of a plan that do anything."""
    return [(action.verb, action.address) for action in made.changes]


def action_of(made: Plan, address: str) -> Action:
    """The first action on an address."""
    return next(action for action in made.actions if action.address == address)
