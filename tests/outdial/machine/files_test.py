"""Private files: whole or not at all, and nobody else's to read."""

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from outdial.machine.files import create_private, read_small, write_private


def test_a_written_file_is_private_whatever_the_umask(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    before = os.umask(0)
    try:
        write_private(file, "first")
    finally:
        os.umask(before)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    write_private(file, "second é")
    assert read_small(file) == "second é"
    assert list(tmp_path.iterdir()) == [file]


def test_a_link_in_the_way_is_replaced_not_followed(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("untouched")
    (tmp_path / "secret").symlink_to(victim)
    write_private(tmp_path / "secret", "ours")
    assert victim.read_text() == "untouched"
    assert read_small(tmp_path / "secret") == "ours"


def test_a_failed_write_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "folder" / "x").mkdir(parents=True)
    with pytest.raises(OSError, match="folder"):
        write_private(tmp_path / "folder", "text")
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]


def test_of_many_makers_one_wins_and_all_read_its_text(tmp_path: Path) -> None:
    file = tmp_path / "secret"

    def make(index: int) -> tuple[bool, str]:
        return create_private(file, f"text {index}"), read_small(file)

    with ThreadPoolExecutor(max_workers=8) as pool:
        made = list(pool.map(make, range(16)))
    assert sum(won for won, _ in made) == 1
    assert len({text for _, text in made}) == 1
    assert list(tmp_path.iterdir()) == [file]


def test_reading_is_bounded(tmp_path: Path) -> None:
    (tmp_path / "large").write_bytes(b"x" * (1024 * 1024 + 1))
    with pytest.raises(ValueError, match="larger"):
        read_small(tmp_path / "large")
    (tmp_path / "odd").write_bytes(b"a\xffb")
    assert read_small(tmp_path / "odd") == "a\N{REPLACEMENT CHARACTER}b"
