"""Reads are tried again, writes are not; every refusal says what it needs."""

import pytest

from partner import ClientCredentials, NotSent, PartnerError, Refused, Unknown
from partner.channel import path_of
from tests.partner.clients import SECRET, client_for
from tests.support.raw_server import RawServer, Reply, answer, cut, drop, hang, in_turn, reset

AGENT = answer(200, {"id": "agent", "type": "OUTBOUND"})


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "fault", [answer(500, {}), answer(503, b""), drop, reset, cut(AGENT, at=60)]
)
async def test_a_read_survives_two_faults(fault: Reply) -> None:
    async with RawServer(in_turn(fault, fault, AGENT)) as server, client_for(server) as client:
        assert (await client.get_voice_agent("biz", "agent")).id == "agent"
    assert len(server.requests) == 3


@pytest.mark.asyncio
async def test_a_read_survives_silence() -> None:
    async with (
        RawServer(in_turn(hang, AGENT)) as server,
        client_for(server, silence=0.2) as client,
    ):
        assert (await client.get_voice_agent("biz", "agent")).id == "agent"


@pytest.mark.asyncio
async def test_a_read_gives_up_after_three_tries() -> None:
    async with RawServer(in_turn(answer(500, {}))) as server, client_for(server) as client:
        with pytest.raises(Unknown, match="server_error"):
            await client.get_voice_agent("biz", "agent")
    assert len(server.requests) == 3


@pytest.mark.asyncio
async def test_the_tries_of_a_read_share_one_limit() -> None:
    async with (
        RawServer(in_turn(answer(500, {}), hang)) as server,
        client_for(server, total=1.0) as client,
    ):
        with pytest.raises(Unknown, match="server_error"):
            await client.get_voice_agent("biz", "agent")
    assert len(server.requests) == 2


@pytest.mark.asyncio
async def test_a_read_that_never_gets_an_answer_is_a_timeout() -> None:
    async with RawServer(in_turn(hang)) as server, client_for(server, total=0.2) as client:
        with pytest.raises(Unknown, match="timeout"):
            await client.get_voice_agent("biz", "agent")
    assert len(server.requests) == 1


ONCE: list[tuple[Reply, type[PartnerError], str]] = [
    (answer(400, {}), Refused, "bad_request"),
    (answer(403, {}), Refused, "forbidden"),
    (answer(404, {}), Refused, "not_found"),
    (answer(409, {}), Refused, "rejected"),
    (answer(422, {}), Refused, "rejected"),
    (answer(429, {}), Refused, "rate_limited"),
    (answer(408, {}), Unknown, "unexpected_status"),
    (answer(204, b""), Unknown, "unexpected_status"),
    (answer(302, b"", {"Location": "/elsewhere"}), Unknown, "unexpected_status"),
    (answer(200, b"<html>"), Unknown, "unreadable_body"),
    (answer(200, []), Unknown, "unreadable_body"),
    (answer(200, b" " * (8 * 1024 * 1024 + 1)), Unknown, "body_too_large"),
]


@pytest.mark.asyncio
@pytest.mark.parametrize(("reply", "kind", "code"), ONCE)
async def test_an_answer_that_would_not_change_is_not_asked_for_again(
    reply: Reply, kind: type[PartnerError], code: str
) -> None:
    async with RawServer(in_turn(reply)) as server, client_for(server) as client:
        with pytest.raises(PartnerError) as caught:
            await client.get_voice_agent("biz", "agent")
    assert type(caught.value) is kind
    assert caught.value.code == code
    assert len(server.requests) == 1


@pytest.mark.asyncio
async def test_a_403_names_the_scope_of_the_endpoint() -> None:
    async with RawServer(in_turn(answer(403, {}))) as server, client_for(server) as client:
        with pytest.raises(Refused) as read:
            await client.get_organization_call("call-1")
        with pytest.raises(Refused) as write:
            await client.set_on_duty("biz", "agent")
    assert (read.value.scope, write.value.scope) == ("calls:read", "voice-agents:update")


@pytest.mark.asyncio
@pytest.mark.parametrize("fault", [answer(500, {}), drop, reset])
async def test_a_write_is_sent_once(fault: Reply) -> None:
    async with RawServer(in_turn(fault)) as server, client_for(server) as client:
        with pytest.raises(Unknown):
            await client.set_off_duty("biz", "agent")
    assert len(server.requests) == 1


@pytest.mark.asyncio
async def test_a_write_renews_a_refused_token() -> None:
    grants = [answer(200, {"access_token": f"token-{n}"}) for n in (1, 2)]
    script = in_turn(grants[0], answer(401, {}), grants[1], AGENT)
    credentials = ClientCredentials("client", SECRET)
    async with (
        RawServer(script) as server,
        client_for(server, credentials=credentials) as client,
    ):
        await client.set_on_duty("biz", "agent")
    assert server.requests[-1].headers["authorization"] == "Bearer token-2"


@pytest.mark.asyncio
async def test_reads_keep_their_connection() -> None:
    async with RawServer(in_turn(AGENT)) as server, client_for(server) as client:
        for _ in range(3):
            await client.get_voice_agent("biz", "agent")
    assert server.connections == 1


def test_a_path_is_made_of_whole_segments() -> None:
    assert path_of("businesses", "a/b", "x y?#%") == "/businesses/a%2Fb/x%20y%3F%23%25"
    for bad in ("", ".", "..", "\x7f", "a\0"):
        with pytest.raises(NotSent, match="invalid_request"):
            path_of("businesses", bad)
