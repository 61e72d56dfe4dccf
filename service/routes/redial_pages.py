"""Calling a campaign's leads again, from a page: whose last call ended how, as a new campaign."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse
from starlette.responses import Response

from dialer.clock import new_id
from dialer.pipeline.intake.intake import Once
from dialer.pipeline.planning import runs as stage
from dialer.rules.errors import InvalidInputError, NotFoundError
from dialer.rules.outcomes.outcome import OPTED_OUT
from dialer.store.planning import campaigns, runs
from dialer.store.reports import progress
from service.pages import forms, pages, visitors
from service.pages.page_route import SEE_OTHER, PageRoute
from service.pages.visitors import Visitor, Visits
from service.shapes.runs import RedialPost
from service.shell import InShell, Shell

router = APIRouter(include_in_schema=False, route_class=PageRoute)

_RUNS = 100
_LONGEST_KEY = 100


@router.get("/campaigns/{campaign_id}/redial")
async def redial_page(campaign_id: UUID, shell: InShell, who: Visits) -> Response:
    """The outcomes to choose from with their leads, and the runs that were made before."""
    return await _page(shell, who, campaign_id)


@router.post("/campaigns/{campaign_id}/redial")
async def redial_on_page(
    request: Request, campaign_id: UUID, shell: InShell, who: Visits
) -> Response:
    """Make a campaign of those leads; the same form sent twice makes one."""
    form = await visitors.form_of(request)
    visitors.need_own_form(request, who, form.get("csrf"))
    try:
        asked = _read(form)
        row = await stage.redial(
            shell.context,
            organization_id=who.organization_id,
            campaign_id=campaign_id,
            ask=stage.Redial(outcomes=asked.outcomes, name=asked.name, start=asked.start),
            by=who.name,
            once=Once(
                scope=f"a redial of {campaign_id} on a page",
                key=forms.text(form, "once")[:_LONGEST_KEY],
                body=asked.model_dump_json().encode(),
            ),
        )
    except InvalidInputError as error:
        told = forms.sentences(error)
        return await _page(shell, who, campaign_id, form=form, problems=told, status=422)
    shell.board.forget(who.organization_id)
    return RedirectResponse(f"/campaigns/{row['campaign_id']}", SEE_OTHER)


def _read(form: Mapping[str, object]) -> RedialPost:
    values = {
        "outcomes": forms.several(form, "outcome"),
        "name": forms.text(form, "name") or None,
        "start": "start" in form,
    }
    return forms.read(RedialPost, values, what="the redial")


async def _page(
    shell: Shell,
    who: Visitor,
    campaign_id: UUID,
    *,
    form: Mapping[str, object] | None = None,
    problems: Sequence[str] = (),
    status: int = 200,
) -> Response:
    of = {"organization_id": who.organization_id, "campaign_id": campaign_id}
    async with shell.context.engine.connect() as conn:
        campaign = await campaigns.get(conn, **of)
        if campaign is None:
            raise NotFoundError("there is no such campaign")
        counted = await progress.finished_by_outcome(conn, **of)
        made = await runs.listing(
            conn,
            organization_id=who.organization_id,
            parent_id=campaign_id,
            schedule_id=None,
            after=None,
            limit=_RUNS,
        )
    given = form or {}
    return pages.page(
        "redial.html",
        status,
        who=who,
        campaign=campaign,
        outcomes={name: n for name, n in counted.items() if name != OPTED_OUT},
        chosen=forms.several(given, "outcome"),
        name=forms.text(given, "name"),
        start="start" in given,
        runs=list(reversed(made)),
        problems=problems,
        once=new_id(),
    )
