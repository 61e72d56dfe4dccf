"""Who may see the pages: a signed cookie, and the signed link that `outdial up` prints.

Both are a payload and its HMAC-SHA-256, under keys derived from the secret key, one for each
purpose, so that none can be passed off as another. An API key never stands in an address.
"""

import base64
import binascii
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from uuid import UUID

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

COOKIE = "outdial_session"
SESSION_SECONDS = 12 * 3600
LOGIN_SECONDS = 12 * 3600
_MAX_LENGTH = 1_000
_LOGIN, _SESSION, _CSRF = "login", "session", "csrf"


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """Who looks at the pages.

    Attributes:
        organization_id: What they see.
        key_id: The API key they came in with, which is asked again each time; None after the
            printed link, which allows everything the pages can do.
        expires_at: Seconds since 1970.
    """

    organization_id: UUID
    key_id: UUID | None
    expires_at: float


def login_token(secret_key: str, organization_id: UUID, now: float) -> str:
    """Make the token of a link `/login?token=...` that opens the pages, for 12 hours.

    Args:
        secret_key: `OUTDIAL_SECRET_KEY`.
        organization_id: What the bearer will see.
        now: Seconds since 1970.
    """
    payload = {"org": str(organization_id), "exp": now + LOGIN_SECONDS}
    return _sign(secret_key, _LOGIN, payload)


def read_login_token(secret_key: str, token: str, now: float) -> UUID | None:
    """The organization that a link's token opens; None for a wrong or late one."""
    payload = _open(secret_key, _LOGIN, token, now)
    return None if payload is None else UUID(str(payload["org"]))


def seal(secret_key: str, session: Session) -> str:
    """Make the cookie's value."""
    payload = {
        "org": str(session.organization_id),
        "key": str(session.key_id) if session.key_id else None,
        "exp": session.expires_at,
    }
    return _sign(secret_key, _SESSION, payload)


def unseal(secret_key: str, cookie: str, now: float) -> Session | None:
    """Read the cookie's value; None for a wrong or late one."""
    payload = _open(secret_key, _SESSION, cookie, now)
    if payload is None:
        return None
    key = payload["key"]
    return Session(
        organization_id=UUID(str(payload["org"])),
        key_id=UUID(str(key)) if key else None,
        expires_at=float(str(payload["exp"])),
    )


def csrf_token(secret_key: str, cookie: str) -> str:
    """The token that a form of this session's pages carries."""
    return _encode(_mac(secret_key, _CSRF, cookie.encode()))


def is_csrf_token(secret_key: str, cookie: str, given: str) -> bool:
    """Whether a form came from this session's own pages."""
    return hmac.compare_digest(csrf_token(secret_key, cookie).encode(), given.encode())


def _sign(secret_key: str, purpose: str, payload: Mapping[str, object]) -> str:
    body = _encode(json.dumps(payload).encode())
    return f"{body}.{_encode(_mac(secret_key, purpose, body.encode()))}"


def _open(secret_key: str, purpose: str, token: str, now: float) -> dict[str, object] | None:
    body, _, seal_given = token.partition(".")
    if len(token) > _MAX_LENGTH or not token.isascii():
        return None
    expected = _encode(_mac(secret_key, purpose, body.encode()))
    if not hmac.compare_digest(expected.encode(), seal_given.encode()):
        return None
    payload: dict[str, object] = json.loads(_decode(body))
    return payload if float(str(payload["exp"])) > now else None


def _mac(secret_key: str, purpose: str, message: bytes) -> bytes:
    info = f"outdial/{purpose}".encode()
    derive = HKDF(algorithm=SHA256(), length=32, salt=None, info=info)
    return hmac.new(derive.derive(secret_key.encode()), message, sha256).digest()


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except binascii.Error as error:
        raise ValueError("signed, and yet not base64") from error
