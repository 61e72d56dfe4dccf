"""Partner API clients, one for each organization's address and credentials."""

import hashlib
from collections.abc import Mapping
from urllib.parse import urlsplit
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from dialer.clock import monotonic
from dialer.context import Context
from dialer.rules.errors import UnavailableError
from dialer.store import clock, organizations
from partner import ClientCredentials, PartnerClient, StaticKey, Timeouts

_BELIEVED_SECONDS = 1.0
_LOOPBACK = ("127.0.0.1", "::1", "localhost")
SCOPES = ("voice-agents:read", "voice-agents:update", "calls:read")


class Partners:
    """Hands out clients; one is kept while the organization's credentials stay the same."""

    def __init__(self, *, context: Context) -> None:
        self._context = context
        self._clients: dict[UUID, tuple[bytes, PartnerClient]] = {}
        self._read_at: dict[UUID, float] = {}
        self._refreshed_at: dict[UUID, float] = {}
        self._retired: list[PartnerClient] = []

    async def of(self, organization_id: UUID) -> PartnerClient:
        """The organization's client.

        Raises:
            UnavailableError: no credentials are stored, they can't be opened or used, or campaign
                time is rehearsed against something other than this machine's sandbox.
        """
        if (
            monotonic() - self._read_at.get(organization_id, -_BELIEVED_SECONDS)
            < _BELIEVED_SECONDS
        ):
            return self._clients[organization_id][1]
        client = await self._current(organization_id)
        self._read_at[organization_id] = monotonic()
        return client

    async def _current(self, organization_id: UUID) -> PartnerClient:
        async with self._context.engine.connect() as conn:
            row = await organizations.get(conn, organization_id)
            if row is None or not row["partner_base_url"] or row["partner_secret"] is None:
                raise UnavailableError("no Partner API credentials are stored; PUT /v1/partner")
            await _refuse_rehearsal_of_real_calls(conn, row["partner_base_url"])
        mark = hashlib.sha256(row["partner_base_url"].encode() + row["partner_secret"]).digest()
        kept = self._clients.get(organization_id)
        if kept is not None and kept[0] == mark:
            return kept[1]
        if kept is not None:
            # Calls may still be under way on it; it is closed with the process.
            self._retired.append(kept[1])
        secret = self._context.vault.open(row["partner_secret"])
        try:
            made = self._make(row["partner_base_url"], secret)
        except ValueError as error:
            # Else one tenant's odd address would end the loops that serve all tenants in turn.
            raise UnavailableError(f"what is stored can't be used: {error}") from error
        self._clients[organization_id] = (mark, made)
        self._refreshed_at.pop(organization_id, None)
        return made

    def refreshed_at(self, organization_id: UUID) -> float | None:
        """When, after a 401, the token was refreshed (monotonic); None for these credentials."""
        return self._refreshed_at.get(organization_id)

    def note_refreshed(self, organization_id: UUID) -> None:
        """Note that a fresh token was accepted just now."""
        self._refreshed_at[organization_id] = monotonic()

    async def aclose(self) -> None:
        """Close every client."""
        for client in [*self._retired, *(client for _, client in self._clients.values())]:
            await client.aclose()
        self._clients.clear()
        self._retired.clear()

    def _make(self, base_url: str, secret: Mapping[str, str]) -> PartnerClient:
        return PartnerClient(
            base_url=base_url,
            credentials=_credentials(secret),
            timeouts=Timeouts(call_total=self._context.settings.partner_call_timeout_seconds),
            user_agent="outdial",
            max_connections=self._context.settings.calls_in_flight + 10,
        )


def _credentials(secret: Mapping[str, str]) -> StaticKey | ClientCredentials:
    if secret["kind"] == "static_key":
        return StaticKey(secret["api_key"])
    return ClientCredentials(
        client_id=secret["client_id"], client_secret=secret["client_secret"], scopes=SCOPES
    )


async def _refuse_rehearsal_of_real_calls(conn: AsyncConnection, base_url: str) -> None:
    if await clock.speed(conn) is not None and urlsplit(base_url).hostname not in _LOOPBACK:
        raise UnavailableError(
            "campaign time is shifted for a rehearsal, so only a sandbox on this machine is "
            "called; dial for real on a fresh database, since this one's time can't go back"
        )
