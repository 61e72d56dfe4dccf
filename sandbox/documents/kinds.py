"""Decides which files are taken and what they are called, from name, declared type and content."""

import codecs
import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePosixPath

from sandbox.errors import ApiError

MAX_NAME = 255
HEAD_BYTES = 1_024
"""How much of the beginning tells what a file is; PDF readers look this far for its mark."""

UTF_16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)

DECLARED_TEXT = re.compile(r"text/[a-z0-9][a-z0-9.+-]{0,60}")


class Form(StrEnum):
    """How the text stands in a file; all but ``PLAIN`` are read by a process of their own."""

    PLAIN = "plain"
    HTML = "html"
    PDF = "pdf"
    DOCX = "docx"


@dataclass(frozen=True, slots=True)
class DocumentKind:
    """What a file is."""

    mime_type: str
    form: Form


KINDS = {
    ".txt": DocumentKind("text/plain", Form.PLAIN),
    ".text": DocumentKind("text/plain", Form.PLAIN),
    ".log": DocumentKind("text/plain", Form.PLAIN),
    ".ini": DocumentKind("text/plain", Form.PLAIN),
    ".md": DocumentKind("text/markdown", Form.PLAIN),
    ".markdown": DocumentKind("text/markdown", Form.PLAIN),
    ".rst": DocumentKind("text/x-rst", Form.PLAIN),
    ".csv": DocumentKind("text/csv", Form.PLAIN),
    ".tsv": DocumentKind("text/tab-separated-values", Form.PLAIN),
    ".json": DocumentKind("application/json", Form.PLAIN),
    ".jsonl": DocumentKind("application/jsonl", Form.PLAIN),
    ".toml": DocumentKind("application/toml", Form.PLAIN),
    ".xml": DocumentKind("application/xml", Form.PLAIN),
    ".yaml": DocumentKind("application/yaml", Form.PLAIN),
    ".yml": DocumentKind("application/yaml", Form.PLAIN),
    ".html": DocumentKind("text/html", Form.HTML),
    ".htm": DocumentKind("text/html", Form.HTML),
    ".pdf": DocumentKind("application/pdf", Form.PDF),
    ".docx": DocumentKind(
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document", Form.DOCX
    ),
}
"""The types that are known by the end of a file's name."""


def clean_name(sent: str) -> str:
    """The last part of a path, without control characters, at most 255 characters long.

    The end, which tells the type, is kept. Empty where nothing is left.
    """
    base = unicodedata.normalize("NFC", sent).replace("\\", "/").rpartition("/")[2]
    shown = "".join(letter for letter in base if unicodedata.category(letter)[0] != "C")
    name = " ".join(shown.split())
    if name in {".", ".."}:
        return ""
    suffix = PurePosixPath(name).suffix[:20]
    return name if len(name) <= MAX_NAME else name[: MAX_NAME - len(suffix)] + suffix


def kind_of(name: str, declared: str, head: bytes) -> DocumentKind:
    """What a file is.

    Args:
        name: Its clean name.
        declared: The content type that it was sent with; decides only for an unknown name.
        head: Its first ``HEAD_BYTES``.

    Raises:
        ApiError: It is of no type that is taken, or its content is not of its type (400).
    """
    kind = KINDS.get(PurePosixPath(name).suffix.lower())
    if kind is None:
        mime_type = declared.partition(";")[0].strip().lower()
        if not DECLARED_TEXT.fullmatch(mime_type):
            raise ApiError(400, "Files are PDF, DOCX, TXT, MD or of another text-based format")
        kind = DocumentKind(mime_type, Form.PLAIN)
    if not _fits(kind.form, head):
        raise ApiError(400, f"The file's content is not {kind.mime_type}")
    return kind


def _fits(form: Form, head: bytes) -> bool:
    match form:
        case Form.PDF:
            return b"%PDF-" in head
        case Form.DOCX:
            return head.startswith(b"PK\x03\x04")
        case Form.PLAIN | Form.HTML:
            # UTF-16 is text too, and half of it is zeros: its mark says so.
            return b"\0" not in head or head.startswith(UTF_16_MARKS)
