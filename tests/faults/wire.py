"""One organization's own way to the upstream: a proxy that listens, strikes and cuts."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from dialer.pipeline.access import setup
from tests.faults.rig.http_tap import HttpTap
from tests.faults.rig.moment import Moment, When
from tests.faults.rig.proxy import CHUNK, LOOPBACK, Do, Proxy, Tap, Way
from tests.faults.rig.rig import CALL
from tests.support.tenants import Tenant, Tenants

BELIEVED_SECONDS = 1.1
"""A worker reads an organization's credentials afresh once a second."""

ALONE_SECONDS = 2.5
"""An agent is looked at as its campaign starts, and by the loop that keeps duties warm."""

CUT_AFTER = 20
"""Bytes of a body; every call request's and answer's has twice as many."""

_NOT_SENT = (None, "not_sent")


@dataclass(eq=False)
class Ear:
    """A tap that keeps what a connection's client says, and leaves the rest to another tap."""

    said: bytearray
    tap: Tap

    def see(self, way: Way, piece: bytes) -> Do:
        """Listen, and ask the other."""
        if way is Way.TO_SERVER:
            self.said.extend(piece)
        return self.tap.see(way, piece)

    def passed(self, way: Way) -> Do:
        """Ask the other."""
        return self.tap.passed(way)


@dataclass(eq=False)
class Shears:
    """A tap that resets the first call request's connection in the middle of a body.

    Args:
        way: Whose body.
        cuts: Those that have cut, of all connections.
    """

    way: Way
    cuts: list["Shears"]
    _said: dict[Way, bytes] = field(default_factory=lambda: dict.fromkeys(Way, b""))

    def see(self, way: Way, piece: bytes) -> Do:
        """Let the headers and some bytes of the first call's body go on."""
        self._said[way] += piece
        if self.cuts or CALL.encode() not in self._said[Way.TO_SERVER]:
            return Do.PASS
        body = self._said[self.way].partition(b"\r\n\r\n")[2]
        if len(body) < CUT_AFTER:
            return Do.PASS
        self.cuts.append(self)
        return Do.CUT

    def passed(self, way: Way) -> Do:  # noqa: ARG002 -- as every tap
        """Let it be."""
        return Do.PASS


@dataclass(eq=False, kw_only=True)
class Wire:
    """One organization's way to the upstream.

    Attributes:
        tenant: The organization.
        proxy: What carries its requests.
        moments: What the proxy strikes at.
        said: What was said by the client of each connection.
        cuts: Connections that were cut in the middle of a body.
    """

    tenant: Tenant
    proxy: Proxy
    moments: list[Moment]
    said: list[bytearray]
    cuts: list[Shears]

    @property
    def base_url(self) -> str:
        """The upstream's address, through this wire."""
        straight = self.tenant.system.sandbox.base_url
        return straight.replace(f":{urlsplit(straight).port}", f":{self.proxy.own_port}")

    @property
    def requests(self) -> list[int]:
        """How many requests each connection carried on which somebody was called."""
        called = [bytes(said) for said in self.said if CALL.encode() in said]
        return [said.count(b" HTTP/1.1\r\n") for said in called]

    def at(self, when: When, *, then: Do = Do.PASS) -> Moment:
        """Strike at the next call request."""
        moment = Moment(of=CALL, when=when, then=then)
        self.moments.append(moment)
        return moment

    def hold_first_call(self, seconds: float) -> None:
        """Keep whatever is said for so long, until the first of a call request has gone on."""

        def go_on() -> None:
            self.proxy.delay = 0.0

        self.proxy.delay = seconds
        self.moments.append(Moment(of=CALL, when=When.REQUEST, strike=go_on))

    async def is_agent_known(self) -> bool:
        """Whether the agent was found to be on duty."""
        return bool((await self.tenant.lane())["on_duty"])

    async def until_left_alone(self) -> None:
        """Wait until nobody has looked at the agent for a while, so that no look is under way."""
        seen: object = None
        while (await self.tenant.lane())["checked_at"] != seen:
            seen = (await self.tenant.lane())["checked_at"]
            await asyncio.sleep(ALONE_SECONDS)

    async def until_quiet(self) -> None:
        """Wait until no call is about to be sent."""

        async def quiet() -> bool:
            return all(call["state"] != "claimed" for call in await self.tenant.calls())

        await self.tenant.system.eventually("nothing is claimed", quiet)

    async def cut_what_is_kept(self) -> None:
        """Reset the connections that the client keeps for its next request, once it keeps one."""

        async def kept() -> bool:
            return self.proxy.connections > 0

        await self.tenant.system.eventually("a connection is kept", kept)
        self.proxy.cut()

    async def lead_to(self, base_url: str) -> None:
        """Have the organization's requests go there from now on."""
        await setup.connect_partner(
            self.tenant.system.context,
            organization_id=self.tenant.system.organization_id,
            base_url=base_url,
            api_key=f"key-of-{self.tenant.upstream}",
        )
        await asyncio.sleep(BELIEVED_SECONDS)

    async def calls_once(self, *path: str, answer: str = "unknown") -> None:
        """Call one person: one ring, and one request for each of the calls that are named."""
        (phone,) = self.tenant.people(1)
        await self.tenant.post([phone])
        await self.tenant.until(phone, "done")
        # On a starved machine a call may be given back before it is sent; the next one tells.
        calls = [c for c in await self.tenant.calls(phone) if c["answer"] not in _NOT_SENT]
        assert [call["state"] for call in calls] == list(path)
        assert calls[0]["answer"] == answer
        rang = [ring["request_id"] for ring in self.tenant.rings(phone)]
        assert rang == [str(calls[-1]["id"])]
        assert self.requests == [1] * len(path)


@asynccontextmanager
async def wired(tenants: Tenants, *, shears: Way | None = None) -> AsyncIterator[Wire]:
    """A tenant of its own, and its wire; its agent was read."""
    moments: list[Moment] = []
    said: list[bytearray] = []
    cuts: list[Shears] = []

    def tap() -> Tap:
        said.append(bytearray())
        return Ear(said[-1], Shears(shears, cuts) if shears else HttpTap(moments))

    tenant = await tenants.open()
    port = urlsplit(tenant.system.sandbox.base_url).port or 0
    # Small pieces, or a body would be cut only at one of its ends.
    chunk = CUT_AFTER // 2 if shears else CHUNK
    with Proxy(LOOPBACK, port, tap=tap, chunk=chunk) as proxy:
        wire = Wire(tenant=tenant, proxy=proxy, moments=moments, said=said, cuts=cuts)
        await wire.lead_to(wire.base_url)
        await tenant.system.eventually("the agent is known", wire.is_agent_known)
        yield wire
