"""Reads what the upstream has, as far as a manifest and its state have to do with it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from pydantic import BaseModel

from partner import NotSent, PartnerClient, Refused, Unknown
from provision.errors import UpstreamError
from provision.manifest.faults import ManifestError, quoted
from provision.manifest.models import (
    AgentDeclaration,
    CalendarDeclaration,
    ExistingFile,
    ExistingTool,
    FileDeclaration,
    Manifest,
    ToolDeclaration,
)
from provision.patience import patiently
from provision.scopes import FAMILIES, refused_scopes
from provision.secrecy import tidy
from provision.state import Body, Kind, State, kind_of

MOST_THINGS: Final = 10_000
"""The longest list that is read; a longer one stops the run."""
AT_ONCE: Final = 8
"""How many things are read at the same time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Upstream:
    """What the upstream showed; every object by its names on the wire.

    Attributes:
        tools: By id, automatic ones included.
        files: By id.
        agents: By id.
    """

    calendar: Body | None = None
    tools: Mapping[str, Body] = field(default_factory=dict)
    files: Mapping[str, Body] = field(default_factory=dict)
    agents: Mapping[str, Body] = field(default_factory=dict)
    voices: tuple[Body, ...] = ()
    templates: tuple[Body, ...] = ()

    def of(self, kind: Kind) -> Mapping[str, Body]:
        """The things of a kind, by id."""
        match kind:
            case Kind.TOOL:
                return self.tools
            case Kind.FILE:
                return self.files
            case Kind.AGENT:
                return self.agents
            case Kind.CALENDAR:
                return {} if self.calendar is None else {str(self.calendar["id"]): self.calendar}


def wire(model: BaseModel) -> Body:
    """An answer's object by its names on the wire, unknown fields included, nulls left out."""
    dumped: Body = model.model_dump(mode="json", by_alias=True, exclude_none=True)
    return dumped


async def observe(client: PartnerClient, manifest: Manifest, state: State) -> Upstream:
    """Read what the manifest declares, what the state knows, and whatever could be meant.

    Only the kinds that occur are read, so that credentials need no more scopes than that.

    Raises:
        MissingScopesError: The credentials may not read it.
        ManifestError: There is no such business.
        UpstreamError: It could not be read.
    """
    reader = _Reader(client, manifest, state)
    try:
        return await reader.read()
    except Refused as error:
        missing = await refused_scopes(client, manifest.business, error, reader.scopes)
        raise missing or await _refusal(client, error, manifest) from error
    except (NotSent, Unknown) as error:
        said = tidy(manifest.mask(error.message))
        raise UpstreamError(f"the upstream could not be read: {said}; nothing was changed") from (
            error
        )


async def listed(client: PartnerClient, business: str, kind: Kind) -> dict[str, Body]:
    """All things of a kind that a business has, by id.

    Raises:
        NotSent: It could not be asked.
        Refused: The upstream refused.
        Unknown: No good answer came.
        UpstreamError: The list is too long, or has things in it that can't be read: it would
            prove nothing about what isn't on it.
    """
    match kind:
        case Kind.TOOL:
            return await _all(lambda: client.iter_tool_instances(business), "tools")
        case Kind.FILE:
            return await _all(lambda: client.iter_files(business), "files")
        case Kind.AGENT:
            return await _all(lambda: client.iter_voice_agents(business), "voice agents")
        case Kind.CALENDAR:
            found = await patiently(lambda: client.get_google_calendar_integration(business))
            return {} if found is None else {found.id: wire(found)}


class _Reader:
    def __init__(self, client: PartnerClient, manifest: Manifest, state: State) -> None:
        self._client = client
        self._manifest = manifest
        self._state = state
        named = (*state.entries, *state.creating, *(one.address for one in state.leaving))
        self._kinds = {kind_of(address) for address in named} | _kinds(manifest)

    @property
    def scopes(self) -> frozenset[str]:
        """What reading needs."""
        families = {FAMILIES[kind] for kind in self._kinds}
        if any(agent.voice for agent in self._manifest.agents.values()):
            families.add("voices")
        return frozenset(f"{family}:read" for family in families)

    async def read(self) -> Upstream:
        return Upstream(
            calendar=await self._calendar(),
            tools=await self._of(Kind.TOOL),
            files=await self._of(Kind.FILE),
            agents=await self._of(Kind.AGENT),
            voices=await self._voices(),
            templates=await self._templates(),
        )

    async def _calendar(self) -> Body | None:
        if Kind.CALENDAR not in self._kinds:
            return None
        found = await listed(self._client, self._manifest.business, Kind.CALENDAR)
        return next(iter(found.values()), None)

    async def _of(self, kind: Kind) -> dict[str, Body]:
        if kind not in self._kinds:
            return {}
        found = await listed(self._client, self._manifest.business, kind)
        closely = sorted(self._closely(kind, found))
        for some in (closely[at : at + AT_ONCE] for at in range(0, len(closely), AT_ONCE)):
            asked = (self._one(kind, thing_id) for thing_id in some)
            # All of them have ended before the first failure is told: none runs on unseen.
            shown = await asyncio.gather(*asked, return_exceptions=True)
            for thing_id, seen in zip(some, shown, strict=True):
                if isinstance(seen, BaseException):
                    raise seen
                if seen is not None:
                    found[thing_id] = seen
                elif thing_id in found:
                    # Taken for gone, it would be made a second time.
                    raise UpstreamError(
                        f"the upstream lists the {kind.value} {tidy(thing_id)}, and says that "
                        "there is none when asked for it; nothing was changed. Run again"
                    )
        return found

    def _closely(self, kind: Kind, found: Mapping[str, Body]) -> set[str]:
        """Ids to be read one by one: the guide doesn't say that a list shows all of a thing."""
        owned = {entry.id for name, entry in self._state.entries.items() if kind_of(name) is kind}
        if kind is not Kind.AGENT:
            return owned
        names = {agent.name.strip() for agent in self._manifest.agents.values()}
        return owned | {key for key, one in found.items() if str(one.get("name")).strip() in names}

    async def _one(self, kind: Kind, thing_id: str) -> Body | None:
        ask: Mapping[Kind, Callable[[str, str], Awaitable[BaseModel]]] = {
            Kind.TOOL: self._client.get_tool_instance,
            Kind.FILE: self._client.get_file,
            Kind.AGENT: self._client.get_voice_agent,
        }
        try:
            business = self._manifest.business
            return wire(await patiently(lambda: ask[kind](business, thing_id)))
        except Refused as error:
            if error.code != "not_found":
                raise
            return None

    async def _voices(self) -> tuple[Body, ...]:
        if not any(agent.voice for agent in self._manifest.agents.values()):
            return ()
        return tuple(wire(voice) for voice in await patiently(self._client.list_voices))

    async def _templates(self) -> tuple[Body, ...]:
        tools = self._manifest.tools.values()
        if not any(isinstance(tool, ToolDeclaration) for tool in tools):
            return ()
        return tuple((await _all(self._client.iter_tool_templates, "templates")).values())


async def _all(walk: Callable[[], AsyncIterator[BaseModel]], what: str) -> dict[str, Body]:
    return await patiently(lambda: _walked(walk(), what))


async def _walked(items: AsyncIterator[BaseModel], what: str) -> dict[str, Body]:
    found: dict[str, Body] = {}
    async for item in items:
        read = wire(item)
        found[str(read["id"])] = read
        if len(found) > MOST_THINGS:
            raise UpstreamError(f"the business has more than {MOST_THINGS} {what}")
    if getattr(items, "malformed", 0):
        raise UpstreamError(f"the list of {what} has things in it that can't be read")
    return found


def _kinds(manifest: Manifest) -> set[Kind]:
    """The kinds of things that a manifest has to do with."""
    agents = manifest.agents.values()
    occurs = {
        Kind.CALENDAR: manifest.calendar is not None,
        # Without the tools nobody can tell which ones the upstream gave an agent by itself.
        Kind.TOOL: bool(manifest.tools or agents),
        Kind.FILE: bool(manifest.files) or any(agent.files for agent in agents),
        Kind.AGENT: bool(agents),
    }
    return {kind for kind, found in occurs.items() if found}


async def _refusal(
    client: PartnerClient, error: Refused, manifest: Manifest
) -> ManifestError | UpstreamError:
    if error.code == "not_found":
        return await _nowhere(client, manifest)
    said = tidy(manifest.mask(error.message))
    return UpstreamError(f"{said}; nothing was changed")


async def _nowhere(client: PartnerClient, manifest: Manifest) -> ManifestError | UpstreamError:
    """Tells a business that isn't there from an address at which nothing is."""
    try:
        await patiently(client.list_voices)
    except Refused as error:
        if error.code == "not_found":
            return UpstreamError(
                f"{client.base_url} is not the address of a Partner API (HTTP 404); "
                "nothing was changed. Check OUTDIAL_PARTNER_BASE_URL"
            )
    except (NotSent, Unknown):
        pass
    message = (
        "expected the id of a business of these credentials, "
        f"but {quoted(manifest.business)} is none"
    )
    fault = manifest.fault(code="unknown_business", field="business", message=message)
    return ManifestError([fault])


Owned = ToolDeclaration | FileDeclaration | AgentDeclaration | CalendarDeclaration
"""What the manifest makes and changes, other than what it only uses."""


def owned(manifest: Manifest) -> dict[str, Owned]:
    """Everything that a manifest owns, by address, in dependency order."""
    found: dict[str, Owned] = {}
    if isinstance(manifest.calendar, CalendarDeclaration):
        found["calendar"] = manifest.calendar
    for things in (manifest.tools, manifest.files, manifest.agents):
        for one in things.values():
            if isinstance(one, ToolDeclaration | FileDeclaration | AgentDeclaration):
                found[one.address] = one
    return found


def named_ids(manifest: Manifest) -> frozenset[str]:
    """Ids upstream that a manifest names itself: of what it only uses."""
    things = (*manifest.tools.values(), *manifest.files.values())
    agents = manifest.agents.values()
    used = (one for agent in agents for one in (*(agent.tools or ()), *(agent.files or ())))
    by_id = {one.id for one in things if isinstance(one, ExistingTool | ExistingFile)}
    return frozenset(by_id | {one.id for one in used if one.id is not None})
