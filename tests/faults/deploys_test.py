"""A deploy: old workers drain while new ones dial, and the schema changes under both.

There is one release in a checkout. The next one is stood in for by the same code with one more
migration, run from a folder of its own, as a deploy would install it.
"""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import httpx2
import pytest
import pytest_asyncio

from dialer.store import engine, version
from dialer.store.engine import LOCK_TIMEOUT
from tests.faults.stage import Lane, all_kept, api_of, lend
from tests.support.people import leads
from tests.support.processes import first_line
from tests.support.sandbox import ROOT
from tests.support.system import System

SPEED = 120
STALE_SCHEMA = 4
START_SECONDS = 60
PACKAGES = ("dialer", "outdial", "partner", "provision", "sandbox", "service", "workers")

NEXT_RELEASE = '''"""What a next release may well do: columns, an index, a table."""

import sqlalchemy as sa
from alembic import op

revision = "next"
down_revision = "{newest}"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("calls", "leads", "campaigns"):
        op.add_column(
            table, sa.Column("note", sa.Text(), server_default=sa.text("''"), nullable=False)
        )
    op.create_index("ix_calls_note", "calls", ["organization_id", "note"])
    op.create_table("notes", sa.Column("id", sa.Uuid(), primary_key=True))
'''


@pytest_asyncio.fixture(loop_scope="session")
async def system(template: str, redis_url: str, tmp_path: Path) -> AsyncIterator[System]:
    """A system without workers."""
    home = tmp_path / "home"
    async with lend(template, redis_url=redis_url, home=home, speed=SPEED) as lent:
        yield lent


@pytest.mark.asyncio
async def test_sigterm_during_a_post_waits_for_the_answer_and_records_it(system: System) -> None:
    lane = await Lane.open(system)
    people = leads(4)
    system.sandbox.set_latency(call_ms=1500)
    worker = system.start_worker()
    await system.post(lane.campaign_id, people)
    await lane.until_rung(4)
    assert await lane.called("dialing") == 4
    assert await _stop(worker) == 0
    assert await lane.called("placed", "live", "ended") == 4
    assert not await lane.told("call.unknown")
    system.sandbox.set_latency(call_ms=0)
    system.start_worker()
    await _assert_each_rang_once(lane, len(people))


@pytest.mark.asyncio
async def test_sigterm_during_a_post_that_outlasts_the_drain_leaves_the_ring_to_be_found(
    system: System,
) -> None:
    """The guard: nobody sends what was armed; the next worker proves the first one dead."""
    lane = await Lane.open(system)
    people = leads(4)
    system.sandbox.set_latency(call_ms=4000)
    worker = system.start_worker(OUTDIAL_DRAIN_SECONDS="1")
    await system.post(lane.campaign_id, people)
    await lane.until_rung(4)
    assert await _stop(worker) == 0
    assert await lane.called("dialing", "unknown") == 4
    system.sandbox.set_latency(call_ms=0)
    system.start_worker()
    await _assert_each_rang_once(lane, len(people))
    assert len(await lane.told("call.unknown")) == 4


@pytest.mark.asyncio
async def test_a_deploy_with_old_and_new_workers_side_by_side_rings_each_phone_once(
    system: System,
) -> None:
    """Both dial one lane at once; then the old one drains while the new one goes on."""
    lane = await Lane.open(system)
    people = leads(24)
    system.sandbox.set_latency(call_ms=500)
    # So few at once that the old one can't have claimed all before the new one has started.
    old = system.start_worker(OUTDIAL_CALLS_IN_FLIGHT="3")
    await system.post(lane.campaign_id, people)
    await lane.until_rung(3)
    new = system.start_worker(OUTDIAL_CALLS_IN_FLIGHT="3")

    async def both_dial() -> bool:
        return len({call["worker"] for call in await lane.calls() if call["armed_at"]}) == 2

    await system.eventually("both dial", both_dial)
    assert await _stop(old) == 0
    assert new.poll() is None
    await _assert_each_rang_once(lane, len(people))
    assert not await lane.told("call.unknown")


@pytest.mark.asyncio
async def test_a_worker_and_an_api_of_another_schema_refuse_to_start_while_the_right_ones_dial(
    system: System,
) -> None:
    """Only the label of the schema is changed, both ways; a running worker doesn't ask again."""
    lane = await Lane.open(system, calls_per_minute=4)
    system.start_worker()
    await system.post(lane.campaign_id, leads(20))
    await lane.until_rung(1)
    right = version.newest()
    for label in ("0005", "9999"):
        await _label(system, label)
        ended = await asyncio.gather(
            _run(system, "-m", "workers"), _run(system, "-m", "service", "--port", "0")
        )
        assert set(ended) == {STALE_SCHEMA}
    rung = len(await lane.rings())
    await _label(system, right)
    assert rung > 1
    await _assert_each_rang_once(lane, 20)
    assert len({call["worker"] for call in await lane.calls()}) == 1


async def _label(system: System, revision: str) -> None:
    async with system.context.engine.begin() as conn:
        await engine.run(conn, "UPDATE alembic_version SET version_num = :to", to=revision)


@pytest.mark.asyncio
async def test_a_migration_under_load_loses_nobody_and_rings_nobody_twice(
    system: System, tmp_path: Path
) -> None:
    """The order of a deploy: migrate while the old programs run, start the new, drain the old.

    Leads keep coming through the API, and calls are in the air. Somebody's long report first
    makes the migration give way, by a deadlock, and then holds it up for longer than a statement
    waits for a lock, so that arms, claims and records pile up behind it and time out. Going back
    under load is not promised, so it isn't tried.
    """
    released = _next_release(tmp_path / "next")
    lane = await Lane.open(system, calls_per_minute=4)
    people = leads(30)
    system.sandbox.set_latency(call_ms=700)
    old = system.start_worker()
    async with api_of(system) as api:
        posting = asyncio.create_task(_post_one_by_one(api, lane, people[:24]))
        await lane.until_rung(4)
        assert await _run(system, "-m", "workers", cwd=released) == STALE_SCHEMA
        assert await _migrate_behind_a_report(system, released) == 0
        assert await _run(system, "-m", "workers") == STALE_SCHEMA
        await posting
        new = await asyncio.to_thread(_start, system, released)
        assert await _stop(old) == 0
        await _post_one_by_one(api, lane, people[24:])
    await _assert_each_rang_once(lane, len(people))
    assert len({call["worker"] for call in await lane.calls()}) == 2
    assert new.poll() is None


def _next_release(folder: Path) -> Path:
    folder.mkdir()
    for package in PACKAGES:
        (folder / package).symlink_to(ROOT / package)
    versions = folder / "migrations" / "versions"
    versions.mkdir(parents=True)
    for path in (ROOT / "migrations").iterdir():
        if path.is_file():
            (versions.parent / path.name).symlink_to(path)
    for path in (ROOT / "migrations" / "versions").glob("*.py"):
        (versions / path.name).symlink_to(path)
    (versions / "next_release.py").write_text(NEXT_RELEASE.format(newest=version.newest()))
    return folder


async def _migrate_behind_a_report(system: System, released: Path) -> int:
    code = "from outdial.main import run; run()"
    async with system.context.engine.connect() as report:
        await engine.rows(report, "SELECT count(*) FROM leads")
        migrating = asyncio.create_task(_run(system, "-c", code, "migrate", cwd=released))

        async def waits() -> bool:
            return bool(await system.rows(_WAITS_FOR_ALL))

        await system.eventually("the migration waits for the leads", waits)
        # It has the calls already; whoever has waited for a second first, gives way.
        await engine.rows(report, "SELECT count(*) FROM calls")

        async def waits_again() -> bool:
            return migrating.done() or await waits()

        await system.eventually("the migration waits for the calls", waits_again)
        await asyncio.sleep(float(LOCK_TIMEOUT.removesuffix("s")) + 0.5)
    return await migrating


_WAITS_FOR_ALL = "SELECT 1 FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND NOT granted"


async def _post_one_by_one(
    api: httpx2.AsyncClient, lane: Lane, people: list[dict[str, object]]
) -> None:
    """Send each lead until it is accepted, as a client does who was told to try again."""
    for lead in people:
        body = {"campaign_id": str(lane.campaign_id), **lead}
        once = {"Idempotency-Key": str(lead["external_id"])}

        async def accepted(body: object = body, once: object = once) -> bool:
            return await _ask(api, "POST", "/v1/leads", json=body, headers=once) == 202

        await lane.system.eventually("the lead is accepted", accepted)
        await _ask(api, "GET", f"/v1/campaigns/{lane.campaign_id}")
        await _ask(api, "GET", f"/v1/leads?campaign_id={lane.campaign_id}")
        await asyncio.sleep(0.1)


async def _ask(api: httpx2.AsyncClient, method: str, where: str, **told: Any) -> int:  # noqa: ANN401 -- a request's parts differ
    answer = await api.request(method, where, **told)
    assert answer.status_code in {200, 202, 503}, answer.text
    return answer.status_code


async def _assert_each_rang_once(lane: Lane, count: int) -> None:
    await lane.until_over()
    assert await lane.leads() == {"done": count}
    assert await lane.phones() == sorted(str(lead["phone"]) for lead in leads(count))
    await all_kept(lane.system)


async def _stop(worker: "subprocess.Popen[bytes]") -> int:
    worker.send_signal(signal.SIGTERM)
    return await asyncio.to_thread(worker.wait, 45)


async def _run(system: System, *arguments: str, cwd: Path = ROOT) -> int:
    """Run a program of ours to its end; its exit code."""
    done = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, *arguments],
        cwd=cwd,
        env=_environment(system),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=START_SECONDS,
        check=False,
    )
    return done.returncode


def _start(system: System, cwd: Path) -> "subprocess.Popen[bytes]":
    """Start a worker of another release, and wait until it is ready."""
    process = subprocess.Popen(
        [sys.executable, "-m", "workers"],
        cwd=cwd,
        env=_environment(system),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    system.workers.append(process)
    with process.stdout or contextlib.nullcontext():
        first_line(process.stdout)
    return process


def _environment(system: System) -> Mapping[str, str]:
    return {**os.environ, **system.environment}
