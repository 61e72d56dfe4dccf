"""How large and how slow a body may be."""

import asyncio
from typing import Any

import pytest
from starlette.types import Message, Receive, Scope, Send

from service.http.limits import BodyLimit, BodyTooLarge, BodyTooSlow

pytestmark = pytest.mark.asyncio


async def _read(scope: Scope, receive: Receive, send: Send) -> None:
    """Read the whole body and answer with its size."""
    taken, more = 0, True
    while more:
        message = await receive()
        taken += len(message.get("body", b""))
        more = message.get("more_body", False)
    await send({"type": "read", "taken": taken, "scope": scope["type"]})


async def _run(
    messages: list[Message],
    *,
    path: str = "/v1/leads",
    seconds: float = 30.0,
    length: bytes | None = None,
) -> list[Message]:
    sent: list[Message] = []
    left = iter(messages)

    async def receive() -> Message:
        message = next(left, None)
        if message is None:
            await asyncio.Event().wait()
        return message or {}

    async def send(message: Message) -> None:
        sent.append(message)

    headers = [] if length is None else [(b"content-length", length)]
    scope: dict[str, Any] = {
        "type": "http",
        "path": path,
        "headers": headers,
        "state": {"request_id": "id"},
    }
    bounded = BodyLimit(_read, limit=10, seconds=seconds, larger={"/lists/[a-z]+": 20})
    await bounded(scope, receive, send)
    return sent


def _chunk(size: int, *, more: bool) -> Message:
    return {"type": "http.request", "body": b"x" * size, "more_body": more}


async def test_a_body_of_just_the_limit_passes() -> None:
    [message] = await _run([_chunk(6, more=True), _chunk(4, more=False)], length=b"10")
    assert message["taken"] == 10


async def test_a_byte_more_is_refused_as_it_comes() -> None:
    with pytest.raises(BodyTooLarge):
        await _run([_chunk(6, more=True), _chunk(5, more=True)])


async def test_a_declared_length_is_refused_before_a_byte_is_read() -> None:
    start, body = await _run([], length=b"11")
    assert start["status"] == 413
    assert b"too_large" in body["body"]


async def test_a_lying_or_broken_length_is_counted_all_the_same() -> None:
    for length in (b"1", b"x", b"-5"):
        with pytest.raises(BodyTooLarge):
            await _run([_chunk(11, more=False)], length=length)


async def test_a_body_that_stops_coming_is_given_up() -> None:
    with pytest.raises(BodyTooSlow):
        await _run([_chunk(1, more=True)], seconds=0.05)


async def test_some_addresses_take_more_and_no_others() -> None:
    [message] = await _run([_chunk(20, more=False)], length=b"20", path="/lists/a")
    assert message["taken"] == 20
    for path in ("/lists/a/b", "/lists/", "/x/lists/a", "/lists/a\n"):
        with pytest.raises(BodyTooLarge):
            await _run([_chunk(11, more=False)], path=path)
    with pytest.raises(BodyTooLarge):
        await _run([_chunk(21, more=False)], path="/lists/a")
    start, body = await _run([], length=b"21", path="/lists/a")
    assert start["status"] == 413
    assert b"over 20 bytes" in body["body"]
