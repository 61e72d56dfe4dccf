"""Who looks at a page: the session's cookie becomes a visitor, and forms prove their origin."""

from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlsplit
from uuid import UUID

from fastapi import Depends, Request
from starlette.responses import Response

from dialer import clock
from dialer.pipeline.access.keys import SCOPES
from dialer.rules.errors import ForbiddenError, UnauthenticatedError
from dialer.rules.intake.payload import read_delivery
from dialer.store.reports import overview
from service.pages import session
from service.pages.session import COOKIE, SESSION_SECONDS, Session
from service.shell import InShell, Shell

SEES = "campaigns:read"
COMMANDS = "campaigns:write"
SEES_LEADS = "leads:read"
BRINGS_LEADS = "leads:write"
ADMINISTERS = "admin"
PRINTED_LINK = "printed link"
"""Who came in with no key of their own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Somebody with a good session.

    Attributes:
        organization_id: What they see.
        name: The name of the key that they came in with, or `PRINTED_LINK`.
        scopes: What they may do.
        csrf: The token that their forms carry.
    """

    organization_id: UUID
    name: str
    scopes: frozenset[str]
    csrf: str

    @property
    def may_command(self) -> bool:
        """Whether the pages offer them start, pause, resume, edits and decisions."""
        return COMMANDS in self.scopes

    @property
    def may_stop_everything(self) -> bool:
        """Whether the pages offer them the switch over everything."""
        return ADMINISTERS in self.scopes

    @property
    def may_see_leads(self) -> bool:
        """Whether the pages show them people, with their whole numbers."""
        return SEES_LEADS in self.scopes

    @property
    def may_bring_leads(self) -> bool:
        """Whether the pages take a list from them."""
        return BRINGS_LEADS in self.scopes

    def need(self, scope: str) -> None:
        """Check that they may do something.

        Raises:
            ForbiddenError: their key lacks the scope.
        """
        if scope not in self.scopes:
            raise ForbiddenError(f"this session's key lacks the scope {scope!r}")


async def visitor(request: Request, shell: InShell) -> Visitor:
    """The visitor behind a request.

    Raises:
        UnauthenticatedError: no session, one that is over, or one whose key was revoked.
    """
    cookie = request.cookies.get(COOKIE, "")
    secret = _secret(shell)
    found = session.unseal(secret, cookie, clock.wall())
    name, scopes = await _key(shell, found) if found else ("", frozenset())
    if found is None or SEES not in scopes:
        raise UnauthenticatedError("log in first")
    request.state.organization_id = found.organization_id
    return Visitor(
        organization_id=found.organization_id,
        name=name,
        scopes=scopes,
        csrf=session.csrf_token(secret, cookie),
    )


Visits = Annotated[Visitor, Depends(visitor)]


async def form_of(request: Request) -> dict[str, object]:
    """The fields of a form that was sent to a page; empty where it is none."""
    kind = request.headers.get("content-type", "")
    content = read_delivery(kind, await request.body())
    return {str(k): v for k, v in content.items()} if isinstance(content, dict) else {}


def need_own_form(request: Request, who: Visitor, given: object, *, scope: str = COMMANDS) -> None:
    """Check that a form came from our own page in this session, and that its sender may do so.

    Raises:
        ForbiddenError: it may have been another site's, or the session's key lacks the scope.
    """
    origin = urlsplit(request.headers.get("origin", "")).netloc
    foreign = origin not in {"", request.headers.get("host", "")}
    fetched_from = request.headers.get("sec-fetch-site", "same-origin")
    cookie = request.cookies.get(COOKIE, "")
    secret = _secret(request.app.state.shell)
    sound = isinstance(given, str) and session.is_csrf_token(secret, cookie, given)
    if foreign or fetched_from not in {"same-origin", "none"} or not sound:
        raise ForbiddenError("this form did not come from our own page; reload it")
    who.need(scope)


def let_in(
    request: Request, shell: Shell, response: Response, org: UUID, key_id: UUID | None
) -> None:
    """Begin a session on this answer."""
    began = Session(organization_id=org, key_id=key_id, expires_at=clock.wall() + SESSION_SECONDS)
    response.set_cookie(
        COOKIE,
        session.seal(_secret(shell), began),
        max_age=SESSION_SECONDS,
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
    )


def organization_of_link(shell: Shell, token: str) -> UUID | None:
    """The organization that a printed link opens; None for a wrong or late one."""
    return session.read_login_token(_secret(shell), token, clock.wall())


async def _key(shell: Shell, found: Session) -> tuple[str, frozenset[str]]:
    if found.key_id is None:
        return PRINTED_LINK, frozenset(SCOPES)
    async with shell.context.engine.connect() as conn:
        row = await overview.key_in_force(
            conn, organization_id=found.organization_id, key_id=found.key_id
        )
    if row is None or row["source_id"] is not None:
        return "", frozenset()
    return row["name"], frozenset(row["scopes"])


def _secret(shell: Shell) -> str:
    return shell.context.settings.secret_key.get_secret_value()
