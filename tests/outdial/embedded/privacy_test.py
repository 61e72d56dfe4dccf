"""PostgreSQL out of a wheel is durable, and lets in one role, by password, from this machine."""

import socket
import stat
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from outdial.embedded.accounts import Account, can_enter
from outdial.embedded.postgres import EmbeddedPostgres
from outdial.machine.processes import ProcessStamp
from tests.outdial.host import ROOT, ask, open_folder, server_root, walk


@dataclass(frozen=True, kw_only=True)
class Running:
    """A started server, which the tests of this file only look at."""

    server: EmbeddedPostgres
    url: str
    folder: Path


@pytest.fixture(scope="module")
def running() -> Iterator[Running]:
    """One server, as people have it."""
    with open_folder() as folder:
        server = EmbeddedPostgres(directory=folder / "postgres")
        try:
            yield Running(server=server, url=server.start(), folder=folder)
        finally:
            server.remove()


@pytest.mark.asyncio
async def test_a_first_start_gives_a_database_that_outdial_owns(running: Running) -> None:
    url = running.url
    assert make_url(url).drivername == "postgresql+asyncpg"
    assert make_url(url).port == running.server.port
    assert await ask(url, "SELECT current_user || '@' || current_database()") == "outdial@outdial"
    assert await ask(url, "CREATE TABLE t (a int)", "INSERT INTO t VALUES (7)", "TABLE t") == 7
    assert await ask(url, "SHOW server_encoding") == "UTF8"
    assert await ask(url, "SHOW data_checksums") == "on"
    assert await ask(url, "SHOW timezone") == "UTC"
    assert await ask(url, "SELECT lower('ÀÉ')") == "àé"
    assert str(await ask(url, "SHOW server_version")).startswith("18.")


@pytest.mark.asyncio
async def test_the_role_is_no_superuser_but_may_create_databases(
    running: Running,
) -> None:
    url = running.url
    rights = "SELECT rolsuper::text || rolcreatedb || rolcreaterole FROM pg_roles WHERE rolname ="
    assert await ask(url, f"{rights} 'outdial'") == "falsetruefalse"
    assert await ask(url, "SELECT rolcanlogin FROM pg_roles WHERE rolname = 'postgres'") is False


@pytest.mark.asyncio
@pytest.mark.parametrize("setting", ["fsync", "synchronous_commit", "full_page_writes"])
async def test_it_waits_for_the_disk(running: Running, setting: str) -> None:
    assert await ask(running.url, f"SHOW {setting}") == "on"


@pytest.mark.asyncio
@pytest.mark.parametrize("password", ["", "wrong"])
async def test_nobody_connects_without_the_password(running: Running, password: str) -> None:
    url = make_url(running.url)
    for user in ("outdial", "postgres"):
        for database in ("outdial", "postgres", "template1"):
            other = url.set(username=user, password=password, database=database)
            with pytest.raises((DBAPIError, OSError), match="password"):
                await ask(other.render_as_string(hide_password=False), "SELECT 1")


def test_there_is_no_trust_no_socket_file_and_no_other_address(
    running: Running,
) -> None:
    server, root = running.server, server_root(running.folder)
    data = next(path for path in walk(root) if path.name == "pg_hba.conf")
    lines = [line.split() for line in data.read_text().splitlines() if line and line[0] != "#"]
    assert {line[-1] for line in lines} == {"scram-sha-256"}
    assert not any(stat.S_ISSOCK(path.lstat().st_mode) for path in walk(root))
    assert not list(Path(tempfile.gettempdir()).glob(f".s.PGSQL.{server.port}*"))
    with socket.socket() as other, pytest.raises(ConnectionRefusedError):
        other.connect(("127.0.0.2" if sys.platform == "linux" else own_address(), server.port))


def own_address() -> str:
    """An address of this machine that isn't loopback."""
    return socket.gethostbyname(socket.gethostname())


def test_the_data_is_closed_to_everyone_else(running: Running) -> None:
    root = server_root(running.folder)
    assert stat.S_IMODE((root / "data").stat().st_mode) == 0o700
    for path in root.iterdir():
        if path.is_file():
            assert stat.S_IMODE(path.stat().st_mode) == 0o600, path
    assert stat.S_IMODE((running.folder / "postgres" / "password").stat().st_mode) == 0o600
    assert not (root / "initdb.password").exists()
    for stranger in (Account(uid=12345, gid=12345, name="stranger"),) if ROOT else ():
        assert not can_enter(stranger, root)


def test_the_password_is_on_no_command_line_and_in_no_log(
    running: Running,
) -> None:
    password = make_url(running.url).password
    stamp = ProcessStamp.of(running.server.pid)
    assert password is not None
    assert stamp is not None
    assert password not in stamp.command()
    assert password not in (server_root(running.folder) / "postgres.log").read_text()
