"""A wrong setting is named, and no secret is shown with it."""

import pytest
from cryptography.fernet import Fernet

from outdial.speaking.speech import CommandError
from outdial.tree import contexts

URL = "postgresql+asyncpg://outdial:secret@127.0.0.1:1/outdial"


def test_a_setting_that_cannot_be_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OUTDIAL_DRAIN_SECONDS", "secret-for-ever")
    with pytest.raises(CommandError, match=r"^OUTDIAL_DRAIN_SECONDS: ") as caught:
        contexts.settings(database_url=URL, redis_url="redis://x", secret_key="k")
    assert "secret" not in str(caught.value)


@pytest.mark.asyncio
async def test_a_key_that_is_none_is_told() -> None:
    told = contexts.settings(database_url=URL, redis_url="redis://x", secret_key="short-secret")
    with pytest.raises(CommandError, match="32 random bytes") as caught:
        async with contexts.opened(told):
            pass
    assert "short-secret" not in str(caught.value)


@pytest.mark.asyncio
async def test_nothing_is_connected_to_before_it_is_used() -> None:
    key = Fernet.generate_key().decode()
    told = contexts.settings(database_url=URL, redis_url="redis://127.0.0.1:1", secret_key=key)
    async with contexts.opened(told) as context:
        assert context.settings is told
