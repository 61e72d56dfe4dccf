"""Brings a database to where the programs can start: schema, organization, credentials, a key."""

import asyncio
from collections.abc import Mapping
from urllib.parse import urlsplit
from uuid import UUID

from dialer.context import Context
from dialer.pipeline.access import keys, setup
from dialer.rules.errors import UnauthenticatedError
from dialer.store import organizations
from outdial.machine.database import upgrade
from outdial.speaking.speech import CommandError
from outdial.tree import addresses, contexts, rehearsal
from outdial.tree.programs import Foundation
from outdial.tree.tree import Owner

ORGANIZATION = "Outdial"
SANDBOX_KEY = "sandbox-key"
"""The static key of the sandbox's demo organization, published in docs/sandbox.md."""

_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_BASE_URL = addresses.PARTNER
_API_KEY = addresses.PARTNER_KEY
_CLIENT_ID = addresses.PARTNER_CLIENT_ID
_CLIENT_SECRET = addresses.PARTNER_CLIENT_SECRET


def prepare(foundation: Foundation) -> Owner:
    """Migrates, makes the first organization, connects the Partner API, sees to a key.

    Args:
        foundation: What stands before the first program starts.

    Returns:
        The organization, a key of it that is in force, and where its calls are placed.

    Raises:
        CommandError: Partner credentials are missing or given by halves.
    """
    upgrade(foundation.database_url)
    return asyncio.run(_prepare(foundation))


async def _prepare(foundation: Foundation) -> Owner:
    told = contexts.settings(
        database_url=foundation.database_url,
        redis_url=foundation.redis_url,
        secret_key=foundation.secret_key,
    )
    async with contexts.opened(told) as context:
        if foundation.clock is not None:
            await rehearsal.apply(context, foundation.clock)
        return await settle(
            context,
            environ=foundation.environ,
            sandbox=foundation.partner_base_url if foundation.sandbox_port else None,
            last_key=foundation.home.runtime().api_key,
        )


async def settle(
    context: Context, *, environ: Mapping[str, str], sandbox: str | None, last_key: str | None
) -> Owner:
    """Does all of `prepare` that comes after the migration; doing it again changes nothing.

    Args:
        context: The core.
        environ: Names the Partner API and its credentials, where there is one.
        sandbox: The sandbox's base URL, where it runs.
        last_key: The API key that was written down last.

    Returns:
        See `prepare`.

    Raises:
        CommandError: Partner credentials are missing or given by halves.
    """
    first = await setup.ensure_first_organization(context, name=ORGANIZATION)
    base_url = await connect(context, first.organization_id, environ=environ, sandbox=sandbox)
    api_key = first.api_key or await _key_in_force(context, last_key)
    if api_key is None:
        api_key = await setup.mint_key(
            context, organization_id=first.organization_id, name="outdial up"
        )
    return Owner(
        organization_id=str(first.organization_id), api_key=api_key, partner_base_url=base_url
    )


async def connect(
    context: Context, organization_id: UUID, *, environ: Mapping[str, str], sandbox: str | None
) -> str | None:
    """Keeps the Partner API's address and credentials, where they are given.

    Args:
        context: The core.
        organization_id: Whose they are.
        environ: Names the Partner API and its credentials, where there is one.
        sandbox: The sandbox's base URL, where it runs.

    Returns:
        Where calls are placed from now on; None where nothing is known.

    Raises:
        CommandError: Credentials are missing or given by halves.
    """
    async with context.engine.connect() as conn:
        row = await organizations.get(conn, organization_id)
    stored: str | None = row["partner_base_url"] if row is not None else None
    chosen = _partner(environ, stored) if environ.get(_BASE_URL) else _sandbox(sandbox, stored)
    if chosen is None:
        return stored
    await setup.connect_partner(context, organization_id=organization_id, **chosen)
    return chosen["base_url"]


def _partner(environ: Mapping[str, str], stored: str | None) -> dict[str, str] | None:
    base_url = environ[_BASE_URL]
    if api_key := environ.get(_API_KEY):
        return {"base_url": base_url, "api_key": api_key}
    given = {name: environ.get(name) for name in (_CLIENT_ID, _CLIENT_SECRET)}
    client_id, client_secret = given.values()
    if client_id and client_secret:
        return {"base_url": base_url, "client_id": client_id, "client_secret": client_secret}
    if any(given.values()):
        missing = next(name for name, value in given.items() if not value)
        raise CommandError(f"{missing} is missing; OAuth needs both the id and the secret")
    if base_url != stored:
        raise CommandError(
            f"{_BASE_URL} is set, but no credentials for it: set {_API_KEY}, or {_CLIENT_ID} "
            f"and {_CLIENT_SECRET}"
        )
    return None


def _sandbox(base_url: str | None, stored: str | None) -> dict[str, str] | None:
    # A real Partner API that somebody connected through the API must survive a restart.
    if base_url is None or (stored and urlsplit(stored).hostname not in _LOOPBACK):
        return None
    return {"base_url": base_url, "api_key": SANDBOX_KEY}


async def _key_in_force(context: Context, key: str | None) -> str | None:
    if key is None:
        return None
    async with context.engine.begin() as conn:
        try:
            found = await keys.verify(conn, key)
        except UnauthenticatedError:
            return None
    return key if "admin" in found.scopes else None
