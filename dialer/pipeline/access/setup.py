"""First steps: an organization, its Partner API credentials, its first key."""

from dataclasses import dataclass
from uuid import UUID

from dialer.context import Context
from dialer.pipeline.access import keys
from dialer.store import organizations


@dataclass(frozen=True, slots=True)
class FirstOrganization:
    """The organization, and its first key where this call made one."""

    organization_id: UUID
    api_key: str | None


async def ensure_first_organization(context: Context, *, name: str) -> FirstOrganization:
    """Find the first organization, or make it together with a key for everything."""
    async with context.engine.begin() as conn:
        row = await organizations.only(conn)
        if row is not None:
            return FirstOrganization(row["id"], None)
        made = await organizations.create(conn, name=name)
        key = await keys.mint(conn, organization_id=made, name="first", scopes=list(keys.SCOPES))
        return FirstOrganization(made, key.secret)


async def mint_key(context: Context, *, organization_id: UUID, name: str) -> str:
    """Make another key for everything, for a machine's owner who has lost the first."""
    async with context.engine.begin() as conn:
        key = await keys.mint(
            conn, organization_id=organization_id, name=name, scopes=list(keys.SCOPES)
        )
    return key.secret


async def connect_partner(
    context: Context,
    *,
    organization_id: UUID,
    base_url: str,
    api_key: str | None = None,
    client_id: str | None = None,
    client_secret: str | None = None,
) -> None:
    """Keep the Partner API's address and credentials, encrypted.

    A static key, or a client id with its secret (OAuth client credentials).
    """
    if api_key:
        secret = {"kind": "static_key", "api_key": api_key}
    else:
        secret = {
            "kind": "client_credentials",
            "client_id": client_id or "",
            "client_secret": client_secret or "",
        }
    async with context.engine.begin() as conn:
        await organizations.set_partner(
            conn,
            organization_id=organization_id,
            base_url=base_url,
            secret=context.vault.seal(secret),
        )
