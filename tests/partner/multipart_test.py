"""The form of an upload: exact in length, quoted safely, and never whole in memory."""

import errno
import io
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from python_multipart.multipart import parse_form

from partner import Progress, Unknown, Upload
from partner.multipart import Form
from partner.upload import Document, open_fit

NAMES = (
    "plain.txt",
    "two words.txt",
    "Preisliste für Zoë.txt",
    'say "hi".txt',
    "line\r\nContent-Type: text/html\r\n\r\n.txt",
    'end"; name="other.txt',
    "100%.txt",
    "tab\tescape\x1b.txt",
)


async def whole(path: Path, name: str | None = None) -> tuple[Form, bytes]:
    """A form and its body."""
    with open_fit(Upload(path=path, name=name)) as document:
        form = Form(document, on_progress=None)
        return form, b"".join([piece async for piece in form.pieces()])


@pytest.mark.asyncio
@pytest.mark.parametrize("name", NAMES)
async def test_a_server_reads_one_field_whatever_the_name(tmp_path: Path, name: str) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"--boundary\r\nstrange content\r\n")
    form, body = await whole(path, name)
    assert int(form.headers["Content-Length"]) == len(body)
    head = body.split(b"\r\n\r\n", 1)[0].decode()
    assert len(head.split("\r\n")) == 3
    fields: list[object] = []
    files: list[tuple[bytes | None, bytes | None, bytes]] = []

    class _Stream:
        left = body

        def read(self, size: int) -> bytes:
            piece, self.left = self.left[:size], self.left[size:]
            return piece

    def keep(file: object) -> None:
        stream = getattr(file, "file_object")  # noqa: B009 - the library's protocol has no such attribute
        stream.seek(0)
        files.append(
            (getattr(file, "field_name", None), getattr(file, "file_name", None), stream.read())
        )
        stream.close()

    headers = {key: value.encode() for key, value in form.headers.items()}
    parse_form(headers, _Stream(), fields.append, keep)
    assert fields == []
    ((field, sent_name, content),) = files
    assert (field, content) == (b"file", path.read_bytes())
    assert sent_name is not None
    assert sent_name.decode().isprintable()
    assert sent_name.decode().endswith(".txt")


@pytest.mark.asyncio
async def test_quotes_line_ends_and_controls_are_written_as_browsers_do(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"x")
    _, body = await whole(path, 'a"\r\n\x1b\x7fü%.txt')
    assert 'filename="a%22%0D%0A%1B%7Fü%.txt"\r\n' in body.decode()
    assert b"Content-Type: text/plain\r\n\r\nx\r\n--form-" in body


@pytest.mark.asyncio
async def test_no_piece_is_longer_than_a_quarter_of_a_mebibyte(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"x" * 700_000)
    seen: list[tuple[int, int]] = []
    with open_fit(Upload(path=path)) as document:
        form = Form(document, on_progress=lambda sent, total: seen.append((sent, total)))
        sizes = [len(piece) async for piece in form.pieces()]
    assert max(sizes) <= 256 * 1024
    assert seen == [(262_144, 700_000), (524_288, 700_000), (700_000, 700_000)]


@pytest.mark.asyncio
async def test_it_can_be_sent_from_the_beginning_again(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"once more")
    with open_fit(Upload(path=path)) as document:
        bodies = [
            b"".join([piece async for piece in Form(document, on_progress=None).pieces()])
            for _ in range(2)
        ]
    assert all(b"\r\n\r\nonce more\r\n--" in body for body in bodies)
    assert bodies[0] != bodies[1]


class _FailingDisk(io.BytesIO):
    """A file whose disk fails after the first piece."""

    def read(self, size: int | None = -1, /) -> bytes:
        if self.tell() > 0:
            raise OSError(errno.EIO, "Input/output error")
        return super().read(size)


@pytest.mark.asyncio
async def test_a_disk_that_fails_meanwhile_ends_it_too() -> None:
    document = Document(
        handle=_FailingDisk(b"x" * 600_000),
        path=Path("a.txt"),
        name="a.txt",
        mime_type="text/plain",
        size=600_000,
        modified=0,
    )
    sent = bytearray()
    with pytest.raises(Unknown, match="file_changed"):
        await _keep(Form(document, on_progress=None).pieces(), sent)
    assert 262_144 < len(sent) < 300_000


async def _keep(pieces: AsyncIterator[bytes], sink: bytearray) -> None:
    async for piece in pieces:
        sink += piece


@pytest.mark.asyncio
@pytest.mark.parametrize("change", ["shrinks", "grows", "is rewritten"])
async def test_a_file_that_changes_is_never_sent_to_its_end(tmp_path: Path, change: str) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"x" * 600_000)

    def meddle(sent: int, _total: int) -> None:
        if sent > 262_144:
            return
        match change:
            case "shrinks":
                os.truncate(path, 300_000)
            case "grows":
                os.truncate(path, 900_000)
            case _:
                path.write_bytes(b"y" * 600_000)
                os.utime(path, ns=(1, 1))

    progress: Progress = meddle
    sent = bytearray()
    with open_fit(Upload(path=path)) as document:
        form = Form(document, on_progress=progress)
        with pytest.raises(Unknown, match="file_changed"):
            await _keep(form.pieces(), sent)
    assert b"--\r\n" not in sent
    assert len(sent) < int(form.headers["Content-Length"])
