"""One refresh at a time, shared by all who wait; a failure is everybody's, and passes."""

import asyncio
import base64
from collections.abc import Callable
from urllib.parse import parse_qs

import pytest

from partner import (
    ClientCredentials,
    NotSent,
    PartnerClient,
    PartnerError,
    Refused,
    StaticKey,
    VoiceAgent,
)
from tests.partner.clients import KEY, PLACED, REQUEST, SECRET, client_for
from tests.support.raw_server import Peer, RawServer, Reply, answer, drop, hang, in_turn

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
async def test_the_token_is_asked_for_as_rfc_6749_says() -> None:
    upstream = _Upstream()
    async with (
        RawServer(upstream.script) as server,
        client_for(server, credentials=CREDENTIALS) as client,
    ):
        await client.get_voice_agent("biz", "agent")
        await client.get_voice_agent("biz", "agent")
    asked, *rest = server.requests
    assert (asked.method, asked.target) == ("POST", "/api/partner/v1/oauth/token")
    assert parse_qs(asked.body.decode()) == {
        "grant_type": ["client_credentials"],
        "scope": ["calls:read voice-agents:read"],
    }
    basic = base64.b64decode(asked.headers["authorization"].removeprefix("Basic "))
    assert basic.decode() == f"client:{SECRET}"
    assert [seen.headers["authorization"] for seen in rest] == ["Bearer token-1"] * 2


@pytest.mark.asyncio
async def test_credentials_go_in_the_body_where_basic_is_refused_and_stay_there() -> None:
    grants = [answer(200, {"access_token": f"token-{n}", "expires_in": 10}) for n in (1, 2)]
    script = in_turn(answer(401, {"error": "invalid_client"}), *grants)
    clock = _Clock()
    async with (
        RawServer(script) as server,
        client_for(server, credentials=CREDENTIALS, clock=clock) as client,
    ):
        await client.warm_token()
        clock.now += 11
        await client.warm_token()
    assert ["authorization" in seen.headers for seen in server.requests] == [True, False, False]
    form = parse_qs(server.requests[1].body.decode())
    assert (form["client_id"], form["client_secret"]) == (["client"], [SECRET])


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


LEAK = "token-that-must-not-leak"
FAILURES: list[tuple[Reply, type[PartnerError], str]] = [
    (answer(401, {"error": "invalid_client"}), Refused, "token_refused"),
    (answer(400, {"error_description": f"bad secret {SECRET}"}), Refused, "token_refused"),
    (answer(403, {}), Refused, "token_refused"),
    (answer(404, {}), Refused, "token_refused"),
    (answer(429, {}, {"Retry-After": "5"}), Refused, "rate_limited"),
    (answer(500, {}), NotSent, "token_unavailable"),
    (answer(302, b"", {"Location": "/login"}), NotSent, "token_unavailable"),
    (answer(201, {"access_token": LEAK}), NotSent, "token_unavailable"),
    (answer(200, b"<html>"), NotSent, "token_unavailable"),
    (answer(200, [LEAK]), NotSent, "token_unavailable"),
    (answer(200, {"access_token": ""}), NotSent, "token_unavailable"),
    (answer(200, {"access_token": "a\r\nX: y"}), NotSent, "token_unavailable"),
    (answer(200, {"access_token": LEAK, "token_type": "mac"}), NotSent, "token_unavailable"),
    (answer(200, b" " * 70_000), NotSent, "token_unavailable"),
    (drop, NotSent, "token_unavailable"),
]


@pytest.mark.asyncio
@pytest.mark.parametrize(("reply", "kind", "code"), FAILURES)
async def test_without_a_token_the_call_is_not_sent(
    reply: Reply, kind: type[PartnerError], code: str
) -> None:
    async def must_not_run() -> None:
        raise AssertionError("the gate was reached without a token")

    async with (
        RawServer(in_turn(reply)) as server,
        client_for(server, credentials=CREDENTIALS) as client,
    ):
        with pytest.raises(PartnerError) as caught:
            await client.call("biz", "agent", REQUEST, before_send=must_not_run)
    assert type(caught.value) is kind
    assert caught.value.code == code
    if isinstance(caught.value, Refused):
        # Its own 400 or 404 would pass for a bad number or a missing agent.
        assert caught.value.status == (429 if code == "rate_limited" else 401)
    assert all(seen.target.endswith("/oauth/token") for seen in server.requests)
    shown = f"{caught.value!r} {caught.value.evidence!r} {vars(caught.value)!r}"
    assert SECRET not in shown
    assert LEAK not in shown


@pytest.mark.asyncio
@pytest.mark.parametrize("life", [None, "soon", -5, 0, True, float("1e999")])
async def test_an_odd_lifetime_is_taken_for_five_minutes(life: object) -> None:
    clock = _Clock()
    grant = answer(200, {"access_token": "token-1", "expires_in": life})
    async with (
        RawServer(in_turn(grant)) as server,
        client_for(server, credentials=CREDENTIALS, clock=clock) as client,
    ):
        await client.warm_token()
        clock.now += 239
        await client.warm_token()
        assert len(server.requests) == 1
        clock.now += 62
        await client.warm_token()
        assert len(server.requests) == 2


@pytest.mark.asyncio
async def test_a_token_that_the_upstream_echoes_leaves_no_trace() -> None:
    grant = answer(200, {"access_token": LEAK})
    echo = answer(400, {"message": f"Bearer {LEAK}"})
    async with (
        RawServer(in_turn(grant, echo)) as server,
        client_for(server, credentials=CREDENTIALS) as client,
    ):
        with pytest.raises(Refused) as caught:
            await client.call("biz", "agent", REQUEST)
    assert LEAK not in f"{caught.value!r} {vars(caught.value)!r}"


@pytest.mark.parametrize("key", ["", "two words", "line\nbreak", "é", "x" * 8_193])
def test_a_key_that_no_header_can_hold_is_refused_when_made(key: str) -> None:
    for make in (
        lambda: StaticKey(key),
        lambda: ClientCredentials("client", key),
        lambda: ClientCredentials(key, "secret"),
        lambda: ClientCredentials("client", "secret", (key,)),
    ):
        with pytest.raises(ValueError, match="visible ASCII") as caught:
            make()
        assert not key or key not in str(caught.value)


def test_secrets_show_in_no_repr() -> None:
    shown = f"{StaticKey(KEY)!r} {StaticKey(KEY)} {ClientCredentials('client', SECRET)!r}"
    assert KEY not in shown
    assert SECRET not in shown


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
