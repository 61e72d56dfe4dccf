"""Whether anything was sent: the gate before the first byte, connections, time-outs, TLS."""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from pathlib import Path

import httpcore2
import httpx2
import pytest

from partner import NotSent, Refused, Unknown
from tests.partner.clients import PLACED, REQUEST, client_for
from tests.support.raw_server import (
    Peer,
    RawServer,
    answer,
    drop,
    hang,
    in_turn,
    make_certificates,
)

WHOLE = answer(200, PLACED)


class _Watch:
    """Plays a server that notes every byte it gets before it answers."""

    def __init__(self) -> None:
        self.bytes_seen = b""
        self.closed = asyncio.Event()

    async def script(self, peer: Peer) -> None:
        while piece := await peer.reader.read(65_536):
            self.bytes_seen += piece
            if b"\r\n\r\n" in self.bytes_seen:
                await peer.send(WHOLE)
        self.closed.set()


@pytest.mark.asyncio
async def test_before_send_is_awaited_once_when_connected_and_before_the_first_byte() -> None:
    watch, notes = _Watch(), []
    async with RawServer(watch.script) as server, client_for(server) as client:

        async def before_send() -> None:
            # Long enough for bytes sent too early to arrive.
            await asyncio.sleep(0.05)
            notes.append((server.connections, watch.bytes_seen))

        placed = await client.call("biz", "agent", REQUEST, before_send=before_send)
    assert placed.call_id == "call-1"
    assert notes == [(1, b"")]


class _Objection(Exception):  # noqa: N818 - as callers name theirs
    """Raised by a ``before_send``."""


OBJECTIONS: list[Exception] = [
    _Objection("paused"),
    TimeoutError("the database is slow"),
    OSError("the database is gone"),
    # Whatever the layers between translate or swallow must not be taken for theirs.
    httpcore2.WriteError("swallowed by httpcore2"),
    httpcore2.ConnectTimeout("translated by httpx2"),
    httpcore2.ConnectionNotAvailable("retried by the pool"),
    httpx2.ReadError("ours"),
    NotSent("dns_failed", "of another client"),
    ExceptionGroup("several", [ValueError("one")]),
]


@pytest.mark.asyncio
@pytest.mark.parametrize("objection", OBJECTIONS, ids=lambda objection: type(objection).__name__)
async def test_an_objection_reaches_the_caller_and_nothing_is_sent(objection: Exception) -> None:
    watch, asked = _Watch(), []
    cause = ValueError("the cause")

    async def before_send() -> None:
        asked.append(1)
        raise objection from cause

    async with RawServer(watch.script) as server, client_for(server) as client:
        with pytest.raises(type(objection)) as caught:
            await client.call("biz", "agent", REQUEST, before_send=before_send)
        await watch.closed.wait()
    assert caught.value is objection
    assert caught.value.__cause__ is cause
    assert asked == [1]
    assert watch.bytes_seen == b""


@pytest.mark.asyncio
async def test_an_objection_leaves_no_connection_behind() -> None:
    async def object_() -> None:
        raise _Objection

    async with (
        RawServer(in_turn(WHOLE)) as server,
        client_for(server, max_connections=1, pool=1.0) as client,
    ):
        for _ in range(3):
            with pytest.raises(_Objection):
                await client.call("biz", "agent", REQUEST, before_send=object_)
        assert (await client.call("biz", "agent", REQUEST)).call_id == "call-1"
    assert len(server.requests) == 1


async def _for_ever() -> None:
    await asyncio.Event().wait()


@pytest.mark.asyncio
async def test_time_up_before_the_gate_opens_is_not_sent() -> None:
    watch = _Watch()
    async with RawServer(watch.script) as server, client_for(server, call_total=0.2) as client:
        with pytest.raises(NotSent, match="timeout_before_send"):
            await client.call("biz", "agent", REQUEST, before_send=_for_ever)
    assert watch.bytes_seen == b""


@pytest.mark.asyncio
async def test_a_gate_that_outstays_the_deadline_sends_nothing() -> None:
    watch = _Watch()

    async def stubborn() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            await asyncio.sleep(0)

    async with RawServer(watch.script) as server, client_for(server, call_total=0.2) as client:
        with pytest.raises(NotSent, match="timeout_before_send"):
            await client.call("biz", "agent", REQUEST, before_send=stubborn)
        await watch.closed.wait()
    assert watch.bytes_seen == b""


@pytest.mark.asyncio
@pytest.mark.parametrize("sent", [True, False])
async def test_cancelling_surfaces_as_such_and_frees_the_connection(sent: bool) -> None:  # noqa: FBT001 - a pytest parameter
    arrived = asyncio.Event()

    async def first_hangs(peer: Peer) -> None:
        await peer.request()
        arrived.set()
        await peer.hang()

    async def before_send() -> None:
        if not sent:
            arrived.set()
            await asyncio.Event().wait()

    async with (
        RawServer(first_hangs) as server,
        client_for(server, max_connections=1, pool=1.0) as client,
    ):
        call = asyncio.create_task(client.call("biz", "agent", REQUEST, before_send=before_send))
        await arrived.wait()
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        server.script = in_turn(WHOLE)
        assert (await client.call("biz", "agent", REQUEST)).call_id == "call-1"


async def _closed_port() -> int:
    async with RawServer(drop) as server:
        return server.port


async def _must_not_run() -> None:
    raise AssertionError("the gate was reached without a connection")


@pytest.mark.asyncio
async def test_a_refused_connection_is_not_sent() -> None:
    base = f"http://127.0.0.1:{await _closed_port()}/v1"
    async with client_for(base) as client:
        with pytest.raises(NotSent, match="connect_failed"):
            await client.call("biz", "agent", REQUEST, before_send=_must_not_run)


@pytest.mark.asyncio
@pytest.mark.parametrize("host", ["nowhere.invalid", f"{'x' * 64}.example.com"])
async def test_a_name_that_does_not_resolve_is_not_sent(host: str) -> None:
    async with client_for(f"https://{host}/v1") as client:
        with pytest.raises(NotSent) as caught:
            await client.call("biz", "agent", REQUEST, before_send=_must_not_run)
    assert caught.value.code in {"dns_failed", "connect_failed"}


@pytest.mark.asyncio
async def test_a_full_backlog_is_a_connect_timeout() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        port = listener.getsockname()[1]
        fillers = [socket.socket() for _ in range(4)]
        try:
            for filler in fillers:
                filler.setblocking(False)
                filler.connect_ex(("127.0.0.1", port))
            async with client_for(f"http://127.0.0.1:{port}/v1", connect=0.3) as client:
                with pytest.raises(NotSent, match="connect_timeout"):
                    await client.call("biz", "agent", REQUEST, before_send=_must_not_run)
        finally:
            for filler in fillers:
                filler.close()


@pytest.mark.asyncio
async def test_no_free_connection_is_a_pool_timeout() -> None:
    sent = asyncio.Event()

    async def note() -> None:
        sent.set()

    async with (
        RawServer(in_turn(hang)) as server,
        client_for(server, max_connections=1, pool=0.2) as client,
    ):
        first = asyncio.create_task(client.call("biz", "agent", REQUEST, before_send=note))
        await sent.wait()
        with pytest.raises(NotSent, match="pool_timeout"):
            await client.call("biz", "agent", REQUEST, before_send=_must_not_run)
        first.cancel()
        await asyncio.wait({first})


@pytest.mark.asyncio
async def test_a_slow_read_does_not_hold_up_a_call() -> None:
    async def script(peer: Peer) -> None:
        seen = await peer.request()
        if seen is not None and seen.method == "POST":
            await peer.send(WHOLE)
        else:
            await peer.hang()

    async with RawServer(script) as server, client_for(server, max_connections=1) as client:
        read = asyncio.create_task(client.get_voice_agent("biz", "agent"))
        await server.arrived.wait()
        assert (await client.call("biz", "agent", REQUEST)).call_id == "call-1"
        read.cancel()
        await asyncio.wait({read})


@pytest.mark.asyncio
async def test_connections_that_the_server_lets_lapse_never_make_a_call_unknown() -> None:
    async def once(peer: Peer) -> None:
        # Promises to keep the connection, and closes it all the same.
        await peer.request()
        await peer.send(answer(200, PLACED, {"Connection": "keep-alive"}))

    async def slow_arm() -> None:
        await asyncio.sleep(0.05)

    async with RawServer(once) as server, client_for(server) as client:
        for _ in range(5):
            await client.call("biz", "agent", REQUEST, before_send=slow_arm)
    assert [seen.connection for seen in server.requests] == [1, 2, 3, 4, 5]


@pytest.mark.asyncio
async def test_each_call_has_a_connection_of_its_own_though_the_server_would_keep_it() -> None:
    kept = answer(200, PLACED, {"Connection": "keep-alive"})
    async with RawServer(in_turn(kept)) as server, client_for(server) as client:
        for _ in range(3):
            await client.call("biz", "agent", REQUEST)
    assert [seen.connection for seen in server.requests] == [1, 2, 3]


@pytest.mark.asyncio
async def test_a_second_answer_is_never_taken_for_the_next_calls() -> None:
    stale = answer(400, {"message": "of nobody's request"})
    async with RawServer(in_turn(WHOLE + stale)) as server, client_for(server) as client:
        for _ in range(3):
            assert (await client.call("biz", "agent", REQUEST)).call_id == "call-1"


@pytest.mark.asyncio
async def test_a_server_that_closes_while_the_gate_is_asked_is_unknown() -> None:
    armed = asyncio.Event()

    async def close_early(peer: Peer) -> None:
        await armed.wait()
        peer.writer.close()

    async def arm() -> None:
        armed.set()
        await asyncio.sleep(0.1)

    async with RawServer(close_early) as server, client_for(server) as client:
        with pytest.raises(Unknown, match="connection_lost"):
            await client.call("biz", "agent", REQUEST, before_send=arm)


@pytest.mark.asyncio
async def test_an_answer_without_reading_the_request_still_counts_by_its_status() -> None:
    async def hasty(peer: Peer) -> None:
        await peer.send(answer(429, {"message": "full"}))
        await peer.hang()

    async with RawServer(hasty) as server, client_for(server) as client:
        with pytest.raises(Refused, match="rate_limited"):
            await client.call("biz", "agent", REQUEST)


@pytest.mark.asyncio
async def test_a_trusted_certificate_lets_the_call_through(tmp_path: Path) -> None:
    certificates = make_certificates(tmp_path)
    asked: list[int] = []

    async def before_send() -> None:
        asked.append(1)

    async with (
        RawServer(in_turn(WHOLE), tls=certificates.server) as server,
        client_for(server, tls=certificates.client) as client,
    ):
        placed = await client.call("biz", "agent", REQUEST, before_send=before_send)
    assert placed.call_id == "call-1"
    assert asked == [1]


@pytest.mark.asyncio
async def test_an_untrusted_certificate_is_not_sent(tmp_path: Path) -> None:
    certificates = make_certificates(tmp_path)
    async with (
        RawServer(in_turn(WHOLE), tls=certificates.server) as server,
        client_for(server) as client,
    ):
        with pytest.raises(NotSent, match="tls_failed"):
            await client.call("biz", "agent", REQUEST, before_send=_must_not_run)
    assert server.requests == []


async def _greet_wrongly(peer: Peer) -> None:
    await peer.send(b"220 mail.example.com ESMTP\r\n")
    await peer.hang()


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("script", "codes"),
    [
        (_greet_wrongly, {"tls_failed"}),
        (drop, {"connect_failed", "tls_failed"}),
        (hang, {"connect_timeout"}),
    ],
)
async def test_a_handshake_that_fails_is_not_sent(
    script: Callable[[Peer], Awaitable[None]], codes: set[str]
) -> None:
    async with RawServer(script) as server:
        base = server.base_url.replace("http:", "https:")
        async with client_for(base, connect=0.3) as client:
            with pytest.raises(NotSent) as caught:
                await client.call("biz", "agent", REQUEST, before_send=_must_not_run)
    assert caught.value.code in codes


@pytest.mark.asyncio
async def test_the_environments_proxy_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    async with RawServer(in_turn(answer(502, {}))) as proxy, RawServer(in_turn(WHOLE)) as server:
        monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{proxy.port}")
        monkeypatch.setenv("ALL_PROXY", f"http://127.0.0.1:{proxy.port}")
        async with client_for(server) as client:
            assert (await client.call("biz", "agent", REQUEST)).call_id == "call-1"
    assert proxy.connections == 0
