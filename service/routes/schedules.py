"""Schedules: campaigns that are run again and again."""

from uuid import UUID

from fastapi import APIRouter

from dialer.pipeline.planning import schedules as stage
from dialer.store.planning import schedules
from service.auth import ReadsCampaigns, WritesCampaigns
from service.http.json_route import JsonRoute
from service.http.paging import Cursor, Limit, after, page
from service.http.problems import documented
from service.shapes.schedules import SchedulePage, SchedulePatch, SchedulePost, ScheduleView
from service.shell import InContext

router = APIRouter(prefix="/v1", tags=["campaigns"], route_class=JsonRoute)


@router.post(
    "/schedules",
    status_code=201,
    responses=documented(400, 401, 403, 404, 409, 413, 415, 422, 503),
)
async def create_schedule(
    body: SchedulePost, context: InContext, who: WritesCampaigns
) -> ScheduleView:
    """Run a campaign again and again, each time for whoever is in a segment by then."""
    row = await stage.create(
        context, organization_id=who.organization_id, given=body.timetable(), by=who.name
    )
    return ScheduleView.of(row)


@router.get("/schedules", responses=documented(401, 403, 422, 503))
async def list_schedules(
    context: InContext, who: ReadsCampaigns, cursor: Cursor = None, limit: Limit = 50
) -> SchedulePage:
    """List schedules with their next three occurrences, oldest first."""
    async with context.engine.connect() as conn:
        found = await schedules.listing(
            conn, organization_id=who.organization_id, after=after(cursor), limit=limit + 1
        )
    items, onward = page(found, limit, ScheduleView.of)
    return SchedulePage(items=items, next_cursor=onward)


@router.get("/schedules/{schedule_id}", responses=documented(401, 403, 404, 503))
async def get_schedule(schedule_id: UUID, context: InContext, who: ReadsCampaigns) -> ScheduleView:
    """Look at one schedule and its next three occurrences."""
    async with context.engine.connect() as conn:
        return ScheduleView.of(await stage.get(conn, who.organization_id, schedule_id))


@router.patch(
    "/schedules/{schedule_id}",
    responses=documented(400, 401, 403, 404, 409, 413, 415, 422, 503),
)
async def change_schedule(
    schedule_id: UUID, body: SchedulePatch, context: InContext, who: WritesCampaigns
) -> ScheduleView:
    """Change, pause or resume a schedule; runs that were made already go on as they are."""
    row = await stage.change(
        context,
        organization_id=who.organization_id,
        schedule_id=schedule_id,
        given=body.timetable(),
        by=who.name,
    )
    return ScheduleView.of(row)


@router.delete(
    "/schedules/{schedule_id}", status_code=204, responses=documented(401, 403, 404, 503)
)
async def delete_schedule(schedule_id: UUID, context: InContext, who: WritesCampaigns) -> None:
    """Delete a schedule. The campaigns of its runs stay, and run on."""
    await stage.delete(
        context, organization_id=who.organization_id, schedule_id=schedule_id, by=who.name
    )
