"""Variants: what a campaign compares, and what came of each."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import StringConstraints

from dialer.pipeline.planning import variant_edits
from dialer.pipeline.reports import comparison
from service.auth import ReadsCampaigns, WritesCampaigns
from service.http.json_route import JsonRoute
from service.http.problems import documented
from service.shapes.variants import (
    VariantComparison,
    VariantPatch,
    VariantPost,
    VariantRetired,
    VariantView,
)
from service.shell import InContext

router = APIRouter(prefix="/v1", tags=["campaigns"], route_class=JsonRoute)

Goal = Annotated[
    list[Annotated[str, StringConstraints(max_length=1_000)]] | None,
    Query(
        max_length=comparison.MAX_GOAL,
        description="Outcomes that the variants are for, with commas or repeated. Absent: those "
        "that mean a conversation.",
    ),
]

_EDIT = documented(400, 401, 403, 404, 409, 413, 415, 422, 503)


@router.get("/campaigns/{campaign_id}/variants", responses=documented(401, 403, 404, 422, 503))
async def compare_variants(
    campaign_id: UUID, context: InContext, who: ReadsCampaigns, goal: Goal = None
) -> VariantComparison:
    """Compare a campaign's variants: leads, calls, outcomes, the goal's rate with intervals."""
    found = await comparison.compare(
        context,
        organization_id=who.organization_id,
        campaign_id=campaign_id,
        goal=[name.strip() for given in goal or () for name in given.split(",")],
    )
    return VariantComparison.show(found)


@router.post("/campaigns/{campaign_id}/variants", status_code=201, responses=_EDIT)
async def add_variant(
    campaign_id: UUID, body: VariantPost, context: InContext, who: WritesCampaigns
) -> VariantView:
    """Compare one more variant; leads that were never called are drawn among them from now on."""
    row = await variant_edits.add(
        context,
        organization_id=who.organization_id,
        campaign_id=campaign_id,
        new=body.variant(),
        by=who.name,
    )
    return VariantView.of(row)


@router.patch("/campaigns/{campaign_id}/variants/{variant_id}", responses=_EDIT)
async def change_variant(
    campaign_id: UUID,
    variant_id: UUID,
    body: VariantPatch,
    context: InContext,
    who: WritesCampaigns,
) -> VariantView:
    """Change a variant's name, weight or templates; leads keep the variant that they have."""
    row = await variant_edits.change(
        context,
        organization_id=who.organization_id,
        campaign_id=campaign_id,
        variant_id=variant_id,
        values=body.values(),
        by=who.name,
    )
    return VariantView.of(row)


@router.post(
    "/campaigns/{campaign_id}/variants/{variant_id}/retire",
    responses=documented(401, 403, 404, 409, 503),
)
async def retire_variant(
    campaign_id: UUID, variant_id: UUID, context: InContext, who: WritesCampaigns
) -> VariantRetired:
    """Draw nobody to a variant any more; leads that it called stay with it, others are redrawn."""
    retired = await variant_edits.retire(
        context,
        organization_id=who.organization_id,
        campaign_id=campaign_id,
        variant_id=variant_id,
        by=who.name,
    )
    return VariantRetired(variant=VariantView.of(retired.variant), freed=retired.freed)
