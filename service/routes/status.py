"""The status page: what happens now, live, with the campaigns' switches; and the way in."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import RedirectResponse
from fastapi.sse import EventSourceResponse, ServerSentEvent
from starlette.responses import Response

from dialer import clock
from dialer.pipeline.compliance import stops
from dialer.pipeline.planning import campaigns
from dialer.rules.campaign import CampaignState
from dialer.rules.errors import ForbiddenError, UnauthenticatedError
from service.auth import identify
from service.pages import pages, visitors
from service.pages.board import Reading
from service.pages.session import COOKIE
from service.pages.shelf import FRESH_SECONDS
from service.pages.visitors import ADMINISTERS, SEES, Visitor, Visits
from service.shell import InShell, Shell

router = APIRouter(include_in_schema=False)

STREAM_SECONDS = 600.0
"""After this a stream ends and the browser opens another, so that a session's end is noticed."""

REPEAT_SECONDS = 10.0
"""How often a stream says the time when nothing else is new."""

SEE_OTHER = 303
_COMMANDS = {
    "start": CampaignState.RUNNING,
    "pause": CampaignState.PAUSED,
    "resume": CampaignState.RUNNING,
}


@router.get("/")
async def status_page(request: Request, shell: InShell) -> Response:
    """The page, or the way in."""
    try:
        who = await visitors.visitor(request, shell)
    except UnauthenticatedError:
        return RedirectResponse("/login", SEE_OTHER)
    reading = await shell.board.read(who.organization_id)
    return pages.page("status.html", reading=reading, who=who)


async def _place(shell: InShell) -> AsyncIterator[None]:
    with shell.board.watching():
        yield


@router.get("/status/stream", response_class=EventSourceResponse, dependencies=[Depends(_place)])
async def status_stream(shell: InShell, who: Visits) -> AsyncIterator[ServerSentEvent]:
    """The page's live part, whenever something in it changes."""
    ends = clock.monotonic() + STREAM_SECONDS
    shown: Reading | None = None
    said_at = 0.0
    while clock.monotonic() < ends and not shell.closing.is_set():
        reading = await shell.board.read(who.organization_id)
        if shown is None or reading.differs(shown) or clock.monotonic() > said_at + REPEAT_SECONDS:
            yield ServerSentEvent(raw_data=_live(reading, who))
            shown, said_at = reading, clock.monotonic()
        with suppress(TimeoutError):
            await asyncio.wait_for(shell.closing.wait(), FRESH_SECONDS)


@router.post("/status/campaigns/{campaign_id}/{command}")
async def command_campaign(
    request: Request,
    campaign_id: UUID,
    command: Literal["start", "pause", "resume"],
    shell: InShell,
    who: Visits,
) -> Response:
    """A campaign's switch on the page."""
    form = await visitors.form_of(request)
    visitors.need_own_form(request, who, form.get("csrf"))
    await campaigns.move(
        shell.context,
        organization_id=who.organization_id,
        campaign_id=campaign_id,
        to=_COMMANDS[command],
        again=command == "resume",
    )
    shell.board.forget(who.organization_id)
    return RedirectResponse("/", SEE_OTHER)


@router.post("/status/everything/{command}")
async def command_everything(
    request: Request, command: Literal["pause", "resume"], shell: InShell, who: Visits
) -> Response:
    """The switch over everything; the page then shows the proof that nothing else rings."""
    form = await visitors.form_of(request)
    visitors.need_own_form(request, who, form.get("csrf"), scope=ADMINISTERS)
    await stops.set_paused(
        shell.context,
        organization_id=who.organization_id,
        level="organization",
        subject_id=who.organization_id,
        paused=command == "pause",
        by=who.name,
    )
    shell.board.forget(who.organization_id)
    return RedirectResponse("/", SEE_OTHER)


@router.get("/login")
async def login_page(
    request: Request, shell: InShell, token: Annotated[str, Query(max_length=1_000)] = ""
) -> Response:
    """The way in: a form for an API key, or the link that `outdial up` prints."""
    if not token:
        return pages.page("login.html", problem="")
    org = visitors.organization_of_link(shell, token)
    if org is None:
        late = "This link is wrong or over. Run `outdial login` for a new one, or use an API key."
        return pages.page("login.html", 401, problem=late)
    return _enter(request, shell, org, None)


@router.post("/login")
async def login(request: Request, shell: InShell) -> Response:
    """Come in with an API key."""
    form = await visitors.form_of(request)
    try:
        who = await identify(shell.context, str(form.get("key", "")).strip())
        who.need(SEES)
    except (UnauthenticatedError, ForbiddenError) as error:
        return pages.page("login.html", 401, problem=error.message)
    if who.source_id is not None:
        return pages.page("login.html", 401, problem="A source's key opens no page.")
    return _enter(request, shell, who.organization_id, who.key_id)


@router.post("/logout")
async def logout(request: Request, who: Visits) -> Response:
    """End the session in this browser."""
    form = await visitors.form_of(request)
    visitors.need_own_form(request, who, form.get("csrf"))
    response = RedirectResponse("/login", SEE_OTHER)
    response.delete_cookie(COOKIE, httponly=True, samesite="strict")
    return response


def _enter(request: Request, shell: Shell, org: UUID, key_id: UUID | None) -> Response:
    # A page that moves on by itself: after a redirect that began on another site (a link in a
    # chat), the browser would not send the strict cookie along.
    response = pages.page("entered.html")
    visitors.let_in(request, shell, response, org, key_id)
    return response


def _live(reading: Reading, who: Visitor) -> str:
    return pages.render("live.html", reading=reading, who=who)
