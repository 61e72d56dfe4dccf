"""PostgreSQL is put back to an older copy of itself under the feet of living workers."""

import asyncio
import shutil
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from tests.faults.books import read
from tests.faults.promises import broken
from tests.faults.rig.rig import Rig
from tests.faults.rig.servers import Servers
from tests.faults.stage import Lane
from tests.faults.traffic import Client, at_work
from tests.support.people import leads
from tests.support.system import balanced

SPEED = 360.0
PEOPLE = 16
MORNING = "2026-03-03T18:00:00Z"
HAWAII = ("808",)
"""Where it is eight then: thirteen hours until nobody may be called, two minutes and more here."""


class _Backup:
    """A copy of a server's data folder."""

    def __init__(self, servers: Servers) -> None:
        self._server = servers.postgres
        self._data = next(servers.folder.rglob("data/global")).parent
        self._kept = self._data.with_name("kept")

    def make(self) -> None:
        """Copy what the server has written, while it is stopped."""
        self._server.stop()
        shutil.copytree(self._data, self._kept, copy_function=_copy)
        owner = self._data.stat()
        for path in (self._kept, *self._kept.rglob("*")):
            shutil.chown(path, owner.st_uid, owner.st_gid)
        self._server.start()

    def put_back(self) -> None:
        """Let the server run on the copy."""
        self._server.stop()
        shutil.rmtree(self._data)
        self._kept.rename(self._data)
        self._server.start()


def _copy(source: str, target: str) -> str:
    return str(shutil.copy2(source, target))


async def _rung(rig: Rig, least: int) -> None:
    async def enough() -> bool:
        return len(rig.sandbox.rings()) >= least

    await rig.system.eventually(f"{least} phones ring", enough)


async def _told(rig: Rig, name: str) -> int:
    return len(await rig.system.rows("SELECT id FROM events WHERE name = :name", name=name))


@pytest.mark.asyncio
async def test_postgresql_is_restored_from_a_copy_while_workers_live(
    own_servers: Servers, tmp_path: Path
) -> None:
    """Calls that the copy doesn't know are found in the history before anybody dials again.

    The guard: a worker that has seen more than the database says arms nothing, and the first to
    notice quarantines the organization. A worker that starts later asks what was kept outside.
    """
    backup = _Backup(own_servers)
    people = leads(PEOPLE, codes=HAWAII)
    home = tmp_path / "home"
    async with at_work(own_servers, home=home, speed=SPEED, start=MORNING) as rig:
        # Few at once: a breaker that counts what the database spoilt would rest half a minute.
        lane = await Lane.open(rig.system, concurrency=3, absence_proof="balanced")
        await Client(rig=rig, lane=lane).post(people)
        await _rung(rig, PEOPLE // 4)
        await asyncio.to_thread(backup.make)
        known = len(rig.sandbox.rings())
        await _rung(rig, known + PEOPLE // 4)
        rig.workers[1].kill()
        await asyncio.to_thread(backup.put_back)
        await rig.start(rig.workers[1])
        await lane.until_over()
        assert await lane.leads() == {"done": PEOPLE}
        times = Counter(ring["phone"] for ring in rig.sandbox.rings())
        assert times == {str(person["phone"]): 1 for person in people}
        assert await _told(rig, "organization.restored") == 1
        assert await _told(rig, "organization.recovered") == 1
        await _all_kept(rig)


async def _all_kept(rig: Rig) -> None:
    """Every ring is linked to a call, and all that is on record is as promised."""
    assert all(balanced(row) for row in await rig.system.ledger())
    books = await read(rig.system)
    linked = {call["partner_call_id"] for call in books.calls}
    assert {ring["call_id"] for ring in books.rings} <= linked
    # The audit went back, too: it knows nothing of the arms that were made since the copy.
    armed = {str(line["id"]) for line in books.audit if line["now"] == "dialing"}
    told = [ring for ring in books.rings if ring["request_id"] in armed]
    assert len(told) < PEOPLE
    assert not broken(replace(books, rings=told))
