"""Issues and checks access tokens: signed statements, so that a restart keeps them valid."""

import base64
import binascii
import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass

from sandbox.clock import VirtualClock

DEFAULT_LIFETIME = 3600


@dataclass(frozen=True, slots=True)
class Caller:
    """Who sends a request: an organization, with the scopes that its credential grants."""

    organization_id: str
    scopes: frozenset[str]


class Tokens:
    """Issues tokens and tells good ones from bad.

    They expire in real time: a client counts ``expires_in`` on its own clock, whatever the
    speed of the sandbox's.

    Args:
        clock: Its real side is what tokens expire by.
        key: The signing key.
    """

    def __init__(self, *, clock: VirtualClock, key: bytes) -> None:
        self._clock = clock
        self._key = key
        self._not_before = 0.0
        self.lifetime = DEFAULT_LIFETIME

    def issue(self, caller: Caller) -> str:
        """A new token for ``caller``, valid for ``lifetime`` seconds."""
        now = self._clock.real()
        claims = {
            "org": caller.organization_id,
            "scopes": sorted(caller.scopes),
            "iat": now,
            "exp": now + self.lifetime,
            "jti": secrets.token_hex(4),
        }
        payload = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=")
        return f"{payload.decode()}.{self._sign(payload)}"

    def read(self, token: str) -> Caller | None:
        """Who holds ``token``; ``None`` when it is forged, expired or revoked."""
        payload, _, signature = token.partition(".")
        if not payload.isascii() or not signature.isascii():
            return None
        if not hmac.compare_digest(self._sign(payload.encode()), signature):
            return None
        try:
            claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        except (ValueError, binascii.Error):
            return None
        if claims["exp"] <= self._clock.real() or claims["iat"] <= self._not_before:
            return None
        return Caller(organization_id=claims["org"], scopes=frozenset(claims["scopes"]))

    def revoke_all(self) -> None:
        """Make every token issued so far invalid."""
        self._not_before = self._clock.real()

    def _sign(self, payload: bytes) -> str:
        return hmac.new(self._key, payload, hashlib.sha256).hexdigest()


def digest(secret: str) -> str:
    """What is kept of a key or secret: enough to know it again, not to tell it."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()
