"""Bringing a list in on a page: a CSV file is judged or taken, and every row is answered."""

import base64
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.datastructures import FormData, UploadFile
from starlette.responses import Response

from dialer.rules.errors import Fault, InvalidInputError, NotFoundError
from dialer.rules.intake.columns import parse_choices
from dialer.store.planning import campaigns
from service import table_import
from service.pages import pages, visitors
from service.pages.page_route import PageRoute
from service.pages.visitors import BRINGS_LEADS, Visitor, Visits
from service.routes.campaign_pages import forget
from service.shell import InShell, Shell
from service.table_import import MAX_BYTES, Imported, Upload

router = APIRouter(include_in_schema=False, route_class=PageRoute)

PATH = r"/campaigns/[0-9a-fA-F-]{36}/import"
"""Where a body may be as large as a table."""

SHOWN_ROWS = 200
_MAX_FIELDS = 10
_MAX_CHOICES = 10_000


@router.get("/campaigns/{campaign_id}/import")
async def import_page(campaign_id: UUID, shell: InShell, who: Visits) -> Response:
    """The form that a list is sent with."""
    who.need(BRINGS_LEADS)
    return await _page(shell, who, campaign_id)


@router.post("/campaigns/{campaign_id}/import")
async def import_on_page(
    request: Request, campaign_id: UUID, shell: InShell, who: Visits
) -> Response:
    """Judge a list, or take it in; the same list again adds nothing twice."""
    async with request.form(max_files=1, max_fields=_MAX_FIELDS) as form:
        visitors.need_own_form(request, who, form.get("csrf"), scope=BRINGS_LEADS)
        choices = str(form.get("choices") or "")[:_MAX_CHOICES]
        try:
            upload = await _upload(form, choices)
            done = await _take(shell, who, campaign_id, upload, check=form.get("how") == "check")
        except InvalidInputError as error:
            return await _page(
                shell, who, campaign_id, problem=error.message, choices=choices, status=422
            )
        return await _page(
            shell,
            who,
            campaign_id,
            done=done,
            checked=form.get("how") == "check",
            choices=choices,
            name=upload.name,
        )


async def _upload(form: FormData, choices: str) -> Upload:
    sent = form.get("file")
    if not isinstance(sent, UploadFile) or not sent.filename:
        raise _refused("choose a CSV file first")
    raw = await sent.read()
    chosen = parse_choices(line for line in choices.splitlines() if line.strip())
    return Upload(raw=raw, name=sent.filename, choices=chosen)


async def _take(
    shell: Shell, who: Visitor, campaign_id: UUID, upload: Upload, *, check: bool
) -> Imported:
    if check:
        return await table_import.rehearse(shell, upload)
    try:
        return await table_import.bring_in(
            shell, upload, organization_id=who.organization_id, campaign_id=campaign_id
        )
    finally:
        forget(shell, who, campaign_id)


async def _page(  # noqa: PLR0913 -- one for each part of the page
    shell: Shell,
    who: Visitor,
    campaign_id: UUID,
    *,
    done: Imported | None = None,
    checked: bool = False,
    choices: str = "",
    name: str = "",
    problem: str = "",
    status: int = 200,
) -> Response:
    async with shell.context.engine.connect() as conn:
        campaign = await campaigns.get(
            conn, organization_id=who.organization_id, campaign_id=campaign_id
        )
    if campaign is None:
        raise NotFoundError("there is no such campaign")
    return pages.page(
        "import.html",
        status,
        who=who,
        campaign=campaign,
        done=done,
        checked=checked,
        choices=choices,
        name=name[:100],
        problem=problem,
        most_mib=MAX_BYTES // 1024**2,
        shown_rows=SHOWN_ROWS,
        csv=base64.b64encode(done.as_csv.encode()).decode() if done and done.refused else "",
    )


def _refused(message: str) -> InvalidInputError:
    return InvalidInputError(message, faults=(Fault("/file", "no_file", message),))
