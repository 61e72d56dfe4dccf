"""Prints the text in the PDF, DOCX or HTML file on standard input: a program of its own.

A hostile file can be endless to read or fill the memory. It then ends this process, which has
limits, and not the sandbox. It is started by its path and imports nothing of the sandbox.
"""

import io
import logging
import resource
import sys
import zipfile
from collections.abc import Callable, Mapping
from html.parser import HTMLParser
from typing import NoReturn
from xml.parsers import expat

MAX_TEXT = 65_536
MAX_INPUT = 27_262_976
MAX_PAGES = 500
MAX_DOCUMENT = 33_554_432
CPU_SECONDS = 5
MEMORY_BYTES = 1_073_741_824
DOCX_PART = "word/document.xml"
BREAKS = frozenset({"p", "br", "div", "li", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "table"})
UNREAD = frozenset({"script", "style", "template", "noscript"})


class Unreadable(Exception):  # noqa: N818 -- it says what the file is
    """The file is broken, encrypted, or not worth reading further."""


def pdf_text(content: bytes) -> str:
    """The text of a PDF's pages; none where they are pictures.

    Raises:
        Unreadable: Opening it takes a password.
    """
    from pypdf import PasswordType, PdfReader

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    reader = PdfReader(io.BytesIO(content))
    if reader.is_encrypted and reader.decrypt("") is PasswordType.NOT_DECRYPTED:
        raise Unreadable("encrypted")
    pages: list[str] = []
    length = 0
    for number in range(min(len(reader.pages), MAX_PAGES)):
        pages.append(reader.pages[number].extract_text())
        length += len(pages[-1])
        if length >= MAX_TEXT:
            break
    return "\n".join(pages)


def docx_text(content: bytes) -> str:
    """The text of a DOCX file's body.

    Raises:
        Unreadable: It has none, unpacks to more than 32 MiB, or declares a document type.
    """
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        if DOCX_PART not in archive.namelist():
            raise Unreadable("no body")
        with archive.open(DOCX_PART) as part:
            # What the archive says of the size may be untrue.
            body = part.read(MAX_DOCUMENT + 1)
    if len(body) > MAX_DOCUMENT:
        raise Unreadable("too large")
    return _WordBody().read(body)


def html_text(content: bytes) -> str:
    """The words of a page, without tags, scripts and styles."""
    page = _Page()
    page.feed(content.decode("utf-8-sig", "replace"))
    page.close()
    return "".join(page.words)


class _WordBody:
    def __init__(self) -> None:
        self._words: list[str] = []
        self._within_text = False

    def read(self, body: bytes) -> str:
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.StartDoctypeDeclHandler = self._refuse
        parser.StartElementHandler = self._open
        parser.EndElementHandler = self._close
        parser.CharacterDataHandler = self._take
        parser.Parse(body, True)
        return "".join(self._words)

    def _refuse(self, *_: object) -> NoReturn:
        raise Unreadable("a document type")

    def _open(self, name: str, _: object) -> None:
        tag = name.rpartition(" ")[2]
        self._within_text = tag == "t"
        self._words.append({"tab": "\t", "br": "\n"}.get(tag, ""))

    def _close(self, name: str) -> None:
        tag = name.rpartition(" ")[2]
        self._within_text = False
        self._words.append("\n" if tag == "p" else "")

    def _take(self, words: str) -> None:
        if self._within_text:
            self._words.append(words)


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self._unread = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 -- the parser's signature
        self._unread += tag in UNREAD
        self._break(tag)

    def handle_endtag(self, tag: str) -> None:
        self._unread = max(0, self._unread - (tag in UNREAD))
        self._break(tag)

    def handle_data(self, data: str) -> None:
        if not self._unread:
            self.words.append(data)

    def _break(self, tag: str) -> None:
        if tag in BREAKS:
            self.words.append("\n")


READERS: Mapping[str, Callable[[bytes], str]] = {
    "pdf": pdf_text,
    "docx": docx_text,
    "html": html_text,
}


def main() -> int:
    """Read standard input, write its text to standard output; 0 when that went well."""
    _confine()
    content = sys.stdin.buffer.read(MAX_INPUT)
    try:
        text = READERS[sys.argv[1]](content)
    except Exception:  # noqa: BLE001 -- hostile input breaks parsers in every way there is
        return 1
    sys.stdout.buffer.write(text[:MAX_TEXT].encode("utf-8", "replace"))
    return 0


def _confine() -> None:
    limits = {
        resource.RLIMIT_CPU: CPU_SECONDS,
        resource.RLIMIT_AS: MEMORY_BYTES,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_CORE: 0,
    }
    for which, most in limits.items():
        try:
            resource.setrlimit(which, (most, most))
        except (OSError, ValueError):  # macOS lets no process limit its own memory
            continue


if __name__ == "__main__":
    sys.exit(main())
