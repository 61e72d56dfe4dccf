"""Who is asking: an API key in a header becomes a principal with its scopes."""

from typing import Annotated, Final

from fastapi import Request, Security
from fastapi.security import APIKeyHeader, HTTPAuthorizationCredentials, HTTPBearer, SecurityScopes

from dialer.pipeline.access import keys
from dialer.pipeline.access.keys import Principal
from dialer.rules.errors import ForbiddenError, UnauthenticatedError
from service.shell import InContext

MAX_KEY: Final = 200

_BEARER = HTTPBearer(
    auto_error=False, scheme_name="bearer", description="An API key: `Authorization: Bearer odk_…`"
)
_HEADER = APIKeyHeader(
    name="X-API-Key", auto_error=False, scheme_name="key", description="An API key."
)


def presented(
    bearer: Annotated[HTTPAuthorizationCredentials | None, Security(_BEARER)],
    header: Annotated[str | None, Security(_HEADER)],
) -> str | None:
    """The key that a request shows, if any."""
    return header or (bearer.credentials if bearer else None)


Presented = Annotated[str | None, Security(presented)]


async def identify(context: InContext, key: str | None) -> Principal:
    """Find whose key this is.

    Raises:
        UnauthenticatedError: there is none, or none that is in force.
    """
    if not key or len(key) > MAX_KEY:
        raise UnauthenticatedError("send an API key: Authorization: Bearer odk_..., or X-API-Key")
    async with context.engine.begin() as conn:
        return await keys.verify(conn, key)


async def principal(
    request: Request, needed: SecurityScopes, context: InContext, key: Presented
) -> Principal:
    """The organization's key behind a request, with the scopes that the operation needs.

    Raises:
        UnauthenticatedError: no key, or none in force.
        ForbiddenError: the key lacks a scope, or belongs to a source and so opens only its hook.
    """
    who = await identify(context, key)
    request.state.organization_id = who.organization_id
    if who.source_id is not None:
        raise ForbiddenError(
            "this key belongs to a source; it can only post to that source's hook"
        )
    for scope in needed.scopes:
        who.need(scope)
    return who


WritesLeads = Annotated[Principal, Security(principal, scopes=["leads:write"])]
ReadsLeads = Annotated[Principal, Security(principal, scopes=["leads:read"])]
WritesCampaigns = Annotated[Principal, Security(principal, scopes=["campaigns:write"])]
ReadsCampaigns = Annotated[Principal, Security(principal, scopes=["campaigns:read"])]
ReadsCalls = Annotated[Principal, Security(principal, scopes=["calls:read"])]
Administers = Annotated[Principal, Security(principal, scopes=["admin"])]
