"""Segments: save a choice among the leads, count who is in it, delete it."""

from uuid import UUID

from fastapi import APIRouter

from dialer.pipeline.planning import segments as stage
from dialer.store.planning import segments
from service.auth import ReadsCampaigns, WritesCampaigns
from service.http.json_route import JsonRoute
from service.http.paging import Cursor, Limit, after, page
from service.http.problems import documented
from service.shapes.segments import SegmentCount, SegmentPage, SegmentPost, SegmentView
from service.shell import InContext

router = APIRouter(prefix="/v1", tags=["campaigns"], route_class=JsonRoute)


@router.post(
    "/segments", status_code=201, responses=documented(400, 401, 403, 409, 413, 415, 422, 503)
)
async def create_segment(
    body: SegmentPost, context: InContext, who: WritesCampaigns
) -> SegmentView:
    """Save a choice among the organization's leads; it is read anew whenever it is used."""
    row = await stage.create(
        context, organization_id=who.organization_id, name=body.name, given=body.filter.given()
    )
    return SegmentView.of(row)


@router.get("/segments", responses=documented(401, 403, 422, 503))
async def list_segments(
    context: InContext, who: ReadsCampaigns, cursor: Cursor = None, limit: Limit = 50
) -> SegmentPage:
    """List segments, oldest first."""
    async with context.engine.connect() as conn:
        found = await segments.listing(
            conn, organization_id=who.organization_id, after=after(cursor), limit=limit + 1
        )
    items, onward = page(found, limit, SegmentView.of)
    return SegmentPage(items=items, next_cursor=onward)


@router.get("/segments/{segment_id}", responses=documented(401, 403, 404, 503))
async def get_segment(segment_id: UUID, context: InContext, who: ReadsCampaigns) -> SegmentView:
    """Look at one segment."""
    async with context.engine.connect() as conn:
        return SegmentView.of(await stage.get(conn, who.organization_id, segment_id))


@router.get("/segments/{segment_id}/count", responses=documented(401, 403, 404, 503))
async def count_segment(segment_id: UUID, context: InContext, who: ReadsCampaigns) -> SegmentCount:
    """Count the leads that are in a segment now, to 100,000 exactly."""
    found = await stage.count(context, organization_id=who.organization_id, segment_id=segment_id)
    return SegmentCount(count=found.count, at_least=found.at_least)


@router.delete(
    "/segments/{segment_id}", status_code=204, responses=documented(401, 403, 404, 409, 503)
)
async def delete_segment(segment_id: UUID, context: InContext, who: WritesCampaigns) -> None:
    """Delete a segment that no schedule uses. No lead changes."""
    await stage.delete(context, organization_id=who.organization_id, segment_id=segment_id)
