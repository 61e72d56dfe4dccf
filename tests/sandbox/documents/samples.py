"""Documents made byte by byte: sound ones, broken ones and hostile ones."""

import io
import zipfile
import zlib

from pypdf import PdfReader, PdfWriter

WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def pdf(*pages: str) -> bytes:
    """A PDF that shows one line on each page."""
    return pdf_of(*(f"BT /F1 12 Tf 72 720 Td ({page}) Tj ET".encode() for page in pages))


def pdf_of(*contents: bytes) -> bytes:
    """A PDF whose pages have these content streams, compressed."""
    first = 4
    kids = " ".join(f"{first + 2 * n} 0 R" for n in range(len(contents)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(contents)} >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    for number, content in enumerate(contents):
        stream = zlib.compress(content)
        head = f"<< /Length {len(stream)} /Filter /FlateDecode >>".encode()
        part = first + 2 * number + 1
        box = "/MediaBox [0 0 612 792] /Resources << /Font << /F1 3 0 R >> >>"
        page = f"<< /Type /Page /Parent 2 0 R {box} /Contents {part} 0 R >>"
        objects += [page.encode(), head + b"\nstream\n" + stream + b"\nendstream"]
    return _assembled(objects)


def locked_pdf() -> bytes:
    """A PDF that opens with a password only."""
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf("A secret price"))))
    writer.encrypt("a password", algorithm="AES-256")
    written = io.BytesIO()
    writer.write(written)
    return written.getvalue()


def endless_pdf() -> bytes:
    """A PDF of some 40 KB whose one page takes far longer to read than anybody would wait."""
    return pdf_of(b"BT /F1 12 Tf 72 720 Td " + b"(a) Tj " * 3_000_000 + b"ET")


def docx(*paragraphs: str) -> bytes:
    """A DOCX file with these paragraphs."""
    body = "".join(f"<w:p><w:r><w:t>{words}</w:t></w:r></w:p>" for words in paragraphs)
    return docx_of(document(body))


def document(body: str, *, before: str = "") -> bytes:
    """The main part of a DOCX file, with something before its root if need be."""
    root = f'<w:document xmlns:w="{WORD}"><w:body>{body}</w:body></w:document>'
    return f'<?xml version="1.0" encoding="UTF-8"?>{before}{root}'.encode()


def docx_of(part: bytes, *, name: str = "word/document.xml") -> bytes:
    """A DOCX file with one part."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        # Of one date, so that the same content gives the same bytes.
        archive.writestr(zipfile.ZipInfo(name), part, zipfile.ZIP_DEFLATED)
    return written.getvalue()


def docx_bomb() -> bytes:
    """A DOCX file of some 60 KB that unpacks to 64 MiB."""
    return docx_of(document("<w:p><w:r><w:t>" + "a" * 67_108_864 + "</w:t></w:r></w:p>"))


def _assembled(objects: list[bytes]) -> bytes:
    written = bytearray(b"%PDF-1.4\n")
    offsets = []
    for number, content in enumerate(objects, start=1):
        offsets.append(len(written))
        written += f"{number} 0 obj\n".encode() + content + b"\nendobj\n"
    table = len(written)
    written += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    written += b"".join(f"{offset:010} 00000 n \n".encode() for offset in offsets)
    trailer = f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{table}\n%%EOF\n"
    return bytes(written) + trailer.encode()
