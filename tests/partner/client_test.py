"""Which base URLs are accepted: nothing that would carry the credentials in the clear."""

import asyncio

import pytest

from partner import PartnerClient, StaticKey
from tests.partner.clients import PLACED, REQUEST, client_for
from tests.support.raw_server import RawServer, answer, in_turn


async def _make(base_url: str) -> None:
    async with PartnerClient(base_url=base_url, credentials=StaticKey("key")):
        pass


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "base_url",
    [
        "https://app.example.com/api/partner/v1",
        "https://app.example.com/api/partner/v1/",
        "HTTPS://app.example.com:8443",
        "http://127.0.0.1:8000/v1",
        "http://127.8.8.8/v1",
        "http://[::1]:8000/v1",
        "http://localhost:8000/v1",
    ],
)
async def test_https_or_loopback(base_url: str) -> None:
    await _make(base_url)


@pytest.mark.parametrize(
    "base_url",
    [
        "http://app.example.com/v1",
        "http://127.0.0.1.example.com/v1",
        "http://localhost.example.com/v1",
        "http://127.1/v1",
        "http://0.0.0.0/v1",
        "http://2130706433/v1",
        "http://user:secret@127.0.0.1/v1",
        "https://user@app.example.com/v1",
        "http://127.0.0.1@app.example.com/v1",
        "https://app.example.com/v1?x=1",
        "https://app.example.com/v1?",
        "https://app.example.com/v1#x",
        "https://app.example.com/../v1",
        "https://app.example.com/a b",
        "https://app.example.com/v1\n",
        "https://app.example.com:99999/v1",
        "https://app.example.com:0/v1",
        "https://",
        "https:///v1",
        "ftp://app.example.com/v1",
        "app.example.com/v1",
        "//app.example.com/v1",
        "",
    ],
)
def test_anything_else_is_refused_when_the_client_is_made(base_url: str) -> None:
    with pytest.raises(ValueError, match="the Partner API's base URL") as caught:
        asyncio.run(_make(base_url))
    assert "secret" not in str(caught.value)


@pytest.mark.asyncio
async def test_the_base_url_is_told_without_its_slash() -> None:
    client = PartnerClient(base_url="HTTPS://app.example.com/v1/", credentials=StaticKey("key"))
    async with client:
        assert client.base_url == "https://app.example.com/v1"


@pytest.mark.asyncio
async def test_a_trailing_slash_makes_no_empty_segment() -> None:
    async with (
        RawServer(in_turn(answer(200, PLACED))) as server,
        client_for(f"{server.base_url}//") as client,
    ):
        await client.call("biz", "agent", REQUEST)
    assert server.requests[0].target.startswith("/api/partner/v1/businesses/")


@pytest.mark.parametrize("user_agent", ["a\r\nX: y", "é"])
def test_a_user_agent_that_no_header_can_hold_is_refused(user_agent: str) -> None:
    with pytest.raises(ValueError, match="user agent"):
        PartnerClient(
            base_url="http://127.0.0.1/v1", credentials=StaticKey("key"), user_agent=user_agent
        )


@pytest.mark.asyncio
async def test_the_user_agent_is_sent() -> None:
    async with RawServer(in_turn(answer(200, PLACED))) as server:
        client = PartnerClient(
            base_url=server.base_url, credentials=StaticKey("key"), user_agent="mine/2"
        )
        async with client:
            await client.call("biz", "agent", REQUEST)
    assert server.requests[0].headers["user-agent"] == "mine/2"


@pytest.mark.asyncio
async def test_closing_twice_does_no_harm() -> None:
    client = PartnerClient(base_url="http://127.0.0.1/v1", credentials=StaticKey("key"))
    await client.aclose()
    await client.aclose()
