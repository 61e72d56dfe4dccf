"""The command `outdial partner whoami`: what answers, as whom, with which scopes, at what time."""

import os
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, Literal

import typer

from outdial.machine import clock
from outdial.speaking.client import JsonOption
from outdial.speaking.login import HomeOption
from outdial.speaking.speech import out, write_json
from outdial.upstream.asking import BusinessOption, ask
from outdial.upstream.connection import Upstream, find
from outdial.upstream.faults import BUSINESS, reported
from outdial.upstream.view import details
from partner import CallQuery, PartnerClient, Refused
from partner.scopes import SCOPES as ASKABLE

app = typer.Typer(help="The Partner API: who we are there.", no_args_is_help=True)

Answer = Literal["granted", "lacking", "unknown"]
Probe = Callable[[PartnerClient, str], Awaitable[object]]

SCOPES: Final = (
    "voice-agents:create",
    "voice-agents:read",
    "voice-agents:update",
    "voice-agents:delete",
    "tools:read",
    "tools:create",
    "tools:update",
    "tools:delete",
    "files:read",
    "files:create",
    "files:delete",
    "voices:read",
    "integrations:read",
    "integrations:create",
    "integrations:update",
    "integrations:delete",
    "calls:read",
)
"""All that the guide names, in its order."""

_ANYWHERE: Final[Mapping[str, Probe]] = {
    "voices:read": lambda client, _: client.list_voices(),
    "tools:read": lambda client, _: client.list_tool_templates(page_size=1),
}
_IN_A_BUSINESS: Final[Mapping[str, Probe]] = {
    "voice-agents:read": lambda client, business: client.list_voice_agents(business, page_size=1),
    "files:read": lambda client, business: client.list_files(business, page_size=1),
    "integrations:read": lambda client, business: client.get_google_calendar_integration(business),
}
_WRITES: Final = tuple(scope for scope in ASKABLE if not scope.endswith(":read"))
_HALF_SECOND: Final = timedelta(seconds=0.5)


@dataclass(frozen=True, kw_only=True)
class Identity:
    """Who we are at a Partner API.

    Attributes:
        base_url: Its base address.
        source: Where address and credentials were found.
        kind: `static` (a key) or `oauth` (client credentials).
        expires_in: Seconds until the access token ends; None for a key.
        scopes: By name, all of `SCOPES` and whatever else was granted.
        latency_ms: Milliseconds of one request.
        clock_offset_seconds: How far the upstream's clock is ahead of this machine's; None where
            it told no time.
        clock_uncertainty_seconds: How wrong that may be: its clock is told in whole seconds.
    """

    base_url: str
    source: str
    kind: str
    expires_in: float | None
    scopes: Mapping[str, Answer]
    latency_ms: int
    clock_offset_seconds: float | None
    clock_uncertainty_seconds: float | None


@app.callback()
def partner() -> None:
    """The Partner API: who we are there."""


@app.command()
def whoami(
    *,
    business: BusinessOption = None,
    json: JsonOption = False,
    home: HomeOption = Path(".outdial"),
) -> None:
    """Say what answers, with which credentials and scopes, how fast, and how its clock stands.

    Nothing is changed. OAuth tells its scopes; what a static key may do is found out by reading
    and, with --business, by writes that can have no effect.
    """
    with reported(json=json):
        upstream = find(os.environ, home)
        found = ask(
            lambda client: _identify(client, upstream, business),
            home=home,
            business=BUSINESS if business else "",
        )
    if json:
        write_json(asdict(found))
        return
    out().print(details(_facts(found, business)))


async def _identify(client: PartnerClient, upstream: Upstream, business: str | None) -> Identity:
    # Once for the token and the connection, so that the second is measured by itself.
    await _ask_the_time(client)
    before = clock.now()
    reads_calls, latency_ms, told = await _ask_the_time(client)
    took = clock.now() - before
    token = await client.describe_token()
    scopes: dict[str, Answer] = {"calls:read": reads_calls}
    if token.scopes is None:
        scopes |= await _probe(client, business)
    else:
        scopes |= _granted(token.scopes)
    # The header has whole seconds, rounded down.
    offset = None if told is None else told + _HALF_SECOND - (before + took / 2)
    doubt = None if told is None else _HALF_SECOND + took / 2
    return Identity(
        base_url=upstream.base_url,
        source=upstream.source,
        kind=token.kind,
        expires_in=None if token.expires_in is None else round(token.expires_in),
        scopes={**dict.fromkeys(SCOPES, "unknown"), **scopes},
        latency_ms=latency_ms,
        clock_offset_seconds=_seconds(offset),
        clock_uncertainty_seconds=_seconds(doubt),
    )


async def _ask_the_time(client: PartnerClient) -> tuple[Answer, int, datetime | None]:
    try:
        page = await client.list_organization_calls(CallQuery(page_size=1))
    except Refused as error:
        if error.code != "forbidden" or error.evidence is None:
            raise
        return "lacking", error.evidence.elapsed_ms, error.evidence.server_date
    return "granted", page.evidence.elapsed_ms, page.server_date


async def _probe(client: PartnerClient, business: str | None) -> dict[str, Answer]:
    probes = {**_ANYWHERE, **(_IN_A_BUSINESS if business else {})}
    found = {name: await _try(client, probe, business or "") for name, probe in probes.items()}
    if business:
        found |= {scope: await _holds(client, business, scope) for scope in _WRITES}
    return found


async def _holds(client: PartnerClient, business: str, scope: str) -> Answer:
    return "granted" if await client.holds_scope(business, scope) else "lacking"


async def _try(client: PartnerClient, probe: Probe, business: str) -> Answer:
    try:
        await probe(client, business)
    except Refused as error:
        if error.code != "forbidden":
            raise
        return "lacking"
    return "granted"


def _granted(scopes: Iterable[str]) -> dict[str, Answer]:
    given = frozenset(scopes)
    found: dict[str, Answer] = dict.fromkeys(SCOPES, "lacking")
    return found | dict.fromkeys(sorted(given), "granted")


def _seconds(span: timedelta | None) -> float | None:
    return None if span is None else round(span.total_seconds(), 1)


def _facts(found: Identity, business: str | None) -> list[tuple[str, object]]:
    kind = "static key" if found.kind == "static" else "OAuth client credentials"
    unknown = _named(found.scopes, "unknown")
    if unknown and business is None:
        unknown += "\n(--business ID finds out)"
    elif unknown:
        unknown += "\n(no endpoint asks for them)"
    return [
        ("address", found.base_url),
        ("from", found.source),
        ("credentials", kind),
        ("token ends in", found.expires_in and f"{found.expires_in:,.0f} s"),
        ("latency", f"{found.latency_ms} ms"),
        ("clock", _clock(found)),
        ("scopes granted", _named(found.scopes, "granted")),
        ("scopes lacking", _named(found.scopes, "lacking")),
        ("scopes not known", unknown),
    ]


def _named(scopes: Mapping[str, Answer], answer: Answer) -> str:
    return ", ".join(name for name, found in scopes.items() if found == answer)


def _clock(found: Identity) -> str:
    if found.clock_offset_seconds is None:
        return "it tells no time"
    doubt = f"give or take {found.clock_uncertainty_seconds:.1f} s"
    away = abs(found.clock_offset_seconds)
    if away <= (found.clock_uncertainty_seconds or 0):
        return f"as this machine's ({doubt})"
    where = "ahead of" if found.clock_offset_seconds > 0 else "behind"
    return f"{timedelta(seconds=round(away))} {where} this machine's ({doubt})"
