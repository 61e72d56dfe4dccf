"""Decides which Partner API a command speaks to, and with which credentials."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from outdial.machine.home import Runtime
from outdial.speaking.client import runtime
from outdial.speaking.speech import CommandError, Exit
from outdial.tree import addresses
from outdial.tree.first_steps import SANDBOX_KEY
from partner import ClientCredentials, PartnerClient, StaticKey

_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_CREDENTIALS = (
    addresses.PARTNER_KEY,
    addresses.PARTNER_CLIENT_ID,
    addresses.PARTNER_CLIENT_SECRET,
)


@dataclass(frozen=True, kw_only=True)
class Upstream:
    """A Partner API and the credentials for it.

    Attributes:
        base_url: Its base address, version included.
        credentials: A static key, or OAuth client credentials.
        source: Where they were found: in the environment, or at a running `outdial up`.
    """

    base_url: str
    credentials: StaticKey | ClientCredentials
    source: Literal["environment", "outdial up"]

    @property
    def local(self) -> bool:
        """Whether it is on this machine, where it can but be a sandbox or a tunnel."""
        return urlsplit(self.base_url).hostname in _LOOPBACK

    def client(self) -> PartnerClient:
        """Opens a client of it; to be closed.

        Raises:
            CommandError: The address can't be one.
        """
        try:
            return PartnerClient(
                base_url=self.base_url, credentials=self.credentials, user_agent="outdial-cli"
            )
        except ValueError as error:
            raise CommandError(f"{addresses.PARTNER}: {error}", code=Exit.USAGE) from error


def find(environ: Mapping[str, str], home: Path) -> Upstream:
    """Finds the Partner API: the environment's, else the sandbox of the folder's `outdial up`.

    Args:
        environ: OUTDIAL_PARTNER_BASE_URL, and a key or an OAuth client.
        home: The data folder; it isn't created.

    Returns:
        Where to ask.

    Raises:
        CommandError: Nothing is known, or credentials are missing, halved or unusable.
    """
    base_url = environ.get(addresses.PARTNER)
    if base_url:
        return Upstream(
            base_url=base_url.rstrip("/"), credentials=_read(environ), source="environment"
        )
    # A key for another place must not end up at the sandbox, nor be taken for a connection.
    if given := [name for name in _CREDENTIALS if environ.get(name)]:
        raise CommandError(
            f"{given[0]} is set, but not {addresses.PARTNER}: export the address too, such as "
            "https://partner.example.com/api/partner/v1",
            code=Exit.USAGE,
        )
    found = _sandbox(runtime(home))
    if found is None:
        raise CommandError(
            f"no Partner API to talk to: export {addresses.PARTNER} and {addresses.PARTNER_KEY} "
            f"(or {addresses.PARTNER_CLIENT_ID} and {addresses.PARTNER_CLIENT_SECRET}). To try it "
            "without one, run `outdial sandbox`, which prints what to export",
            code=Exit.USAGE,
        )
    return found


def _read(environ: Mapping[str, str]) -> StaticKey | ClientCredentials:
    key, client_id, secret = (environ.get(name) for name in _CREDENTIALS)
    try:
        if key:
            return StaticKey(key)
        if client_id and secret:
            return ClientCredentials(client_id, secret)
    except ValueError as error:
        names = addresses.PARTNER_KEY if key else f"{_CREDENTIALS[1]} and {_CREDENTIALS[2]}"
        raise CommandError(f"{names}: {error}", code=Exit.USAGE) from error
    if client_id or secret:
        missing = addresses.PARTNER_CLIENT_SECRET if client_id else addresses.PARTNER_CLIENT_ID
        raise CommandError(
            f"{missing} is missing; OAuth needs both the id and the secret", code=Exit.USAGE
        )
    raise CommandError(
        f"{addresses.PARTNER} is set, but no credentials for it: export {addresses.PARTNER_KEY}, "
        f"or {addresses.PARTNER_CLIENT_ID} and {addresses.PARTNER_CLIENT_SECRET}",
        code=Exit.USAGE,
    )


def _sandbox(kept: Runtime) -> Upstream | None:
    address, base_url = kept.addresses.get("sandbox"), kept.partner_base_url
    # Where a real Partner API was connected to that `outdial up`, its sandbox isn't what is used.
    if not (kept.pid and address and base_url and base_url.startswith(f"{address}/")):
        return None
    return Upstream(base_url=base_url, credentials=StaticKey(SANDBOX_KEY), source="outdial up")
