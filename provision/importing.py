"""Takes over what a business has: writes its manifest, and the state that goes with it."""

import os
import secrets
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeVar

from partner import NotSent, PartnerClient, Refused, Tool, Unknown
from partner.models.base import Received
from provision.automatic import made_by_upstream
from provision.bodies import agent_wire, kept_agent, shown_agent, tool_wire
from provision.drafting.scene import Scene
from provision.errors import ProvisionError, UpstreamError
from provision.manifest import AgentDeclaration, Manifest, ToolDeclaration, read
from provision.manifest.writing import Existing, Written, write
from provision.observing import MOST_THINGS, Upstream, owned, wire
from provision.plan import Plan
from provision.planning import draft
from provision.private_files import write_new
from provision.scopes import FAMILIES, refused_scopes
from provision.secrecy import tidy
from provision.state import Body, Entry, State
from provision.state_file import StateFile, open_state, state_path_for

_READING: Final = frozenset(f"{one}:read" for one in (*FAMILIES.values(), "voices"))

R = TypeVar("R", bound=Received)


class ImportRefusedError(ProvisionError):
    """There is a manifest or a state already, or what exists can't be written as one."""

    code = "import_refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What an import has made.

    Attributes:
        manifest_path: The manifest that was written.
        state_path: The state beside it.
        owned: Addresses of what the manifest declares and the state owns from now on.
        plan: What an apply would do now: nothing, unless the upstream changes meanwhile.
        warnings: Sentences: what the manifest had to leave out.
        variables: The variables that the manifest takes secrets from, with their values: to be
            kept somewhere safe, never printed.
    """

    manifest_path: Path
    state_path: Path
    owned: tuple[str, ...]
    plan: Plan
    warnings: tuple[str, ...]
    variables: Mapping[str, str] = field(repr=False)


async def import_business(
    client: PartnerClient,
    business_id: str,
    *,
    manifest_path: Path,
    state_path: Path | None = None,
    environ: Mapping[str, str],
) -> Imported:
    """Write a business's manifest and a state that owns what it declares. Changes nothing.

    What can't be read back (where transfers go, appointment hours, the content of files) is
    declared by its id: used, and never changed.

    Args:
        client: Of the organization that the business belongs to.
        business_id: The business.
        manifest_path: Where the manifest is written; nothing may be there.
        state_path: Where the state is written; ``<stem>.state.json`` beside it if None.
        environ: Values of variables, for reading the manifest back.

    Raises:
        ImportRefusedError: There is a file already, or it can't be written.
        MissingScopesError: The credentials may not read it all.
        UpstreamError: The upstream could not be read.
        StateLockedError: Another run is at work on this manifest.
    """
    path = state_path or state_path_for(manifest_path)
    _refuse_existing(manifest_path, path)
    existing = await _existing(client, business_id)
    try:
        written = write(existing)
    except ValueError as error:
        raise ImportRefusedError(f"the business can't be written: {tidy(str(error))}") from error
    with open_state(path, base_url=client.base_url, business=business_id) as book:
        _refuse_existing(manifest_path, path)
        with _draft_of(manifest_path, written.text) as draft_path:
            manifest = read(draft_path, environ={**environ, **written.variables})
            # The state first: a manifest without one would make its tools anew.
            plan = _take_over(book, manifest, existing, written)
            try:
                _publish(draft_path, manifest_path)
            except ImportRefusedError:
                book.discard()
                raise
    return Imported(
        manifest_path=manifest_path,
        state_path=path,
        owned=tuple(book.state.entries),
        plan=plan,
        warnings=written.left_out,
        variables=written.variables,
    )


def _refuse_existing(*paths: Path) -> None:
    for path in paths:
        if path.is_symlink() or path.exists():
            raise ImportRefusedError(
                f"{path} exists already: give another name, or take it away first"
            )


async def _existing(client: PartnerClient, business: str) -> Existing:
    try:
        return Existing(
            business=business,
            calendar=await client.get_google_calendar_integration(business),
            tools=[
                _as_written(tool)
                for tool in await _all(client.iter_tool_instances(business), "tools")
            ],
            templates=await _all(client.iter_tool_templates(), "templates"),
            files=await _all(client.iter_files(business), "files"),
            agents=[
                await client.get_voice_agent(business, agent.id)
                for agent in await _all(client.iter_voice_agents(business), "voice agents")
            ],
            voices=await client.list_voices(),
        )
    except Refused as error:
        missing = await refused_scopes(client, business, error, _READING)
        if missing is not None:
            raise missing from error
        raise UpstreamError(f"{tidy(error.message)}; nothing was changed") from error
    except (NotSent, Unknown) as error:
        message = f"the upstream could not be read: {tidy(error.message)}; nothing was changed"
        raise UpstreamError(message) from error


def _as_written(tool: Tool) -> Tool:
    """A tool without its template if the upstream added it: such a one can't be declared."""
    automatic = made_by_upstream(wire(tool))
    return tool.model_copy(update={"template_tool_id": None}) if automatic else tool


async def _all(items: AsyncIterator[R], what: str) -> list[R]:
    found: list[R] = []
    async for item in items:
        found.append(item)
        if len(found) > MOST_THINGS:
            raise UpstreamError(f"the business has more than {MOST_THINGS} {what}")
    return found


def _take_over(book: StateFile, manifest: Manifest, existing: Existing, written: Written) -> Plan:
    upstream = _upstream(existing)
    state = book.state
    for address, declared in _owned(manifest):
        scene = Scene.set(manifest, state, upstream)
        entry = _entry(scene, declared, written.ids[address], state)
        state = state.with_entry(address, entry)
    book.save(state)
    return draft(manifest, book.state, upstream)


def _owned(manifest: Manifest) -> list[tuple[str, ToolDeclaration | AgentDeclaration]]:
    return [
        (address, declared)
        for address, declared in owned(manifest).items()
        if isinstance(declared, ToolDeclaration | AgentDeclaration)
    ]


def _entry(
    scene: Scene, declared: ToolDeclaration | AgentDeclaration, thing_id: str, state: State
) -> Entry:
    match declared:
        case ToolDeclaration():
            stamp = scene.upstream.tools[thing_id].get("updatedAt")
            observed: Body = {} if stamp is None else {"updatedAt": stamp}
            sent = scene.keep(tool_wire(scene, declared))
            return Entry(id=thing_id, sent=sent, observed=observed, adopted=True)
        case AgentDeclaration():
            sent = kept_agent(scene, declared, agent_wire(scene, declared, state))
            seen = scene.upstream.agents[thing_id]
            shown = shown_agent(scene, seen, sent, state)
            return Entry(id=thing_id, sent=sent, observed=shown, adopted=True)


def _upstream(existing: Existing) -> Upstream:
    calendar = existing.calendar
    return Upstream(
        calendar=None if calendar is None else wire(calendar),
        tools={one.id: wire(one) for one in existing.tools},
        files={one.id: wire(one) for one in existing.files},
        agents={one.id: wire(one) for one in existing.agents},
        voices=tuple(wire(one) for one in existing.voices),
        templates=tuple(wire(one) for one in existing.templates),
    )


@contextmanager
def _draft_of(path: Path, text: str) -> Iterator[Path]:
    """The text in a file of a passing name beside ``path``."""
    draft_path = path.with_name(f".{secrets.token_hex(6)}.{path.name}")
    try:
        write_new(draft_path, text)
    except OSError as error:
        raise ImportRefusedError(f"{path} can't be written: {error.strerror}") from error
    try:
        yield draft_path
    finally:
        draft_path.unlink(missing_ok=True)


def _publish(draft_path: Path, path: Path) -> None:
    try:
        # A hard link, unlike a rename, refuses to replace what somebody just made.
        os.link(draft_path, path)
    except OSError as error:
        raise ImportRefusedError(f"{path} can't be written: {error.strerror}") from error
