"""Leads on pages: a campaign's leads to choose from, and why one of them waits."""

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from sqlalchemy import RowMapping
from starlette.responses import Response

from dialer.pipeline.compliance.suppress import read_phone
from dialer.pipeline.reports import explain
from dialer.rules.errors import InvalidInputError, NotFoundError
from dialer.rules.lead import LeadState
from dialer.rules.where.zones import whereabouts
from dialer.store import events
from dialer.store.dialing import calls
from dialer.store.intake import leads
from dialer.store.planning import campaigns
from service.http.paging import MAX_LIMIT, Cursor, after, page
from service.pages import pages
from service.pages.page_route import PageRoute
from service.pages.visitors import SEES_LEADS, Visitor, Visits
from service.shell import InShell, Shell

router = APIRouter(include_in_schema=False, route_class=PageRoute)

_PER_PAGE = 50
_MOST_ZONES = 3

State = Annotated[str, Query(max_length=20)]
Phone = Annotated[str, Query(max_length=100)]


@router.get("/campaigns/{campaign_id}/leads")
async def leads_page(
    campaign_id: UUID,
    shell: InShell,
    who: Visits,
    *,
    state: State = "",
    phone: Phone = "",
    cursor: Cursor = None,
) -> Response:
    """A campaign's leads, oldest first, narrowed by bucket and number."""
    who.need(SEES_LEADS)
    org = who.organization_id
    number, problem = _number(phone)
    async with shell.context.engine.connect() as conn:
        campaign = await campaigns.get(conn, organization_id=org, campaign_id=campaign_id)
        if campaign is None:
            raise NotFoundError("there is no such campaign")
        found = await leads.listing(
            conn,
            organization_id=org,
            campaign_id=campaign_id,
            state=state if state in {*LeadState} else None,
            phone=number,
            external_id=None,
            after=after(cursor),
            limit=_PER_PAGE + 1,
        )
    rows, onward = page(found, _PER_PAGE, dict)
    return pages.page(
        "leads.html",
        who=who,
        campaign=campaign,
        rows=[] if problem else rows,
        onward=onward,
        states=list(LeadState),
        state=state,
        phone=phone,
        problem=problem,
    )


@router.get("/leads/{lead_id}")
async def lead_page(lead_id: UUID, shell: InShell, who: Visits) -> Response:
    """One lead: what each gate says, when its phone may ring, and all that happened to it."""
    who.need(SEES_LEADS)
    why = await explain.why(shell.context, organization_id=who.organization_id, lead_id=lead_id)
    return pages.page("lead.html", who=who, why=why, **await _about(shell, who, lead_id))


async def _about(shell: Shell, who: Visitor, lead_id: UUID) -> dict[str, Any]:
    org = who.organization_id
    async with shell.context.engine.connect() as conn:
        lead = await leads.get(conn, organization_id=org, lead_id=lead_id)
        if lead is None:
            raise NotFoundError("there is no such lead")
        campaign = await campaigns.get(conn, organization_id=org, campaign_id=lead["campaign_id"])
        timeline = await events.timeline(conn, organization_id=org, lead_id=lead_id)
        made = await calls.listing(
            conn,
            organization_id=org,
            campaign_id=None,
            lead_id=lead_id,
            state=None,
            outcome=None,
            after=None,
            limit=MAX_LIMIT,
        )
    return {
        "lead": lead,
        "campaign": campaign,
        "zones": _zones(lead),
        "timeline": [_entry(entry) for entry in timeline],
        "calls": made,
    }


def _zones(lead: RowMapping) -> tuple[str, ...]:
    """Where the person may be, as far as a page can say it: nothing where that is everywhere."""
    try:
        found = whereabouts(
            phone=lead["phone"],
            timezone=lead["timezone"],
            postal_code=lead["postal_code"],
            state=lead["us_state"],
        )
    except ValueError:
        return ()
    return found.zones if len(found.zones) <= _MOST_ZONES else ()


def _entry(entry: Mapping[Any, Any]) -> dict[str, Any]:
    return {**entry, "says": events.NAMES.get(entry["name"], "")}


def _number(written: str) -> tuple[str | None, str]:
    if not written.strip():
        return None, ""
    try:
        return read_phone(written, pointer="?phone"), ""
    except InvalidInputError as error:
        return None, error.message
