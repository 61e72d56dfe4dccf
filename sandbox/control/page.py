"""Serves the page for people: what happens, live, and the forms that turn the sandbox."""

from collections.abc import Mapping

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from sandbox.bodies import explain
from sandbox.clock import iso
from sandbox.control.board import BoardReader
from sandbox.control.gate import Gate
from sandbox.control.render import ASSETS, HEADERS, write
from sandbox.control.switches import lift_named, lift_spent
from sandbox.errors import ApiError, missing
from sandbox.faults import FaultName, FaultOrder
from sandbox.model.agents import Agent
from sandbox.records import Recorder
from sandbox.script import DEFAULT_MIX, read_mix
from sandbox.state import Sandbox

HOME = "/sandbox/"
TRUE = "true"


class PageRoutes:
    """The page, its changing part, its files and its forms.

    Args:
        sandbox: What is shown and turned.
        gate: Lets people in.
        recorder: Describes calls.
    """

    def __init__(self, *, sandbox: Sandbox, gate: Gate, recorder: Recorder) -> None:
        self._sandbox = sandbox
        self._gate = gate
        self._board = BoardReader(sandbox=sandbox, recorder=recorder)

    def routes(self) -> list[Route]:
        """The routes; the files hold nothing that needs a key."""
        guard, form = self._gate.guard, self._gate.guard_form
        forms = "/sandbox/page"
        return [
            Route(HOME, guard(self.page), methods=["GET"]),
            Route("/sandbox/live", guard(self.live), methods=["GET"]),
            Route("/sandbox/static/{name}", self.file, methods=["GET"]),
            Route(f"{forms}/faults/lift", form(self.lift_faults), methods=["POST"]),
            Route(f"{forms}/faults/{{name}}", form(self.turn_fault), methods=["POST"]),
            Route(f"{forms}/outcomes", form(self.set_mix), methods=["POST"]),
            Route(f"{forms}/agents/{{agent_id}}/duty", form(self.set_duty), methods=["POST"]),
        ]

    async def page(self, request: Request) -> Response:  # noqa: ARG002 -- a route's signature
        """The whole page."""
        return self._shown("page.html")

    async def live(self, request: Request) -> Response:  # noqa: ARG002 -- a route's signature
        """The part of the page that changes, which its script asks for every second."""
        return self._shown("live.html")

    async def file(self, request: Request) -> Response:
        """A style sheet, script or picture of the page.

        It is asked about each time: with a virtual ``Date`` no browser can tell its age.
        """
        asset = ASSETS.get(str(request.path_params["name"]))
        if asset is None:
            raise missing("File")
        headers = {**HEADERS, "Cache-Control": "no-cache", "ETag": asset.etag}
        if request.headers.get("if-none-match") == asset.etag:
            return Response(status_code=304, headers=headers)
        return Response(asset.content, headers=headers, media_type=asset.media_type)

    async def turn_fault(self, request: Request, fields: Mapping[str, str]) -> Response:
        """Switch a fault on with the settings of the form, or off wherever it stands."""
        name = _fault_name(str(request.path_params["name"]))
        settings = dict(fields)
        if settings.pop("on", None) != TRUE:
            lift_named(self._sandbox.faults, name)
            return _back()
        try:
            order = FaultOrder.model_validate({**settings, "name": name})
        except ValidationError as error:
            raise ApiError(400, explain(error)) from error
        lift_spent(self._sandbox.faults, name)
        try:
            self._sandbox.faults.set(order)
        except ValueError as error:
            raise ApiError(409, str(error)) from error
        return _back()

    async def lift_faults(self, request: Request, fields: Mapping[str, str]) -> Response:  # noqa: ARG002 -- a form's signature
        """Switch all faults off."""
        self._sandbox.faults.clear()
        return _back()

    async def set_mix(self, request: Request, fields: Mapping[str, str]) -> Response:  # noqa: ARG002 -- a form's signature
        """Choose how calls from now on turn out, or go back to the usual mix."""
        if fields.get("usual") == TRUE:
            self._sandbox.tuning.mix = dict(DEFAULT_MIX)
            return _back()
        try:
            self._sandbox.tuning.mix = read_mix(
                {name: float(share) for name, share in fields.items()}
            )
        except ValueError as error:
            raise ApiError(400, str(error)) from error
        return _back()

    async def set_duty(self, request: Request, fields: Mapping[str, str]) -> Response:
        """Set a deployed agent on or off duty."""
        world = self._sandbox.world
        agent = world.find(Agent, str(request.path_params["agent_id"]))
        if agent is None:
            raise missing("Voice agent")
        if not agent.deployed:
            raise ApiError(400, "Only a deployed agent has a duty")
        stamp = iso(self._sandbox.clock.now())
        world.change(agent, at=stamp, on_duty=fields.get("on") == TRUE)
        return _back()

    def _shown(self, template: str) -> Response:
        body = write(template, self._board.read(), self._gate.token)
        return Response(body, headers=HEADERS, media_type="text/html")


def _fault_name(text: str) -> FaultName:
    try:
        return FaultName(text)
    except ValueError as error:
        raise missing("Fault") from error


def _back() -> Response:
    return RedirectResponse(HOME, status_code=303)
