"""The state file is whole, private, and one run's at a time."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from provision.errors import StateLockedError, StateUnusableError
from provision.state import Entry
from provision.state_file import STATE_BYTES, open_state, read_state, state_path_for
from tests.support.sandbox import ROOT

WHERE = {"base_url": "https://example.com/v1", "business": "biz_1"}


def test_it_lies_beside_the_manifest() -> None:
    assert state_path_for(Path("/a/plumber.yaml")) == Path("/a/plumber.state.json")


def test_without_a_file_there_is_no_state(tmp_path: Path) -> None:
    assert read_state(tmp_path / "none.json") is None


def test_it_is_kept_private_and_counted(tmp_path: Path) -> None:
    path = tmp_path / "a.state.json"
    with open_state(path, **WHERE) as book:
        book.save(book.state.with_entry("tools.a", Entry(id="1")))
        book.save(book.state.with_entry("tools.b", Entry(id="2")))
        kept = book.state
    assert read_state(path) == kept
    assert kept.serial == 2
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert {one.name for one in tmp_path.iterdir()} == {path.name, f"{path.name}.lock"}


def test_opening_alone_writes_no_state(tmp_path: Path) -> None:
    path = tmp_path / "a.state.json"
    with open_state(path, **WHERE):
        pass
    assert not path.exists()


def test_a_second_run_is_kept_out_and_told_who_is_in(tmp_path: Path) -> None:
    path = tmp_path / "a.state.json"
    with open_state(path, **WHERE):
        with (
            pytest.raises(StateLockedError, match=str(os.getpid())) as caught,
            open_state(path, **WHERE),
        ):
            pass
        assert f"{path}.lock" in str(caught.value)
    with open_state(path, **WHERE):
        pass


def test_the_lock_of_a_killed_run_is_free(tmp_path: Path) -> None:
    path = tmp_path / "a.state.json"
    program = (
        "import os, signal, sys; from pathlib import Path;"
        "from provision.state_file import open_state\n"
        "with open_state(Path(sys.argv[1]), base_url='https://example.com/v1', business='b'):\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    ended = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", program, str(path)], cwd=ROOT, check=False
    )
    assert ended.returncode < 0
    with open_state(path, **WHERE) as book:
        assert book.state.business == "biz_1"


@pytest.mark.parametrize("text", ["", "nonsense", "[]", '{"format": "something"}'])
def test_what_is_no_state_is_refused_and_left_alone(tmp_path: Path, text: str) -> None:
    path = tmp_path / "a.state.json"
    path.write_text(text)
    with pytest.raises(StateUnusableError, match="not a state file"):
        read_state(path)
    assert path.read_text() == text


def test_a_huge_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.state.json"
    path.write_bytes(b" " * (STATE_BYTES + 1))
    with pytest.raises(StateUnusableError, match="larger"):
        read_state(path)


def test_a_folder_in_its_place_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StateUnusableError, match="can't be read"):
        read_state(tmp_path)


def test_a_write_that_fails_leaves_the_old_state(tmp_path: Path) -> None:
    path = tmp_path / "a.state.json"
    with open_state(path, **WHERE) as book:
        book.save(book.state.with_entry("tools.a", Entry(id="1")))
        before = path.read_text()
        path.unlink()
        path.mkdir()
        (path / "in-the-way").touch()
        with pytest.raises(StateUnusableError, match="can't be written"):
            book.save(book.state.with_entry("tools.b", Entry(id="2")))
        assert "tools.b" not in book.state.entries
    assert '"tools.a"' in before
    assert {one.name for one in tmp_path.iterdir()} == {path.name, f"{path.name}.lock"}


def test_a_link_in_the_lock_s_place_is_not_followed(tmp_path: Path) -> None:
    path, target = tmp_path / "a.state.json", tmp_path / "target"
    (tmp_path / "a.state.json.lock").symlink_to(target)
    with pytest.raises(StateUnusableError), open_state(path, **WHERE):
        pass
    assert not target.exists()


def test_a_link_leads_to_the_state_and_stays(tmp_path: Path) -> None:
    shared, link = tmp_path / "shared" / "state.json", tmp_path / "agents.state.json"
    shared.parent.mkdir()
    link.symlink_to(shared)
    with open_state(link, **WHERE) as book:
        book.save(book.state)
        with pytest.raises(StateLockedError), open_state(shared, **WHERE):
            pass
    assert link.is_symlink()
    kept = read_state(shared)
    assert kept is not None
    assert kept == read_state(link)
    assert stat.S_IMODE(shared.stat().st_mode) == 0o600


def test_a_link_in_a_circle_is_no_state(tmp_path: Path) -> None:
    link = tmp_path / "agents.state.json"
    link.symlink_to(link)
    with pytest.raises(StateUnusableError), open_state(link, **WHERE):
        pass


def test_a_state_that_could_not_be_read_again_is_not_written(tmp_path: Path) -> None:
    path = tmp_path / "agents.state.json"
    with open_state(path, **WHERE) as book:
        book.save(book.state)
        before = path.read_bytes()
        long = Entry(id="1", sent={"conversationFlow": "x" * STATE_BYTES})
        with pytest.raises(StateUnusableError, match="would be larger"):
            book.save(book.state.with_entry("agents.a", long))
    assert path.read_bytes() == before
    assert {one.name for one in tmp_path.iterdir()} == {path.name, f"{path.name}.lock"}
