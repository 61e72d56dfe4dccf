"""Asks the token endpoint for access tokens, and reads what it grants."""

import base64
from dataclasses import dataclass, replace
from typing import Final, Literal
from urllib.parse import quote, quote_plus, urlencode

from pydantic import SecretStr

from partner.credentials import HEADER_SAFE, ClientCredentials
from partner.errors import NotSent, Unknown
from partner.reading import read_json, refusal
from partner.transport import Answer, Outgoing, Timeouts, Wire

_TOKEN_BYTES: Final = 64 * 1024
_ASSUMED_LIFE: Final = 300.0  # seconds, where the upstream doesn't say
_LONGEST_LIFE: Final = 31_536_000.0  # seconds; an integer in JSON may be larger than any float
_OK: Final = 200
_NO_REFUSAL: Final = 408  # sent by whatever gave up waiting: it says nothing of the credentials
_TOO_MANY: Final = 429
_STYLE_REFUSED: Final = frozenset({400, 401})

_Style = Literal["basic", "body"]


@dataclass(frozen=True, slots=True)
class Granted:
    """A token, how many seconds it lives, and its scopes (None: not known)."""

    token: SecretStr
    life: float
    scopes: frozenset[str] | None


class TokenEndpoint:
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

    async def fetch(self) -> Granted:
        """A new token.

        Raises:
            NotSent: None could be had.
            Refused: The upstream refuses the credentials, or asks us to wait.
        """
        style, *others = self._styles
        answer = await self._ask(style)
        if others and answer.status in _STYLE_REFUSED:
            style = others[0]
            answer = await self._ask(style)
        granted = _read_grant(answer, asked=self._credentials.scopes)
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
            secrets=(
                secret.get_secret_value(),
                basic,
                # As it stands in the form, should an error page repeat that.
                quote_plus(secret.get_secret_value()),
            ),
        )


def _read_grant(answer: Answer, *, asked: tuple[str, ...]) -> Granted:
    """The token in an answer.

    Nothing raised here carries the body of a successful answer: it may hold a token.
    """
    if answer.status == _TOO_MANY:
        raise refusal(answer, code="rate_limited")
    if 400 <= answer.status < 500 and answer.status != _NO_REFUSAL:  # noqa: PLR2004 - the class of client errors
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
    return _check_grant(body, asked)


def _check_grant(body: object, asked: tuple[str, ...]) -> Granted:
    grant = body if isinstance(body, dict) else {}
    token, kind, life = (
        grant.get("access_token"),
        grant.get("token_type", "bearer"),
        grant.get("expires_in", _ASSUMED_LIFE),
    )
    if not isinstance(token, str) or not HEADER_SAFE.fullmatch(token):
        raise NotSent("token_unavailable", "the token endpoint's answer has no usable token")
    if not isinstance(kind, str) or kind.lower() != "bearer":
        raise NotSent(
            "token_unavailable", "the token endpoint gave a token that is no bearer token"
        )
    usable = isinstance(life, int | float) and not isinstance(life, bool) and life > 0
    return Granted(
        SecretStr(token),
        float(min(life, _LONGEST_LIFE)) if usable else _ASSUMED_LIFE,
        _granted_scopes(grant.get("scope"), asked),
    )


def _granted_scopes(stated: object, asked: tuple[str, ...]) -> frozenset[str] | None:
    """RFC 6749, 5.1: an answer that names no scope grants those that were asked for."""
    if isinstance(stated, str):
        return frozenset(stated.split())
    return frozenset(asked) or None


def _unavailable(why: str, error: Unknown) -> NotSent:
    """The error for a request never sent for want of a token, without a body that may hold one."""
    evidence = replace(error.evidence, body="") if error.evidence is not None else None
    return NotSent("token_unavailable", f"the token endpoint failed: {why}", evidence=evidence)


def _basic(name: str, secret: str) -> str:
    # RFC 6749, 2.3.1: both parts are form-encoded before they are joined.
    joined = f"{quote(name, safe='')}:{quote(secret, safe='')}"
    return base64.b64encode(joined.encode()).decode()
