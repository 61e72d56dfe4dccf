"""Explain: why a lead is not called, why a campaign is idle, what a start would come to."""

from uuid import UUID

from fastapi import APIRouter

from dialer.pipeline.reports import explain, preflight
from service.auth import ReadsCampaigns, ReadsLeads
from service.http.json_route import JsonRoute
from service.http.problems import documented
from service.shapes.explain import IdleView, PreflightView, VerdictView, WaitingView, WhyView
from service.shell import InContext

router = APIRouter(prefix="/v1", tags=["explain"], route_class=JsonRoute)


@router.get("/leads/{lead_id}/why", responses=documented(401, 403, 404, 503))
async def explain_lead(lead_id: UUID, context: InContext, who: ReadsLeads) -> WhyView:
    """Say what each gate says of a lead now, which one blocks, and when its phone may ring."""
    found = await explain.why(context, organization_id=who.organization_id, lead_id=lead_id)
    return WhyView.model_validate(found)


@router.get("/campaigns/{campaign_id}/why-idle", responses=documented(401, 403, 404, 503))
async def explain_campaign(campaign_id: UUID, context: InContext, who: ReadsCampaigns) -> IdleView:
    """Say why a campaign dials or doesn't, and what its waiting leads wait for."""
    found = await explain.idle(
        context, organization_id=who.organization_id, campaign_id=campaign_id
    )
    return IdleView(
        at=found.at,
        says=found.says,
        pace=found.pace,
        in_flight=found.in_flight,
        verdicts=[VerdictView.model_validate(one) for one in found.verdicts],
        waiting=[WaitingView.of(row) for row in found.waiting],
    )


@router.get("/campaigns/{campaign_id}/preflight", responses=documented(401, 403, 404, 409, 503))
async def preflight_campaign(
    campaign_id: UUID, context: InContext, who: ReadsCampaigns
) -> PreflightView:
    """Say what a start would come to: who can be called when, how long it takes, what it costs."""
    found = await preflight.look(
        context, organization_id=who.organization_id, campaign_id=campaign_id
    )
    return PreflightView.said(found)
