"""Comparing a campaign's variants on a page, with intervals; adding, weighing, retiring them."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse
from starlette.responses import Response

from dialer.pipeline.planning import variant_edits
from dialer.pipeline.reports import comparison
from dialer.pipeline.reports.comparison import Comparison, Result
from dialer.rules.comparing import Estimate
from dialer.rules.errors import InvalidInputError, NotFoundError
from dialer.rules.outcomes.outcome import OUTCOMES
from dialer.store.planning import campaigns
from service.pages import charts, forms, pages, visitors
from service.pages.page_route import SEE_OTHER, PageRoute
from service.pages.visitors import Visitor, Visits
from service.shapes.variants import VariantPatch, VariantPost
from service.shell import InShell, Shell

router = APIRouter(include_in_schema=False, route_class=PageRoute)

Goal = Annotated[list[str] | None, Query(max_length=comparison.MAX_GOAL)]
_TEMPLATES = ("context_template", "additional_info_template")


@router.get("/campaigns/{campaign_id}/variants")
async def variants_page(
    campaign_id: UUID, shell: InShell, who: Visits, goal: Goal = None
) -> Response:
    """The comparison, by the outcomes that the variants are for."""
    return await _page(shell, who, campaign_id, goal=goal or ())


@router.post("/campaigns/{campaign_id}/variants")
async def add_on_page(
    request: Request, campaign_id: UUID, shell: InShell, who: Visits
) -> Response:
    """Compare one more variant."""
    form = await visitors.form_of(request)
    visitors.need_own_form(request, who, form.get("csrf"))
    try:
        asked = forms.read(VariantPost, _post(form), what="the variant")
        await variant_edits.add(
            shell.context,
            organization_id=who.organization_id,
            campaign_id=campaign_id,
            new=asked.variant(),
            by=who.name,
        )
    except InvalidInputError as error:
        return await _page(shell, who, campaign_id, form=form, error=error)
    return _back(campaign_id)


@router.post("/campaigns/{campaign_id}/variants/{variant_id}/weight")
async def weigh_on_page(
    request: Request, campaign_id: UUID, variant_id: UUID, shell: InShell, who: Visits
) -> Response:
    """Give a variant another part of the draw; nobody who was drawn moves."""
    form = await visitors.form_of(request)
    visitors.need_own_form(request, who, form.get("csrf"))
    try:
        values = {"weight": forms.whole(forms.text(form, "weight"))}
        await variant_edits.change(
            shell.context,
            organization_id=who.organization_id,
            campaign_id=campaign_id,
            variant_id=variant_id,
            values=forms.read(VariantPatch, values, what="the variant").values(),
            by=who.name,
        )
    except InvalidInputError as error:
        return await _page(shell, who, campaign_id, error=error)
    return _back(campaign_id)


@router.post("/campaigns/{campaign_id}/variants/{variant_id}/retire")
async def retire_on_page(
    request: Request, campaign_id: UUID, variant_id: UUID, shell: InShell, who: Visits
) -> Response:
    """Draw nobody to a variant any more."""
    form = await visitors.form_of(request)
    visitors.need_own_form(request, who, form.get("csrf"))
    await variant_edits.retire(
        shell.context,
        organization_id=who.organization_id,
        campaign_id=campaign_id,
        variant_id=variant_id,
        by=who.name,
    )
    return _back(campaign_id)


def _back(campaign_id: UUID) -> Response:
    return RedirectResponse(f"/campaigns/{campaign_id}/variants", SEE_OTHER)


def _post(form: Mapping[str, object]) -> dict[str, object]:
    given = {
        "name": forms.text(form, "name"),
        "weight": forms.whole(forms.text(form, "weight")),
        **{name: forms.text(form, name) or None for name in _TEMPLATES},
    }
    agent = forms.text(form, "partner_agent_id")
    return given | ({"partner_agent_id": agent} if agent else {})


async def _page(
    shell: Shell,
    who: Visitor,
    campaign_id: UUID,
    *,
    goal: Sequence[str] = (),
    form: Mapping[str, object] | None = None,
    error: InvalidInputError | None = None,
) -> Response:
    async with shell.context.engine.connect() as conn:
        campaign = await campaigns.get(
            conn, organization_id=who.organization_id, campaign_id=campaign_id
        )
    if campaign is None:
        raise NotFoundError("there is no such campaign")
    found = await comparison.compare(
        shell.context,
        organization_id=who.organization_id,
        campaign_id=campaign_id,
        goal=goal,
    )
    return pages.page(
        "variants.html",
        422 if error else 200,
        who=who,
        campaign=campaign,
        found=found,
        lines=_lines(found),
        outcomes=sorted(OUTCOMES),
        texts={name: forms.text(form or {}, name) for name in VariantPost.model_fields},
        problems=forms.sentences(error) if error else [],
    )


def _lines(found: Comparison) -> list[dict[str, Any]]:
    widest = max((_reach(one.difference) for one in found.results), default=0.0) or 1.0
    return [_line(one, widest) for one in found.results]


def _line(one: Result, widest: float) -> dict[str, Any]:
    return {
        "result": one,
        "variant": one.variant,
        "outcomes": charts.shares(one.outcomes),
        "rate": _drawn(one.rate, (0.0, 1.0)),
        "difference": _drawn(one.difference, (-widest, widest)),
    }


def _drawn(found: Estimate | None, span: tuple[float, float]) -> charts.Whiskers | None:
    if found is None:
        return None
    return charts.whiskers(found.value, found.low, found.high, span=span)


def _reach(found: Estimate | None) -> float:
    return 0.0 if found is None else max(abs(found.low), abs(found.high))
