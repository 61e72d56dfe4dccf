"""The program that reads PDF, DOCX and HTML: what it finds, and what it gives up on."""

import subprocess
import sys

import pytest

from sandbox.documents.child import Unreadable, docx_text, html_text, pdf_text
from sandbox.documents.reader import CHILD
from tests.sandbox.documents import samples


def test_a_pdfs_pages_are_read_in_order() -> None:
    text = pdf_text(samples.pdf("A visit is 80 dollars.", "Sundays are double."))
    assert text == "A visit is 80 dollars.\nSundays are double."


def test_a_pdf_without_text_has_none() -> None:
    assert pdf_text(samples.pdf_of(b"0 0 100 100 re f")).strip() == ""


def test_a_pdf_is_read_no_further_than_its_text_is_kept() -> None:
    pages = ["x" * 1_000] * 70
    assert 65_536 <= len(pdf_text(samples.pdf(*pages, "the end"))) < 68_000


def test_a_locked_pdf_is_unreadable() -> None:
    with pytest.raises(Unreadable):
        pdf_text(samples.locked_pdf())


def test_a_documents_paragraphs_are_lines() -> None:
    assert docx_text(samples.docx("A visit is", "80 dollars.")) == "A visit is\n80 dollars.\n"


def test_a_documents_tabs_and_breaks_are_kept() -> None:
    body = "<w:p><w:r><w:t>Visit</w:t><w:tab/><w:t>80</w:t><w:br/><w:t>Call</w:t></w:r></w:p>"
    part = samples.document(body.replace("<w:r>", "<w:r><w:instrText>HIDDEN</w:instrText>"))
    assert docx_text(samples.docx_of(part)) == "Visit\t80\nCall\n"


@pytest.mark.parametrize(
    "declared",
    [
        '<!DOCTYPE x [<!ENTITY a "b">]>',
        '<!DOCTYPE x SYSTEM "file:///etc/hosts">',
        '<!DOCTYPE x [<!ENTITY % a SYSTEM "http://127.0.0.1:9/"> %a;]>',
    ],
)
def test_a_document_type_is_refused(declared: str) -> None:
    part = samples.document("<w:p/>", before=declared)
    with pytest.raises(Unreadable):
        docx_text(samples.docx_of(part))


def test_a_document_that_unpacks_too_large_is_unreadable() -> None:
    with pytest.raises(Unreadable):
        docx_text(samples.docx_bomb())


def test_a_zip_that_is_no_document_is_unreadable() -> None:
    with pytest.raises(Unreadable):
        docx_text(samples.docx_of(b"x", name="readme.txt"))


def test_a_pages_words_are_read_without_tags_and_scripts() -> None:
    page = "<h1>Prices</h1><style>p{}</style><p>A&nbsp;visit &amp; more<script>let x</script>"
    assert html_text(page.encode()).split("\n") == ["", "Prices", "", "A\xa0visit & more"]


@pytest.mark.parametrize(
    ("form", "content"),
    [
        ("pdf", b"%PDF-1.4 and no more"),
        ("pdf", samples.pdf("x")[:200]),
        ("docx", b"PK\x03\x04 and no more"),
        ("docx", samples.docx_of(b"<w:document")),
        ("nothing", b"x"),
    ],
    ids=["pdf", "half a pdf", "zip", "half a document", "unknown form"],
)
def test_the_program_fails_quietly_on_what_is_broken(form: str, content: bytes) -> None:
    finished = _run(form, content)
    assert (finished.returncode, finished.stdout) == (1, b"")


def test_the_program_writes_the_text_shortened() -> None:
    finished = _run("docx", samples.docx("é" * 70_000))
    assert finished.returncode == 0
    assert finished.stdout.decode() == "é" * 65_536


def test_an_endless_file_ends_the_program() -> None:
    finished = _run("pdf", samples.endless_pdf())
    assert finished.returncode < 0  # by a signal, as its limit wants it
    assert finished.stdout == b""


def _run(form: str, content: bytes) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(  # noqa: S603 -- our own program
        [sys.executable, "-P", str(CHILD), form], input=content, capture_output=True, check=False
    )
