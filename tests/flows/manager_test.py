"""A campaign manager's whole path on the command line: from a list to the better variant."""

import asyncio
import csv
import json
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from dialer.pipeline.access import setup
from tests.outdial.serving import run
from tests.support.processes import running
from tests.support.system import System, running_system

NAME = "Spring roofs"
PEOPLE = 40
HAWAIIAN = "+18085550142"
"""Half past seven in the morning there, when it is half past noon in New York."""


@dataclass(frozen=True)
class Desk:
    """A manager with a shell, and nothing else."""

    system: System
    url: str
    key: str

    async def says(self, *arguments: str, code: int = 0) -> str:
        """Run `outdial` as a person; what it prints."""
        found = await asyncio.to_thread(
            run, *arguments, OUTDIAL_URL=self.url, OUTDIAL_API_KEY=self.key
        )
        assert found.exit_code == code, found.output
        return found.output

    async def reads(self, *arguments: str) -> Any:  # noqa: ANN401 -- whatever JSON holds
        """Run `outdial` as a program; what it prints as JSON."""
        return json.loads(await self.says(*arguments, "--json"))

    async def done(self, least: int) -> bool:
        """Whether so many leads of the campaigns are done."""
        rows = await self.reads("campaigns", "list")
        done: int = sum(row["buckets"]["done"] for row in rows if row["buckets"])
        return done >= least


@pytest_asyncio.fixture(loop_scope="session")
async def desk(database_url: str, redis_url: str, tmp_path: Path) -> AsyncIterator[Desk]:
    """A running system, at half past noon in New York, sixty times as fast."""
    async with running_system(
        database_url=database_url, redis_url=redis_url, home=tmp_path, speed=60
    ) as system:
        system.sandbox.set_outcomes({"answered_interested": 0.5, "no_answer": 0.5})
        key = await setup.mint_key(
            system.context, organization_id=system.organization_id, name="manager"
        )
        with running("service", "--port", "0", environment=system.environment) as ready:
            system.start_worker()
            yield Desk(system, ready["url"], key)


def _write_list(path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["Phone Number", "Name", "Id"])
        rows.writerows([f"(212) 555-01{n:02d}", f"Person {n}", f"row-{n}"] for n in range(PEOPLE))
        rows.writerow([HAWAIIAN, "Keola Example", "row-west"])
        rows.writerow(["not a number", "Nobody", "row-bad"])


@pytest.mark.asyncio
async def test_a_manager_goes_from_a_list_to_the_better_variant_on_the_command_line(
    desk: Desk, tmp_path: Path
) -> None:
    file, plan = tmp_path / "list.csv", tmp_path / "plan.json"
    _write_list(file)
    plan.write_text(json.dumps({"cadence": {"max_attempts": 1}, "price_per_minute": 0.1}))
    ids = ("--business", "biz_demo", "--agent", "agent_demo", "--pace", "30")
    await desk.says("campaigns", "create", NAME, *ids, "--plan", str(plan))
    for variant, words in (("Short", "Be brief."), ("Warm", "Take your time.")):
        await desk.says("variants", "add", NAME, variant, "--context", words)

    # A list: the row that can't be called is written aside, and nothing else is lost.
    told = await desk.says("leads", "import", str(file), "--campaign", NAME)
    assert "phone.no_digits" in told
    assert await _count(desk) == PEOPLE + 1

    # The preflight says who can be called when, for how long and for how much; nobody rings.
    seen = await desk.reads("campaigns", "preflight", NAME)
    assert (seen["leads"], seen["now"]) == (PEOPLE + 1, PEOPLE)
    assert seen["later"] == [{"reason": "outside_calling_hours", "leads": 1}]
    assert seen["cost"]["most"] > seen["cost"]["least"] > 0
    assert desk.system.sandbox.rings() == []

    await desk.says("campaigns", "start", NAME)
    await desk.system.eventually("a few are done", lambda: desk.done(4))

    # Why one waits: the hour where they live, and when it opens.
    west = await desk.reads("leads", "list", "--phone", HAWAIIAN)
    (lead,) = west
    why = await desk.reads("why", lead["id"])
    assert why["blocks"]["gate"] == "calling_hours"
    assert why["next_at"].startswith("2026-03-03T18:00")
    assert "outside the hours" in await desk.says("why", lead["id"])

    # The pace, while it runs; a pause that proves itself.
    edited = await desk.says("campaigns", "edit", NAME, "calls_per_minute=60", "weight=2")
    assert "version 2" in edited
    assert "calls_per_minute: 30 -> 60" in await desk.says("campaigns", "versions", NAME)
    stopped = await desk.reads("pause")
    rung = len(desk.system.sandbox.rings())
    await asyncio.sleep(1.5)
    assert len(desk.system.sandbox.rings()) == rung
    assert stopped["last_ring_at"] is not None
    assert "paused" in (await desk.says("why", "--campaign", NAME))
    await desk.says("resume")
    await desk.system.eventually("all of them are done", lambda: desk.done(PEOPLE))

    # Everybody who didn't answer is called again, as a campaign of its own.
    outcomes = Counter(
        row["last_outcome"] for row in await desk.system.rows("SELECT last_outcome FROM leads")
    )
    await desk.says("campaigns", "redial", NAME, "--outcome", "no_answer", "--start")
    again = PEOPLE + outcomes["no_answer"]
    await desk.system.eventually("they are called again", lambda: desk.done(again))
    rings = Counter(ring["phone"] for ring in desk.system.sandbox.rings())
    assert sum(rings.values()) >= again
    assert max(rings.values()) == 2

    # The two variants side by side.
    compared = await desk.reads("variants", "list", NAME)
    assert [item["variant"]["name"] for item in compared["items"]] == ["Short", "Warm"]
    assert sum(item["called"] for item in compared["items"]) >= PEOPLE
    assert "Short" in await desk.says("variants", "list", NAME)


async def _count(desk: Desk) -> int:
    (row,) = await desk.system.rows("SELECT count(*) AS n FROM leads")
    return int(row["n"])
