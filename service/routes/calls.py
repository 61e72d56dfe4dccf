"""Calls: list them, look at one with its evidence."""

import difflib
from uuid import UUID

from fastapi import APIRouter

from dialer.rules.call import CallState
from dialer.rules.errors import Fault, InvalidInputError, NotFoundError
from dialer.rules.outcomes.outcome import OUTCOMES
from dialer.store import events
from dialer.store.dialing import calls
from service.auth import ReadsCalls
from service.http.json_route import JsonRoute
from service.http.paging import Cursor, Limit, after, page
from service.http.parameters import Filter
from service.http.problems import documented
from service.shapes.calls import CallDetail, CallPage, CallView
from service.shell import InContext

router = APIRouter(prefix="/v1", tags=["calls"], route_class=JsonRoute)


@router.get("/calls", responses=documented(401, 403, 422, 503))
async def list_calls(
    context: InContext,
    who: ReadsCalls,
    *,
    campaign_id: UUID | None = None,
    lead_id: UUID | None = None,
    state: CallState | None = None,
    outcome: Filter = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> CallPage:
    """List calls, oldest first, narrowed by whatever is given."""
    async with context.engine.connect() as conn:
        found = await calls.listing(
            conn,
            organization_id=who.organization_id,
            campaign_id=campaign_id,
            lead_id=lead_id,
            state=state,
            outcome=_known(outcome),
            after=after(cursor),
            limit=limit + 1,
        )
    items, onward = page(found, limit, CallView.of)
    return CallPage(items=items, next_cursor=onward)


@router.get("/calls/{call_id}", responses=documented(401, 403, 404, 503))
async def get_call(call_id: UUID, context: InContext, who: ReadsCalls) -> CallDetail:
    """Look at one call: what was said, and what proves it."""
    async with context.engine.connect() as conn:
        row = await calls.get(conn, organization_id=who.organization_id, call_id=call_id)
        if row is None:
            raise NotFoundError("there is no such call")
        seen = await events.evidence_of(conn, organization_id=who.organization_id, call_id=call_id)
    return CallDetail.of({**row, "evidence": [dict(one) for one in seen]})


def _known(outcome: str | None) -> str | None:
    if not outcome or outcome in OUTCOMES:
        return outcome or None
    near = difflib.get_close_matches(outcome, OUTCOMES, 1, 0.6)
    message = f"{outcome[:100]!r} is not an outcome; known: {', '.join(sorted(OUTCOMES))}"
    fault = Fault("?outcome", "unknown_outcome", message, next(iter(near), None))
    raise InvalidInputError(message, faults=(fault,))
