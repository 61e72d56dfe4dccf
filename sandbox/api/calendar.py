"""The Google Calendar integration of a business: read, create or update."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from pydantic.alias_generators import to_camel
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.answers import json_answer
from sandbox.api.access import Access
from sandbox.bodies import read_model
from sandbox.errors import ApiError, missing
from sandbox.faults import FaultName, Target
from sandbox.model.base import new_id
from sandbox.model.calendar import CalendarIntegration
from sandbox.model.tenants import Business
from sandbox.state import Sandbox
from sandbox.world import World

READ = "integrations:read"
CREATE = "integrations:create"
NOT_SHARED = "The calendar could not be shared with the service account"

Written = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=8_192)]


class CalendarBody(BaseModel):
    """The request's body; the token is looked at for presence only and never kept."""

    model_config = ConfigDict(alias_generator=to_camel, strict=True)

    access_token: Written = Field(repr=False)
    calendar_id: Written


class CalendarRoutes:
    """The integration's routes.

    Args:
        sandbox: Holds the integrations.
        access: Lets callers in.
    """

    def __init__(self, *, sandbox: Sandbox, access: Access) -> None:
        self._sandbox = sandbox
        self._access = access

    def routes(self, prefix: str) -> list[Route]:
        """The routes under the API's prefix."""
        path = f"{prefix}/businesses/{{business_id}}/integrations/google-calendar"
        return [
            Route(path, self.read, methods=["GET"]),
            Route(path, self.connect, methods=["POST"]),
        ]

    async def read(self, request: Request) -> Response:
        """The integration, 404 where none is set up."""
        business = self._access.business(request, READ, Target.INTEGRATIONS)
        await self._access.misbehave(request, Target.INTEGRATIONS, READ)
        integration = integration_of(self._sandbox.world, business)
        if integration is None:
            raise missing("Google Calendar integration")
        return json_answer(_shown(integration))

    async def connect(self, request: Request) -> Response:
        """Share a calendar with the service account; a business's second takes the first's place.

        201 where the integration is new, 200 where it was changed.
        """
        business = self._access.business(request, CREATE, Target.INTEGRATIONS)
        await self._access.misbehave(request, Target.INTEGRATIONS, CREATE)
        body = await read_model(request, CalendarBody)
        if self._sandbox.faults.strike({FaultName.CALENDAR_NOT_SHARED}, Target.INTEGRATIONS):
            raise ApiError(400, NOT_SHARED)
        before = integration_of(self._sandbox.world, business)
        integration = _connected(business, before, body.calendar_id)
        self._sandbox.world.put(integration)
        answer = json_answer(_shown(integration), status=200 if before else 201)
        return self._access.answered(Target.INTEGRATIONS, answer)


def integration_of(world: World, business: Business) -> CalendarIntegration | None:
    """The business's integration, if it has one."""
    every = world.every(CalendarIntegration)
    return next((found for found in every if found.business_id == business.id), None)


def _connected(
    business: Business, before: CalendarIntegration | None, calendar_id: str
) -> CalendarIntegration:
    if before is not None and before.calendar_id == calendar_id:
        return before
    return CalendarIntegration(
        id=before.id if before else new_id("calendar"),
        business_id=business.id,
        calendar_id=calendar_id,
        acl_rule_id=new_id("acl"),
    )


def _shown(integration: CalendarIntegration) -> dict[str, Any]:
    return integration.model_dump(mode="json", by_alias=True, exclude={"business_id"})
