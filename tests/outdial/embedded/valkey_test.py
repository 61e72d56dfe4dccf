"""Valkey out of a wheel: private, kept over a restart, adopted or replaced after a kill."""

import json
import os
import signal
import socket
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
from redis.exceptions import AuthenticationError

from outdial.embedded.postgres import EmbeddedPostgres
from outdial.embedded.valkey import EmbeddedValkey
from outdial.machine.processes import ProcessStamp
from tests.outdial.host import ROOT, modes, run_python

KILL = ((signal.SIGKILL, 10.0),)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[EmbeddedValkey]:
    """A server, not yet started."""
    made = EmbeddedValkey(directory=tmp_path / "valkey")
    yield made
    made.remove()


def ask(url: str, *words: str) -> object:
    """Runs one command."""
    with redis.Redis.from_url(url, decode_responses=True, socket_timeout=5) as client:
        answer: object = client.execute_command(*words)
        return answer


def test_it_answers_and_never_drops_what_it_accepted(server: EmbeddedValkey) -> None:
    url = server.start()
    assert ask(url, "SET", "a", "7") is True
    assert ask(url, "GET", "a") == "7"
    for name, value in {
        "appendonly": "yes",
        "appendfsync": "everysec",
        "maxmemory-policy": "noeviction",
        "bind": "127.0.0.1",
    }.items():
        assert ask(url, "CONFIG", "GET", name) == [name, value]


def test_what_it_holds_survives_a_stop(server: EmbeddedValkey) -> None:
    url = server.start()
    ask(url, "SET", "a", "7")
    server.stop()
    assert not server.running()
    assert server.pid == 0
    assert server.start() == url
    assert ask(url, "GET", "a") == "7"


def test_a_fresh_start_has_a_fresh_password(server: EmbeddedValkey, tmp_path: Path) -> None:
    url = server.start()
    ask(url, "SET", "a", "7")
    server.stop()
    later = EmbeddedValkey(directory=tmp_path / "valkey")
    other = later.start()
    try:
        assert other.partition("@")[0] != url.partition("@")[0]
        assert ask(other, "GET", "a") == "7"
    finally:
        later.stop()


@pytest.mark.parametrize("secret", ["", ":wrong@"])
def test_nobody_gets_in_without_the_password(server: EmbeddedValkey, secret: str) -> None:
    server.start()
    with pytest.raises(AuthenticationError):
        ask(f"redis://{secret}127.0.0.1:{server.port}/0", "PING")


def test_the_password_is_on_no_command_line(server: EmbeddedValkey, tmp_path: Path) -> None:
    password = server.start().partition("@")[0].removeprefix("redis://:")
    stamp = ProcessStamp.of(server.pid)
    assert stamp is not None
    assert password not in stamp.command()
    record = tmp_path / "valkey" / "server.json"
    assert password in record.read_text()
    assert stat.S_IMODE(record.stat().st_mode) == 0o600


@pytest.mark.skipif(not ROOT, reason="only root runs servers as another account")
def test_root_runs_it_as_another_account_and_opens_no_folder(tmp_path: Path) -> None:
    before = modes(tmp_path, Path("/var/lib"), Path(sys.prefix))
    said: list[str] = []
    server = EmbeddedValkey(directory=tmp_path / "valkey", announce=said.append)
    try:
        server.start()
        assert Path(f"/proc/{server.pid}").stat().st_uid != 0
        assert modes(tmp_path, Path("/var/lib"), Path(sys.prefix)) == before
        # pytest's own folder is private, so the data had to move, which is said once.
        assert len(said) == 1
    finally:
        server.remove()
    assert modes(tmp_path, Path("/var/lib"), Path(sys.prefix)) == before


def test_a_server_whose_parent_was_killed_is_adopted(tmp_path: Path) -> None:
    left = json.loads(run_python("tests.outdial.embedded.left_behind", str(tmp_path)).stdout)
    server = EmbeddedValkey(directory=tmp_path / "valkey")
    try:
        assert server.start() == left["valkey"]
        assert server.pid == left["valkey_pid"]
        server.stop()
        assert ProcessStamp.of(left["valkey_pid"]) is None
    finally:
        server.remove()
        end_postgres(tmp_path, left["postgres_pid"])


def end_postgres(folder: Path, pid: int) -> None:
    """Ends the other orphan and removes its data."""
    other = EmbeddedPostgres(directory=folder / "postgres", fast=True)
    other.start()
    assert other.pid == pid
    other.remove()


def test_a_killed_server_is_replaced_at_the_same_address(server: EmbeddedValkey) -> None:
    url = server.start()
    stamp = ProcessStamp.of(server.pid)
    assert stamp is not None
    assert stamp.end(KILL)
    assert not server.running()
    assert server.start() == url
    assert server.pid != stamp.pid


def test_an_orphan_that_does_not_answer_is_replaced(
    server: EmbeddedValkey, tmp_path: Path
) -> None:
    server.start()
    frozen = ProcessStamp.of(server.pid)
    assert frozen is not None
    os.kill(frozen.pid, signal.SIGSTOP)
    later = EmbeddedValkey(directory=tmp_path / "valkey")
    try:
        assert ask(later.start(), "PING") is True
        assert later.pid != frozen.pid
        assert not frozen.running()
    finally:
        later.stop()


def test_a_record_of_nonsense_is_as_good_as_none(server: EmbeddedValkey, tmp_path: Path) -> None:
    directory = tmp_path / "valkey"
    directory.mkdir()
    for text in ("", "[]", '{"port": "x"}', '{"port": 1, "password": "a", "process": [1]}'):
        (directory / "server.json").write_text(text)
        assert ask(server.start(), "PING") is True
        server.stop()


def test_a_stranger_on_the_recorded_port_is_not_adopted(
    server: EmbeddedValkey, tmp_path: Path
) -> None:
    url = server.start()
    port = server.port
    server.stop()
    later = EmbeddedValkey(directory=tmp_path / "valkey")
    with socket.create_server(("127.0.0.1", port)) as stranger:
        stranger.settimeout(0)
        try:
            other = later.start()
            assert later.port != port
            assert url.partition("@")[0] != other.partition("@")[0]
        finally:
            later.stop()
