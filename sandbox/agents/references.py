"""Decides whether what an agent names is there and can be used: voice, tools, documents."""

from collections.abc import Sequence

from sandbox.catalog.templates import TEMPLATES
from sandbox.catalog.voices import VOICES
from sandbox.errors import ApiError
from sandbox.model.files import FileStatus, KnowledgeFile
from sandbox.model.tenants import Business
from sandbox.model.tools import Tool
from sandbox.world import World


class References:
    """What agents of one business can name.

    Args:
        world: Holds tools and files.
        business: Whose agents they are.
        now: When they name it, in virtual Unix seconds.
    """

    def __init__(self, *, world: World, business: Business, now: float) -> None:
        self._world = world
        self._business = business
        self._now = now

    def voice(self, voice_id: str) -> str:
        """A voice's id.

        Raises:
            ApiError: There is no such voice (400).
        """
        if voice_id not in VOICES:
            raise ApiError(400, f"voiceId: there is no voice {voice_id!r}")
        return voice_id

    def tools(self, tool_ids: Sequence[str], *, own: Sequence[str] = ()) -> tuple[str, ...]:
        """The ids of tools that the caller chose.

        Args:
            tool_ids: The ids that were sent.
            own: Automatic tools of the agent itself, which are ignored.

        Raises:
            ApiError: One is a template's, is no tool of this business, is another agent's
                automatic tool, or is not enabled (400).
        """
        chosen = tuple(tool_id for tool_id in tool_ids if tool_id not in own)
        for tool_id in chosen:
            self._check_tool(tool_id)
        return chosen

    def documents(self, file_ids: Sequence[str]) -> tuple[str, ...]:
        """The ids of files in the knowledge base.

        Raises:
            ApiError: One is no file of this business, or is not ready (400).
        """
        for file_id in file_ids:
            file = self._world.find(KnowledgeFile, file_id)
            if file is None or file.business_id != self._business.id:
                raise ApiError(400, f"knowledgeBaseDocumentIds: there is no file {file_id!r}")
            status = file.status(self._now)
            if status is not FileStatus.READY:
                raise ApiError(
                    400, f"knowledgeBaseDocumentIds: file {file_id!r} is {status}, not ready"
                )
        return tuple(file_ids)

    def _check_tool(self, tool_id: str) -> None:
        if tool_id in TEMPLATES:
            raise ApiError(
                400,
                f"toolIds: {tool_id!r} is a template; make a tool from it and name that tool's id",
            )
        tool = self._world.find(Tool, tool_id)
        if tool is None or tool.business_id != self._business.id:
            raise ApiError(400, f"toolIds: there is no tool {tool_id!r}")
        if tool.automatic:
            raise ApiError(400, f"toolIds: {tool_id!r} was made for another agent")
        if not tool.enabled:
            raise ApiError(400, f"toolIds: tool {tool_id!r} is not enabled")
