"""Campaigns: plan, change, start, pause, resume, cancel."""

from uuid import UUID

from fastapi import APIRouter

from dialer.context import Context
from dialer.pipeline.access.keys import Principal
from dialer.pipeline.planning import campaigns as stage
from dialer.rules.campaign import CampaignState
from dialer.rules.errors import NotFoundError
from dialer.store.planning import campaigns
from service.auth import ReadsCampaigns, WritesCampaigns
from service.http.json_route import JsonRoute
from service.http.paging import Cursor, Limit, after, page
from service.http.problems import documented
from service.shapes.campaigns import (
    CampaignMoved,
    CampaignPage,
    CampaignPatch,
    CampaignPost,
    CampaignVersion,
    CampaignVersions,
    CampaignView,
)
from service.shell import InContext

router = APIRouter(prefix="/v1", tags=["campaigns"], route_class=JsonRoute)

_COMMAND = documented(401, 403, 404, 409, 503)


@router.post(
    "/campaigns", status_code=201, responses=documented(400, 401, 403, 413, 415, 422, 503)
)
async def create_campaign(
    body: CampaignPost, context: InContext, who: WritesCampaigns
) -> CampaignView:
    """Plan a campaign for an agent of the calling platform; it starts as a draft."""
    row = await stage.create(
        context,
        organization_id=who.organization_id,
        partner_business_id=body.partner_business_id,
        partner_agent_id=body.partner_agent_id,
        plan=body.plan(),
        by=who.name,
    )
    return CampaignView.of(row)


@router.get("/campaigns", responses=documented(401, 403, 422, 503))
async def list_campaigns(
    context: InContext, who: ReadsCampaigns, cursor: Cursor = None, limit: Limit = 50
) -> CampaignPage:
    """List campaigns, oldest first."""
    async with context.engine.connect() as conn:
        found = await campaigns.listing(
            conn, organization_id=who.organization_id, after=after(cursor), limit=limit + 1
        )
    items, onward = page(found, limit, CampaignView.of)
    return CampaignPage(items=items, next_cursor=onward)


@router.get("/campaigns/{campaign_id}", responses=documented(401, 403, 404, 503))
async def get_campaign(campaign_id: UUID, context: InContext, who: ReadsCampaigns) -> CampaignView:
    """Look at one campaign."""
    async with context.engine.connect() as conn:
        row = await campaigns.get(
            conn, organization_id=who.organization_id, campaign_id=campaign_id
        )
    if row is None:
        raise NotFoundError("there is no such campaign")
    return CampaignView.of(row)


@router.patch(
    "/campaigns/{campaign_id}",
    responses=documented(400, 401, 403, 404, 409, 413, 415, 422, 503),
)
async def change_campaign(
    campaign_id: UUID, body: CampaignPatch, context: InContext, who: WritesCampaigns
) -> CampaignView:
    """Change parts of a plan, also while it runs: no phone rings by the old one from then on."""
    row = await stage.change(
        context,
        organization_id=who.organization_id,
        campaign_id=campaign_id,
        plan=body.plan(),
        by=who.name,
    )
    return CampaignView.of(row)


@router.get("/campaigns/{campaign_id}/versions", responses=documented(401, 403, 404, 503))
async def list_campaign_versions(
    campaign_id: UUID, context: InContext, who: ReadsCampaigns
) -> CampaignVersions:
    """List a plan's versions, newest first: who changed what, and when."""
    async with context.engine.connect() as conn:
        found = await campaigns.versions(
            conn, organization_id=who.organization_id, campaign_id=campaign_id
        )
    if not found:
        raise NotFoundError("there is no such campaign")
    return CampaignVersions(items=[CampaignVersion.of(row) for row in found])


@router.post("/campaigns/{campaign_id}/start", responses=_COMMAND)
async def start_campaign(
    campaign_id: UUID, context: InContext, who: WritesCampaigns
) -> CampaignMoved:
    """Start dialing."""
    return await _move(context, who, campaign_id, CampaignState.RUNNING)


@router.post("/campaigns/{campaign_id}/pause", responses=_COMMAND)
async def pause_campaign(
    campaign_id: UUID, context: InContext, who: WritesCampaigns
) -> CampaignMoved:
    """Stop new rings at once; `in_flight` counts the calls that nothing can stop any more."""
    return await _move(context, who, campaign_id, CampaignState.PAUSED)


@router.post("/campaigns/{campaign_id}/resume", responses=_COMMAND)
async def resume_campaign(
    campaign_id: UUID, context: InContext, who: WritesCampaigns
) -> CampaignMoved:
    """Dial again, after a pause or after a parking whose cause was mended. A draft is refused."""
    return await _move(context, who, campaign_id, CampaignState.RUNNING, again=True)


@router.post("/campaigns/{campaign_id}/cancel", responses=_COMMAND)
async def cancel_campaign(
    campaign_id: UUID, context: InContext, who: WritesCampaigns
) -> CampaignMoved:
    """End a campaign for good; its waiting leads end as cancelled."""
    return await _move(context, who, campaign_id, CampaignState.CANCELLED)


async def _move(
    context: Context, who: Principal, campaign_id: UUID, to: CampaignState, *, again: bool = False
) -> CampaignMoved:
    moved = await stage.move(
        context, organization_id=who.organization_id, campaign_id=campaign_id, to=to, again=again
    )
    return CampaignMoved(campaign=CampaignView.of(moved.campaign), in_flight=moved.in_flight)
