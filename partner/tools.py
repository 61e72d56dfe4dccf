"""Reads the library of tools, and keeps a business's instances of them."""

from partner.channel import Channel, Endpoint, path_of
from partner.models.page import Page, read_changed, read_one, read_page
from partner.models.tools import CreateTool, Tool, ToolTemplate, UpdateTool
from partner.walk import Walk

_READ = "tools:read"
_CREATE = "tools:create"
_UPDATE = "tools:update"
_DELETE = "tools:delete"


class ToolEndpoints:
    """The endpoints under ``/tools`` and ``/businesses/:businessId/tools``."""

    _channel: Channel

    async def list_tool_templates(self, page: int = 1, page_size: int = 100) -> Page[ToolTemplate]:
        """One page of the library; pages count from 1 and have at most 100 items.

        Raises:
            NotSent: It could not be asked.
            Refused: The upstream refused.
            Unknown: No good answer came.
        """
        endpoint = Endpoint(method="GET", path=path_of("tools"), scope=_READ)
        answer = await self._channel.read_listed(endpoint, page, page_size)
        return read_page(answer, ToolTemplate, page=page, page_size=page_size)

    def iter_tool_templates(self, *, page_size: int = 100) -> Walk[ToolTemplate]:
        """The whole library, page by page."""
        return Walk(self.list_tool_templates, page_size=page_size)

    async def get_tool_template(self, tool_id: str) -> ToolTemplate:
        """One template.

        Raises:
            NotSent: It could not be asked.
            Refused: 404 where the id is unknown.
            Unknown: No good answer came.
        """
        endpoint = Endpoint(method="GET", path=path_of("tools", tool_id), scope=_READ)
        return read_one(await self._channel.read(endpoint), ToolTemplate)

    async def list_tool_instances(
        self, business_id: str, page: int = 1, page_size: int = 100
    ) -> Page[Tool]:
        """One page of a business's tools; pages count from 1 and have at most 100 items.

        Raises:
            NotSent: It could not be asked.
            Refused: The upstream refused.
            Unknown: No good answer came.
        """
        endpoint = Endpoint(method="GET", path=_path(business_id), scope=_READ)
        answer = await self._channel.read_listed(endpoint, page, page_size)
        return read_page(answer, Tool, page=page, page_size=page_size)

    def iter_tool_instances(self, business_id: str, *, page_size: int = 100) -> Walk[Tool]:
        """All of a business's tools, page by page."""
        return Walk(
            lambda page, size: self.list_tool_instances(business_id, page, size),
            page_size=page_size,
        )

    async def create_tool_instance(self, business_id: str, body: CreateTool) -> Tool:
        """Make an instance of a template. Sent once.

        Raises:
            NotSent: It was not sent.
            Refused: The upstream did not act.
            Unknown: It may exist now; list them before making it again.
        """
        endpoint = Endpoint(method="POST", path=_path(business_id), scope=_CREATE)
        return read_one(await self._channel.write(endpoint, body.body()), Tool)

    async def get_tool_instance(self, business_id: str, tool_id: str) -> Tool:
        """One tool of a business.

        Raises:
            NotSent: It could not be asked.
            Refused: 404 where either id is unknown.
            Unknown: No good answer came.
        """
        endpoint = Endpoint(method="GET", path=_path(business_id, tool_id), scope=_READ)
        return read_one(await self._channel.read(endpoint), Tool)

    async def update_tool_instance(self, business_id: str, tool_id: str, body: UpdateTool) -> Tool:
        """Change a tool; returns it as it is afterwards. Sent once.

        Raises:
            NotSent: It was not sent.
            Refused: The upstream did not act.
            Unknown: It may be changed now; read it.
        """
        endpoint = Endpoint(method="PATCH", path=_path(business_id, tool_id), scope=_UPDATE)
        answer = await self._channel.write(endpoint, body.body())
        return await read_changed(
            answer, Tool, ask=lambda: self.get_tool_instance(business_id, tool_id)
        )

    async def delete_tool_instance(self, business_id: str, tool_id: str) -> None:
        """Delete a tool. Sent once.

        Raises:
            NotSent: It was not sent.
            Refused: The upstream did not act; 404 where it isn't there (any more).
            Unknown: It may be gone; read it.
        """
        path = _path(business_id, tool_id)
        await self._channel.write(Endpoint(method="DELETE", path=path, scope=_DELETE))


def _path(business_id: str, *tool_id: str) -> str:
    return path_of("businesses", business_id, "tools", *tool_id)
