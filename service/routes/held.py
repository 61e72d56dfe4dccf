"""Calls in doubt: those that are looked for, and those that a person decides."""

from uuid import UUID

from fastapi import APIRouter

from dialer.pipeline.reports import doubts, held
from dialer.pipeline.settling import decide
from dialer.pipeline.settling.decide import Decider
from service.auth import ReadsCalls, WritesCampaigns
from service.http.json_route import JsonRoute
from service.http.paging import Cursor, Limit, after, page
from service.http.problems import documented
from service.shapes.calls import CallView
from service.shapes.held import (
    DecisionPost,
    HeldDetail,
    HeldPage,
    HeldView,
    UnknownPage,
    UnknownView,
)
from service.shell import InContext, InShell

router = APIRouter(prefix="/v1", tags=["calls"], route_class=JsonRoute)


@router.get("/unknown", responses=documented(401, 403, 422, 503))
async def list_unknown_calls(
    context: InContext, who: ReadsCalls, cursor: Cursor = None, limit: Limit = 50
) -> UnknownPage:
    """List the calls that may have rung and are looked for, with what each waits for."""
    found = await doubts.listing(
        context,
        organization_id=who.organization_id,
        after=after(cursor),
        limit=limit + 1,
    )
    items, onward = page(found, limit, UnknownView.of)
    return UnknownPage(items=items, next_cursor=onward)


@router.get("/held", responses=documented(401, 403, 422, 503))
async def list_held_calls(
    context: InContext, who: ReadsCalls, cursor: Cursor = None, limit: Limit = 50
) -> HeldPage:
    """List the calls that wait for a person, held and stale, the oldest attempt first."""
    async with context.engine.connect() as conn:
        found = await held.listing(
            conn,
            organization_id=who.organization_id,
            after=after(cursor),
            limit=limit + 1,
        )
    items, onward = page(found, limit, HeldView.of)
    return HeldPage(items=items, next_cursor=onward)


@router.get("/held/{call_id}", responses=documented(401, 403, 404, 503))
async def get_held_call(call_id: UUID, context: InContext, who: ReadsCalls) -> HeldDetail:
    """Look at one such call: why it waits, what was looked for, and what proves it."""
    async with context.engine.connect() as conn:
        found = await held.get(conn, organization_id=who.organization_id, call_id=call_id)
    return HeldDetail.of(found)


@router.post(
    "/calls/{call_id}/decide",
    responses=documented(400, 401, 403, 404, 409, 413, 415, 422, 503),
)
async def decide_call(
    call_id: UUID, body: DecisionPost, shell: InShell, who: WritesCampaigns
) -> CallView:
    """Say what became of a call that is held or stale, and so what becomes of its lead."""
    row = await decide.decide(
        shell.context,
        organization_id=who.organization_id,
        call_id=call_id,
        decision=body.decision,
        by=Decider(name=who.name, through="api", note=body.note),
    )
    shell.board.forget(who.organization_id)
    return CallView.of(row)
