"""The world: who holds what, and numbers that run out of an area code."""

from typing import Any

import pytest

from sandbox.agents.describe import describe
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


def test_changes_made_together_are_one_line_of_the_journal() -> None:
    world, kept = _world()
    written = len(kept)
    draft, business = world.find(Agent, "agent_draft"), world.find(Business, "biz_demo")
    assert draft is not None
    assert business is not None
    renamed = business.model_copy(update={"name": "Renamed"})
    world.together(put=[renamed], remove=[draft])
    assert len(kept) == written + 1
    again = World(keep=forget)
    for entry in kept:
        again.restore(entry)
    assert again.find(Agent, "agent_draft") is None
    assert again.find(Business, "biz_demo") == renamed
    world.together(remove=[draft])
    assert len(kept) == written + 1


def test_deploying_is_one_line_of_the_journal() -> None:
    world, kept = _world()
    business = Business(id="biz_new", organization_id="org_demo", name="X")
    agent = Agent(id="new", business_id="biz_new", name="X", type=AgentType.OUTBOUND)
    world.together(put=[business, agent])
    written = len(kept)
    number = world.deploy(agent, at=AT).phone_number
    assert len(kept) == written + 1
    found = world.find(Business, "biz_new")
    assert found is not None
    assert found.provisioned_number == number


def test_an_agent_that_an_older_sandbox_kept_is_taken_up() -> None:
    world = World(keep=forget)
    older = {
        "id": "a",
        "businessId": "b",
        "name": "Older",
        "type": "INBOUND",
        "conversationFlow": "Say hello.",
        "voiceId": "voice-abc123",
        "collectFields": ["name"],
        "toolIds": [],
        "workflow": None,
        "phoneNumber": "+12125550100",
        "onDuty": False,
    }
    world.restore({"kind": "agent", "record": older})
    agent = world.find(Agent, "a")
    assert agent is not None
    shown = describe(agent, 0.0)
    assert (shown["conversationFlow"], shown["onDuty"]) == ("Say hello.", False)
    assert shown["workflow"]["startNode"] == "start"
    older = {"id": "b", "organizationId": "o", "name": "Older"}
    world.restore({"kind": "business", "record": older})
    found = world.find(Business, "b")
    assert found is not None
    assert found.timezone == "America/New_York"


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
