"""Private files are whole or not there at all, whatever the umask and what stands in the way."""

import os
import stat
from pathlib import Path

import pytest

from provision.private_files import replace, write_new


def test_a_file_is_its_owners_alone_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        write_new(tmp_path / "a", "text")
        replace(tmp_path / "b", "text")
    finally:
        os.umask(before)
    for name in "ab":
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600


def test_nothing_is_overwritten_not_even_through_a_link(tmp_path: Path) -> None:
    link, target = tmp_path / "link", tmp_path / "target"
    link.symlink_to(target)
    with pytest.raises(FileExistsError):
        write_new(link, "text")
    assert not target.exists()


def test_what_can_not_be_written_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(UnicodeEncodeError):
        replace(tmp_path / "a", "\ud800")
    assert list(tmp_path.iterdir()) == []


def test_what_can_not_be_replaced_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    with pytest.raises(OSError, match="directory"):
        replace(tmp_path / "a", "text")
    assert [one.name for one in tmp_path.iterdir()] == ["a"]
