"""A plan in a file is what one person read and what another applies."""

import stat
from pathlib import Path

import pytest

from provision.applying import apply
from provision.errors import (
    OutdatedPlanError,
)
from provision.planning import plan
from provision.saved import PLAN_BYTES, PlanUnusableError, read_plan, write_plan
from tests.provision.workbench import Workbench, shop


@pytest.mark.asyncio
async def test_a_saved_plan_is_applied_as_it_was_read(bench: Workbench) -> None:
    made = await bench.plan(shop())
    path = bench.path.with_name("plan.json")
    write_plan(path, made)
    approval, told = read_plan(path)
    assert told == made.as_json()
    assert approval == made.approval
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    await apply(bench.client, bench.manifest(shop()), approved=approval)
    with pytest.raises(OutdatedPlanError) as caught:
        await apply(bench.client, bench.manifest(shop()), approved=approval)
    assert caught.value.changed == "state"


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": "outdial-agents-plan"}'])
def test_what_is_no_plan_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "plan.json"
    path.write_text(text)
    with pytest.raises(PlanUnusableError, match="not a plan"):
        read_plan(path)


def test_a_plan_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PlanUnusableError, match="can't be read"):
        read_plan(tmp_path / "plan.json")


def test_a_huge_plan_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    path.write_bytes(b" " * (PLAN_BYTES + 1))
    with pytest.raises(PlanUnusableError, match="larger"):
        read_plan(path)


@pytest.mark.asyncio
async def test_a_plan_takes_the_place_of_nothing(bench: Workbench) -> None:
    made = await bench.plan(shop())
    path = bench.path.with_name("plan.json")
    write_plan(path, made)
    before = path.read_bytes()
    with pytest.raises(PlanUnusableError, match="exists already"):
        write_plan(path, made)
    assert path.read_bytes() == before


@pytest.mark.asyncio
async def test_a_saved_plan_remembers_that_the_calendar_is_to_be_connected_again(
    bench: Workbench,
) -> None:
    await bench.apply(shop())
    manifest = bench.manifest(shop())
    made = await plan(bench.client, manifest, bench.state, reconnect_calendar=True)
    path = bench.path.with_name("plan.json")
    write_plan(path, made)
    approval, _ = read_plan(path)
    done = await apply(bench.client, manifest, approved=approval)
    assert [one.address for one in done.done] == ["calendar"]
