"""API keys: minted once, shown once, stored as a digest, compared in constant time."""

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from dialer.rules.errors import Fault, ForbiddenError, InvalidInputError, UnauthenticatedError
from dialer.store import organizations

SCOPES = {
    "leads:write": "post, cancel and release leads",
    "leads:read": "read leads and their timelines",
    "campaigns:write": "plan, start, pause and cancel campaigns; pause agents; decide held calls",
    "campaigns:read": "read campaigns, agents, sources, the ledger and the status",
    "calls:read": "read calls",
    "admin": "credentials, sources, keys, do-not-call lists, rules; stop everything; "
    "believe an answer again",
}
"""Every scope and what it allows."""

_PREFIX = "odk"
_PUBLIC = 8
_SECRET = 32


@dataclass(frozen=True, slots=True)
class Principal:
    """Who is asking: an organization's key, perhaps bound to one source."""

    key_id: UUID
    organization_id: UUID
    source_id: UUID | None
    name: str
    scopes: frozenset[str]

    def need(self, scope: str) -> None:
        """Check a scope.

        Raises:
            ForbiddenError: naming the scope that is missing.
        """
        if scope not in self.scopes:
            raise ForbiddenError(f"this key lacks the scope {scope!r}")


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key just minted; `secret` is shown this once."""

    key_id: UUID
    secret: str


async def mint(
    conn: AsyncConnection,
    *,
    organization_id: UUID,
    name: str,
    scopes: Sequence[str],
    source_id: UUID | None = None,
) -> NewKey:
    """Make a key.

    Raises:
        InvalidInputError: for a scope that does not exist.
    """
    unknown = sorted(set(scopes) - set(SCOPES))
    if unknown or not scopes:
        what = f"{unknown[0]!r} is not a scope" if unknown else "a key needs a scope"
        fault = Fault("/scopes", "unknown_scope", f"{what}; known: {', '.join(SCOPES)}")
        raise InvalidInputError(fault.message, faults=(fault,))
    public = secrets.token_hex(_PUBLIC // 2)
    secret = f"{_PREFIX}_{public}_{secrets.token_urlsafe(_SECRET)}"
    key_id = await organizations.add_key(
        conn,
        organization_id=organization_id,
        name=name,
        prefix=public,
        digest=_digest(secret),
        scopes=scopes,
        source_id=source_id,
    )
    return NewKey(key_id, secret)


async def verify(conn: AsyncConnection, presented: str) -> Principal:
    """Find who a presented key belongs to.

    Raises:
        UnauthenticatedError: for anything but a key in force; the message never says which.
    """
    parts = presented.split("_", 2)
    public = parts[1] if len(parts) == len(("odk", "public", "secret")) else ""
    row = await organizations.key_by_prefix(conn, public) if public.isalnum() else None
    kept = row["digest"] if row else _digest("no such key")
    if not hmac.compare_digest(kept, _digest(presented)) or row is None:
        raise UnauthenticatedError("the API key is missing, unknown or revoked")
    if row["unused_lately"]:
        await organizations.touch_key(conn, row["id"])
    return Principal(
        key_id=row["id"],
        organization_id=row["organization_id"],
        source_id=row["source_id"],
        name=row["name"],
        scopes=frozenset(row["scopes"]),
    )


def _digest(secret: str) -> bytes:
    # The secret has 256 random bits, so one plain digest is enough: nothing can be guessed.
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()
