"""Call history: lists and single calls, of a business and of an organization."""

import asyncio
import json
import random
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, TypeVar

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.answers import Interruption, json_answer
from sandbox.api.access import Access, failed
from sandbox.api.paging import read_page
from sandbox.calls import (
    Call,
    CallStatus,
    CallType,
    business_scope,
    organization_scope,
)
from sandbox.clock import instant_of
from sandbox.errors import ApiError, missing
from sandbox.faults import FaultName, Target
from sandbox.listing import Matches, OrderField, Query, matches, page_of
from sandbox.records import Recorder
from sandbox.state import Sandbox

READ = "calls:read"
E = TypeVar("E", bound=StrEnum)


class Direction(StrEnum):
    """Which way a list is ordered."""

    ASC = "asc"
    DESC = "desc"


class HistoryRoutes:
    """The history routes.

    Args:
        sandbox: Holds calls and faults.
        access: Lets callers in.
        recorder: Describes calls.
    """

    def __init__(self, *, sandbox: Sandbox, access: Access, recorder: Recorder) -> None:
        self._sandbox = sandbox
        self._access = access
        self._recorder = recorder
        self._shuffler = random.Random(sandbox.seed)  # noqa: S311 -- reproducible disorder

    def routes(self, prefix: str) -> list[Route]:
        """The routes under the API's prefix."""
        business = f"{prefix}/businesses/{{business_id}}/calls"
        organization = f"{prefix}/organizations/calls"
        return [
            Route(business, self.business_list, methods=["GET"]),
            Route(f"{business}/{{call_id}}", self.business_call, methods=["GET"]),
            Route(organization, self.organization_list, methods=["GET"]),
            Route(f"{organization}/{{call_id}}", self.organization_call, methods=["GET"]),
        ]

    async def business_list(self, request: Request) -> Response:
        """One page of a business's calls."""
        business = self._access.business(request, READ, Target.HISTORY)
        return await self._list(request, business_scope(business.id))

    async def business_call(self, request: Request) -> Response:
        """One call of a business."""
        business = self._access.business(request, READ, Target.HISTORY)
        return await self._one(request, business_scope(business.id))

    async def organization_list(self, request: Request) -> Response:
        """One page of an organization's calls, of one business where it is named."""
        organization = self._access.caller(request, READ, Target.HISTORY).organization_id
        named = request.query_params.get("businessId")
        if named is None:
            return await self._list(request, organization_scope(organization))
        business = self._sandbox.world.business_of(organization, named)
        return await self._list(request, business_scope(business.id))

    async def organization_call(self, request: Request) -> Response:
        """One call of an organization."""
        caller = self._access.caller(request, READ, Target.HISTORY)
        return await self._one(request, organization_scope(caller.organization_id))

    async def _list(self, request: Request, scope: str) -> Response:
        query = read_query(request.query_params, scope)
        await self._misbehave(request)
        now = self._as_of()
        found = matches(self._sandbox.calls, query, now)
        answer = {
            "items": self._described(self._page(found, query, now), now),
            "total": found.total,
            "page": query.page,
            "page_size": query.page_size,
        }
        return json_answer(answer)

    async def _one(self, request: Request, scope: str) -> Response:
        await self._misbehave(request)
        now = self._sandbox.clock.now()
        call = self._sandbox.calls.get(str(request.path_params["call_id"]))
        if call is None or scope not in call.scopes or now < call.visible:
            raise missing("Call")
        (shown,) = self._described([call], now)
        return json_answer(shown)

    def _page(self, found: Matches, query: Query, now: float) -> list[Call]:
        if self._sandbox.faults.strike({FaultName.HISTORY_SHUFFLED}, Target.HISTORY) is None:
            return page_of(found, query, now)
        calls = found.all()
        self._shuffler.shuffle(calls)
        return calls[query.offset : query.offset + query.page_size]

    def _described(self, calls: Sequence[Call], now: float) -> list[dict[str, Any]]:
        back = self._sandbox.faults.strike({FaultName.HISTORY_BACKWARDS}, Target.HISTORY)
        return [
            self._recorder.describe(call, now if back is None else call.status_before(now))
            for call in calls
        ]

    def _as_of(self) -> float:
        stalled = self._sandbox.faults.strike({FaultName.HISTORY_STALLED}, Target.HISTORY)
        return self._sandbox.clock.now() if stalled is None else stalled.set_at

    async def _misbehave(self, request: Request) -> None:
        faults = self._sandbox.faults
        slow = faults.strike({FaultName.HISTORY_SLOW}, Target.HISTORY)
        delay = self._sandbox.tuning.history_ms / 1000 + (slow.seconds if slow else 0.0)
        if delay > 0.0:
            await asyncio.sleep(delay)
        await self._access.misbehave(request, Target.HISTORY, READ)
        error = faults.strike({FaultName.HISTORY_ERROR}, Target.HISTORY)
        if error is not None:
            raise Interruption(failed(error, "Failed to read calls"))


def read_query(params: Mapping[str, str], scope: str) -> Query:
    """Read a list's filters, paging and order.

    Raises:
        ApiError: One cannot be read (400).
    """
    page, page_size = read_page(params)
    field, direction = _order(params)
    return Query(
        scope=scope,
        page=page,
        page_size=page_size,
        type=_choice(params.get("type"), CallType, "type"),
        status=_choice(params.get("status"), CallStatus, "status"),
        start=_instant(params, "start"),
        end=_instant(params, "end"),
        lead_id=params.get("leadId"),
        order_field=_choice(field, OrderField, "orderBy field") or OrderField.STARTED_AT,
        descending=_choice(direction, Direction, "orderBy direction") is not Direction.ASC,
    )


def _order(params: Mapping[str, str]) -> tuple[str | None, str | None]:
    written = params.get("orderBy")
    if written is None:
        return params.get("orderBy[field]"), params.get("orderBy[direction]")
    try:
        order = json.loads(written)
    except (ValueError, RecursionError):
        order = None
    if not isinstance(order, dict):
        raise ApiError(400, "orderBy must be an object with field and direction")
    return _text(order.get("field")), _text(order.get("direction"))


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _choice(text: str | None, choices: type[E], name: str) -> E | None:
    if text is None:
        return None
    if text not in set(choices):
        raise ApiError(400, f"{name} must be one of {', '.join(choices)}")
    return choices(text)


def _instant(params: Mapping[str, str], name: str) -> float | None:
    text = params.get(name)
    if text is None:
        return None
    try:
        return instant_of(text)
    except (ValueError, OverflowError):
        raise ApiError(400, f"{name} must be a date in ISO 8601") from None
