"""The world: who holds what, and numbers that run out of an area code."""

from typing import Any

import pytest

from sandbox.errors import ApiError
from sandbox.model.agents import Agent, AgentType
from sandbox.model.tenants import Business, Credential
from sandbox.seed import plant
from sandbox.tokens import digest
from sandbox.world import World
from tests.sandbox.worlds import forget

AT = "2026-03-02T15:00:00.000Z"


def _world() -> tuple[World, list[dict[str, Any]]]:
    kept: list[dict[str, Any]] = []
    world = World(keep=kept.append)
    plant(world, at=AT)
    return world, kept


def _business(world: World, number: int, phone: str | None) -> Agent:
    business = Business(
        id=f"biz_{number}", organization_id="org_demo", name="X", phone_number=phone
    )
    agent = Agent(id=f"a_{number}", business_id=business.id, name="X", type=AgentType.OUTBOUND)
    world.put(business)
    world.put(agent)
    return world.deploy(agent, at=AT)


def _remove(world: World, agent_id: str) -> Agent:
    agent = world.find(Agent, agent_id)
    assert agent is not None
    world.remove(agent)
    return agent


def test_a_journal_makes_the_same_world_again() -> None:
    world, kept = _world()
    _remove(world, "agent_draft")
    again = World(keep=forget)
    for entry in kept:
        again.restore(entry)
    for kind in (Agent, Business, Credential):
        assert again.every(kind) == world.every(kind)


def test_what_was_removed_stays_away_after_a_restart() -> None:
    world, kept = _world()
    _remove(world, "agent_draft")
    again = World(keep=forget)
    for entry in kept:
        again.restore(entry)
    assert again.find(Agent, "agent_draft") is None


def test_removing_what_is_gone_writes_nothing() -> None:
    world, kept = _world()
    agent = _remove(world, "agent_draft")
    written = len(kept)
    world.remove(agent)
    assert len(kept) == written


def test_a_full_area_code_gives_way_to_the_next() -> None:
    world, _ = _world()
    numbers = [_business(world, n, "+15045550142").phone_number for n in range(101)]
    assert len(set(numbers)) == 101
    assert [str(number)[:5] for number in numbers] == ["+1504"] * 100 + ["+1212"]


def test_when_no_number_is_left_deploying_fails() -> None:
    world, _ = _world()
    for number in range(598):  # six area codes of a hundred lines, two of them seeded
        _business(world, number, None)
    with pytest.raises(ApiError, match="No phone number is left"):
        _business(world, 598, None)


def test_a_clients_id_is_no_key_and_a_key_no_client() -> None:
    world, _ = _world()
    assert world.key_holder("sandbox-key") is not None
    assert world.key_holder("sandbox-client") is None
    assert world.key_holder("") is None
    key = world.find(Credential, digest("sandbox-key"))
    assert key is not None
    assert key.secret_digest is None


def test_secrets_are_kept_as_digests_only() -> None:
    _, kept = _world()
    assert "sandbox-key" not in str(kept)
    assert "sandbox-secret" not in str(kept)
