"""An organization as its own API client sees it."""

import itertools
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from uuid import UUID

import httpx2

from dialer.clock import new_id
from dialer.context import Context
from dialer.pipeline.access import keys
from dialer.pipeline.settling import settle
from dialer.store import events, organizations
from dialer.store.engine import run

_numbers = itertools.count()


def fresh_phone() -> str:
    """A number of the fiction range that no other test of this process has used.

    The range has 100 numbers in each area code, so the area code counts on.
    """
    count = next(_numbers)
    areas = ("212", "312", "412", "512", "612", "702", "713", "802", "904", "916")
    return f"+1{areas[count // 100 % 10]}55501{count % 100:02d}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tenant:
    """An organization, a key of it for everything, and a draft campaign."""

    api: httpx2.AsyncClient
    organization_id: UUID
    key: str
    campaign_id: str
    agent_id: str

    async def call(
        self,
        method: str,
        path: str,
        **more: Any,  # noqa: ANN401 -- whatever the HTTP client takes
    ) -> httpx2.Response:
        """Send a request with this organization's key."""
        headers = {"Authorization": f"Bearer {self.key}"} | more.pop("headers", {})
        return await self.api.request(method, path, headers=headers, **more)

    async def get(self, path: str, **query: str | int) -> Any:  # noqa: ANN401 -- JSON
        """GET what must be there, and return its JSON."""
        answer = await self.call("GET", path, params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def post(self, path: str, body: object = None, **headers: str) -> httpx2.Response:
        """POST JSON; header names are given with underscores."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.call("POST", path, json=body, headers=sent)

    async def lead(self, **fields: object) -> str:
        """Post a lead that must be accepted, and return its id."""
        body = {"campaign_id": self.campaign_id, "phone": fresh_phone(), **fields}
        answer = await self.post("/v1/leads", body)
        assert answer.status_code == 202, answer.text
        found: str = answer.json()["lead_id"]
        return found

    async def source(self, name: str = "crm", **fields: object) -> dict[str, Any]:
        """Make a webhook source, and return it with its key."""
        body = {"name": name, "campaign_id": self.campaign_id, **fields}
        answer = await self.post("/v1/sources", body)
        assert answer.status_code == 201, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def key_with(self, *scopes: str) -> str:
        """Mint a key with these scopes alone."""
        answer = await self.post("/v1/keys", {"name": "narrow", "scopes": list(scopes)})
        assert answer.status_code == 201, answer.text
        found: str = answer.json()["secret"]
        return found


async def make_tenant(api: httpx2.AsyncClient, context: Context) -> Tenant:
    """Make an organization with a key for everything and a draft campaign."""
    async with context.engine.begin() as conn:
        made = await organizations.create(conn, name="Example Roofing")
        key = await keys.mint(conn, organization_id=made, name="all", scopes=list(keys.SCOPES))
    campaign = await api.post(
        "/v1/campaigns",
        json={"name": "Spring", "partner_business_id": "biz_1", "partner_agent_id": "agent_1"},
        headers={"X-API-Key": key.secret},
    )
    assert campaign.status_code == 201, campaign.text
    return Tenant(
        api=api,
        organization_id=made,
        key=key.secret,
        campaign_id=campaign.json()["id"],
        agent_id=campaign.json()["agent_id"],
    )


async def dial(context: Context, lead_id: str, *, state: str) -> str:
    """Write a call of a lead as the stages would have left it, and return its id."""
    made = new_id()
    async with context.engine.begin() as conn:
        await run(
            conn,
            """
            INSERT INTO calls (id, organization_id, business_id, agent_id, campaign_id, lead_id,
                phone, state, place_at, claim_expires_at, window_until, armed_at)
            SELECT :id, c.organization_id, c.business_id, c.agent_id, c.id, l.id, l.phone, :state,
                outdial_now(), outdial_now(), outdial_now(), outdial_now()
            FROM leads l JOIN campaigns c ON c.id = l.campaign_id WHERE l.id = :lead
            """,
            id=made,
            lead=lead_id,
            state=state,
        )
        await run(conn, "UPDATE leads SET state = 'calling' WHERE id = :lead", lead=lead_id)
    return str(made)


async def hold(context: Context, lead_id: str, *, status: int = 409) -> str:
    """A call of a lead whose answer proves nothing, held for a person; its id."""
    call_id = await dial(context, lead_id, state="dialing")
    why = "conflict" if status == HTTPStatus.CONFLICT else "server_error"
    async with context.engine.begin() as conn:
        row = await settle.doubt(conn, UUID(call_id), fence=1, why=why, by="sender")
        assert row is not None
        await events.keep_evidence(
            conn,
            organization_id=row["organization_id"],
            call_id=row["id"],
            kind="unknown",
            body={"code": why, "status": status},
        )
        assert await settle.hold(
            conn, row, why="conflict" if why == "conflict" else "not_found_in_24_hours"
        )
    return call_id


async def disbelieve(context: Context, call_id: str, *, answer: str = "bad_request") -> None:
    """Let a call have been refused by an answer, and have rung all the same."""
    async with context.engine.begin() as conn:
        await run(
            conn,
            """
            INSERT INTO disbelieved (organization_id, answer, call_id)
            SELECT organization_id, :answer, id FROM calls WHERE id = :call
            """,
            answer=answer,
            call=call_id,
        )


async def quarantine(context: Context, organization_id: UUID) -> None:
    """Let the database have been put back to an older copy, as far as one organization goes."""
    async with context.engine.begin() as conn:
        await run(
            conn,
            """
            UPDATE organizations SET restored_at = outdial_now(),
                restored_from = outdial_now() - interval '1 h' WHERE id = :id
            """,
            id=organization_id,
        )
