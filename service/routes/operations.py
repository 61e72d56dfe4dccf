"""The ledger, the organization's limits, and what happened lately."""

from typing import Annotated

from fastapi import APIRouter, Query

from dialer.pipeline.planning import limits
from dialer.store import events
from dialer.store.reports import overview
from service import ledger
from service.auth import Administers, ReadsCampaigns, ReadsLeads
from service.http.json_route import JsonRoute
from service.http.paging import Limit
from service.http.problems import documented
from service.shapes.operations import Event, EventList, Ledger, Limits
from service.shell import InContext

router = APIRouter(prefix="/v1", tags=["operations"], route_class=JsonRoute)

_MAX_BIGINT = 2**63 - 1


@router.get("/ledger", responses=documented(401, 403, 503))
async def get_ledger(context: InContext, who: ReadsCampaigns) -> Ledger:
    """Where every accepted lead is: the buckets add up, per campaign and in all."""
    async with context.engine.connect() as conn:
        return await ledger.read(conn, organization_id=who.organization_id)


@router.get("/limits", responses=documented(401, 403, 503))
async def get_limits(context: InContext, who: ReadsCampaigns) -> Limits:
    """The organization's own pace and concurrency, over all its agents."""
    async with context.engine.connect() as conn:
        row = await overview.limits(conn, organization_id=who.organization_id)
    return Limits(**row) if row else Limits()


@router.put("/limits", responses=documented(400, 401, 403, 413, 415, 422, 503))
async def set_limits(body: Limits, context: InContext, who: Administers) -> Limits:
    """Set the organization's own pace and concurrency; null lifts one."""
    await limits.limit(
        context,
        organization_id=who.organization_id,
        level="organization",
        subject_id=who.organization_id,
        calls_per_minute=body.calls_per_minute,
        concurrency=body.concurrency,
    )
    return body


@router.get("/events", responses=documented(401, 403, 422, 503))
async def list_events(
    context: InContext,
    who: ReadsLeads,
    after: Annotated[
        int, Query(ge=0, le=_MAX_BIGINT, description="An event's id; only later ones are listed.")
    ] = 0,
    limit: Limit = 50,
) -> EventList:
    """List what happened after an event, in order."""
    async with context.engine.connect() as conn:
        found = await events.since(
            conn, organization_id=who.organization_id, after=after, limit=limit
        )
    items = [Event.of(row) for row in found]
    return EventList(items=items, last_id=items[-1].id if items else after)
