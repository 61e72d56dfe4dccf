"""API keys: shown once, kept as digests, and nothing told to who guesses."""

import pytest

from dialer.pipeline.access import keys
from dialer.rules.errors import ForbiddenError, InvalidInputError, UnauthenticatedError
from dialer.store import organizations
from tests.support.house import House


async def _mint(house: House, *scopes: str) -> keys.NewKey:
    async with house.context.engine.begin() as conn:
        return await keys.mint(
            conn, organization_id=house.organization_id, name="test", scopes=scopes
        )


async def _verify(house: House, presented: str) -> keys.Principal:
    async with house.context.engine.begin() as conn:
        return await keys.verify(conn, presented)


@pytest.mark.asyncio
async def test_a_key_opens_its_organization_with_its_scopes(house: House) -> None:
    made = await _mint(house, "leads:write", "leads:read")
    found = await _verify(house, made.secret)
    assert found.organization_id == house.organization_id
    assert found.key_id == made.key_id
    assert found.scopes == {"leads:write", "leads:read"}
    assert found.source_id is None


@pytest.mark.asyncio
async def test_only_a_digest_is_kept(house: House) -> None:
    made = await _mint(house, "admin")
    row = await house.row("SELECT * FROM api_keys WHERE id = :id", id=made.key_id)
    secret = made.secret.split("_", 2)[2]
    assert len(secret) >= 43
    assert secret not in repr(dict(row))
    assert secret.encode() not in bytes(row["digest"])


@pytest.mark.asyncio
async def test_every_wrong_key_is_refused_in_the_same_words(house: House) -> None:
    good = (await _mint(house, "admin")).secret
    other = (await _mint(house, "admin")).secret
    prefix, public, _ = good.split("_", 2)
    mixed = "_".join([prefix, public, other.split("_", 2)[2]])
    wrong = ["", "odk", "odk__", "odk_" + "x" * 8, good[:-1], good + "x", good.upper(), mixed]
    wrong += [f"odk_{public}_", "odk_\x00_x", "\ud800", "odk_' OR 1=1 --_x", "é" * 5_000]
    wrong += [f" {good}", good.replace("odk", "xyz", 1)]
    told = set[str]()
    for presented in wrong:
        with pytest.raises(UnauthenticatedError) as refused:
            await _verify(house, presented)
        told.add(refused.value.message)
    assert len(told) == 1


@pytest.mark.asyncio
async def test_a_revoked_key_opens_nothing(house: House) -> None:
    made = await _mint(house, "admin")
    async with house.context.engine.begin() as conn:
        org = {"organization_id": house.organization_id}
        assert await organizations.revoke_key(conn, key_id=made.key_id, **org)
        assert not await organizations.revoke_key(conn, key_id=made.key_id, **org)
    with pytest.raises(UnauthenticatedError):
        await _verify(house, made.secret)


@pytest.mark.asyncio
async def test_use_is_noted_at_most_once_a_minute(house: House) -> None:
    made = await _mint(house, "admin")
    seen = []
    for seconds in (0, 30, 31):
        await house.pass_time(seconds=seconds)
        await _verify(house, made.secret)
        row = await house.row("SELECT last_used_at FROM api_keys WHERE id = :id", id=made.key_id)
        seen.append(row["last_used_at"])
    assert seen[0] == seen[1] < seen[2]


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("scopes", "message"),
    [((), "a key needs a scope"), (("leads:write", "root"), "'root' is not a scope; known: ")],
)
async def test_scopes_must_be_known(house: House, scopes: tuple[str, ...], message: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        await _mint(house, *scopes)
    assert refused.value.faults[0].pointer == "/scopes"
    assert message in refused.value.message


@pytest.mark.asyncio
async def test_a_missing_scope_is_named(house: House) -> None:
    found = await _verify(house, (await _mint(house, "leads:read")).secret)
    found.need("leads:read")
    with pytest.raises(ForbiddenError, match="lacks the scope 'leads:write'"):
        found.need("leads:write")


@pytest.mark.asyncio
async def test_keys_are_told_apart(house: House) -> None:
    made = [await _mint(house, "admin") for _ in range(20)]
    assert len({key.secret for key in made}) == 20
    assert len({key.secret.split("_")[1] for key in made}) == 20


def test_every_scope_says_what_it_allows() -> None:
    assert all(keys.SCOPES.values())
