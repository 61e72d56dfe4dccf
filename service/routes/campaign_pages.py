"""The campaign manager's pages: all campaigns, and one of them live, with its switches."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse
from fastapi.sse import EventSourceResponse, ServerSentEvent
from starlette.responses import Response

from dialer import clock
from dialer.pipeline.planning import campaigns as stage
from dialer.pipeline.reports import preflight
from dialer.pipeline.reports.preflight import Preflight
from dialer.rules.campaign import ACCEPTING, CampaignState
from dialer.store.reports import ledger, progress
from service.http.paging import Cursor, after, page
from service.pages import pages, visitors
from service.pages.campaign_board import Progress
from service.pages.charts import columns, shares, stacked
from service.pages.page_route import SEE_OTHER, PageRoute
from service.pages.shelf import FRESH_SECONDS
from service.pages.visitors import Visitor, Visits
from service.shell import InShell, Shell

router = APIRouter(include_in_schema=False, route_class=PageRoute)

streams = APIRouter(include_in_schema=False)
"""What a page's script reads: a refusal there is a problem document, not a page."""

STREAM_SECONDS = 600.0
"""After this a stream ends and the browser opens another, so that a session's end is noticed."""

REPEAT_SECONDS = 10.0
"""How often a stream says the time when nothing else is new."""

_PER_PAGE = 50
_HOUR = timedelta(hours=1)
_FEWEST_HOURS, _MOST_HOURS = 24, 72
_COMMANDS = {
    "start": CampaignState.RUNNING,
    "pause": CampaignState.PAUSED,
    "resume": CampaignState.RUNNING,
}


@router.get("/campaigns")
async def campaigns_page(shell: InShell, who: Visits, cursor: Cursor = None) -> Response:
    """The campaigns, newest first: state, progress, pace and why each is idle."""
    org = who.organization_id
    async with shell.context.engine.connect() as conn:
        found = await progress.newest(
            conn, organization_id=org, before=after(cursor), limit=_PER_PAGE + 1
        )
        shown, onward = page(found, _PER_PAGE, dict)
        counted = await progress.buckets_of(
            conn, organization_id=org, campaign_ids=[row["id"] for row in shown]
        )
    rows = [await _row(shell, org, row, counted.get(row["id"], {})) for row in shown]
    return pages.page("campaigns.html", who=who, rows=rows, onward=onward)


@router.get("/campaigns/{campaign_id}")
async def campaign_page(campaign_id: UUID, shell: InShell, who: Visits) -> Response:
    """One campaign: progress, why it is idle, its switches; it goes on by itself."""
    seen = await shell.campaign_board.read(who.organization_id, campaign_id)
    return pages.page("campaign.html", who=who, seen=seen, campaign=seen.campaign)


@router.get("/campaigns/{campaign_id}/preflight")
async def preflight_page(campaign_id: UUID, shell: InShell, who: Visits) -> Response:
    """What a start would come to: who can be called when, how long it takes, what it costs."""
    seen = await shell.campaign_board.read(who.organization_id, campaign_id)
    found = await preflight.look(
        shell.context, organization_id=who.organization_id, campaign_id=campaign_id
    )
    return pages.page(
        "preflight.html", who=who, campaign=seen.campaign, found=found, drawn=_drawn(found)
    )


@router.post("/campaigns/{campaign_id}/switch/{command}")
async def command_on_page(
    request: Request,
    campaign_id: UUID,
    command: Literal["start", "pause", "resume"],
    shell: InShell,
    who: Visits,
) -> Response:
    """Start, pause or resume; the page then shows what flies and when a phone last rang."""
    form = await visitors.form_of(request)
    visitors.need_own_form(request, who, form.get("csrf"))
    try:
        await stage.move(
            shell.context,
            organization_id=who.organization_id,
            campaign_id=campaign_id,
            to=_COMMANDS[command],
            again=command == "resume",
        )
    finally:
        forget(shell, who, campaign_id)
    return RedirectResponse(f"/campaigns/{campaign_id}", SEE_OTHER)


async def _place(campaign_id: UUID, shell: InShell, who: Visits) -> AsyncIterator[None]:
    # Read before the stream has begun: after that no refusal can be told any more.
    await shell.campaign_board.read(who.organization_id, campaign_id)
    with shell.board.watching():
        yield


@streams.get(
    "/campaigns/{campaign_id}/stream",
    response_class=EventSourceResponse,
    dependencies=[Depends(_place)],
)
async def campaign_stream(
    campaign_id: UUID, shell: InShell, who: Visits
) -> AsyncIterator[ServerSentEvent]:
    """The live part of a campaign's page, whenever something in it changes."""
    ends = clock.monotonic() + STREAM_SECONDS
    shown: Progress | None = None
    said_at = 0.0
    while clock.monotonic() < ends and not shell.closing.is_set():
        seen = await shell.campaign_board.read(who.organization_id, campaign_id)
        if shown is None or seen.differs(shown) or clock.monotonic() > said_at + REPEAT_SECONDS:
            yield ServerSentEvent(raw_data=_live(seen, who))
            shown, said_at = seen, clock.monotonic()
        with suppress(TimeoutError):
            await asyncio.wait_for(shell.closing.wait(), FRESH_SECONDS)


def forget(shell: Shell, who: Visitor, campaign_id: UUID) -> None:
    """Read everything that shows a campaign anew: something of it was just changed."""
    shell.board.forget(who.organization_id)
    shell.campaign_board.forget(who.organization_id, campaign_id)


def _live(seen: Progress, who: Visitor) -> str:
    return pages.render("campaign_live.html", seen=seen, who=who, campaign=seen.campaign)


async def _row(
    shell: Shell, org: UUID, row: Mapping[str, Any], counts: Mapping[str, int]
) -> dict[str, Any]:
    return {
        **row,
        "leads": sum(counts.values()),
        "counts": counts,
        "buckets": stacked({name: counts.get(name, 0) for name in ledger.BUCKETS}),
        "says": await _idle(shell, org, row),
    }


async def _idle(shell: Shell, org: UUID, row: Mapping[str, Any]) -> str:
    # Only a running one has more to say than its state, and asking is dear.
    if row["state"] == CampaignState.RUNNING:
        return (await shell.campaign_board.read(org, row["id"])).idle.says
    return "" if row["state"] in ACCEPTING else "It is over."


def _drawn(found: Preflight) -> dict[str, Any]:
    seen = found.forecast
    hours = _hours(seen.opens)
    return {
        "hours": columns([(f"{at:%a %d %b %H:%M}", n) for at, n in hours]),
        "left_out": seen.opens.total() - sum(n for _, n in hours),
        "zones": shares(seen.by_zone),
        "later": shares(seen.later),
        "never": shares(seen.never),
    }


def _hours(opens: Counter[datetime]) -> list[tuple[datetime, int]]:
    """Every hour from the first that has leads to the last, at least a day and at most three."""
    if not opens:
        return []
    first = min(opens)
    count = min(max((max(opens) - first) // _HOUR + 1, _FEWEST_HOURS), _MOST_HOURS)
    return [(first + n * _HOUR, opens[first + n * _HOUR]) for n in range(count)]
