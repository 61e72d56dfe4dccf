"""Files from the command line: uploaded and waited for, refused before they leave, deleted."""

from pathlib import Path

from tests.outdial.upstream.beside import Beside

BIZ = ("--business", "biz_demo")


def write(folder: Path, name: str, text: str = "Prices start at 80 dollars.\n") -> str:
    """A file to upload."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_a_file_is_uploaded_waited_for_shown_and_deleted(beside: Beside, tmp_path: Path) -> None:
    made = beside.json("files", "upload", write(tmp_path, "prices.md"), *BIZ)
    assert (made["name"], made["status"]) == ("prices.md", "ready")
    assert made["id"] in beside.done("files", "list", *BIZ)
    assert beside.json("files", "show", made["id"], *BIZ)["sizeBytes"] == made["sizeBytes"]
    assert "ready" in beside.done("files", "show", made["id"], *BIZ)
    assert beside.done("files", "delete", made["id"], *BIZ, "--yes") == "deleted\n"
    assert made["id"] not in {file["id"] for file in beside.json("files", "list", *BIZ)}
    assert beside.refused("files", "show", made["id"], *BIZ)["code"] == "not_found"


def test_nobody_has_to_wait(beside: Beside, tmp_path: Path) -> None:
    beside.sandbox.fault("file_slow", count=1, seconds=86_400)
    made = beside.json("files", "upload", write(tmp_path, "slow.md"), *BIZ, "--no-wait")
    assert made["status"] == "processing"


def test_a_file_that_the_platform_cant_read(beside: Beside, tmp_path: Path) -> None:
    beside.sandbox.fault("file_failed", count=1)
    error = beside.refused("files", "upload", write(tmp_path, "broken.md"), *BIZ)
    assert error["code"] == "file_failed"


def test_what_no_agent_could_read_never_leaves(beside: Beside, tmp_path: Path) -> None:
    before = beside.json("files", "list", *BIZ)
    (tmp_path / "photo.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    for path, code in (("photo.png", "file_type"), ("none.md", "file_missing")):
        error = beside.refused("files", "upload", str(tmp_path / path), *BIZ, code=2)
        assert error["code"] == code
    assert beside.json("files", "list", *BIZ) == before


def test_a_file_in_use_stays(beside: Beside) -> None:
    error = beside.refused("files", "delete", "file_demo_prices", *BIZ, "--yes")
    assert error["status"] == 409


def test_deleting_wants_a_yes(beside: Beside) -> None:
    error = beside.refused("files", "delete", "file_demo_prices", *BIZ, code=2)
    assert error["code"] == "not_confirmed"
