"""PostgreSQL's disk is full, for true: a file system of its own, with nothing left on it."""

import asyncio
import contextlib
import secrets
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from outdial.embedded.postgres import EmbeddedPostgres
from tests.faults.rig.servers import Servers
from tests.faults.stage import ROUND_SECONDS, Lane, all_kept
from tests.faults.traffic import ACCEPTED, UNAVAILABLE, Client, at_work, rang_once
from tests.support.people import leads

SPEED = 120.0
DISK = "320m"
TEXT_BYTES = 2_000
"""Of random text, which doesn't compress: four leads need a page more."""


@contextlib.contextmanager
def _file_system() -> Iterator[Path]:
    """A small file system in memory, where this account may mount one."""
    folder = Path(tempfile.mkdtemp(prefix="outdial-disk-"))
    mounted = _run("mount", "-t", "tmpfs", "-o", f"size={DISK},mode=711", "outdial", folder)
    try:
        if not mounted:
            pytest.skip("this account may not mount a file system; SQLSTATE 53100 is tested apart")
        yield folder
    finally:
        if mounted:
            assert _run("umount", folder)
        folder.rmdir()


def _run(*command: str | Path) -> bool:
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0  # noqa: S603 -- mount and umount, on a folder of ours
    except OSError:
        return False


@pytest.fixture
def on_a_small_disk(own_servers: Servers) -> Iterator[Servers]:
    """A PostgreSQL on a file system of its own, and the Valkey of the other tests."""
    with _file_system() as folder:
        postgres = EmbeddedPostgres(directory=folder / "postgres", fast=True)
        made = Servers(folder, postgres, own_servers.valkey, own_servers.nursery)
        try:
            made.start()
            yield made
        finally:
            postgres.stop()


def _fill(folder: Path) -> Path:
    """Leave nothing of a file system."""
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as file:
        for size in (1 << 20, 1 << 12):
            with contextlib.suppress(OSError):
                while file.write(bytes(size)):
                    pass
    return filler


@pytest.mark.asyncio
async def test_the_disk_of_postgresql_is_full_for_a_while(
    on_a_small_disk: Servers, tmp_path: Path
) -> None:
    """No lead is taken in that could not be written, and no phone rings that is not on record."""
    servers = on_a_small_disk
    people = [{**one, "context": secrets.token_urlsafe(TEXT_BYTES)} for one in leads(40)]
    async with at_work(servers, home=tmp_path / "home", speed=SPEED) as rig:
        lane = await Lane.open(rig.system)
        client = Client(rig=rig, lane=lane)
        await client.post(people[:8])
        filler = _fill(servers.folder)
        posting = asyncio.create_task(client.post(people[8:]))

        async def turned_away() -> bool:
            return client.answers[UNAVAILABLE] > 0

        await rig.system.eventually("the API has nowhere to write to", turned_away)
        await asyncio.sleep(ROUND_SECONDS)
        filler.unlink()
        # It gave up, if what was to be written was its log.
        await asyncio.to_thread(servers.postgres.start)
        await posting
        assert client.answers[ACCEPTED] == len(people)
        assert "No space left on device" in (servers.folder / "postgres/postgres.log").read_text()
        await rang_once(lane, people)
        await all_kept(rig.system)
