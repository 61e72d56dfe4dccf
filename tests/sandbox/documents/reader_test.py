"""The text of uploaded files, whatever their encoding, and nothing but text."""

from tempfile import SpooledTemporaryFile

import pytest

from sandbox.documents.kinds import Form
from sandbox.documents.reader import MAX_TEXT, DocumentReader
from tests.sandbox.documents import samples


async def _read(content: bytes, form: Form = Form.PLAIN) -> str | None:
    # As an upload is: in memory at first, and read up to somewhere.
    with SpooledTemporaryFile(max_size=1_048_576) as file:
        file.write(content)
        file.seek(0)
        file.read(100)
        return await DocumentReader().read(file, form)


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "content",
    [
        "Precios: 80 € 👋".encode(),
        "Precios: 80 € 👋".encode("utf-8-sig"),
        "Precios: 80 € 👋".encode("utf-16"),
        b"\xfe\xff" + "Precios: 80 € 👋".encode("utf-16-be"),
    ],
)
async def test_text_is_read_in_any_unicode(content: bytes) -> None:
    assert await _read(content) == "Precios: 80 € 👋"


@pytest.mark.asyncio
async def test_text_of_old_windows_machines_is_read() -> None:
    assert await _read("Precios: 80 €".encode("cp1252")) == "Precios: 80 €"


@pytest.mark.asyncio
@pytest.mark.parametrize("lead", [0, 1, 2, 3])
async def test_long_text_is_shortened_and_cuts_no_letter(lead: int) -> None:
    text = "x" * lead + "👋" * 70_000
    assert await _read(text.encode()) == text[:MAX_TEXT]


@pytest.mark.asyncio
async def test_control_characters_are_left_out() -> None:
    assert await _read(b"A\x1b[31m visit\r\nis\t80\x07\rnow") == "A[31m visit\nis\t80\nnow"
    assert await _read("a\u202eb\u200dc".encode()) == "ab\u200dc"


@pytest.mark.asyncio
@pytest.mark.parametrize("content", [b" \n\t ", b"\x1b\x07", b"\xef\xbb\xbf"])
async def test_without_anything_to_read_there_is_no_text(content: bytes) -> None:
    assert await _read(content) is None


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("form", "content", "text"),
    [
        (Form.PDF, samples.pdf("A visit is 80."), "A visit is 80."),
        (Form.DOCX, samples.docx("A visit is 80."), "A visit is 80.\n"),
        (Form.HTML, b"<p>A visit is 80.</p>", "\nA visit is 80.\n"),
        (Form.PDF, samples.pdf("A visit is 80.")[:150], None),
        (Form.PDF, samples.pdf_of(b""), None),
        (Form.DOCX, samples.docx_bomb(), None),
        (Form.HTML, b"<script>let x</script>", None),
    ],
    ids=["pdf", "docx", "html", "broken pdf", "bare pdf", "docx bomb", "bare html"],
)
async def test_packed_text_is_read_by_the_program(
    form: Form, content: bytes, text: str | None
) -> None:
    assert await _read(content, form) == text


@pytest.mark.asyncio
async def test_the_program_does_not_know_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    # Python would refuse to start with this encoding, if the program were told of it.
    monkeypatch.setenv("PYTHONIOENCODING", "no-such-encoding")
    assert await _read(b"<p>A", Form.HTML) == "\nA"
