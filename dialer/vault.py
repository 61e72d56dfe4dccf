"""Secrets at rest: encrypted with a key that is kept outside the database."""

import json
from collections.abc import Mapping

from cryptography.fernet import Fernet, InvalidToken

from dialer.rules.errors import UnavailableError


class Vault:
    """Seals and opens small secrets (Fernet: AES-128-CBC with HMAC-SHA-256)."""

    def __init__(self, *, key: str) -> None:
        try:
            self._fernet = Fernet(key)
        except ValueError as error:
            raise ValueError(
                "OUTDIAL_SECRET_KEY must be 32 random bytes in URL-safe base64"
            ) from error

    def seal(self, secret: Mapping[str, str]) -> bytes:
        """Encrypt."""
        return self._fernet.encrypt(json.dumps(dict(secret)).encode())

    def open(self, sealed: bytes) -> dict[str, str]:
        """Decrypt.

        Raises:
            UnavailableError: when the key is not the one that sealed it.
        """
        try:
            found: dict[str, str] = json.loads(self._fernet.decrypt(sealed))
        except InvalidToken as error:
            raise UnavailableError(
                "the stored credentials were sealed with another OUTDIAL_SECRET_KEY"
            ) from error
        return found
