"""What is asked of the token endpoint, and what is believed of its answers."""

import base64
from urllib.parse import parse_qs

import pytest

from partner import ClientCredentials, NotSent, PartnerError, Refused
from tests.partner.clients import REQUEST, SECRET, client_for
from tests.support.raw_server import Peer, RawServer, Reply, answer, drop, in_turn

AGENT = answer(200, {"id": "agent", "type": "OUTBOUND"})
CREDENTIALS = ClientCredentials("client", SECRET, ("calls:read", "voice-agents:read"))


class _Clock:
    """Seconds that a test turns."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.asyncio
async def test_the_token_is_asked_for_as_rfc_6749_says() -> None:
    script = in_turn(answer(200, {"access_token": "token-1", "token_type": "Bearer"}), AGENT)
    async with (
        RawServer(script) as server,
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


LEAK = "token-that-must-not-leak"
FAILURES: list[tuple[Reply, type[PartnerError], str]] = [
    (answer(401, {"error": "invalid_client"}), Refused, "token_refused"),
    (answer(400, {"error_description": f"bad secret {SECRET}"}), Refused, "token_refused"),
    (answer(403, {}), Refused, "token_refused"),
    (answer(404, {}), Refused, "token_refused"),
    (answer(408, {}), NotSent, "token_unavailable"),
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
async def test_a_lifetime_beyond_any_float_is_a_long_one() -> None:
    grant = answer(200, {"access_token": "token-1", "expires_in": 10**400})
    async with (
        RawServer(in_turn(grant)) as server,
        client_for(server, credentials=CREDENTIALS) as client,
    ):
        held = await client.describe_token()
    assert held.expires_in is not None
    assert held.expires_in > 86_400


@pytest.mark.asyncio
async def test_a_form_that_the_token_endpoint_echoes_leaves_no_trace_of_the_secret() -> None:
    async def echo(peer: Peer) -> None:
        asked = await peer.request()
        while asked is not None:
            await peer.send(answer(400, b"<pre>" + asked.body + b"</pre>"))
            asked = await peer.request()

    credentials = ClientCredentials("client", "s3cret/with+signs=")
    async with RawServer(echo) as server, client_for(server, credentials=credentials) as client:
        with pytest.raises(Refused) as caught:
            await client.warm_token()
    assert caught.value.evidence is not None
    assert "client_secret=[secret]" in caught.value.evidence.body


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


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("asked", "stated", "known"),
    [
        ((), {"scope": "tools:read calls:read"}, {"tools:read", "calls:read"}),
        (("tools:read", "calls:read"), {"scope": "tools:read"}, {"tools:read"}),
        (("tools:read",), {}, {"tools:read"}),
        (("tools:read",), {"scope": 7}, {"tools:read"}),
        ((), {"scope": ""}, set()),
        ((), {}, None),
    ],
)
async def test_a_token_is_described_by_what_was_granted(
    asked: tuple[str, ...], stated: dict[str, object], known: set[str] | None
) -> None:
    now = 100.0
    grant = answer(200, {"access_token": "token-1", "expires_in": 600} | stated)
    credentials = ClientCredentials("client", SECRET, asked)
    async with (
        RawServer(in_turn(grant)) as server,
        client_for(server, credentials=credentials, clock=lambda: now) as client,
    ):
        first = await client.describe_token()
        now += 100
        second = await client.describe_token()
    assert (first.kind, first.scopes, first.expires_in) == ("oauth", known, 600.0)
    assert second.expires_in == 500.0
    assert "token-1" not in repr(first)
    assert len(server.requests) == 1


@pytest.mark.asyncio
async def test_of_a_static_key_nothing_is_known_and_nothing_asked() -> None:
    async with RawServer(in_turn(answer(500, {}))) as server, client_for(server) as client:
        found = await client.describe_token()
    assert (found.kind, found.scopes, found.expires_in) == ("static", None, None)
    assert server.connections == 0
