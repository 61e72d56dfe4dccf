"""Steps that fail say so, lose nothing, and are done by the next run."""

import pytest

from provision.applying import apply
from provision.errors import (
    OutdatedPlanError,
    StepFailedError,
)
from provision.events import Event, Phase
from provision.plan import Verb
from tests.provision.workbench import Workbench, did, shop


@pytest.mark.asyncio
async def test_a_step_that_fails_says_which_and_why(bench: Workbench) -> None:
    bench.sandbox.fault("assistant_failed", count=1)
    with pytest.raises(StepFailedError) as caught:
        await bench.apply(shop())
    error = caught.value
    assert (error.address, error.verb, error.done, error.left) == ("agents.caller", "create", 4, 5)
    assert error.outcome == "unknown"
    assert "run again" in str(error)
    await bench.apply(shop())
    assert (await bench.plan(shop())).empty
    assert len((await bench.world())["agents"]) == 2


@pytest.mark.asyncio
async def test_a_refused_create_leaves_no_intent(bench: Workbench) -> None:
    bench.sandbox.fault("calendar_not_shared", count=1)
    declared = shop()
    with pytest.raises(StepFailedError, match="shared") as caught:
        await bench.apply(declared)
    assert caught.value.outcome == "refused"
    await bench.apply(declared)
    assert bench.kept.creating == {}


@pytest.mark.asyncio
async def test_a_file_that_takes_too_long_costs_nothing(bench: Workbench) -> None:
    bench.sandbox.fault("file_slow", count=1, seconds=3_600)
    manifest = bench.manifest(shop())
    with pytest.raises(StepFailedError, match="not ready") as caught:
        await apply(bench.client, manifest, file_timeout=0.01)
    assert caught.value.outcome == "not_ready"
    await apply(bench.client, manifest)
    world = await bench.world()
    assert len(world["files"]) == 1
    assert (await bench.plan(shop())).empty


@pytest.mark.asyncio
async def test_a_file_that_failed_is_uploaded_again_and_the_failed_one_deleted(
    bench: Workbench,
) -> None:
    bench.sandbox.fault("file_failed", count=2)
    for _ in range(2):
        with pytest.raises(StepFailedError) as caught:
            await bench.apply(shop())
        assert caught.value.outcome == "file_failed"
        assert len((await bench.world())["files"]) <= 2
    made = await bench.plan(shop())
    assert (Verb.REPLACE, "files.prices") in did(made)
    await bench.apply(shop())
    assert [one[3] for one in (await bench.world())["files"]] == ["ready"]
    assert (await bench.plan(shop())).empty


@pytest.mark.asyncio
async def test_a_file_that_changed_since_is_not_sent(bench: Workbench) -> None:
    manifest = bench.manifest(shop())
    bench.prices("# Written meanwhile\n")
    with pytest.raises(OutdatedPlanError, match=r"prices\.md was changed"):
        await apply(bench.client, manifest)
    assert (await bench.world())["files"] == []


@pytest.mark.asyncio
async def test_what_the_upstream_asks_to_be_sent_later_is_sent_later(bench: Workbench) -> None:
    waited: list[str] = []

    def watch(event: Event) -> None:
        if event.phase is Phase.SENDING and event.action.address == "tools.office":
            bench.sandbox.fault("rate_limit", route="tools", count=2, retry_after="0")
        if event.phase is Phase.WAITING:
            waited.append(event.action.address)

    await bench.apply(shop(), watch)
    assert waited.count("tools.office") == 2
    owned = [name for name, _ in (await bench.world())["tools"] if name]
    assert owned == ["tools.dispatcher", "tools.office"]
