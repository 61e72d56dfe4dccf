"""Names and types of uploaded files."""

import pytest

from sandbox.documents.kinds import KINDS, Form, clean_name, kind_of
from sandbox.errors import ApiError

TEXTS = sorted(ending for ending, kind in KINDS.items() if kind.form is Form.PLAIN)


@pytest.mark.parametrize(
    ("sent", "name"),
    [
        ("prices.md", "prices.md"),
        ("../../etc/prices.md", "prices.md"),
        ("C:\\Users\\ann\\prices.md", "prices.md"),
        ("..\\..\\prices.md", "prices.md"),
        ("/", ""),
        ("..", ""),
        ("a/..", ""),
        ("  spring \t prices.md ", "spring prices.md"),
        ("pri\x1b[31mces\x00.md", "pri[31mces.md"),
        ("prices\u202ecod.md", "pricescod.md"),
        ("pre\u0301cios.md", "précios.md"),
        ("preços 価格.md", "preços 価格.md"),
    ],
)
def test_a_name_is_the_last_part_without_control_characters(sent: str, name: str) -> None:
    assert clean_name(sent) == name


def test_a_long_name_keeps_its_end() -> None:
    name = clean_name("x" * 300 + ".docx")
    assert len(name) == 255
    assert name.endswith("x.docx")
    assert len(clean_name("." + "x" * 300)) == 255


@pytest.mark.parametrize("ending", TEXTS)
def test_text_based_endings_are_taken(ending: str) -> None:
    kind = kind_of(f"PRICES{ending.upper()}", "application/octet-stream", b"A visit is 80.")
    assert kind == KINDS[ending]


@pytest.mark.parametrize(
    ("name", "head", "mime_type"),
    [
        ("a.pdf", b"%PDF-1.7\n", "application/pdf"),
        ("a.pdf", b"\n\n%PDF-1.7\n", "application/pdf"),
        (
            "a.docx",
            b"PK\x03\x04",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        ),
        ("a.html", b"<!doctype html>", "text/html"),
        ("a.txt", b"\xff\xfeA\x00", "text/plain"),
    ],
)
def test_ending_and_content_tell_the_type(name: str, head: bytes, mime_type: str) -> None:
    assert kind_of(name, "image/png", head).mime_type == mime_type


def test_an_unknown_ending_is_taken_when_it_was_sent_as_text() -> None:
    assert kind_of("notes.adoc", "Text/Asciidoc; charset=utf-8", b"= A").mime_type == (
        "text/asciidoc"
    )
    assert kind_of("README", "text/plain", b"A").mime_type == "text/plain"


@pytest.mark.parametrize(
    ("name", "declared", "head"),
    [
        ("a.exe", "application/octet-stream", b"MZ"),
        ("a.png", "image/png", b"\x89PNG"),
        ("a.doc", "application/msword", b"\xd0\xcf"),
        ("README", "", b"A"),
        ("README", "application/json", b"{}"),
        ("README", "text/" + "x" * 100, b"A"),
        ("README", "text/<b>", b"A"),
        ("a.pdf", "application/pdf", b"A visit is 80."),
        ("a.docx", "", b"%PDF-1.7"),
        ("a.txt", "text/plain", b"A\x00B"),
        ("a.html", "text/html", b"\x7fELF\x00"),
    ],
)
def test_other_types_and_contents_are_400(name: str, declared: str, head: bytes) -> None:
    with pytest.raises(ApiError) as refused:
        kind_of(name, declared, head)
    assert refused.value.status == 400
