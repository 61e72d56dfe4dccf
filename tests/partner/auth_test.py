"""One refresh at a time, shared by all who wait; a failure is everybody's, and passes."""

import asyncio
from collections.abc import Callable

import pytest

from partner import (
    ClientCredentials,
    NotSent,
    PartnerClient,
    Refused,
    VoiceAgent,
)
from tests.partner.clients import PLACED, REQUEST, SECRET, client_for
from tests.support.raw_server import Peer, RawServer, Reply, answer, hang, in_turn

AGENT = answer(200, {"id": "agent", "type": "OUTBOUND", "phoneNumber": "+12125550100"})
CREDENTIALS = ClientCredentials("client", SECRET, ("calls:read", "voice-agents:read"))


class _Upstream:
    """Plays a token endpoint, and an API that knows only the newest token."""

    def __init__(self, *, life: float = 3600) -> None:
        self.life = life
        self.granted = 0
        self.valid: set[str] = set()
        self.outage: list[Reply] = []
        self.gate = asyncio.Event()
        self.gate.set()

    async def script(self, peer: Peer) -> None:
        while (seen := await peer.request()) is not None:
            if seen.target.endswith("/oauth/token"):
                await self.gate.wait()
                if self.outage:
                    reply = self.outage.pop(0)
                    if not isinstance(reply, bytes):
                        await reply(peer)
                        return
                    await peer.send(reply)
                    continue
                self.granted += 1
                token = f"token-{self.granted}"
                self.valid = {token}
                body = {"access_token": token, "token_type": "Bearer", "expires_in": self.life}
                await peer.send(answer(200, body))
            else:
                token = seen.headers["authorization"].removeprefix("Bearer ")
                known = token in self.valid
                await peer.send(AGENT if known else answer(401, {"message": "expired"}))


class _Clock:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


async def _until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not true():  # noqa: ASYNC110 - what is waited for has no event of its own
            await asyncio.sleep(0.005)


@pytest.mark.asyncio
async def test_twenty_who_wait_share_one_token() -> None:
    upstream = _Upstream()
    async with (
        RawServer(upstream.script),
        RawServer(upstream.script) as server,
        client_for(server, credentials=CREDENTIALS) as client,
    ):
        await asyncio.gather(*(client.get_voice_agent("biz", "agent") for _ in range(20)))
    assert upstream.granted == 1


@pytest.mark.asyncio
async def test_a_storm_of_401s_ends_in_one_refresh() -> None:
    upstream = _Upstream()
    async with (
        RawServer(upstream.script) as server,
        client_for(server, credentials=CREDENTIALS) as client,
    ):
        await client.warm_token()
        upstream.valid = set()
        agents = await asyncio.gather(*(client.get_voice_agent("biz", "agent") for _ in range(20)))
    assert len(agents) == 20
    assert upstream.granted == 2


@pytest.mark.asyncio
async def test_a_read_renews_its_token_once_and_no_more() -> None:
    upstream = _Upstream()
    async with (
        RawServer(upstream.script) as server,
        client_for(server, credentials=CREDENTIALS) as client,
    ):
        await client.warm_token()
        upstream.life, upstream.valid = 3600, set()
        grant = answer(200, {"access_token": "never-valid"})
        upstream.outage = [grant, grant]
        with pytest.raises(Refused, match="unauthorized"):
            await client.get_voice_agent("biz", "agent")
    reads = [seen for seen in server.requests if seen.method == "GET"]
    assert len(reads) == 2


@pytest.mark.asyncio
async def test_a_static_key_that_is_refused_is_not_tried_again() -> None:
    async with RawServer(in_turn(answer(401, {}))) as server, client_for(server) as client:
        await client.warm_token()
        with pytest.raises(Refused, match="unauthorized"):
            await client.get_voice_agent("biz", "agent")
    assert len(server.requests) == 1


@pytest.mark.asyncio
async def test_the_token_is_renewed_ahead_of_its_end_while_it_is_still_used() -> None:
    upstream, clock = _Upstream(life=3600), _Clock()
    async with (
        RawServer(upstream.script) as server,
        client_for(server, credentials=CREDENTIALS, clock=clock) as client,
    ):
        await client.warm_token()
        clock.now += 3539
        await client.warm_token()
        assert upstream.granted == 1
        clock.now += 2
        upstream.gate.clear()
        # Answers at once, though the token endpoint doesn't.
        await client.get_voice_agent("biz", "agent")
        upstream.gate.set()
        await _until(lambda: upstream.granted == 2)
        await _until(lambda: "token-2" in upstream.valid)
        await client.get_voice_agent("biz", "agent")
    assert server.requests[-1].headers["authorization"] == "Bearer token-2"


@pytest.mark.asyncio
async def test_a_renewal_that_fails_ahead_of_time_harms_nobody_and_pauses() -> None:
    upstream, clock = _Upstream(life=100), _Clock()
    async with (
        RawServer(upstream.script) as server,
        client_for(server, credentials=CREDENTIALS, clock=clock) as client,
    ):
        await client.warm_token()
        clock.now += 85
        upstream.outage = [answer(500, {}), answer(500, {})]
        for _ in range(5):
            await client.get_voice_agent("biz", "agent")
        await _until(lambda: len(upstream.outage) == 1)
        for _ in range(5):
            await client.get_voice_agent("biz", "agent")
        assert len(upstream.outage) == 1
        while upstream.granted == 1:
            clock.now += 0.5
            await client.get_voice_agent("biz", "agent")


@pytest.mark.asyncio
async def test_all_who_wait_get_the_failure_and_the_next_tries_again() -> None:
    upstream = _Upstream()
    upstream.outage = [answer(503, b"down")]
    upstream.gate.clear()
    async with (
        RawServer(upstream.script) as server,
        client_for(server, credentials=CREDENTIALS) as client,
    ):
        calls = [asyncio.create_task(client.call("biz", "agent", REQUEST)) for _ in range(5)]
        await server.arrived.wait()
        upstream.gate.set()
        failures = await asyncio.gather(*calls, return_exceptions=True)
        assert [getattr(failure, "code", None) for failure in failures] == [
            "token_unavailable"
        ] * 5
        await client.warm_token()
    assert upstream.granted == 1
    assert all(seen.target.endswith("/oauth/token") for seen in server.requests)


@pytest.mark.asyncio
async def test_one_who_stops_waiting_takes_nothing_from_the_others() -> None:
    upstream = _Upstream()
    upstream.gate.clear()
    async with (
        RawServer(upstream.script) as server,
        client_for(server, credentials=CREDENTIALS) as client,
    ):
        first, second = (asyncio.create_task(client.warm_token()) for _ in range(2))
        await server.arrived.wait()
        first.cancel()
        await asyncio.wait({first})
        upstream.gate.set()
        await second
    assert first.cancelled()
    assert upstream.granted == 1


@pytest.mark.asyncio
async def test_closing_the_client_ends_the_waiting() -> None:
    async with RawServer(in_turn(hang)) as server:
        client = client_for(server, credentials=CREDENTIALS)
        waiting = asyncio.create_task(client.warm_token())
        await server.arrived.wait()
        await client.aclose()
        with pytest.raises(NotSent, match="token_unavailable"):
            await waiting


@pytest.mark.asyncio
async def test_agents_and_calls_share_the_token() -> None:
    script = in_turn(answer(200, {"access_token": "token-1"}), AGENT, answer(200, PLACED))
    async with RawServer(script) as server:
        client: PartnerClient
        async with client_for(server, credentials=CREDENTIALS) as client:
            agent = await client.get_voice_agent("biz", "agent")
            await client.call("biz", "agent", REQUEST)
    assert isinstance(agent, VoiceAgent)
    assert len(server.requests) == 3
