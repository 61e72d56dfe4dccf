"""Which files may leave: decided by what they are, before anything is sent."""

import os
import zipfile
from pathlib import Path

import pytest

from partner import NotSent, UnfitFile, Upload
from partner.upload import DOCX, PDF, TEXT_TYPES, open_fit

PDF_BYTES = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n"


def docx(path: Path, part: str = "word/document.xml") -> Path:
    """A zip with one part."""
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(part, "<w:document/>")
    return path


def refusal(upload: Upload) -> UnfitFile:
    """The refusal of a file."""
    with pytest.raises(UnfitFile) as caught, open_fit(upload):
        pass
    assert isinstance(caught.value, NotSent)
    assert caught.value.path == upload.path
    return caught.value


def kind_of(path: Path, content: bytes) -> str:
    """What a file with some content is declared as."""
    path.write_bytes(content)
    with open_fit(Upload(path=path)) as document:
        assert (document.name, document.size) == (path.name, len(content))
        assert document.handle.read() == content
        return document.mime_type


@pytest.mark.parametrize(("extension", "mime_type"), TEXT_TYPES.items())
def test_text_by_its_extension(tmp_path: Path, extension: str, mime_type: str) -> None:
    assert kind_of(tmp_path / f"file{extension}", "Zoë: 5 €".encode()) == mime_type


@pytest.mark.parametrize("coding", ["utf-8-sig", "utf-16"])
def test_text_in_unicodes_other_writings(tmp_path: Path, coding: str) -> None:
    assert kind_of(tmp_path / "A.TXT", "Zoë: 5 €".encode(coding)) == "text/plain"


def test_text_longer_than_a_piece_is_read_to_its_end(tmp_path: Path) -> None:
    long = b"a" + "é".encode() * 200_000
    assert kind_of(tmp_path / "long.md", long) == "text/markdown"
    (tmp_path / "long.md").write_bytes(long + b"\xff")
    assert refusal(Upload(path=tmp_path / "long.md")).code == "file_type"


def test_pdf_and_docx_by_their_marks(tmp_path: Path) -> None:
    assert kind_of(tmp_path / "a.pdf", PDF_BYTES) == PDF
    assert kind_of(tmp_path / "b.pdf", b"junk\n" * 20 + PDF_BYTES) == PDF
    with open_fit(Upload(path=docx(tmp_path / "c.docx"))) as document:
        assert document.mime_type == DOCX
        assert document.handle.read(2) == b"PK"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.pdf", b"plain text"),
        ("a.docx", b"plain text"),
        ("a.docx", b"PK\x03\x04 broken"),
        ("a.txt", b"nul \x00 inside"),
        ("a.txt", PDF_BYTES),
        ("a.txt", b"latin \xe9"),
        ("a.txt", b"cut short \xe2\x82"),
        ("a.txt", "no mark".encode("utf-16-le")),
        ("a.txt", b"\xff\xfe\x00"),
        ("a.png", b"\x89PNG"),
        ("a.exe", b"text"),
        ("text", b"text"),
        (".txt", b"text"),
    ],
)
def test_content_and_extension_must_agree(tmp_path: Path, name: str, content: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    assert refusal(Upload(path=path)).code == "file_type"


def test_a_zip_that_is_no_document(tmp_path: Path) -> None:
    path = docx(tmp_path / "sheet.docx", "xl/workbook.xml")
    assert refusal(Upload(path=path)).code == "file_type"


def test_an_unknown_extension_is_told_the_known_ones(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(b"\x89PNG")
    message = refusal(Upload(path=path)).message
    assert ".docx" in message
    assert ".pdf" in message
    assert ".md" in message


def test_the_limit_is_the_largest_that_passes(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"12345")
    with open_fit(Upload(path=path, limit_bytes=5)):
        pass
    error = refusal(Upload(path=path, limit_bytes=4))
    assert (error.code, error.message) == (
        "file_too_large",
        f"{str(path)!r} has 5 bytes; the limit is 4 bytes",
    )


def test_the_limit_is_25_mib_unless_said_otherwise(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    with path.open("wb") as sparse:
        sparse.truncate(25 * 1024 * 1024 + 1)
    error = refusal(Upload(path=path))
    assert error.code == "file_too_large"
    assert error.message.endswith("has 25.1 MiB; the limit is 25 MiB")


def test_missing_empty_and_not_a_file(tmp_path: Path) -> None:
    empty = tmp_path / "empty.txt"
    empty.touch()
    pipe = tmp_path / "pipe.txt"
    os.mkfifo(pipe)
    codes = {
        path.name: refusal(Upload(path=path)).code
        for path in (tmp_path / "none.txt", empty, pipe, tmp_path, empty / "inside.txt")
    }
    assert codes == {
        "none.txt": "file_missing",
        "empty.txt": "file_empty",
        "pipe.txt": "file_not_regular",
        tmp_path.name: "file_not_regular",
        "inside.txt": "file_not_regular",
    }


def test_no_refusal_leaves_a_descriptor_open(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"\0")
    before = len(list(Path("/dev/fd").iterdir()))
    for _ in range(20):
        refusal(Upload(path=tmp_path))
        refusal(Upload(path=tmp_path / "a.txt"))
        refusal(Upload(path=tmp_path / "a.txt", limit_bytes=0))
    assert len(list(Path("/dev/fd").iterdir())) == before


def test_a_path_that_no_system_knows(tmp_path: Path) -> None:
    assert refusal(Upload(path=tmp_path / "a\0.txt")).code == "file_not_readable"


def test_a_link_is_followed(tmp_path: Path) -> None:
    (tmp_path / "real.txt").write_text("text", "utf-8")
    (tmp_path / "link.md").symlink_to(tmp_path / "real.txt")
    with open_fit(Upload(path=tmp_path / "link.md")) as document:
        assert (document.name, document.mime_type) == ("link.md", "text/markdown")


def test_a_name_of_its_own_decides_the_type(tmp_path: Path) -> None:
    path = tmp_path / "download.tmp"
    path.write_text("text", "utf-8")
    with open_fit(Upload(path=path, name="Prices.txt")) as document:
        assert (document.name, document.mime_type) == ("Prices.txt", "text/plain")


@pytest.mark.parametrize("name", ["", "\ud800.txt", "x" * 252 + ".txt"])
def test_a_name_that_can_not_be_sent(tmp_path: Path, name: str) -> None:
    path = tmp_path / "a.txt"
    path.write_text("text", "utf-8")
    assert refusal(Upload(path=path, name=name)).code == "file_name"


def test_a_message_carries_no_escape_sequence(tmp_path: Path) -> None:
    message = str(refusal(Upload(path=tmp_path / "\x1b[2J\u202etxt.exe")))
    assert message.isprintable()
