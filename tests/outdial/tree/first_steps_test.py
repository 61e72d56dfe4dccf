"""What a start settles: one organization, credentials that are never lost, a key in force."""

from collections.abc import AsyncIterator, Mapping

import pytest
import pytest_asyncio
from cryptography.fernet import Fernet

from dialer.context import Context
from dialer.pipeline.access import keys, setup
from dialer.store import organizations
from outdial.speaking.speech import CommandError
from outdial.tree import contexts
from outdial.tree.first_steps import SANDBOX_KEY, settle
from outdial.tree.tree import Owner

SANDBOX = "http://127.0.0.1:7001/api/partner/v1"
PARTNER = "https://partner.example.com/api/partner/v1"
KEY = {"OUTDIAL_PARTNER_BASE_URL": PARTNER, "OUTDIAL_PARTNER_API_KEY": "pk_real"}


@pytest_asyncio.fixture
async def context(database_url: str, redis_url: str) -> AsyncIterator[Context]:
    """The core on an empty database."""
    told = contexts.settings(
        database_url=database_url,
        redis_url=redis_url,
        secret_key=Fernet.generate_key().decode(),
    )
    async with contexts.opened(told) as opened:
        yield opened


async def start(
    context: Context,
    environ: Mapping[str, str] | None = None,
    *,
    sandbox: str | None = SANDBOX,
    last: str | None = None,
) -> Owner:
    """Settles as a start of `outdial up` does."""
    given = environ or {}
    runs = None if given.get("OUTDIAL_PARTNER_BASE_URL") else sandbox
    return await settle(context, environ=given, sandbox=runs, last_key=last)


async def secret(context: Context) -> dict[str, str]:
    """The credentials that are kept."""
    async with context.engine.connect() as conn:
        row = await organizations.only(conn)
    assert row is not None
    assert b"pk_real" not in row["partner_secret"]
    return context.vault.open(row["partner_secret"])


async def in_force(context: Context, key: str) -> bool:
    """Whether a key opens the API for everything."""
    async with context.engine.begin() as conn:
        return (await keys.verify(conn, key)).scopes == frozenset(keys.SCOPES)


@pytest.mark.asyncio
async def test_the_first_start_connects_the_sandbox_and_makes_a_key(context: Context) -> None:
    owner = await start(context)
    assert owner.partner_base_url == SANDBOX
    assert await secret(context) == {"kind": "static_key", "api_key": SANDBOX_KEY}
    assert await in_force(context, owner.api_key)
    assert owner.api_key not in repr(owner)


@pytest.mark.asyncio
async def test_another_start_keeps_the_key_and_follows_the_sandbox(context: Context) -> None:
    first = await start(context)
    moved = "http://127.0.0.1:7002/api/partner/v1"
    second = await start(context, sandbox=moved, last=first.api_key)
    assert second.api_key == first.api_key
    assert second.organization_id == first.organization_id
    assert second.partner_base_url == moved


@pytest.mark.asyncio
@pytest.mark.parametrize("last", [None, "odk_a_b", "rubbish"])
async def test_a_key_that_was_lost_is_replaced(context: Context, last: str | None) -> None:
    first = await start(context)
    second = await start(context, last=last)
    assert second.api_key not in {first.api_key, last}
    assert await in_force(context, second.api_key)
    assert await in_force(context, first.api_key)


@pytest.mark.asyncio
async def test_a_partner_api_is_taken_from_the_environment(context: Context) -> None:
    owner = await start(context, KEY)
    assert owner.partner_base_url == PARTNER
    assert await secret(context) == {"kind": "static_key", "api_key": "pk_real"}
    oauth = {
        "OUTDIAL_PARTNER_BASE_URL": PARTNER,
        "OUTDIAL_PARTNER_CLIENT_ID": "id",
        "OUTDIAL_PARTNER_CLIENT_SECRET": "s",
    }
    await start(context, oauth)
    kept = await secret(context)
    assert kept == {"kind": "client_credentials", "client_id": "id", "client_secret": "s"}
    # Set once, they may be left out.
    await start(context, {"OUTDIAL_PARTNER_BASE_URL": PARTNER})
    assert await secret(context) == kept


@pytest.mark.asyncio
async def test_a_real_partner_api_survives_a_start_without_variables(context: Context) -> None:
    await start(context, KEY)
    assert (await start(context)).partner_base_url == PARTNER
    assert (await secret(context))["api_key"] == "pk_real"


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "no credentials for it"),
        ({"OUTDIAL_PARTNER_CLIENT_ID": "id"}, "OUTDIAL_PARTNER_CLIENT_SECRET is missing"),
        ({"OUTDIAL_PARTNER_CLIENT_SECRET": "s"}, "OUTDIAL_PARTNER_CLIENT_ID is missing"),
    ],
)
async def test_credentials_by_halves_are_told_and_the_sandboxs_are_not_sent_there(
    context: Context, given: Mapping[str, str], said: str
) -> None:
    await start(context)
    with pytest.raises(CommandError, match=said):
        await start(context, {"OUTDIAL_PARTNER_BASE_URL": PARTNER, **given})
    async with context.engine.connect() as conn:
        row = await organizations.only(conn)
    assert row is not None
    assert row["partner_base_url"] == SANDBOX


@pytest.mark.asyncio
async def test_a_key_of_lesser_scopes_is_not_taken_for_ours(context: Context) -> None:
    first = await setup.ensure_first_organization(context, name="Example Roofing")
    async with context.engine.begin() as conn:
        lesser = await keys.mint(
            conn, organization_id=first.organization_id, name="x", scopes=["leads:write"]
        )
    assert (await start(context, last=lesser.secret)).api_key != lesser.secret
