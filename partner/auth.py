"""Holds the access token: one refresh at a time, shared by all who wait."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, Literal, Protocol

from pydantic import SecretStr

from partner.credentials import ClientCredentials, StaticKey
from partner.errors import NotSent, PartnerError
from partner.grants import Granted, TokenEndpoint
from partner.transport import Timeouts, Wire

_LONGEST_MARGIN: Final = 60.0
_MARGIN_SHARE: Final = 0.2
_PAUSE_AFTER_FAILURE: Final = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenInfo:
    """What is known of the token that requests carry; never the token itself.

    Attributes:
        kind: A static key, or an access token by OAuth.
        scopes: What the token was granted; None where that can't be known: for a static key,
            or where scopes were neither asked for nor named in the answer.
        expires_in: Seconds left; None for a static key.
    """

    kind: Literal["static", "oauth"]
    scopes: frozenset[str] | None
    expires_in: float | None


class TokenSource(Protocol):
    """Where the bearer token of a request comes from."""

    async def describe(self) -> TokenInfo:
        """What is known of the token, which is had first.

        Raises:
            NotSent: None could be had.
            Refused: The upstream refuses the credentials, or asks us to wait.
        """

    async def token(self) -> str:
        """A token to send now.

        Raises:
            NotSent: None could be had.
            Refused: The upstream refuses the credentials, or asks us to wait.
        """

    def invalidate(self, token: str) -> bool:
        """Drop a token that the upstream refused; True if another may be had."""

    async def aclose(self) -> None:
        """Stop whatever is under way."""


def token_source(
    credentials: StaticKey | ClientCredentials,
    *,
    wire: Wire,
    base_url: str,
    user_agent: str,
    timeouts: Timeouts,
    clock: Callable[[], float],
) -> TokenSource:
    """The source that fits the credentials."""
    if isinstance(credentials, StaticKey):
        return _StaticToken(credentials)
    endpoint = TokenEndpoint(
        credentials=credentials,
        wire=wire,
        url=f"{base_url}/oauth/token",
        user_agent=user_agent,
        timeouts=timeouts,
    )
    return _SharedToken(fetch=endpoint.fetch, clock=clock)


class _StaticToken:
    def __init__(self, credentials: StaticKey) -> None:
        self._key = credentials.key

    async def token(self) -> str:
        return self._key.get_secret_value()

    async def describe(self) -> TokenInfo:
        return TokenInfo(kind="static", scopes=None, expires_in=None)

    def invalidate(self, token: str) -> bool:  # noqa: ARG002 - a key has no successor
        return False

    async def aclose(self) -> None:
        return


@dataclass(frozen=True, slots=True)
class _Held:
    token: SecretStr
    scopes: frozenset[str] | None
    refresh_at: float
    expires_at: float


class _SharedToken:
    """The current token; refreshed a little before it ends, while it is still being used."""

    def __init__(
        self, *, fetch: Callable[[], Awaitable[Granted]], clock: Callable[[], float]
    ) -> None:
        self._fetch = fetch
        self._clock = clock
        self._held: _Held | None = None
        self._refresh: asyncio.Task[_Held] | None = None
        self._not_before = float("-inf")

    async def token(self) -> str:
        return (await self._current()).token.get_secret_value()

    async def describe(self) -> TokenInfo:
        held = await self._current()
        left = max(0.0, held.expires_at - self._clock())
        return TokenInfo(kind="oauth", scopes=held.scopes, expires_in=left)

    async def _current(self) -> _Held:
        held, now = self._held, self._clock()
        if held is not None and now < held.expires_at:
            if now >= max(held.refresh_at, self._not_before):
                self._refreshing()
            return held
        refresh = self._refreshing()
        # wait() leaves the refresh alone when one of those who wait for it is cancelled.
        await asyncio.wait({refresh})
        if refresh.cancelled():
            raise NotSent("token_unavailable", "the client was closed")
        return refresh.result()

    def invalidate(self, token: str) -> bool:
        # Only the very token that was refused: others may have fetched a new one meanwhile.
        if self._held is not None and self._held.token.get_secret_value() == token:
            self._held = None
        return True

    async def aclose(self) -> None:
        if self._refresh is not None and not self._refresh.done():
            self._refresh.cancel()
            await asyncio.wait({self._refresh})

    def _refreshing(self) -> asyncio.Task[_Held]:
        if self._refresh is None or self._refresh.done():
            self._refresh = asyncio.create_task(self._renew())
            self._refresh.add_done_callback(_look)
        return self._refresh

    async def _renew(self) -> _Held:
        began = self._clock()
        try:
            granted = await self._fetch()
        except PartnerError:
            # Here and not in a callback, which would come after the next one had looked.
            self._not_before = self._clock() + _PAUSE_AFTER_FAILURE
            raise
        margin = min(_LONGEST_MARGIN, granted.life * _MARGIN_SHARE)
        expires_at = began + granted.life
        self._held = _Held(granted.token, granted.scopes, expires_at - margin, expires_at)
        return self._held


def _look(refresh: asyncio.Task[_Held]) -> None:
    """Take note of a failure that nobody may have waited for, or asyncio would log it."""
    if not refresh.cancelled():
        refresh.exception()
