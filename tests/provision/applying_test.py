"""A manifest is applied to a real sandbox: once is enough, and only what was agreed to is done."""

import stat
from typing import Any

import pytest

from provision.applying import apply, destroy, without_anything
from provision.errors import (
    OutdatedPlanError,
    StateLockedError,
)
from provision.events import Event
from provision.manifest import ManifestError
from provision.plan import HIDDEN, Verb
from provision.planning import plan
from provision.state_file import open_state
from tests.provision.workbench import ENVIRON, Workbench, did, shop


@pytest.mark.asyncio
async def test_after_an_apply_there_is_nothing_to_do(bench: Workbench) -> None:
    done = await bench.apply(shop())
    assert len(done.done) == 9
    made = await bench.plan(shop())
    assert did(made) == []
    assert not made.drift
    assert not made.warnings
    before = bench.writes()
    assert (await bench.apply(shop())).done == ()
    assert bench.writes() == before


@pytest.mark.asyncio
async def test_the_world_is_what_the_manifest_declares(bench: Workbench) -> None:
    await bench.apply(shop())
    world = await bench.world()
    caller, desk = world["agents"]
    assert world["calendar"] == "primary"
    assert [name for name, _ in world["tools"] if name] == ["tools.dispatcher", "tools.office"]
    assert [one[1:] for one in world["files"]] == [("prices.md", 36, "ready")]
    assert caller["on_duty"] is True
    assert caller["phone_number"]
    assert "tools.dispatcher" in caller["tool_ids"]
    assert caller["knowledge_base_document_ids"] == ["files.prices"]
    assert desk["on_duty"] is False
    assert desk["activated_hours"]["timezone"] == "America/New_York"


@pytest.mark.asyncio
async def test_secrets_are_neither_kept_nor_told(bench: Workbench) -> None:
    declared = shop()
    messages = [{"type": "request-complete", "content": "${HOLD}"}]
    declared["tools"]["dispatcher"]["config"]["messages"] = messages
    made = await bench.plan(declared)
    events: list[Event] = []
    await bench.apply(declared, events.append)
    told = [str(made.as_json()), str(made), str(events), bench.state_path.read_text()]
    for secret in ENVIRON.values():
        assert not [text for text in told if secret in text]
    assert (await bench.plan(declared)).empty
    assert stat.S_IMODE(bench.state_path.stat().st_mode) == 0o600


@pytest.mark.asyncio
async def test_destroying_leaves_nothing_but_the_calendar(bench: Workbench) -> None:
    await bench.apply(shop())
    manifest = bench.manifest(shop())
    made = await plan(bench.client, without_anything(manifest), bench.state)
    assert {verb for verb, _ in did(made)} == {Verb.DELETE, Verb.FORGET}
    assert [address for _, address in did(made)][:2] == ["agents.caller", "agents.desk"]
    await destroy(bench.client, manifest, approved=made.approval)
    world = await bench.world()
    assert (world["tools"], world["files"], world["agents"]) == ([], [], [])
    assert world["calendar"] == "primary"
    assert bench.kept.entries == {}


@pytest.mark.asyncio
async def test_a_plan_is_refused_when_the_upstream_has_changed(bench: Workbench) -> None:
    await bench.apply(shop())
    declared = shop()
    declared["agents"]["caller"]["customInstructions"] = "Be brief."
    made = await bench.plan(declared)
    desk = bench.kept.entries["agents.desk"].id
    await bench.client.set_on_duty(bench.business, desk)
    before = bench.writes()
    manifest = bench.manifest(declared)
    with pytest.raises(OutdatedPlanError, match="upstream has changed") as caught:
        await apply(bench.client, manifest, approved=made.approval)
    assert caught.value.changed == "upstream"
    assert caught.value.differing == {"agents.desk": ("onDuty",)}
    assert "agents.desk (onDuty)" in str(caught.value)
    assert "--accept-drift" in str(caught.value)
    assert bench.writes() == before
    done = await apply(bench.client, manifest, approved=made.approval, accept_drift=True)
    assert [one.verb for one in done.done] == [Verb.UPDATE, Verb.OFF_DUTY]


@pytest.mark.asyncio
async def test_a_plan_is_refused_for_another_manifest_come_what_may(bench: Workbench) -> None:
    made = await bench.plan(shop())
    declared = shop()
    declared["agents"]["caller"]["name"] = "Another caller"
    before = bench.writes()
    with pytest.raises(OutdatedPlanError, match="manifest has changed"):
        await apply(
            bench.client, bench.manifest(declared), approved=made.approval, accept_drift=True
        )
    assert bench.writes() == before


@pytest.mark.asyncio
async def test_a_change_of_the_upstream_that_has_no_bearing_does_not_matter(
    bench: Workbench,
) -> None:
    made = await bench.plan(shop())
    bench.sandbox.add("agents", business_id=bench.business, name="Somebody else's")
    await apply(bench.client, bench.manifest(shop()), approved=made.approval)
    assert len((await bench.world())["agents"]) == 3


@pytest.mark.asyncio
async def test_two_runs_at_once_are_one_too_many(bench: Workbench) -> None:
    where: dict[str, Any] = {"base_url": bench.client.base_url, "business": bench.business}
    before = bench.writes()
    with open_state(bench.state_path, **where), pytest.raises(StateLockedError):
        await bench.apply(shop())
    assert bench.writes() == before


@pytest.mark.asyncio
async def test_a_calendar_is_connected_again_where_that_is_asked_for(bench: Workbench) -> None:
    await bench.apply(shop())
    manifest = bench.manifest(shop())
    made = await plan(bench.client, manifest, bench.state, reconnect_calendar=True)
    (again,) = made.changes
    assert (again.verb, again.address) == (Verb.UPDATE, "calendar")
    assert [(one.path, one.after, one.secret) for one in again.differences] == [
        ("accessToken", HIDDEN, True)
    ]
    before = bench.writes()
    done = await apply(bench.client, manifest, approved=made.approval)
    assert [one.verb for one in done.done] == [Verb.UPDATE]
    assert bench.writes() == before + 1
    assert (await bench.plan(shop())).empty


@pytest.mark.asyncio
async def test_a_calendar_without_a_token_is_not_connected_again(bench: Workbench) -> None:
    await bench.apply(shop())
    manifest = bench.manifest(shop() | {"calendar": "existing"})
    with pytest.raises(ManifestError) as caught:
        await plan(bench.client, manifest, bench.state, reconnect_calendar=True)
    assert [(one.code, one.field) for one in caught.value.faults] == [
        ("needs_calendar", "calendar")
    ]
