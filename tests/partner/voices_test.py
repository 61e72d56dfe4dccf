"""Voices come as a bare array."""

import pytest

from partner import Unknown
from tests.partner.clients import client_for
from tests.support.raw_server import RawServer, answer, in_turn

SARAH = {"id": "voice-1", "name": "Sarah", "previewUrl": "https://example.com/a.mp3", "age": 30}


@pytest.mark.asyncio
async def test_all_voices_that_can_be_chosen() -> None:
    reply = answer(200, [SARAH, {"name": "nobody"}, 5, {"id": "voice-2", "category": 7}])
    async with RawServer(in_turn(reply)) as server, client_for(server) as client:
        sarah, other = await client.list_voices()
    assert (sarah.name, sarah.preview_url) == ("Sarah", "https://example.com/a.mp3")
    assert sarah.model_extra == {"age": 30}
    assert (other.id, other.category, other.odd) == ("voice-2", None, {"category": 7})


@pytest.mark.asyncio
async def test_a_page_is_no_array() -> None:
    reply = answer(200, {"items": [SARAH], "total": 1})
    async with RawServer(in_turn(reply)) as server, client_for(server) as client:
        with pytest.raises(Unknown, match="unreadable_body"):
            await client.list_voices()


@pytest.mark.asyncio
async def test_one_voice() -> None:
    async with RawServer(in_turn(answer(200, SARAH))) as server, client_for(server) as client:
        assert (await client.get_voice("voice-1")).name == "Sarah"
    assert server.requests[0].target == "/api/partner/v1/voices/voice-1"
