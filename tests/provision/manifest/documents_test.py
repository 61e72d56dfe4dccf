"""Files on disk: found, described, or refused with a place."""

import hashlib
from pathlib import Path

import pytest

from provision.manifest import ExistingFile, FileDeclaration
from tests.provision.manifest.manifests import faults_of, manifest_of, told

HEAD = "business: biz_demo\nfiles:\n  one: "


def test_a_file_is_described(tmp_path: Path) -> None:
    content = b"# Prices\n\nA visit costs $89.\n"
    (tmp_path / "prices").mkdir()
    (tmp_path / "prices" / "list.md").write_bytes(content)
    file = manifest_of(tmp_path, HEAD + "{path: ./prices/list.md}").files["one"]
    assert file == FileDeclaration(
        key="one",
        path=(tmp_path / "prices" / "list.md").resolve(),
        name="list.md",
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        mime="text/markdown",
    )
    assert file.address == "files.one"


def test_a_file_that_exists_upstream(tmp_path: Path) -> None:
    file = manifest_of(tmp_path, HEAD + "{id: file_1}").files["one"]
    assert file == ExistingFile(key="one", id="file_1")
    assert file.address == "files.one"


def test_an_absolute_path_may_lead_anywhere(tmp_path: Path) -> None:
    inner, elsewhere = tmp_path / "inner", tmp_path / "list.md"
    inner.mkdir()
    elsewhere.write_text("Prices")
    assert told(inner, f"{HEAD}{{path: '{elsewhere}'}}") == []
    assert told(inner, HEAD + "{path: ../list.md}") == [("file_outside", "files.one.path")]


def test_a_link_cannot_lead_outside(tmp_path: Path) -> None:
    inner, secret = tmp_path / "inner", tmp_path / "secret.md"
    inner.mkdir()
    secret.write_text("not yours")
    (inner / "list.md").symlink_to(secret)
    assert told(inner, HEAD + "{path: list.md}") == [("file_outside", "files.one.path")]


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.md", None, "file_missing"),
        ("a.md", b"", "file_empty"),
        ("a.exe", b"MZ", "file_type"),
        ("a.pdf", b"no pdf", "file_type"),
        ("a.md", b"\x00\x01", "file_type"),
    ],
)
def test_a_file_that_cannot_be_uploaded(
    tmp_path: Path, name: str, content: bytes | None, code: str
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    (fault,) = faults_of(tmp_path, f"{HEAD}{{path: {name}}}")
    assert (fault.code, fault.field) == (code, "files.one.path")
    assert (fault.line, fault.column) == (3, 15)
    assert str(tmp_path) not in fault.message


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "a.md").mkdir()
    assert told(tmp_path, HEAD + "{path: a.md}") == [("file_not_regular", "files.one.path")]


def test_the_same_file_twice(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("x")
    text = HEAD + "{path: a.md}\n  two: {path: ./a.md}\n  three: {id: f}\n  four: {id: f}\n"
    assert told(tmp_path, text) == [
        ("repeated_file", "files.two.path"),
        ("repeated_file", "files.four.id"),
    ]


def test_a_file_is_looked_at_even_where_other_things_are_wrong(tmp_path: Path) -> None:
    text = HEAD + "{path: gone.md}\nagents: 5\n"
    assert [code for code, _ in told(tmp_path, text)] == ["file_missing", "wrong_kind"]


def test_a_path_that_can_be_none(tmp_path: Path) -> None:
    (tmp_path / "loop.md").symlink_to(tmp_path / "loop.md")
    codes = [code for code, _ in told(tmp_path, HEAD + "{path: loop.md}")]
    assert codes in (["file_not_readable"], ["file_outside"], ["file_missing"])
    assert told(tmp_path, HEAD + '{path: "a\\0b"}') == [("bad_character", "files.one.path")]
    assert told(tmp_path, HEAD + '{path: "a\\ud800b"}') == [("bad_character", "files.one.path")]
