"""Append-only files: flushed, read back, cut where a killed process left them torn."""

import stat
from pathlib import Path

import pytest

from sandbox.journal import Lines, lock_folder


def test_lines_are_on_disk_before_append_returns(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    lines = Lines(path=path)
    lines.append({"name": "Zoë"})
    assert path.read_bytes() == '{"name":"Zoë"}\n'.encode()
    lines.close()
    lines.close()


def test_lines_are_read_back_in_order(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    first = Lines(path=path, fsync=True)
    for number in range(3):
        first.append({"n": number})
    first.close()
    second = Lines(path=path)
    second.append({"n": 3})
    assert [entry["n"] for entry in second.read()] == [0, 1, 2, 3]
    second.close()


@pytest.mark.parametrize("torn", [b'{"n":', b"x" * 200_000])
def test_a_torn_last_line_is_cut_off(tmp_path: Path, torn: bytes) -> None:
    path = tmp_path / "journal.jsonl"
    path.write_bytes(b'{"n":1}\n' + torn)
    lines = Lines(path=path)
    assert list(lines.read()) == [{"n": 1}]
    lines.append({"n": 2})
    assert list(lines.read()) == [{"n": 1}, {"n": 2}]
    lines.close()


def test_a_file_with_nothing_but_a_torn_line_starts_afresh(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    path.write_bytes(b'{"n":')
    lines = Lines(path=path)
    assert list(lines.read()) == []
    lines.close()


@pytest.mark.parametrize("line", [b"not json", b"7", b'["x"]'])
def test_an_unreadable_line_is_named(tmp_path: Path, line: bytes) -> None:
    path = tmp_path / "journal.jsonl"
    path.write_bytes(b'{"n":1}\n' + line + b"\n")
    lines = Lines(path=path)
    with pytest.raises(ValueError, match=r"journal\.jsonl:2"):
        list(lines.read())
    lines.close()


def test_without_a_path_nothing_is_kept() -> None:
    lines = Lines(path=None)
    lines.append({"n": 1})
    assert list(lines.read()) == []


def test_files_and_folder_are_the_owners_alone(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    lock = lock_folder(folder)
    lines = Lines(path=folder / "journal.jsonl")
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / "journal.jsonl").stat().st_mode) == 0o600
    lines.close()
    lock.close()


def test_a_folder_is_locked_until_the_lock_is_closed(tmp_path: Path) -> None:
    lock = lock_folder(tmp_path)
    with pytest.raises(RuntimeError, match="another sandbox"):
        lock_folder(tmp_path)
    lock.close()
    lock_folder(tmp_path).close()
