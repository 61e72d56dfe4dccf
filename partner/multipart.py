"""Sends one file as a multipart form, piece by piece, and notices when it changes meanwhile."""

import asyncio
import os
import secrets
from collections.abc import AsyncGenerator, Callable
from typing import Final

from partner.errors import Unknown
from partner.upload import Document

Progress = Callable[[int, int], None]
"""Told the file's bytes that have been handed to the network, and all there are."""

_PIECE: Final = 256 * 1024
_FIELD: Final = "file"


class Form:
    """The body of an upload: a form (RFC 7578) whose one field is the file.

    Args:
        document: The file.
        on_progress: Told after each piece.
    """

    def __init__(self, document: Document, *, on_progress: Progress | None) -> None:
        boundary = f"form-{secrets.token_hex(16)}"
        self._document = document
        self._on_progress = on_progress
        self._head = _head(document, boundary)
        self._tail = f"\r\n--{boundary}--\r\n".encode()
        self.headers = {
            "Content-Type": f"multipart/form-data; boundary={boundary}",
            "Content-Length": str(len(self._head) + document.size + len(self._tail)),
        }

    async def pieces(self) -> AsyncGenerator[bytes, None]:
        """The body from its beginning, never more of the file in memory than one piece.

        Raises:
            Unknown: The file was changed since it was looked at. The end of the form was not
                sent, so that no server can take it for whole.
        """
        document = self._document
        yield self._head
        await asyncio.to_thread(document.handle.seek, 0)
        sent = 0
        while sent < document.size:
            size = min(_PIECE, document.size - sent)
            piece = await asyncio.to_thread(_read, document, size)
            if not piece:
                raise _changed(document)
            yield piece
            sent += len(piece)
            if self._on_progress is not None:
                self._on_progress(sent, document.size)
        if not await asyncio.to_thread(_is_as_it_was, document):
            raise _changed(document)
        yield self._tail


def _head(document: Document, boundary: str) -> bytes:
    disposition = f'form-data; name="{_FIELD}"; filename="{_quoted(document.name)}"'
    lines = (
        f"--{boundary}",
        f"Content-Disposition: {disposition}",
        f"Content-Type: {document.mime_type}",
        "",
        "",
    )
    return "\r\n".join(lines).encode()


def _quoted(name: str) -> str:
    """The name as browsers write it: nothing in it can end the quotes or the line."""
    return "".join(f"%{ord(sign):02X}" if _breaks_out(sign) else sign for sign in name)


def _breaks_out(sign: str) -> bool:
    return sign == '"' or ord(sign) < 0x20 or ord(sign) == 0x7F  # noqa: PLR2004 - ASCII's controls


def _read(document: Document, size: int) -> bytes:
    try:
        return document.handle.read(size)
    except OSError:
        return b""


def _is_as_it_was(document: Document) -> bool:
    now = os.fstat(document.handle.fileno())
    return (now.st_size, now.st_mtime_ns) == (document.size, document.modified)


def _changed(document: Document) -> Unknown:
    why = "was changed, or could not be read, while it was sent"
    message = f"the file {str(document.path)!r} {why}"
    return Unknown("file_changed", message)
