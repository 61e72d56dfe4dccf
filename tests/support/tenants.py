"""Tenants of a running system: each with an organization, a business, an agent and people alone.

What parks one of them, opens its breaker or breaks its credentials leaves the others as they are.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping

from dialer.pipeline.access import setup
from dialer.pipeline.planning import campaigns
from dialer.pipeline.planning.plans import Plan
from dialer.rules.campaign import CampaignState
from dialer.store import organizations
from tests.support.people import numbers
from tests.support.system import System

PEOPLE = 1_000


@dataclass(frozen=True, kw_only=True)
class Tenant:
    """An organization with one running campaign, and all that is on record of its people.

    Attributes:
        system: The system, as this organization sees it.
        upstream: The organization's id upstream; `business` and `agent` likewise.
        campaign_id: The campaign's id, ours.
        numbers: Numbers that nobody has yet.
    """

    system: System
    upstream: str
    business: str
    agent: str
    campaign_id: UUID
    numbers: Iterator[str]

    def people(self, count: int) -> list[str]:
        """The numbers of so many people whom no other tenant calls."""
        return [next(self.numbers) for _ in range(count)]

    def person(self, fault: str, *, count: int | None = 1, **settings: object) -> str:
        """The number of somebody; the next requests to call it meet a fault."""
        (phone,) = self.people(1)
        self.system.sandbox.fault(fault, phone=phone, count=count, **settings)
        return phone

    async def campaign(self, **plan: Any) -> UUID:  # noqa: ANN401 -- a plan's parts differ
        """Start another campaign of the same agent."""
        return await _campaign(self.system, business=self.business, agent=self.agent, plan=plan)

    async def connect(self, **credentials: str) -> None:
        """Store credentials, as an operator does."""
        await _connect(self.system, credentials)

    async def post(
        self, phones: Sequence[str], *, campaign: UUID | None = None, **fields: object
    ) -> None:
        """Take these people in as leads."""
        given = [{"phone": phone, "name": "Ann Bee", **fields} for phone in phones]
        receipts = await self.system.post(campaign or self.campaign_id, given)
        assert [receipt.status for receipt in receipts] == ["accepted"] * len(phones)

    async def resume(self) -> None:
        """Start or resume the campaign."""
        await self.system.move(self.campaign_id, CampaignState.RUNNING)

    async def calls(self, phone: str | None = None) -> Sequence[RowMapping]:
        """Calls by their claims, with `code` and `status` of what came back first."""
        return await self.system.rows(
            """
            SELECT c.*, seen.body->>'code' AS code, CAST(seen.body->>'status' AS int) AS status
            FROM calls c LEFT JOIN LATERAL (
                SELECT body FROM evidence e WHERE e.call_id = c.id ORDER BY id LIMIT 1
            ) AS seen ON true
            WHERE c.organization_id = :org
              AND (CAST(:phone AS text) IS NULL OR c.phone = :phone)
            ORDER BY c.claimed_at, c.id
            """,
            org=self.system.organization_id,
            phone=phone,
        )

    async def sent(self, phone: str | None = None) -> Sequence[RowMapping]:
        """Those whose request left, or may have: on a slow machine an arm can come too late."""
        return [
            call
            for call in await self.calls(phone)
            if call["state"] != "released" and call["answer"] != "not_sent"
        ]

    async def lead(self, phone: str) -> RowMapping:
        """The lead with this number."""
        (row,) = await self.system.rows(
            "SELECT * FROM leads WHERE organization_id = :org AND phone = :phone",
            org=self.system.organization_id,
            phone=phone,
        )
        return row

    async def organization(self) -> RowMapping:
        """The organization's row."""
        (row,) = await self.system.rows(
            "SELECT * FROM organizations WHERE id = :id", id=self.system.organization_id
        )
        return row

    async def lane(self) -> RowMapping:
        """The agent's row, with the factor by which its pace is scaled since `factor_at`."""
        (row,) = await self.system.rows(
            """
            SELECT a.*, p.factor, p.factor_at
            FROM agents a LEFT JOIN pacers p ON p.subject_id = a.id
            WHERE a.organization_id = :org
            """,
            org=self.system.organization_id,
        )
        return row

    async def told(self, name: str) -> list[Mapping[str, Any]]:
        """What events of this name say, oldest first."""
        found = await self.system.rows(
            "SELECT body FROM events WHERE organization_id = :org AND name = :name ORDER BY id",
            org=self.system.organization_id,
            name=name,
        )
        return [row["body"] for row in found]

    def rings(self, *phones: str) -> list[dict[str, Any]]:
        """What the sandbox says rang of these phones (of all the agent's), oldest first."""
        return [
            ring
            for ring in self.system.sandbox.rings()
            if ring["agent_id"] == self.agent and (not phones or ring["phone"] in phones)
        ]

    async def until(self, phone: str, state: str) -> RowMapping:
        """Wait until the lead with this number is in a bucket, and return it."""

        async def there() -> bool:
            return bool((await self.lead(phone))["state"] == state)

        await self.system.eventually(f"{phone} is {state}", there)
        return await self.lead(phone)

    async def until_call(self, phone: str, *states: str) -> RowMapping:
        """Wait until the last call to this number is in one of these states, and return it."""

        async def there() -> bool:
            found = await self.calls(phone)
            return bool(found) and found[-1]["state"] in states

        await self.system.eventually(f"{phone}'s call is {states}", there)
        return (await self.calls(phone))[-1]

    async def until_quiet(self) -> None:
        """Wait until no call is about to be sent, or under way."""

        async def quiet() -> bool:
            return not {c["state"] for c in await self.calls()} & {"claimed", "dialing"}

        await self.system.eventually("nothing is under way", quiet)

    async def until_due(self, phones: Sequence[str]) -> None:
        """Wait until these people could be called, as far as their leads are concerned."""

        async def due() -> bool:
            found = await self.system.rows(
                """
                SELECT id FROM leads WHERE organization_id = :org AND phone = ANY(:phones)
                  AND state = 'waiting' AND due_at <= outdial_now()
                """,
                org=self.system.organization_id,
                phones=list(phones),
            )
            return len(found) == len(phones)

        await self.system.eventually("the leads are due", due)

    async def until_known(self) -> None:
        """Wait until the agent was read at all."""

        async def known() -> bool:
            return (await self.lane())["checked_at"] is not None

        await self.system.eventually("the agent is known", known)

    async def until_read(self, times: int = 1) -> None:
        """Wait until the agent was read so many times more."""
        for _ in range(times):
            before = (await self.lane())["checked_at"]

            async def read(before: object = before) -> bool:
                return bool((await self.lane())["checked_at"] != before)

            await self.system.eventually("the agent is read", read)

    async def until_parked(self, *, lane: str | None = None, all_of_it: str | None = None) -> None:
        """Wait until the lane, or the organization, is parked for this reason."""

        async def parked() -> bool:
            row = await self.organization() if all_of_it else await self.lane()
            return bool(row["parked_reason"] == (all_of_it or lane))

        await self.system.eventually(f"parked: {all_of_it or lane}", parked)


@dataclass(frozen=True, kw_only=True)
class Tenants:
    """Makes tenants of one system, whose people are all different."""

    system: System
    numbers: Iterator[str] = field(default_factory=lambda: numbers(PEOPLE))

    async def open(
        self,
        *,
        credentials: Mapping[str, str] | None = None,
        shown: Mapping[str, str] | None = None,
        scopes: Sequence[str] | None = None,
        **plan: Any,  # noqa: ANN401 -- a plan's parts differ
    ) -> Tenant:
        """Make a tenant, ours and upstream, with a campaign that calls each lead once.

        Args:
            credentials: An `api_key`, or a `client_id` with its `client_secret`, that both sides
                know; a key if left out.
            shown: What our side shows instead, which upstream doesn't know.
            scopes: What the credentials may do upstream; all if left out.
            plan: Of the campaign; the proof of absence is the balanced one.
        """
        sandbox = self.system.sandbox
        upstream = sandbox.add("organizations", name="Example Roofing")["id"]
        known = dict(credentials or {"api_key": f"key-of-{upstream}"})
        may = {} if scopes is None else {"scopes": list(scopes)}
        sandbox.add("credentials", organization_id=upstream, **known, **may)
        business = sandbox.add("businesses", organization_id=upstream, name="Roofs")["id"]
        agent = sandbox.add("agents", business_id=business)["id"]
        system = await _organization(self.system)
        await _connect(system, shown or known)
        return Tenant(
            system=system,
            upstream=upstream,
            business=business,
            agent=agent,
            campaign_id=await _campaign(system, business=business, agent=agent, plan=plan),
            numbers=self.numbers,
        )


async def _organization(system: System) -> System:
    async with system.context.engine.begin() as conn:
        made = await organizations.create(conn, name="Example Roofing")
    return replace(system, organization_id=made)


async def _connect(system: System, credentials: Mapping[str, str]) -> None:
    await setup.connect_partner(
        system.context,
        organization_id=system.organization_id,
        base_url=system.sandbox.base_url,
        **credentials,
    )


async def _campaign(system: System, *, business: str, agent: str, plan: Mapping[str, Any]) -> UUID:
    usual = {"name": "Test", "cadence": {"max_attempts": 1}, "absence_proof": "balanced"}
    row = await campaigns.create(
        system.context,
        organization_id=system.organization_id,
        partner_business_id=business,
        partner_agent_id=agent,
        plan=Plan(**{**usual, **plan}),
    )
    await system.move_to_running(row["id"])
    made: UUID = row["id"]
    return made
