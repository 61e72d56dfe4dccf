"""Decides who may do what: bearer keys and tokens, scopes, and the faults of every route."""

import asyncio
from collections.abc import Callable, Mapping

from starlette.requests import Request
from starlette.responses import Response

from sandbox.answers import Interruption, Silence, error_answer
from sandbox.errors import CODES, ApiError
from sandbox.faults import Fault, FaultName, Target
from sandbox.model.tenants import Business
from sandbox.state import Sandbox
from sandbox.tokens import Caller

PLAIN = frozenset(
    {
        FaultName.REFUSE,
        FaultName.UNAUTHORIZED,
        FaultName.FORBIDDEN,
        FaultName.NOT_FOUND,
        FaultName.FAIL_BEFORE_RING,
        FaultName.UNAVAILABLE_HTML,
        FaultName.RATE_LIMIT,
        FaultName.REDIRECT,
        FaultName.HANG_BEFORE_RING,
        FaultName.DROP_BEFORE_RING,
    }
)
"""Faults that need no call, so that any route can have them."""
PROXY_PAGE = "<html><head><title>{0}</title></head><body><h1>{0}</h1></body></html>"


class Access:
    """Lets requests in.

    Args:
        sandbox: Knows keys, tokens and faults.
    """

    def __init__(self, *, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def caller(self, request: Request, scope: str, target: Target) -> Caller:
        """Who asks, with the right to.

        Raises:
            ApiError: No valid key or token (401), or the scope is missing (403).
        """
        bearer = _bearer(request)
        known = self._sandbox.world.key_holder(bearer) or self._sandbox.tokens.read(bearer)
        if known is None or self._sandbox.faults.strike({FaultName.TOKEN_REJECTED}, target):
            raise unauthorized()
        if scope not in known.scopes:
            raise forbidden(scope)
        return known

    def business(self, request: Request, scope: str, target: Target) -> Business:
        """The business that the path names, for a caller with the right to it.

        Raises:
            ApiError: 401, 403, or the business is not the caller's (404).
        """
        caller = self.caller(request, scope, target)
        business_id = str(request.path_params["business_id"])
        return self._sandbox.world.business_of(caller.organization_id, business_id)

    async def misbehave(
        self, request: Request, target: Target, scope: str, *, agent_id: str | None = None
    ) -> None:
        """Let the faults strike that a route which rings nobody can have.

        Raises:
            Interruption: One struck.
        """
        faults = self._sandbox.faults
        slow = faults.strike({FaultName.SLOW}, target, agent_id=agent_id)
        if slow is not None:
            await asyncio.sleep(slow.seconds)
        fault = faults.strike(PLAIN, target, agent_id=agent_id)
        if fault is not None:
            raise Interruption(plain_answer(fault, request, scope))

    def answered(
        self, target: Target, answer: Response, *, agent_id: str | None = None
    ) -> Response:
        """The answer to a write that was carried out, or silence where its answer gets lost.

        Args:
            target: Which requests the write is one of.
            answer: What it is answered with as a rule.
            agent_id: The agent that it was for.
        """
        lost = self._sandbox.faults.strike({FaultName.LOST_ANSWER}, target, agent_id=agent_id)
        return answer if lost is None else Silence()

    def check_assistant(self, *, agent_id: str | None = None) -> None:
        """Stand for the making of an agent's voice assistant, the step that can fail.

        Call it once everything else about the write is settled, and undo what was kept when
        it raises: the guide has a failed assistant roll the whole operation back.

        Raises:
            Interruption: The fault ``assistant_failed`` struck.
        """
        fault = self._sandbox.faults.strike(
            {FaultName.ASSISTANT_FAILED}, Target.AGENTS, agent_id=agent_id
        )
        if fault is not None:
            raise Interruption(failed(fault, "Failed to create voice assistant"))


def unauthorized() -> ApiError:
    """401, as for a missing, unknown or expired key or token."""
    return ApiError(
        401,
        "Invalid or expired access token or API key",
        headers={"WWW-Authenticate": 'Bearer error="invalid_token"'},
    )


def forbidden(scope: str) -> ApiError:
    """403, naming the scope that the credential lacks."""
    return ApiError(
        403,
        f"Missing required scope: {scope}",
        headers={"WWW-Authenticate": f'Bearer error="insufficient_scope", scope="{scope}"'},
    )


def plain_answer(fault: Fault, request: Request, scope: str) -> Response:
    """What a fault of ``PLAIN`` answers.

    Args:
        fault: The fault that struck.
        request: A redirect leads back to it.
        scope: What a 403 says is missing.
    """
    answers: Mapping[FaultName, Callable[[], Response]] = {
        FaultName.REFUSE: lambda: error_answer(ApiError(400, "The request was refused")),
        FaultName.UNAUTHORIZED: lambda: error_answer(unauthorized()),
        FaultName.FORBIDDEN: lambda: error_answer(forbidden(scope)),
        FaultName.NOT_FOUND: lambda: error_answer(ApiError(404, "Not found")),
        FaultName.FAIL_BEFORE_RING: lambda: failed(fault, "Something went wrong"),
        FaultName.UNAVAILABLE_HTML: lambda: _proxy_page(fault),
        FaultName.RATE_LIMIT: lambda: _too_many(fault),
        FaultName.REDIRECT: lambda: Response(None, 307, {"Location": str(request.url)}),
        FaultName.HANG_BEFORE_RING: lambda: Silence(seconds=fault.seconds),
        FaultName.DROP_BEFORE_RING: Silence,
    }
    return answers[fault.name]()


def failed(fault: Fault, what: str) -> Response:
    """The status that the fault chooses, as JSON."""
    return error_answer(ApiError(fault.order.status or 500, what))


def _bearer(request: Request) -> str:
    kind, _, value = request.headers.get("authorization", "").partition(" ")
    return value.strip() if kind.lower() == "bearer" else ""


def _proxy_page(fault: Fault) -> Response:
    status = fault.order.status or 503
    page = PROXY_PAGE.format(f"{status} {CODES.get(status, 'ERROR')}")
    return Response(page, status, _retry_after(fault), media_type="text/html")


def _too_many(fault: Fault) -> Response:
    return error_answer(ApiError(429, "Too many requests", headers=_retry_after(fault)))


def _retry_after(fault: Fault) -> dict[str, str]:
    return {"Retry-After": fault.order.retry_after} if fault.order.retry_after else {}
