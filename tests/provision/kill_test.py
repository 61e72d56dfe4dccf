"""An apply killed at any moment and run again ends as if nothing had happened."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.provision.killed import STOPPED
from tests.provision.workbench import ENVIRON, Workbench, shop, transfer
from tests.support.sandbox import ROOT, SandboxProcess

MOST_EVENTS = 100
SHARES = 4
"""Each of so many tests takes every fourth event: they can run side by side."""
CREATED = {"tools": 2, "files": 1, "agents": 2}


class Executioner:
    """Starts applies that are killed at a given event."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.provision.killed"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def apply(self, bench: Workbench, declared: dict[str, Any], **when: object) -> int:
        """Apply, killed at the event ``at`` or at the first of a ``phase``; how it ended."""
        bench.manifest(declared)
        order = {
            "manifest": str(bench.path),
            "environ": ENVIRON,
            "key": bench.key,
            "base_url": bench.sandbox.base_url,
            **when,
        }
        if self._process.stdin is None or self._process.stdout is None:
            raise RuntimeError("the program has no pipes")
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())

    def close(self) -> None:
        """End the program."""
        self._process.communicate(timeout=30)


@pytest.fixture(scope="module")
def executioner() -> Iterator[Executioner]:
    started = Executioner()
    yield started
    started.close()


@pytest.fixture(autouse=True)
def no_faults(sandbox: SandboxProcess) -> Iterator[None]:
    """Lift what a test has set, however it ends."""
    yield
    sandbox.clear_faults()


def changed() -> dict[str, Any]:
    """The shop after a change that needs every kind of action."""
    declared = shop()
    tools, agents = declared["tools"], declared["agents"]
    tools["dispatcher"] = transfer("Dispatch", "+12125550159")
    tools["owner"] = tools.pop("office") | transfer("Owner", "+12125550152")
    agents["desk"] = agents["desk"] | {"type": "OUTBOUND", "tools": ["owner"]}
    del agents["desk"]["activatedHours"]
    agents["caller"] |= {"customInstructions": "Be brief.", "onDuty": False}
    agents["night"] = {"name": "Night", "type": "INBOUND", "conversationFlow": "Answer."}
    return declared


def counted(world: dict[str, Any]) -> dict[str, int]:
    """How many things there are of each kind that the manifest makes."""
    owned = [one for one in world["tools"] if one[0]]
    transfers = [one for one in world["tools"] if one[1] == "transferCall"]
    assert len(owned) == len(transfers), transfers
    return {"tools": len(owned), "files": len(world["files"]), "agents": len(world["agents"])}


async def expected(sandbox: SandboxProcess, folder: Path, *, then_changed: bool) -> dict[str, Any]:
    """The world after runs that nobody interrupts."""
    async with Workbench.new(sandbox, folder) as bench:
        await bench.apply(shop())
        if then_changed:
            bench.prices("# New prices\n")
            await bench.apply(changed())
        return await bench.world()


@pytest.mark.asyncio
@pytest.mark.parametrize("share", range(SHARES))
async def test_killed_at_any_event_of_a_first_apply(
    sandbox: SandboxProcess, tmp_path: Path, executioner: Executioner, share: int
) -> None:
    wanted = await expected(sandbox, tmp_path / "whole", then_changed=False)
    assert counted(wanted) == CREATED
    for at in range(1 + share, MOST_EVENTS, SHARES):
        async with Workbench.new(sandbox, tmp_path / str(at)) as bench:
            ended = executioner.apply(bench, shop(), at=at)
            if ended == 0:
                break
            assert ended == -signal.SIGKILL
            await bench.apply(shop())
            assert await bench.world() == wanted, at
            assert (await bench.plan(shop())).empty, at
    assert 25 < at < MOST_EVENTS - SHARES


@pytest.mark.asyncio
@pytest.mark.parametrize("share", range(SHARES))
async def test_killed_at_any_event_of_a_change(
    sandbox: SandboxProcess, tmp_path: Path, executioner: Executioner, share: int
) -> None:
    wanted = await expected(sandbox, tmp_path / "whole", then_changed=True)
    for at in range(1 + share, MOST_EVENTS, SHARES):
        async with Workbench.new(sandbox, tmp_path / str(at)) as bench:
            await bench.apply(shop())
            bench.prices("# New prices\n")
            ended = executioner.apply(bench, changed(), at=at)
            if ended == 0:
                break
            assert ended == -signal.SIGKILL
            await bench.apply(changed())
            assert await bench.world() == wanted, at
            assert (await bench.plan(changed())).empty, at
    assert 25 < at < MOST_EVENTS - SHARES


@pytest.mark.asyncio
@pytest.mark.parametrize("route", ["tools", "files", "agents"])
async def test_killed_while_the_answer_was_lost(
    sandbox: SandboxProcess, tmp_path: Path, executioner: Executioner, route: str
) -> None:
    wanted = await expected(sandbox, tmp_path / "whole", then_changed=False)
    async with Workbench.new(sandbox, tmp_path) as bench:
        sandbox.fault("lost_answer", route=route, count=1)
        assert executioner.apply(bench, shop(), phase="lost") == -signal.SIGKILL
        made = await bench.plan(shop())
        adopted = [one for one in made.changes if one.verb == "adopt"]
        assert len(adopted) == 1
        assert "interrupted" in adopted[0].reason
        await bench.apply(shop())
        assert await bench.world() == wanted
        assert (await bench.plan(shop())).empty


@pytest.mark.asyncio
@pytest.mark.parametrize("route", ["tools", "files", "agents", "integrations"])
@pytest.mark.parametrize("skipped", [0, 1, 2])
async def test_a_lost_answer_makes_nothing_twice(
    sandbox: SandboxProcess, tmp_path: Path, executioner: Executioner, route: str, skipped: int
) -> None:
    wanted = await expected(sandbox, tmp_path / "whole", then_changed=False)
    async with Workbench.new(sandbox, tmp_path) as bench:
        sandbox.fault("lost_answer", route=route, count=1 + skipped)
        runs = 0
        while executioner.apply(bench, shop()) == STOPPED:
            runs += 1
            assert runs < 5
        assert await bench.world() == wanted
        assert (await bench.plan(shop())).empty
