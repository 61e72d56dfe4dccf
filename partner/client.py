"""The client: one object for one set of credentials, to be kept and shared."""

import ipaddress
import re
import ssl
import time
from collections.abc import Callable
from types import TracebackType
from typing import Final, Self
from urllib.parse import SplitResult, urlsplit

import httpx2

from partner.agents import AgentEndpoints
from partner.auth import TokenInfo, token_source
from partner.calendar import CalendarEndpoints
from partner.calls import CallEndpoints
from partner.channel import Channel
from partner.credentials import ClientCredentials, StaticKey
from partner.files import FileEndpoints
from partner.scopes import ScopeEndpoints
from partner.tools import ToolEndpoints
from partner.transport import Timeouts, Wire
from partner.voices import VoiceEndpoints

_DEFAULT_TIMEOUTS: Final = Timeouts()
_PATH: Final = re.compile(r"(/[A-Za-z0-9._~-]+)*")


class PartnerClient(
    VoiceEndpoints,
    ToolEndpoints,
    FileEndpoints,
    CalendarEndpoints,
    AgentEndpoints,
    CallEndpoints,
    ScopeEndpoints,
):
    """An async client of the Partner API.

    Make one per set of credentials, share it between tasks of one event loop, and close it
    (``aclose()`` or ``async with``).

    Every method returns a value or raises exactly one of ``NotSent``, ``Refused`` and
    ``Unknown``; ``call`` also lets through what its ``before_send`` raises.

    Args:
        base_url: The API's base, ``/v1`` included. https, or http to a loopback host.
        credentials: A static key, or OAuth client credentials.
        timeouts: Limits on waiting.
        user_agent: The User-Agent header, printable ASCII.
        max_connections: Most connections at a time, for reads and for whatever acts, each.
        clock: Monotonic seconds; ages the token and measures answers.
        tls: Whom to trust; the system's store when None.

    Raises:
        ValueError: The base URL or the user agent is unusable.
    """

    def __init__(
        self,
        *,
        base_url: str,
        credentials: StaticKey | ClientCredentials,
        timeouts: Timeouts = _DEFAULT_TIMEOUTS,
        user_agent: str = "outdial-partner-client",
        max_connections: int = 100,
        clock: Callable[[], float] = time.monotonic,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        base = _check_base(base_url)
        self._base_url = base
        if not (user_agent.isascii() and user_agent.isprintable()):
            raise ValueError("the user agent must be printable ASCII")
        trust = tls or _trust(base)
        reads, acts = (
            Wire(
                tls=trust,
                timeouts=timeouts,
                max_connections=max_connections,
                keep=keep,
                clock=clock,
            )
            for keep in (True, False)
        )
        tokens = token_source(
            credentials,
            wire=reads,
            base_url=base,
            user_agent=user_agent,
            timeouts=timeouts,
            clock=clock,
        )
        self._channel = Channel(
            base_url=base,
            reads=reads,
            acts=acts,
            tokens=tokens,
            user_agent=user_agent,
            timeouts=timeouts,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()

    @property
    def base_url(self) -> str:
        """The API's base, ``/v1`` included, without a slash at its end."""
        return self._base_url

    async def aclose(self) -> None:
        """Close every connection; what is under way fails."""
        await self._channel.aclose()

    async def warm_token(self) -> None:
        """Have an access token at hand before a call needs it; nothing to do for a static key.

        Raises:
            NotSent: None could be had.
            Refused: The upstream refuses the credentials, or asks us to wait.
        """
        await self._channel.warm()

    async def describe_token(self) -> TokenInfo:
        """What is known of the token that requests carry; one is fetched if none is held.

        Raises:
            NotSent: None could be had.
            Refused: The upstream refuses the credentials, or asks us to wait.
        """
        return await self._channel.describe()


def _trust(base: str) -> ssl.SSLContext:
    if base.startswith("https:"):
        return httpx2.create_ssl_context()
    # Plain HTTP never looks at it, and loading the system's store takes a tenth of a second.
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def _check_base(base_url: str) -> str:
    """The base URL without a trailing slash.

    Raises:
        ValueError: With one sentence on what is wrong.
    """
    base = base_url.rstrip("/")
    parts = _split(base)
    base = base.replace(base[: len(parts.scheme)], parts.scheme, 1)
    if parts.username is not None or parts.password is not None:
        raise ValueError("the Partner API's base URL must not contain credentials")
    if "?" in base or "#" in base or not _PATH.fullmatch(parts.path):
        raise ValueError("the Partner API's base URL must be a plain address with a plain path")
    if {".", ".."} & set(parts.path.split("/")):
        raise ValueError("the Partner API's base URL must not contain dot segments")
    if parts.scheme != "https" and not (parts.scheme == "http" and _is_loopback(parts.hostname)):
        raise ValueError(
            "the Partner API's base URL must be https (http is for loopback hosts only): "
            "the credentials would travel in the clear"
        )
    return base


def _split(base: str) -> SplitResult:
    try:
        parts = urlsplit(base)
        usable = parts.hostname and (parts.port is None or parts.port > 0)
        httpx2.URL(base)
    except (ValueError, httpx2.InvalidURL) as error:
        raise ValueError("the Partner API's base URL is not an address") from error
    if not usable or not base.isascii() or not base.isprintable() or " " in base:
        raise ValueError("the Partner API's base URL is not an address")
    return parts


def _is_loopback(host: str | None) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return False
