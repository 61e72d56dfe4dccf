"""The bytes of a manifest: limit, encoding, and what is no file."""

import os
from pathlib import Path

import pytest

from provision.manifest.report import Report, UnreadableError
from provision.manifest.source import MAX_BYTES, load


def refusal(path: Path) -> tuple[str, int, int]:
    report = Report()
    with pytest.raises(UnreadableError):
        load(path, report)
    (fault,) = report.faults(shown="x", lines=[], mask=str)
    return fault.code, fault.line, fault.column


def test_text_with_a_mark_and_windows_line_ends(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes(b"\xef\xbb\xbfa: 1\r\nb: \xc3\xa9\r\n")
    source = load(path, Report())
    assert source.lines == ["a: 1", "b: é", ""]
    assert source.text.startswith("a")


def test_a_link_is_followed(tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    target = tmp_path / "inner" / "a.yaml"
    target.write_text("a: 1\n")
    link = tmp_path / "b.yaml"
    link.symlink_to(target)
    assert load(link, Report()).path == target.resolve()


def test_another_encoding(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes("a: 1\nb: é\n".encode("latin-1"))
    assert refusal(path) == ("bad_encoding", 2, 4)
    path.write_bytes("a: 1\n".encode("utf-16"))
    assert refusal(path) == ("bad_encoding", 1, 1)


def test_the_limit(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes(b"#" * MAX_BYTES)
    assert len(load(path, Report()).text) == MAX_BYTES
    path.write_bytes(b"#" * (MAX_BYTES + 1))
    assert refusal(path)[0] == "manifest_too_large"


def test_what_is_no_file(tmp_path: Path) -> None:
    assert refusal(tmp_path / "missing.yaml")[0] == "manifest_unreadable"
    assert refusal(tmp_path)[0] == "manifest_unreadable"
    assert refusal(Path("a\0b"))[0] == "manifest_unreadable"
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    assert refusal(pipe)[0] == "manifest_unreadable"
