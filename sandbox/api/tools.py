"""Tools: the library of templates, and a business's instances of them."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.answers import json_answer
from sandbox.api.access import Access
from sandbox.api.paging import page_answer
from sandbox.bodies import read_model
from sandbox.catalog.templates import TEMPLATES, checked_override
from sandbox.clock import iso
from sandbox.errors import ApiError, missing
from sandbox.faults import Target
from sandbox.model.tenants import Business
from sandbox.model.tools import Tool, ToolTemplate
from sandbox.overrides import destinations_of, stored_override
from sandbox.state import Sandbox

READ = "tools:read"
CREATE = "tools:create"
UPDATE = "tools:update"
DELETE = "tools:delete"
AUTOMATIC = "The platform made this tool by itself; it can't be changed or deleted"


class NewTool(BaseModel):
    """The body that makes a tool."""

    model_config = ConfigDict(alias_generator=to_camel, strict=True)

    template_tool_id: str
    config_override: dict[str, Any] | None = None


class ToolChange(BaseModel):
    """The body that changes a tool; overrides are replaced as a whole."""

    model_config = ConfigDict(alias_generator=to_camel, strict=True)

    template_tool_id: str | None = None
    config_override: dict[str, Any] | None = None


class ToolRoutes:
    """The tool routes.

    Args:
        sandbox: Holds the tools.
        access: Lets callers in.
    """

    def __init__(self, *, sandbox: Sandbox, access: Access) -> None:
        self._sandbox = sandbox
        self._access = access

    def routes(self, prefix: str) -> list[Route]:
        """The routes under the API's prefix."""
        templates = f"{prefix}/tools"
        tools = f"{prefix}/businesses/{{business_id}}/tools"
        one = f"{tools}/{{tool_id}}"
        return [
            Route(templates, self.templates, methods=["GET"]),
            Route(f"{templates}/{{tool_id}}", self.template, methods=["GET"]),
            Route(tools, self.listed, methods=["GET"]),
            Route(tools, self.create, methods=["POST"]),
            Route(one, self.one, methods=["GET"]),
            Route(one, self.change, methods=["PATCH"]),
            Route(one, self.delete, methods=["DELETE"]),
        ]

    async def templates(self, request: Request) -> Response:
        """One page of the library."""
        self._access.caller(request, READ, Target.TOOLS)
        await self._access.misbehave(request, Target.TOOLS, READ)
        return page_answer(list(TEMPLATES.values()), request.query_params, ToolTemplate.described)

    async def template(self, request: Request) -> Response:
        """One template; an instance's id names none."""
        self._access.caller(request, READ, Target.TOOLS)
        await self._access.misbehave(request, Target.TOOLS, READ)
        template = TEMPLATES.get(str(request.path_params["tool_id"]))
        if template is None:
            raise missing("Tool")
        return json_answer(template.described())

    async def listed(self, request: Request) -> Response:
        """One page of a business's tools, oldest first, those of the platform's making too."""
        business = await self._business(request, READ)
        tools = [tool for tool in self._sandbox.world.every(Tool) if _is_of(tool, business)]
        return page_answer(tools, request.query_params, Tool.described)

    async def create(self, request: Request) -> Response:
        """Make a tool from a template."""
        business = await self._business(request, CREATE)
        body = await read_model(request, NewTool)
        template = TEMPLATES.get(body.template_tool_id)
        if template is None:
            raise ApiError(400, "templateToolId names no tool template")
        checked = checked_override(template, body.config_override or {})
        stored = stored_override(self._sandbox.world, business, template, checked)
        tool = template.instance(
            business_id=business.id, override=stored.override, at=self._stamp()
        )
        self._sandbox.world.together(put=[*stored.records, tool])
        return self._access.answered(Target.TOOLS, json_answer(tool.described(), status=201))

    async def one(self, request: Request) -> Response:
        """One tool."""
        business = await self._business(request, READ)
        return json_answer(self._tool(request, business).described())

    async def change(self, request: Request) -> Response:
        """Replace a tool's overrides; what they pointed at before goes."""
        business = await self._business(request, UPDATE)
        body = await read_model(request, ToolChange)
        tool = self._tool(request, business)
        template = _template_to_change(tool, body)
        if "config_override" in body.model_fields_set:
            tool = self._overridden(business, template, tool, body.config_override or {})
        return self._access.answered(Target.TOOLS, json_answer(tool.described()))

    async def delete(self, request: Request) -> Response:
        """Take a tool out of the world that no agent uses."""
        business = await self._business(request, DELETE)
        tool = self._tool(request, business)
        if tool.automatic:
            raise ApiError(400, AUTOMATIC)
        if any(tool.id in agent.tool_ids for agent in self._sandbox.world.agents_in(business)):
            raise ApiError(409, "Tool is used by a voice agent")
        self._sandbox.world.together(remove=[*destinations_of(self._sandbox.world, tool), tool])
        return self._access.answered(Target.TOOLS, Response(status_code=204))

    def _overridden(
        self, business: Business, template: ToolTemplate, tool: Tool, given: Mapping[str, Any]
    ) -> Tool:
        world = self._sandbox.world
        stored = stored_override(world, business, template, checked_override(template, given))
        changes = {"config_override": stored.override, "updated_at": self._stamp()}
        changed = tool.model_copy(update=changes)
        world.together(put=[*stored.records, changed], remove=destinations_of(world, tool))
        return changed

    async def _business(self, request: Request, scope: str) -> Business:
        business = self._access.business(request, scope, Target.TOOLS)
        await self._access.misbehave(request, Target.TOOLS, scope)
        return business

    def _tool(self, request: Request, business: Business) -> Tool:
        tool = self._sandbox.world.find(Tool, str(request.path_params["tool_id"]))
        if tool is None or not _is_of(tool, business):
            raise missing("Tool")
        return tool

    def _stamp(self) -> str:
        return iso(self._sandbox.clock.now())


def _is_of(tool: Tool, business: Business) -> bool:
    return tool.business_id == business.id


def _template_to_change(tool: Tool, body: ToolChange) -> ToolTemplate:
    template = TEMPLATES.get(tool.template_tool_id or "")
    if tool.automatic or template is None:
        raise ApiError(400, AUTOMATIC)
    named = "template_tool_id" in body.model_fields_set
    if named and body.template_tool_id != tool.template_tool_id:
        raise ApiError(400, "templateToolId can't change; make a new tool")
    return template
