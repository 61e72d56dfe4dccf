"""Keeps a business's knowledge base: uploads files and waits until they can be used."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from partner.channel import WORTH_RETRYING, Channel, Endpoint, path_of
from partner.errors import FileFailed, FileNotReady, NotSent, PartnerError, Refused, Unknown
from partner.models.files import KnowledgeFile
from partner.models.page import Page, read_one, read_page
from partner.multipart import Form, Progress
from partner.upload import Upload, open_fit
from partner.walk import Walk

_READ: Final = "files:read"
_CREATE: Final = "files:create"
_DELETE: Final = "files:delete"
_FIRST_PAUSE: Final = 0.5  # seconds
_LONGEST_PAUSE: Final = 10.0
_GROWTH: Final = 1.6
_PASSING: Final = WORTH_RETRYING | {"rate_limited"}
"""What a reading can fail with while the waiting goes on."""


class FileEndpoints:
    """The endpoints under ``/businesses/:businessId/files``."""

    _channel: Channel

    async def list_files(
        self, business_id: str, page: int = 1, page_size: int = 100
    ) -> Page[KnowledgeFile]:
        """One page of a business's files; pages count from 1 and have at most 100 items.

        Raises:
            NotSent: It could not be asked.
            Refused: The upstream refused.
            Unknown: No good answer came.
        """
        endpoint = Endpoint(method="GET", path=_path(business_id), scope=_READ)
        answer = await self._channel.read_listed(endpoint, page, page_size)
        return read_page(answer, KnowledgeFile, page=page, page_size=page_size)

    def iter_files(self, business_id: str, *, page_size: int = 100) -> Walk[KnowledgeFile]:
        """All of a business's files, page by page."""
        return Walk(
            lambda page, size: self.list_files(business_id, page, size), page_size=page_size
        )

    async def upload_file(
        self, business_id: str, source: Path | Upload, *, on_progress: Progress | None = None
    ) -> KnowledgeFile:
        """Upload a file, which is processed before it can be used. Sent once.

        It is read and sent piece by piece. A refused token alone is renewed, and the file sent
        anew; ``on_progress`` then begins again.

        Args:
            business_id: The business.
            source: The file; an :class:`Upload` where its name or the limit is to differ.
            on_progress: Told the file's bytes that were handed to the network, and all there
                are, after each piece. What it raises ends the upload and reaches the caller.

        Raises:
            UnfitFile: It is missing, empty, too large or of an unreadable type; not sent.
            NotSent: It was not sent.
            Refused: The upstream did not take it.
            Unknown: It may be there now (``file_changed``: it can't be whole); list the files
                before uploading it again.
        """
        upload = source if isinstance(source, Upload) else Upload(path=source)
        endpoint = Endpoint(method="POST", path=_path(business_id), scope=_CREATE)
        with ExitStack() as stack:
            document = await asyncio.to_thread(stack.enter_context, open_fit(upload))
            answer = await self._channel.upload(
                endpoint, lambda: Form(document, on_progress=on_progress)
            )
        return read_one(answer, KnowledgeFile)

    async def get_file(self, business_id: str, file_id: str) -> KnowledgeFile:
        """One file of a business, with its status.

        Raises:
            NotSent: It could not be asked.
            Refused: 404 where either id is unknown.
            Unknown: No good answer came.
        """
        endpoint = Endpoint(method="GET", path=_path(business_id, file_id), scope=_READ)
        return read_one(await self._channel.read(endpoint), KnowledgeFile)

    async def delete_file(self, business_id: str, file_id: str) -> None:
        """Delete a file. Sent once.

        Raises:
            NotSent: It was not sent.
            Refused: The upstream did not act; 404 where it isn't there (any more).
            Unknown: It may be gone; read it.
        """
        path = _path(business_id, file_id)
        await self._channel.write(Endpoint(method="DELETE", path=path, scope=_DELETE))

    async def wait_for_file(
        self,
        business_id: str,
        file_id: str,
        *,
        timeout: float,  # noqa: ASYNC109 - the error carries the file, which asyncio's can't
        on_status: Callable[[KnowledgeFile], None] | None = None,
    ) -> KnowledgeFile:
        """Wait until a file is ready, reading it with growing, jittered pauses.

        Failures that may pass (no connection, 5xx, 429 with its ``retry_after``) are waited
        out.

        Args:
            business_id: The business.
            file_id: The file.
            timeout: Most seconds to wait.
            on_status: Told the file after each reading.

        Raises:
            FileFailed: The upstream could not process it.
            FileNotReady: It isn't ready in time; the cause is the last failure, if any.
            NotSent: It can't be asked.
            Refused: 404 where either id is unknown, or the file was deleted meanwhile.
            Unknown: No good answer came.
        """
        watch = _Watch(on_status)
        try:
            async with asyncio.timeout(timeout) as deadline:
                while True:
                    pause = await watch.look(self.get_file(business_id, file_id))
                    if watch.file is not None and watch.file.ready:
                        return watch.file
                    await asyncio.sleep(pause)
        except TimeoutError:
            if not deadline.expired():
                raise
            message = f"the file {file_id} was not ready within {timeout:g} s"
            raise FileNotReady(message, file=watch.file) from watch.failure


class _Watch:
    """What was seen of a file so far, and how long to rest before the next look."""

    def __init__(self, on_status: Callable[[KnowledgeFile], None] | None) -> None:
        self._on_status = on_status
        self._pause = _FIRST_PAUSE
        self.file: KnowledgeFile | None = None
        self.failure: PartnerError | None = None

    async def look(self, reading: Awaitable[KnowledgeFile]) -> float:
        asked_for = 0.0
        try:
            self.file, self.failure = await reading, None
        except (NotSent, Refused, Unknown) as error:
            if error.code not in _PASSING:
                raise
            self.failure = error
            asked_for = (error.retry_after or 0.0) if isinstance(error, Refused) else 0.0
        else:
            if self._on_status is not None:
                self._on_status(self.file)
            if self.file.failed:
                raise FileFailed(self.file)
        return max(asked_for, self._next_pause())

    def _next_pause(self) -> float:
        pause = self._pause * random.SystemRandom().uniform(0.75, 1.25)
        self._pause = min(_LONGEST_PAUSE, self._pause * _GROWTH)
        return pause


def _path(business_id: str, *file_id: str) -> str:
    return path_of("businesses", business_id, "files", *file_id)
