"""Holds the credentials and the access token: one refresh at a time, shared by all who wait."""

import asyncio
import base64
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Final, Literal, Protocol
from urllib.parse import quote, urlencode

from pydantic import SecretStr

from partner.errors import NotSent, PartnerError, Unknown
from partner.reading import read_json, refusal
from partner.transport import Answer, Outgoing, Timeouts, Wire

_HEADER_SAFE: Final = re.compile(r"[!-~]{1,8192}")
_TOKEN_BYTES: Final = 64 * 1024
_ASSUMED_LIFE: Final = 300.0  # seconds, where the upstream doesn't say
_LONGEST_MARGIN: Final = 60.0
_MARGIN_SHARE: Final = 0.2
_PAUSE_AFTER_FAILURE: Final = 1.0
_OK: Final = 200
_TOO_MANY: Final = 429
_STYLE_REFUSED: Final = frozenset({400, 401})

_Style = Literal["basic", "body"]


@dataclass(frozen=True, slots=True, init=False)
class StaticKey:
    """An API key that doesn't expire.

    Raises:
        ValueError: It isn't 1 to 8,192 visible ASCII characters.
    """

    key: SecretStr

    def __init__(self, key: str | SecretStr) -> None:
        object.__setattr__(self, "key", _secret(key, "the API key"))


@dataclass(frozen=True, slots=True, init=False)
class ClientCredentials:
    """OAuth 2.0 client credentials (RFC 6749, 4.4); an empty ``scopes`` asks for the default.

    Raises:
        ValueError: Id, secret or a scope isn't 1 to 8,192 visible ASCII characters.
    """

    client_id: str
    client_secret: SecretStr
    scopes: tuple[str, ...]

    def __init__(
        self, client_id: str, client_secret: str | SecretStr, scopes: tuple[str, ...] = ()
    ) -> None:
        for part in (client_id, *scopes):
            _secret(part, "the client id and each scope")
        object.__setattr__(self, "client_id", client_id)
        object.__setattr__(self, "client_secret", _secret(client_secret, "the client secret"))
        object.__setattr__(self, "scopes", tuple(scopes))


class TokenSource(Protocol):
    """Where the bearer token of a request comes from."""

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
    endpoint = _TokenEndpoint(
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

    def invalidate(self, token: str) -> bool:  # noqa: ARG002 - a key has no successor
        return False

    async def aclose(self) -> None:
        return


@dataclass(frozen=True, slots=True)
class _Granted:
    token: SecretStr
    life: float


@dataclass(frozen=True, slots=True)
class _Held:
    token: SecretStr
    refresh_at: float
    expires_at: float


class _SharedToken:
    """The current token; refreshed a little before it ends, while it is still being used."""

    def __init__(
        self, *, fetch: Callable[[], Awaitable[_Granted]], clock: Callable[[], float]
    ) -> None:
        self._fetch = fetch
        self._clock = clock
        self._held: _Held | None = None
        self._refresh: asyncio.Task[_Held] | None = None
        self._not_before = float("-inf")

    async def token(self) -> str:
        held, now = self._held, self._clock()
        if held is not None and now < held.expires_at:
            if now >= max(held.refresh_at, self._not_before):
                self._refreshing()
            return held.token.get_secret_value()
        refresh = self._refreshing()
        # wait() leaves the refresh alone when one of those who wait for it is cancelled.
        await asyncio.wait({refresh})
        if refresh.cancelled():
            raise NotSent("token_unavailable", "the client was closed")
        return refresh.result().token.get_secret_value()

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
        self._held = _Held(granted.token, expires_at - margin, expires_at)
        return self._held


def _look(refresh: asyncio.Task[_Held]) -> None:
    """Take note of a failure that nobody may have waited for, or asyncio would log it."""
    if not refresh.cancelled():
        refresh.exception()


class _TokenEndpoint:
    """Asks for a token with HTTP Basic, which RFC 6749 demands of servers, else in the body.

    The guide names neither. What has worked once is kept.
    """

    def __init__(
        self,
        *,
        credentials: ClientCredentials,
        wire: Wire,
        url: str,
        user_agent: str,
        timeouts: Timeouts,
    ) -> None:
        self._credentials = credentials
        self._wire = wire
        self._url = url
        self._user_agent = user_agent
        self._total = timeouts.token_total
        self._styles: tuple[_Style, ...] = ("basic", "body")

    async def fetch(self) -> _Granted:
        style, *others = self._styles
        answer = await self._ask(style)
        if others and answer.status in _STYLE_REFUSED:
            style = others[0]
            answer = await self._ask(style)
        granted = _read_grant(answer)
        self._styles = (style,)
        return granted

    async def _ask(self, style: _Style) -> Answer:
        try:
            return await self._wire.send(self._request(style))
        except Unknown as error:
            raise _unavailable("it gave no whole answer", error) from error

    def _request(self, style: _Style) -> Outgoing:
        name, secret = self._credentials.client_id, self._credentials.client_secret
        form = {"grant_type": "client_credentials"}
        if self._credentials.scopes:
            form["scope"] = " ".join(self._credentials.scopes)
        headers = {
            "Accept": "application/json",
            "Accept-Encoding": "identity",
            "Content-Type": "application/x-www-form-urlencoded",
            "User-Agent": self._user_agent,
        }
        basic = _basic(name, secret.get_secret_value())
        if style == "basic":
            headers["Authorization"] = f"Basic {basic}"
        else:
            form |= {"client_id": name, "client_secret": secret.get_secret_value()}
        return Outgoing(
            method="POST",
            url=self._url,
            headers=headers,
            content=urlencode(form).encode(),
            total=self._total,
            silence=self._total,
            body_limit=_TOKEN_BYTES,
            secrets=(secret.get_secret_value(), basic),
        )


def _read_grant(answer: Answer) -> _Granted:
    """The token in an answer.

    Nothing raised here carries the body of a successful answer: it may hold a token.
    """
    if answer.status == _TOO_MANY:
        raise refusal(answer, code="rate_limited")
    if 400 <= answer.status < 500:  # noqa: PLR2004 - the class of client errors
        raise refusal(answer, code="token_refused")
    if answer.status != _OK:
        raise NotSent(
            "token_unavailable",
            f"the token endpoint answered {answer.status}",
            evidence=answer.evidence if answer.status >= 300 else None,  # noqa: PLR2004 - not a success
        )
    try:
        body = read_json(answer)
    except Unknown:
        raise NotSent("token_unavailable", "the token endpoint's answer is unreadable") from None
    return _check_grant(body)


def _check_grant(body: object) -> _Granted:
    grant = body if isinstance(body, dict) else {}
    token, kind, life = (
        grant.get("access_token"),
        grant.get("token_type", "bearer"),
        grant.get("expires_in", _ASSUMED_LIFE),
    )
    if not isinstance(token, str) or not _HEADER_SAFE.fullmatch(token):
        raise NotSent("token_unavailable", "the token endpoint's answer has no usable token")
    if not isinstance(kind, str) or kind.lower() != "bearer":
        raise NotSent(
            "token_unavailable", "the token endpoint gave a token that is no bearer token"
        )
    usable = isinstance(life, int | float) and not isinstance(life, bool) and life > 0
    return _Granted(SecretStr(token), float(life) if usable else _ASSUMED_LIFE)


def _unavailable(why: str, error: Unknown) -> NotSent:
    """The error for a request never sent for want of a token, without a body that may hold one."""
    evidence = replace(error.evidence, body="") if error.evidence is not None else None
    return NotSent("token_unavailable", f"the token endpoint failed: {why}", evidence=evidence)


def _basic(name: str, secret: str) -> str:
    # RFC 6749, 2.3.1: both parts are form-encoded before they are joined.
    joined = f"{quote(name, safe='')}:{quote(secret, safe='')}"
    return base64.b64encode(joined.encode()).decode()


def _secret(value: str | SecretStr, what: str) -> SecretStr:
    text = value.get_secret_value() if isinstance(value, SecretStr) else value
    if not _HEADER_SAFE.fullmatch(text):
        raise ValueError(f"{what} must be 1 to 8,192 visible ASCII characters")
    return SecretStr(text)
