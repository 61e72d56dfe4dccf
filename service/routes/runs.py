"""Runs: call a campaign's leads again as a new one, and see how far that has come."""

from uuid import UUID

from fastapi import APIRouter, Request

from dialer.pipeline.intake.intake import Once
from dialer.pipeline.planning import runs as stage
from dialer.store.planning import runs
from service.auth import ReadsCampaigns, WritesCampaigns
from service.http.json_route import JsonRoute
from service.http.paging import Cursor, Limit, after, page
from service.http.parameters import IdempotencyKey
from service.http.problems import documented
from service.shapes.runs import RedialPost, RunPage, RunView
from service.shell import InContext

router = APIRouter(prefix="/v1", tags=["campaigns"], route_class=JsonRoute)


@router.post(
    "/campaigns/{campaign_id}/redial",
    status_code=202,
    responses=documented(400, 401, 403, 404, 413, 415, 422, 503),
)
async def redial_campaign(
    request: Request,
    campaign_id: UUID,
    body: RedialPost,
    *,
    context: InContext,
    who: WritesCampaigns,
    idempotency_key: IdempotencyKey = None,
) -> RunView:
    """Call those again whose last call ended so, as a new campaign; its leads follow at once.

    Nobody is taken who asked not to be called or is on the do-not-call list.
    """
    once = idempotency_key and Once(
        scope=f"POST /v1/campaigns/{campaign_id}/redial",
        key=idempotency_key,
        body=await request.body(),
    )
    row = await stage.redial(
        context,
        organization_id=who.organization_id,
        campaign_id=campaign_id,
        ask=stage.Redial(
            outcomes=body.outcomes,
            narrowed=body.filter.given() if body.filter else {},
            name=body.name,
            start=body.start,
        ),
        by=who.name,
        once=once or None,
    )
    return RunView.of(row)


@router.get("/runs", responses=documented(401, 403, 422, 503))
async def list_runs(
    context: InContext,
    who: ReadsCampaigns,
    *,
    parent_id: UUID | None = None,
    schedule_id: UUID | None = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> RunPage:
    """List runs, oldest first, of one campaign or one schedule where that is given."""
    async with context.engine.connect() as conn:
        found = await runs.listing(
            conn,
            organization_id=who.organization_id,
            parent_id=parent_id,
            schedule_id=schedule_id,
            after=after(cursor),
            limit=limit + 1,
        )
    items, onward = page(found, limit, RunView.of)
    return RunPage(items=items, next_cursor=onward)


@router.get("/runs/{run_id}", responses=documented(401, 403, 404, 503))
async def get_run(run_id: UUID, context: InContext, who: ReadsCampaigns) -> RunView:
    """Look at one run: how many leads are in it, and whether that is all."""
    async with context.engine.connect() as conn:
        return RunView.of(await stage.get(conn, who.organization_id, run_id))
