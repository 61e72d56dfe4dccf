"""What each answer to a call means, by the protocol's table; history in both scopes."""

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest

from partner import (
    CallQuery,
    CallRequest,
    ClientCredentials,
    NotSent,
    PartnerError,
    Refused,
    Unknown,
)
from tests.partner.clients import KEY, PHONE, PLACED, REQUEST, SECRET, client_for
from tests.support.raw_server import (
    Peer,
    RawServer,
    Reply,
    answer,
    cut,
    drop,
    hang,
    in_turn,
    reset,
)

CALL_PATH = "/api/partner/v1/businesses/biz/voice-agents/agent/call"
WHOLE = answer(200, PLACED)


async def _hang_in_body(peer: Peer) -> None:
    await peer.send(WHOLE[:-4])
    await peer.hang()


async def _endless(peer: Peer) -> None:
    await peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n")
    for _ in range(10):
        await peer.send(b" " * 100_000)
    await peer.hang()


@pytest.mark.asyncio
async def test_a_placed_call_is_a_value() -> None:
    headers = {"Date": "Mon, 15 Jan 2024 10:00:00 GMT", "X-Request-Id": "theirs", "Via": "1.1 x"}
    async with (
        RawServer(in_turn(answer(200, PLACED, headers))) as server,
        client_for(server) as client,
    ):
        placed = await client.call("biz", "agent", REQUEST)
    assert (placed.call_id, placed.phone_number, placed.status) == ("call-1", PHONE, "initiated")
    assert placed.evidence.status == 200
    assert placed.evidence.server_date == datetime(2024, 1, 15, 10, tzinfo=UTC)
    assert placed.evidence.headers == {
        "date": headers["Date"],
        "x-request-id": "theirs",
        "content-type": "application/json",
    }
    kept = json.loads(json.dumps(placed.evidence.as_dict()))
    assert json.loads(kept["body"]) == PLACED
    assert kept["server_date"] == "2024-01-15T10:00:00+00:00"


@pytest.mark.asyncio
async def test_the_request_is_what_the_guide_asks_for() -> None:
    request = CallRequest(
        phone_number=PHONE,
        name="Zoë “Zed” Example",
        lead_id="lead-1",
        additional_info="asked for a callback",
        image_urls=("https://example.com/1.jpg",),
    )
    async with RawServer(in_turn(WHOLE)) as server, client_for(server) as client:
        await client.call("biz", "agent", request, request_id="ours-1")
    (seen,) = server.requests
    assert (seen.method, seen.target) == ("POST", CALL_PATH)
    assert seen.json() == {
        "phoneNumber": PHONE,
        "name": "Zoë “Zed” Example",
        "leadId": "lead-1",
        "additionalInfo": "asked for a callback",
        "imageUrls": ["https://example.com/1.jpg"],
    }
    assert seen.headers["authorization"] == f"Bearer {KEY}"
    assert seen.headers["content-type"] == "application/json"
    assert seen.headers["x-request-id"] == "ours-1"
    assert seen.headers["accept-encoding"] == "identity"


TABLE: list[tuple[str, Reply, type[PartnerError], str]] = [
    ("400", answer(400, {"message": "no"}), Refused, "bad_request"),
    ("401", answer(401, {"message": "no"}), Refused, "unauthorized"),
    ("403", answer(403, {"message": "no"}), Refused, "forbidden"),
    ("404", answer(404, {"message": "no"}), Refused, "not_found"),
    ("404 in HTML", answer(404, b"<h1>Not Found</h1>"), Refused, "not_found"),
    ("429", answer(429, {"message": "no"}), Refused, "rate_limited"),
    ("409", answer(409, {"message": "exists"}), Unknown, "conflict"),
    ("500", answer(500, {"message": "failed"}), Unknown, "server_error"),
    ("502", answer(502, b"<html>bad gateway</html>"), Unknown, "server_error"),
    ("503", answer(503, b""), Unknown, "server_error"),
    ("504", answer(504, b""), Unknown, "server_error"),
    ("a whole 400 that broke off", cut(answer(400, {"a": 1}), at=70), Unknown, "connection_lost"),
    ("408", answer(408, b""), Unknown, "unexpected_status"),
    ("422", answer(422, {"message": "no"}), Unknown, "unexpected_status"),
    ("201", answer(201, PLACED), Unknown, "unexpected_status"),
    ("202", answer(202, PLACED), Unknown, "unexpected_status"),
    ("204", b"HTTP/1.1 204 No Content\r\n\r\n", Unknown, "unexpected_status"),
    ("301", answer(301, b"", {"Location": "/x"}), Unknown, "unexpected_status"),
    ("307", answer(307, b"", {"Location": CALL_PATH}), Unknown, "unexpected_status"),
    ("200, success false", answer(200, PLACED | {"success": False}), Unknown, "not_successful"),
    ("200, success 1", answer(200, PLACED | {"success": 1}), Unknown, "not_successful"),
    ("200, no success", answer(200, {"callId": "x"}), Unknown, "not_successful"),
    ("200, a list", answer(200, [PLACED]), Unknown, "not_successful"),
    ("200, no callId", answer(200, {"success": True}), Unknown, "no_call_id"),
    ("200, callId null", answer(200, PLACED | {"callId": None}), Unknown, "no_call_id"),
    ("200, callId number", answer(200, PLACED | {"callId": 7}), Unknown, "no_call_id"),
    ("200, callId empty", answer(200, PLACED | {"callId": ""}), Unknown, "no_call_id"),
    ("200, callId huge", answer(200, PLACED | {"callId": "x" * 201}), Unknown, "no_call_id"),
    ("200, callId with NUL", answer(200, PLACED | {"callId": "a\0b"}), Unknown, "no_call_id"),
    ("200, empty", answer(200, b""), Unknown, "unreadable_body"),
    ("200, HTML", answer(200, b"<html>"), Unknown, "unreadable_body"),
    (
        "200, not UTF-8",
        answer(200, b'{"success":true,"callId":"\xff"}'),
        Unknown,
        "unreadable_body",
    ),
    ("200, nested", answer(200, b"[" * 100_000), Unknown, "unreadable_body"),
    ("200, a long number", answer(200, b"9" * 5_000), Unknown, "unreadable_body"),
    ("200, coded", answer(200, PLACED, {"Content-Encoding": "gzip"}), Unknown, "unreadable_body"),
    ("200, cut", cut(WHOLE, at=len(WHOLE) - 1), Unknown, "connection_lost"),
    ("200, no length, cut", cut(b"HTTP/1.0 200 OK\r\n\r\n{", at=99), Unknown, "unreadable_body"),
    ("200, too long", _endless, Unknown, "body_too_large"),
    ("101", b"HTTP/1.1 101 Up\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n", Unknown, ""),
    ("half a head", cut(WHOLE, at=10), Unknown, "connection_lost"),
    ("not HTTP", b"SSH-2.0-OpenSSH_9.6\r\n\r\n", Unknown, "connection_lost"),
    ("a head without end", b"HTTP/1.1 200 OK\r\nX: " + b"x" * 200_000, Unknown, "connection_lost"),
    ("closed", drop, Unknown, "connection_lost"),
    ("reset", reset, Unknown, "connection_lost"),
]


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("reply", "kind", "code"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE]
)
async def test_every_other_answer_is_refused_or_unknown_and_never_sent_again(
    reply: Reply, kind: type[PartnerError], code: str
) -> None:
    async with RawServer(in_turn(reply)) as server, client_for(server) as client:
        with pytest.raises(PartnerError) as caught:
            await client.call("biz", "agent", REQUEST)
    assert type(caught.value) is kind
    assert caught.value.code == code or not code
    assert caught.value.evidence is not None
    assert len(server.requests) == 1


@pytest.mark.asyncio
@pytest.mark.parametrize("reply", [hang, _hang_in_body])
async def test_silence_after_sending_is_unknown(reply: Reply) -> None:
    async with RawServer(in_turn(reply)) as server, client_for(server, call_total=0.3) as client:
        with pytest.raises(Unknown) as caught:
            await client.call("biz", "agent", REQUEST)
    assert caught.value.code == "timeout"
    assert len(server.requests) == 1


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "reply",
    [
        cut(WHOLE, at=len(WHOLE) - 2),
        answer(409, {"message": "exists", "details": {"callId": "call-1"}}),
        answer(500, PLACED),
        answer(202, PLACED),
        answer(200, PLACED | {"success": False}),
    ],
)
async def test_a_call_id_is_read_wherever_it_can_be(reply: Reply) -> None:
    async with RawServer(in_turn(reply)) as server, client_for(server) as client:
        with pytest.raises(Unknown) as caught:
            await client.call("biz", "agent", REQUEST)
    assert caught.value.call_id == "call-1"


@pytest.mark.asyncio
async def test_a_conflict_is_hinted_at() -> None:
    async with RawServer(in_turn(answer(409, {}))) as server, client_for(server) as client:
        with pytest.raises(Unknown) as caught:
            await client.call("biz", "agent", REQUEST)
    assert caught.value.hint == "conflict"
    assert caught.value.call_id is None


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "reply",
    [
        b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" + WHOLE,
        b"HTTP/1.0 200 OK\r\nContent-Length: "
        + str(len(json.dumps(PLACED))).encode()
        + b"\r\n\r\n"
        + json.dumps(PLACED).encode(),
        answer(200, {"success": True, "callId": "call-1", "new": [1], "status": 5}),
    ],
    ids=["early hints", "HTTP/1.0", "new and odd fields"],
)
async def test_unusual_but_sound_answers_are_placed(reply: bytes) -> None:
    async with RawServer(in_turn(reply)) as server, client_for(server) as client:
        placed = await client.call("biz", "agent", REQUEST)
    assert (placed.call_id, placed.phone_number) == ("call-1", PHONE)


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7.0),
        ("0", 0.0),
        ("86400", 86_400.0),
        ("Mon, 15 Jan 2024 10:00:30 GMT", 30.0),
        ("Mon, 15 Jan 2024 09:00:00 GMT", 0.0),
        ("soon", None),
        ("-5", None),
        ("1e9", None),
        ("nan", None),
    ],
)
async def test_retry_after_is_seconds_or_a_date_by_the_upstreams_own_clock(
    header: str, seconds: float | None
) -> None:
    headers = {"Retry-After": header, "Date": "Mon, 15 Jan 2024 10:00:00 GMT"}
    reply = answer(429, {"message": "slow down"}, headers)
    async with RawServer(in_turn(reply)) as server, client_for(server) as client:
        with pytest.raises(Refused) as caught:
            await client.call("biz", "agent", REQUEST)
    assert caught.value.retry_after == seconds
    assert caught.value.partner_message == "slow down"
    assert caught.value.status == 429


@pytest.mark.asyncio
async def test_a_403_names_the_scope() -> None:
    async with RawServer(in_turn(answer(403, {}))) as server, client_for(server) as client:
        with pytest.raises(Refused, match="voice-agents:update") as caught:
            await client.call("biz", "agent", REQUEST)
    assert caught.value.scope == "voice-agents:update"


@pytest.mark.asyncio
async def test_a_401_drops_the_token_and_does_nothing_more() -> None:
    tokens = [answer(200, {"access_token": f"token-{n}"}) for n in (1, 2)]
    script = in_turn(tokens[0], answer(401, {}), tokens[1], WHOLE)
    credentials = ClientCredentials("client", SECRET)
    async with (
        RawServer(script) as server,
        client_for(server, credentials=credentials) as client,
    ):
        with pytest.raises(Refused, match="unauthorized"):
            await client.call("biz", "agent", REQUEST)
        assert [seen.target for seen in server.requests][1:] == [CALL_PATH]
        await client.call("biz", "agent", REQUEST)
    assert server.requests[-1].headers["authorization"] == "Bearer token-2"


@pytest.mark.asyncio
async def test_an_answer_that_echoes_the_key_leaves_no_trace_of_it() -> None:
    reply = answer(400, {"message": f"bad: Bearer {KEY}"}, {"Server": KEY})
    async with RawServer(in_turn(reply)) as server, client_for(server) as client:
        with pytest.raises(Refused) as caught:
            await client.call("biz", "agent", REQUEST)
    assert KEY not in f"{caught.value!r} {caught.value.evidence!r} {caught.value.partner_message}"


@pytest.mark.asyncio
async def test_a_broken_head_that_echoes_the_key_leaves_no_trace_of_it() -> None:
    reply = b"HTTP/1.1 200 OK\r\n" + KEY.encode() + b" without a colon\r\n\r\n"
    async with RawServer(in_turn(reply)) as server, client_for(server) as client:
        with pytest.raises(Unknown) as caught:
            await client.call("biz", "agent", REQUEST)
    assert KEY not in str(caught.value)


@pytest.mark.asyncio
async def test_evidence_is_short_and_can_be_stored() -> None:
    reply = answer(500, b"\0" + b"x" * 100_000, {"X-Request-Id": "y" * 5_000})
    async with RawServer(in_turn(reply)) as server, client_for(server) as client:
        with pytest.raises(Unknown) as caught:
            await client.call("biz", "agent", REQUEST)
    evidence = caught.value.evidence
    assert evidence is not None
    assert len(evidence.body) == 2_000
    assert "\0" not in evidence.body
    assert len(evidence.headers["x-request-id"]) == 300


@pytest.mark.asyncio
@pytest.mark.parametrize("identifier", ["", ".", "..", "a\nb", "x" * 201, "\ud800"])
async def test_an_impossible_id_sends_nothing(identifier: str) -> None:
    async with RawServer(in_turn(WHOLE)) as server, client_for(server) as client:
        for ids in ((identifier, "agent"), ("biz", identifier)):
            with pytest.raises(NotSent) as caught:
                await client.call(*ids, REQUEST)
            assert caught.value.code == "invalid_request"
    assert server.connections == 0


@pytest.mark.asyncio
async def test_a_hostile_id_stays_in_its_place() -> None:
    async with RawServer(in_turn(WHOLE)) as server, client_for(server) as client:
        await client.call("../../admin?x=1#y", "a%2F..", REQUEST)
    assert server.requests[0].target == (
        "/api/partner/v1/businesses/..%2F..%2Fadmin%3Fx%3D1%23y/voice-agents/a%252F../call"
    )


@pytest.mark.asyncio
@pytest.mark.parametrize("request_id", ["", "a\r\nX: y", "x" * 201, "é"])
async def test_an_impossible_request_id_sends_nothing(request_id: str) -> None:
    async with RawServer(in_turn(WHOLE)) as server, client_for(server) as client:
        with pytest.raises(NotSent, match="invalid_request"):
            await client.call("biz", "agent", REQUEST, request_id=request_id)
    assert server.connections == 0


EMPTY = answer(200, {"items": [], "total": 0, "page": 2, "page_size": 50})


@pytest.mark.asyncio
async def test_a_query_is_spelled_as_the_guide_spells_it() -> None:
    east = timezone(timedelta(hours=2))
    query = CallQuery(
        page=2,
        page_size=50,
        type="OUTBOUND",
        status="COMPLETED",
        start=datetime(2024, 1, 15, 12, 0, 0, 123_999, tzinfo=east),
        end=datetime(2024, 1, 16, tzinfo=UTC),
        lead_id="lead 1&2",
        order_by="startedAt",
        direction="asc",
        business_id="biz",
    )
    async with RawServer(in_turn(EMPTY)) as server, client_for(server) as client:
        await client.list_organization_calls(query)
        await client.list_business_calls("biz", CallQuery())
        await client.list_business_calls("biz", CallQuery(business_id="biz"))
    assert [seen.target for seen in server.requests] == [
        (
            "/api/partner/v1/organizations/calls?page=2&page_size=50&type=OUTBOUND&status=COMPLETED"
            "&start=2024-01-15T10%3A00%3A00.123Z&end=2024-01-16T00%3A00%3A00.000Z"
            "&leadId=lead%201%262&orderBy%5Bfield%5D=startedAt&orderBy%5Bdirection%5D=asc"
            "&businessId=biz"
        ),
        "/api/partner/v1/businesses/biz/calls?page=1&page_size=100",
        "/api/partner/v1/businesses/biz/calls?page=1&page_size=100",
    ]


@pytest.mark.asyncio
async def test_a_query_for_another_business_sends_nothing() -> None:
    async with RawServer(in_turn(EMPTY)) as server, client_for(server) as client:
        with pytest.raises(NotSent, match="invalid_request"):
            await client.list_business_calls("biz", CallQuery(business_id="other"))
    assert server.connections == 0


@pytest.mark.asyncio
async def test_single_calls_in_both_scopes() -> None:
    async with (
        RawServer(in_turn(answer(200, {"id": "call-1", "status": "COMPLETED"}))) as server,
        client_for(server) as client,
    ):
        one = await client.get_business_call("biz", "call-1")
        other = await client.get_organization_call("call-1")
    assert one == other
    assert [seen.target.removeprefix("/api/partner/v1") for seen in server.requests] == [
        "/businesses/biz/calls/call-1",
        "/organizations/calls/call-1",
    ]


@pytest.mark.asyncio
async def test_a_single_call_without_an_id_is_unknown() -> None:
    async with RawServer(in_turn(answer(200, {}))) as server, client_for(server) as client:
        with pytest.raises(Unknown, match="unreadable_body"):
            await client.get_organization_call("call-1")
