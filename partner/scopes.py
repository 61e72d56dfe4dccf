"""Finds out which scopes the credentials hold, without changing anything."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from partner.channel import Channel, Endpoint, path_of
from partner.errors import NotSent, Refused

_NOBODY: Final = "scope-probe"
"""An id that names nothing."""

_NOTHING: Final = b"{}"
"""A body that lacks what every creation requires."""


@dataclass(frozen=True, slots=True)
class _Probe:
    method: str
    path: tuple[str, ...]
    of_business: bool = True


_PROBES: Final[Mapping[str, _Probe]] = {
    "voices:read": _Probe("GET", ("voices",), of_business=False),
    "tools:read": _Probe("GET", ("tools",)),
    "tools:create": _Probe("POST", ("tools",)),
    "tools:update": _Probe("PATCH", ("tools", _NOBODY)),
    "tools:delete": _Probe("DELETE", ("tools", _NOBODY)),
    "files:read": _Probe("GET", ("files",)),
    "files:create": _Probe("POST", ("files",)),
    "files:delete": _Probe("DELETE", ("files", _NOBODY)),
    "integrations:read": _Probe("GET", ("integrations", "google-calendar")),
    "integrations:create": _Probe("POST", ("integrations", "google-calendar")),
    "voice-agents:read": _Probe("GET", ("voice-agents",)),
    "voice-agents:create": _Probe("POST", ("voice-agents",)),
    "voice-agents:update": _Probe("PATCH", ("voice-agents", _NOBODY)),
    "voice-agents:delete": _Probe("DELETE", ("voice-agents", _NOBODY)),
    "calls:read": _Probe("GET", ("calls",)),
}

SCOPES: Final = tuple(_PROBES)
"""Every scope that an endpoint needs."""


class ScopeEndpoints:
    """Requests that are made for their refusal."""

    _channel: Channel

    async def holds_scope(self, business_id: str, scope: str) -> bool:
        """Whether the credentials hold a scope, asked of the upstream itself.

        A read is asked for as usual. A write is sent so that it can't do anything: a creation
        without what it requires, a change of something that isn't there. A 403 says that the
        scope is lacking; any other refusal comes after the scope was looked at.

        Args:
            business_id: A business of the credentials' organization.
            scope: One of :data:`SCOPES`.

        Raises:
            NotSent: It could not be asked, or no endpoint needs such a scope.
            Refused: The credentials are refused, or the upstream asks us to wait.
            Unknown: No good answer came.
        """
        probe = _PROBES.get(scope)
        if probe is None:
            raise NotSent("invalid_request", "no endpoint needs a scope of that name")
        base = ("businesses", business_id) if probe.of_business else ()
        endpoint = Endpoint(method=probe.method, path=path_of(*base, *probe.path), scope=scope)
        try:
            await self._probe(endpoint)
        except Refused as error:
            if error.code in {"unauthorized", "token_refused", "rate_limited"}:
                raise
            return error.code != "forbidden"
        return True

    async def _probe(self, endpoint: Endpoint) -> None:
        if endpoint.method == "GET":
            await self._channel.read(endpoint)
        else:
            body = None if endpoint.method == "DELETE" else _NOTHING
            await self._channel.write(endpoint, body)
