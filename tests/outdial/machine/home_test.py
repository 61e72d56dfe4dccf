"""The data folder: private, locked by one tree, remembering what the next one needs."""

import base64
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from outdial.embedded.accounts import Account
from outdial.machine.home import AlreadyRunningError, Home, HomeError, RecordedProcess, Runtime
from outdial.machine.processes import ProcessStamp
from tests.outdial.host import ROOT, modes


def test_a_new_folder_is_private(tmp_path: Path) -> None:
    before = modes(tmp_path)
    home = Home(tmp_path / ".outdial")
    status = home.path.stat()
    assert status.st_uid == os.geteuid()
    if ROOT:
        # The group is that of the account which runs the servers, and may only pass through.
        account = Account.for_servers()
        assert account is not None
        assert status.st_gid == account.gid
        assert stat.S_IMODE(status.st_mode) == 0o710
    else:
        assert stat.S_IMODE(status.st_mode) == 0o700
    assert modes(tmp_path) == before


def test_an_existing_folder_keeps_its_mode(tmp_path: Path) -> None:
    folder = tmp_path / ".outdial"
    folder.mkdir(mode=0o700)
    before = modes(folder)
    Home(folder).secret_key()
    assert modes(folder) == before


def test_a_folder_that_others_may_write_to_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / ".outdial"
    folder.mkdir()
    folder.chmod(0o777)
    with pytest.raises(HomeError, match="chmod go-w"):
        Home(folder)


def test_a_missing_parent_is_named(tmp_path: Path) -> None:
    with pytest.raises(HomeError, match="nowhere does not exist"):
        Home(tmp_path / "nowhere" / ".outdial")


def test_the_secret_key_is_made_once(tmp_path: Path) -> None:
    key = Home(tmp_path / "home").secret_key()
    assert len(base64.urlsafe_b64decode(key)) == 32
    assert Home(tmp_path / "home").secret_key() == key
    assert stat.S_IMODE((tmp_path / "home" / "secret.key").stat().st_mode) == 0o600
    assert Home(tmp_path / "other").secret_key() != key


def test_the_runtime_is_kept_privately(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    assert home.runtime() == Runtime()
    runtime = Runtime(
        pid=7,
        addresses={"api": "http://127.0.0.1:8000"},
        database_url="postgresql+asyncpg://outdial:hidden@127.0.0.1:1/outdial",
        api_key="hidden",
        processes=(RecordedProcess(name="api", pid=8, started="then"),),
    )
    home.save(runtime)
    assert home.runtime() == runtime
    assert home.runtime().processes[0].stamp == ProcessStamp(pid=8, started="then")
    assert stat.S_IMODE((home.path / "runtime.json").stat().st_mode) == 0o600
    assert "hidden" not in repr(runtime)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"pid": "x"}'])
def test_a_damaged_runtime_is_as_good_as_none(tmp_path: Path, text: str) -> None:
    home = Home(tmp_path / "home")
    (home.path / "runtime.json").write_text(text)
    assert home.runtime() == Runtime()


def test_the_lock_is_held_by_one_and_says_by_whom(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    with home.lock():
        home.save(Runtime(pid=os.getpid(), addresses={"api": "http://127.0.0.1:8000"}))
        with pytest.raises(AlreadyRunningError) as caught, Home(home.path).lock():
            pass
        assert caught.value.pid == os.getpid()
        assert caught.value.address == "http://127.0.0.1:8000"
        assert "http://127.0.0.1:8000" in str(caught.value)
        home.save(Runtime(pid=1, addresses={"api": "http://127.0.0.1:8000"}))
        with pytest.raises(AlreadyRunningError, match="still starting"), home.lock():
            pass
    with home.lock():
        pass


def test_the_lock_goes_with_its_holder_even_if_a_child_lives_on(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    code = (
        "import os, pathlib, signal, subprocess, sys\n"
        "from outdial.machine.home import Home\n"
        f"with Home(pathlib.Path({str(home.path)!r})).lock():\n"
        "    child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(30)'],\n"
        "                             stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)\n"
        "    print(child.pid, flush=True)\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    answer = subprocess.run(  # noqa: S603 - code of this test
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    try:
        with home.lock():
            pass
    finally:
        os.kill(int(answer.stdout), 9)
