"""Makes a plan: reads the upstream, drafts what would change, checks the scopes for it."""

import dataclasses
import secrets
from collections.abc import Mapping
from typing import Final

from pydantic import JsonValue

from partner import PartnerClient
from provision.drafting.agents import draft_agent
from provision.drafting.departures import deletable_first, draft_departures
from provision.drafting.scene import Scene
from provision.drafting.things import check_unowned, draft_calendar, draft_file, draft_tool
from provision.errors import StateMismatchError
from provision.manifest.faults import ManifestError
from provision.manifest.models import (
    AgentDeclaration,
    CalendarDeclaration,
    FileDeclaration,
    Manifest,
    ToolDeclaration,
)
from provision.observing import Upstream, observe, owned
from provision.plan import Action, Plan, Verb
from provision.scopes import missing_scopes
from provision.secrecy import digest
from provision.state import Body, Kind, State

_MAKE_ORDER: Final = (Kind.CALENDAR, Kind.TOOL, Kind.FILE, Kind.AGENT)
_DELETE_ORDER: Final = (Kind.AGENT, Kind.TOOL, Kind.FILE, Kind.CALENDAR)


async def plan(
    client: PartnerClient,
    manifest: Manifest,
    state: State | None,
    *,
    reconnect_calendar: bool = False,
) -> Plan:
    """What an apply of the manifest would do. Changes nothing.

    Args:
        client: Of the organization that the business belongs to.
        manifest: As :mod:`provision.manifest` read it.
        state: As :func:`provision.state_file.read_state` read it.
        reconnect_calendar: Connect the calendar once more although it is connected, so that the
            platform gets the manifest's present token.

    Raises:
        ManifestError: The manifest asks for a business, a voice, a template or an id that doesn't
            exist, or sets a tool to what its template doesn't take.
        StateMismatchError: The state is another business's or another API's.
        AmbiguousError: Several things upstream could be the one that is meant.
        MissingScopesError: The credentials can't even read what there is.
        UpstreamError: The upstream could not be read.
    """
    base_url = client.base_url
    known = state or State.fresh(base_url=base_url, business=manifest.business)
    check_belongs(known, base_url=base_url, business=manifest.business)
    upstream = await observe(client, manifest, known)
    drafted = draft(manifest, known, upstream, reconnect_calendar=reconnect_calendar)
    missing = await missing_scopes(client, manifest.business, drafted.changes)
    return dataclasses.replace(drafted, missing_scopes=missing)


def draft(
    manifest: Manifest, state: State, upstream: Upstream, *, reconnect_calendar: bool = False
) -> Plan:
    """What an apply would do, by the three things that decide it; pure.

    Raises:
        ManifestError: The manifest asks for what the upstream doesn't have.
        AmbiguousError: Several things upstream could be the one that is meant.
    """
    return draft_scene(manifest, state, upstream, reconnect_calendar=reconnect_calendar)[1]


def draft_scene(
    manifest: Manifest, state: State, upstream: Upstream, *, reconnect_calendar: bool = False
) -> tuple[Scene, Plan]:
    """As :func:`draft`, with the scene that the plan was drafted in."""
    scene = Scene.set(manifest, state, upstream)
    check_unowned(scene)
    draft_calendar(scene, reconnect=reconnect_calendar)
    for declared in scene.owned.values():
        match declared:
            case ToolDeclaration():
                draft_tool(scene, declared)
            case FileDeclaration():
                draft_file(scene, declared)
            case AgentDeclaration():
                draft_agent(scene, declared)
            case CalendarDeclaration():
                pass
    draft_departures(scene)
    if scene.faults:
        raise ManifestError(scene.faults)
    salt = secrets.token_hex(16)
    return scene, Plan(
        base_url=state.base_url,
        business=state.business,
        actions=tuple(_in_order(scene)),
        drift=tuple(scene.drift),
        warnings=tuple(scene.warnings),
        missing_scopes=(),
        salt=salt,
        manifest_digest=manifest_digest(manifest, salt=salt),
        state_serial=state.serial,
        reconnect_calendar=reconnect_calendar,
    )


def check_belongs(state: State, *, base_url: str, business: str) -> None:
    """Let a state pass that is about this business of this API.

    Raises:
        StateMismatchError: It is about another one.
    """
    if state.business != business:
        raise StateMismatchError(
            f"the state belongs to the business {state.business}, the manifest to {business}. "
            "Give the manifest a state of its own"
        )
    if state.base_url != base_url:
        raise StateMismatchError(
            f"the state belongs to {state.base_url}, the credentials to {base_url}. "
            "Give the manifest a state of its own for each"
        )


def manifest_digest(manifest: Manifest, *, salt: str) -> str:
    """Changes with anything that a manifest declares, secrets included; gives none away."""
    return digest([manifest.business, _declared(manifest)], salt=salt)


def _declared(manifest: Manifest) -> Body:
    calendar = manifest.calendar
    told: Body = {
        "calendar": calendar.calendar_id if isinstance(calendar, CalendarDeclaration) else None
    }
    for kind, things in (("tools", manifest.tools), ("files", manifest.files)):
        told[kind] = {key: _plain(one.model_dump(mode="json")) for key, one in things.items()}
    told["agents"] = {
        key: _plain(one.model_dump(mode="json")) for key, one in manifest.agents.items()
    }
    return told


def _plain(dumped: Mapping[str, JsonValue]) -> JsonValue:
    # Where a file lies is no part of what is applied; its content is.
    return {name: value for name, value in dumped.items() if name != "path"}


def _in_order(scene: Scene) -> list[Action]:
    by_address = {address: number for number, address in enumerate(owned(scene.manifest))}

    def place(action: Action) -> tuple[int, int, int]:
        return (*_rank(scene, action), by_address.get(action.address, len(by_address)))

    return sorted(scene.actions, key=place)


def _rank(scene: Scene, action: Action) -> tuple[int, int]:
    match action.verb:
        case Verb.DELETE if deletable_first(scene, action.address, action.id):
            return 0, _DELETE_ORDER.index(action.kind)
        case Verb.CREATE | Verb.UPDATE | Verb.REPLACE | Verb.ADOPT:
            return 1, _MAKE_ORDER.index(action.kind)
        case Verb.DEPLOY:
            return 2, 0
        case Verb.ON_DUTY | Verb.OFF_DUTY:
            return 3, 0
        case Verb.DELETE | Verb.FORGET:
            return 4, _DELETE_ORDER.index(action.kind)
        case Verb.NONE:
            return 5, _MAKE_ORDER.index(action.kind)
