"""Knowledge-base files: upload, list, read, delete."""

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.answers import json_answer
from sandbox.api.access import Access
from sandbox.api.paging import page_answer
from sandbox.api.uploads import uploaded
from sandbox.clock import iso
from sandbox.documents.kinds import HEAD_BYTES, clean_name, kind_of
from sandbox.documents.reader import DocumentReader
from sandbox.errors import ApiError, missing
from sandbox.faults import FaultName, Target
from sandbox.model.base import new_id
from sandbox.model.files import KnowledgeFile
from sandbox.model.tenants import Business
from sandbox.state import Sandbox

READ = "files:read"
CREATE = "files:create"
DELETE = "files:delete"
LEAST_SECONDS = 2.0
SECONDS_PER_MIB = 1.0
MIB = 1_048_576


class FileRoutes:
    """The file routes.

    Args:
        sandbox: Holds the files.
        access: Lets callers in.
    """

    def __init__(self, *, sandbox: Sandbox, access: Access) -> None:
        self._sandbox = sandbox
        self._access = access
        self._reader = DocumentReader()

    def routes(self, prefix: str) -> list[Route]:
        """The routes under the API's prefix."""
        files = f"{prefix}/businesses/{{business_id}}/files"
        one = f"{files}/{{file_id}}"
        return [
            Route(files, self.listed, methods=["GET"]),
            Route(files, self.upload, methods=["POST"]),
            Route(one, self.one, methods=["GET"]),
            Route(one, self.delete, methods=["DELETE"]),
        ]

    async def listed(self, request: Request) -> Response:
        """One page of a business's files, oldest first."""
        business = await self._business(request, READ)
        now = self._sandbox.clock.now()
        files = [
            file
            for file in self._sandbox.world.every(KnowledgeFile)
            if file.business_id == business.id
        ]
        return page_answer(files, request.query_params, lambda file: file.described(now))

    async def upload(self, request: Request) -> Response:
        """Take in a file; it is being processed for some virtual seconds from then on."""
        business = await self._business(request, CREATE)
        async with uploaded(request) as upload:
            file = await self._file(business, upload)
        self._sandbox.world.put(file)
        shown = file.described(self._sandbox.clock.now())
        return self._access.answered(Target.FILES, json_answer(shown, status=201))

    async def one(self, request: Request) -> Response:
        """One file, with its status now."""
        business = await self._business(request, READ)
        file = self._found(request, business)
        return json_answer(file.described(self._sandbox.clock.now()))

    async def delete(self, request: Request) -> Response:
        """Take a file out of the world that no agent uses."""
        business = await self._business(request, DELETE)
        file = self._found(request, business)
        agents = self._sandbox.world.agents_in(business)
        if any(file.id in agent.knowledge_base_document_ids for agent in agents):
            raise ApiError(409, "File is used by a voice agent")
        self._sandbox.world.remove(file)
        return self._access.answered(Target.FILES, Response(status_code=204))

    async def _business(self, request: Request, scope: str) -> Business:
        business = self._access.business(request, scope, Target.FILES)
        await self._access.misbehave(request, Target.FILES, scope)
        return business

    async def _file(self, business: Business, upload: UploadFile) -> KnowledgeFile:
        name = clean_name(upload.filename or "")
        if not name:
            raise ApiError(400, "The file has no name")
        size = upload.size or 0
        kind = kind_of(name, upload.content_type or "", await upload.read(HEAD_BYTES))
        text = await self._reader.read(upload.file, kind.form)
        faults = self._sandbox.faults
        failed = faults.strike({FaultName.FILE_FAILED}, Target.FILES)
        slow = faults.strike({FaultName.FILE_SLOW}, Target.FILES)
        now = self._sandbox.clock.now()
        lasts = LEAST_SECONDS + SECONDS_PER_MIB * size / MIB + (slow.seconds if slow else 0.0)
        return KnowledgeFile(
            id=new_id("file"),
            business_id=business.id,
            name=name,
            mime_type=kind.mime_type,
            size_bytes=size,
            text=None if failed else text,
            settles=round(now + lasts, 3),
            created_at=iso(now),
            updated_at=iso(now),
        )

    def _found(self, request: Request, business: Business) -> KnowledgeFile:
        file = self._sandbox.world.find(KnowledgeFile, str(request.path_params["file_id"]))
        if file is None or file.business_id != business.id:
            raise missing("File")
        return file
