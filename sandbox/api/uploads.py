"""Reads one uploaded file out of a multipart form, never more than a limit."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.types import Message, Receive

from sandbox.errors import ApiError

FIELD = "file"
MAX_FILE = 26_214_400
"""25 MiB."""

MAX_REST = 65_536
"""What a form may hold beside the file: boundaries, headers, other fields."""

MAX_FIELDS = 20


@asynccontextmanager
async def uploaded(request: Request) -> AsyncIterator[UploadFile]:
    """The form's file, closed and gone afterwards; it lies on the disk beyond 1 MiB.

    Raises:
        ApiError: It is too long (413); or the body is no form, or holds no file, an empty one
            or several (400).
        HTTPException: The form is malformed (400).
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "multipart/form-data":
        raise ApiError(400, f"The body must be multipart/form-data with a field {FIELD}")
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > MAX_FILE + MAX_REST:
        raise _too_long()
    limited = Request(request.scope, _limited(request.receive))
    async with limited.form(max_files=1, max_fields=MAX_FIELDS, max_part_size=MAX_REST) as form:
        yield _file(form)


def _limited(receive: Receive) -> Receive:
    received = 0

    async def counted() -> Message:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        if received > MAX_FILE + MAX_REST:
            raise _too_long()
        return message

    return counted


def _file(form: FormData) -> UploadFile:
    found = form.getlist(FIELD)
    if len(found) != 1 or not isinstance(found[0], UploadFile):
        raise ApiError(400, f"The form must hold one file, in the field {FIELD}")
    file = found[0]
    if not file.size:
        raise ApiError(400, "The file is empty")
    if file.size > MAX_FILE:
        raise _too_long()
    return file


def _too_long() -> ApiError:
    return ApiError(413, f"The file is longer than {MAX_FILE} bytes")
