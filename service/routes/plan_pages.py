"""Editing a campaign's plan on a page, also while it runs: each save is a version of its own."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse
from sqlalchemy import RowMapping
from starlette.responses import Response

from dialer.pipeline.planning import campaigns as stage
from dialer.rules.errors import InvalidInputError, NotFoundError
from dialer.store.planning import campaigns
from service.pages import pages, plan_form, visitors
from service.pages.page_route import SEE_OTHER, PageRoute
from service.pages.visitors import Visitor, Visits
from service.routes.campaign_pages import forget
from service.shell import InShell, Shell

router = APIRouter(include_in_schema=False, route_class=PageRoute)

_STALE = (
    "Somebody else changed the plan meanwhile, so nothing was saved. Below is what you wrote; "
    "compare it with the newest version and save again."
)


@router.get("/campaigns/{campaign_id}/plan")
async def plan_page(campaign_id: UUID, shell: InShell, who: Visits) -> Response:
    """The plan as it is, to be edited, and its versions."""
    campaign, versions = await _read(shell, who, campaign_id)
    return _page(who, campaign, versions, texts=plan_form.shown(campaign))


@router.post("/campaigns/{campaign_id}/plan")
async def save_plan(request: Request, campaign_id: UUID, shell: InShell, who: Visits) -> Response:
    """Save what was changed; once it is answered, no phone rings by the plan before."""
    form = await visitors.form_of(request)
    visitors.need_own_form(request, who, form.get("csrf"))
    campaign, versions = await _read(shell, who, campaign_id)
    texts = plan_form.changed(form, campaign)
    told = {**plan_form.shown(campaign), **texts}
    if form.get("version") != str(campaign["version"]):
        return _page(who, campaign, versions, texts=told, problems={"": _STALE}, status=409)
    try:
        await _save(shell, who, campaign, texts)
    except InvalidInputError as error:
        problems = plan_form.by_field(error.faults)
        return _page(who, campaign, versions, texts=told, problems=problems, status=422)
    return RedirectResponse(f"/campaigns/{campaign_id}/plan", SEE_OTHER)


async def _save(
    shell: Shell, who: Visitor, campaign: RowMapping, texts: Mapping[str, str]
) -> None:
    if not texts:
        return
    try:
        await stage.change(
            shell.context,
            organization_id=who.organization_id,
            campaign_id=campaign["id"],
            plan=plan_form.patch(texts, campaign).plan(),
            by=who.name,
        )
    finally:
        forget(shell, who, campaign["id"])


async def _read(
    shell: Shell, who: Visitor, campaign_id: UUID
) -> tuple[RowMapping, Sequence[RowMapping]]:
    async with shell.context.engine.connect() as conn:
        campaign = await campaigns.get(
            conn, organization_id=who.organization_id, campaign_id=campaign_id
        )
        if campaign is None:
            raise NotFoundError("there is no such campaign")
        versions = await campaigns.versions(
            conn, organization_id=who.organization_id, campaign_id=campaign_id
        )
    return campaign, versions


def _page(
    who: Visitor,
    campaign: RowMapping,
    versions: Sequence[RowMapping],
    *,
    texts: Mapping[str, str],
    problems: Mapping[str, str] | None = None,
    status: int = 200,
) -> Response:
    return pages.page(
        "plan.html",
        status,
        who=who,
        campaign=campaign,
        fields=plan_form.FIELDS,
        texts=texts,
        problems=problems or {},
        versions=list(_told(versions)),
    )


def _told(versions: Sequence[RowMapping]) -> Iterator[dict[str, Any]]:
    """Versions, newest first, each with the parts in which it differs from the one before."""
    older: Sequence[RowMapping | None] = [*versions[1:], None]
    for row, before in zip(versions, older, strict=True):
        was = {} if before is None else before["plan"]
        differs = sorted(n for n, v in row["plan"].items() if was and v != was.get(n))
        yield {
            **row,
            "first": row["version"] == 1,
            "changes": {n: row["plan"][n] for n in differs},
        }
