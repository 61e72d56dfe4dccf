"""The two kinds of credentials, which show their secrets nowhere."""

import re
from dataclasses import dataclass
from typing import Final

from pydantic import SecretStr

HEADER_SAFE: Final = re.compile(r"[!-~]{1,8192}")
"""What a token or a key may be, to stand in a header."""


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


def _secret(value: str | SecretStr, what: str) -> SecretStr:
    text = value.get_secret_value() if isinstance(value, SecretStr) else value
    if not HEADER_SAFE.fullmatch(text):
        raise ValueError(f"{what} must be 1 to 8,192 visible ASCII characters")
    return SecretStr(text)
