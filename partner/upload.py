"""Decides whether a file on disk can go into a knowledge base, before any of it leaves."""

import codecs
import math
import os
import stat
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from partner.errors import FileCode, UnfitFile

LIMIT_BYTES: Final = 25 * 1024 * 1024
"""The largest upload unless told otherwise; the guide names no limit."""

TEXT_TYPES: Final = {
    ".csv": "text/csv",
    ".htm": "text/html",
    ".html": "text/html",
    ".ini": "text/plain",
    ".json": "application/json",
    ".jsonl": "application/jsonl",
    ".log": "text/plain",
    ".markdown": "text/markdown",
    ".md": "text/markdown",
    ".rst": "text/x-rst",
    ".text": "text/plain",
    ".toml": "application/toml",
    ".tsv": "text/tab-separated-values",
    ".txt": "text/plain",
    ".xml": "application/xml",
    ".yaml": "application/yaml",
    ".yml": "application/yaml",
}
"""Extensions of text, and what they are declared as."""

PDF: Final = "application/pdf"
DOCX: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
TYPES: Final = {".docx": DOCX, ".pdf": PDF, **TEXT_TYPES}
"""All extensions that can be uploaded."""

_MEBIBYTE: Final = 1024 * 1024
_PIECE: Final = 256 * 1024
_HEAD: Final = 1024
_PDF_MARK: Final = b"%PDF-"
_WORD_PART: Final = "word/document.xml"
_UTF16_MARKS: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_DONT_WAIT: Final = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
_NAME_BYTES: Final = 255


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A file to upload, where more than its path is to be said.

    Attributes:
        path: Where it lies.
        name: What the upstream shows it as; the path's last part if None. Its extension says
            what it is.
        limit_bytes: The largest that may leave; the upstream may have a limit of its own.
    """

    path: Path
    name: str | None = None
    limit_bytes: int = LIMIT_BYTES


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """An open file that was found fit; the very bytes that were looked at are sent.

    Attributes:
        handle: At the file's beginning.
        path: Where it lies.
        name: What the upstream shows it as.
        mime_type: What it is declared as.
        size: In bytes.
        modified: Its time of change, nanoseconds.
    """

    handle: BinaryIO
    path: Path
    name: str
    mime_type: str
    size: int
    modified: int


@contextmanager
def open_fit(upload: Upload) -> Iterator[Document]:
    """The file, open, if it can be uploaded.

    Raises:
        UnfitFile: It can't; the code says why.
    """
    name = _name(upload)
    with _open(upload) as handle:
        try:
            document = _look(upload, name, handle)
        except OSError as error:
            raise _unfit(upload, "file_not_readable", f"can't be read: {_why(error)}") from error
        yield document


def _name(upload: Upload) -> str:
    name = upload.path.name if upload.name is None else upload.name
    try:
        size = len(name.encode())
    except UnicodeEncodeError:
        size = 0
    if not 0 < size <= _NAME_BYTES:
        raise _unfit(upload, "file_name", f"has no name of 1 to {_NAME_BYTES} bytes of UTF-8")
    return name


def _open(upload: Upload) -> BinaryIO:
    try:
        # A named pipe without a writer would keep a plain open() waiting for good.
        descriptor = os.open(upload.path, os.O_RDONLY | _DONT_WAIT)
    except FileNotFoundError as error:
        raise _unfit(upload, "file_missing", "isn't there") from error
    except NotADirectoryError as error:
        raise _unfit(upload, "file_not_regular", "is no regular file") from error
    except (OSError, ValueError) as error:
        raise _unfit(upload, "file_not_readable", f"can't be opened: {_why(error)}") from error
    try:
        return os.fdopen(descriptor, "rb")
    except IsADirectoryError as error:
        # It leaves a descriptor that it didn't open to whoever did.
        os.close(descriptor)
        raise _unfit(upload, "file_not_regular", "is no regular file") from error


def _look(upload: Upload, name: str, handle: BinaryIO) -> Document:
    found = os.fstat(handle.fileno())
    if not stat.S_ISREG(found.st_mode):
        raise _unfit(upload, "file_not_regular", "is no regular file")
    if found.st_size == 0:
        raise _unfit(upload, "file_empty", "is empty")
    if found.st_size > upload.limit_bytes:
        why = f"has {_size(found.st_size)}; the limit is {_size(upload.limit_bytes)}"
        raise _unfit(upload, "file_too_large", why)
    mime_type = TYPES.get(Path(name).suffix.lower())
    if mime_type is None:
        known = ", ".join(sorted(TYPES))
        raise _unfit(upload, "file_type", f"has no extension that can be read: {known}")
    wrong = _contradiction(handle, mime_type)
    if wrong is not None:
        raise _unfit(upload, "file_type", wrong)
    handle.seek(0)
    return Document(
        handle=handle,
        path=upload.path,
        name=name,
        mime_type=mime_type,
        size=found.st_size,
        modified=found.st_mtime_ns,
    )


def _contradiction(handle: BinaryIO, mime_type: str) -> str | None:
    """How the content differs from what the extension says, or None."""
    if mime_type == PDF:
        # Readers look for the mark in the first kilobyte, and so do writers of odd PDFs.
        return None if _PDF_MARK in handle.read(_HEAD) else "is called PDF, but is none"
    if mime_type == DOCX:
        return None if _is_docx(handle) else "is called DOCX, but is none"
    return None if _is_text(handle) else "is called text, but isn't UTF-8 or UTF-16 text"


def _is_docx(handle: BinaryIO) -> bool:
    try:
        with zipfile.ZipFile(handle) as archive:
            return _WORD_PART in archive.namelist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, EOFError):
        return False


def _is_text(handle: BinaryIO) -> bool:
    head = handle.read(2)
    handle.seek(0)
    coding = "utf-16" if head in _UTF16_MARKS else "utf-8"
    decoder = codecs.getincrementaldecoder(coding)()
    try:
        while piece := handle.read(_PIECE):
            if "\0" in decoder.decode(piece):
                return False
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _why(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)


def _size(count: int) -> str:
    """Bytes for people; rounded up, so that what is too large never looks like the limit."""
    if count < _MEBIBYTE:
        return f"{count} bytes"
    return f"{math.ceil(count * 10 / _MEBIBYTE) / 10:g} MiB"


def _unfit(upload: Upload, code: FileCode, why: str) -> UnfitFile:
    # A file's name may hold escape sequences, and the message may end on a terminal.
    return UnfitFile(code, f"{str(upload.path)!r} {why}", path=upload.path)
