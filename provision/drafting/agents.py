"""Drafts what becomes of the agents: their bodies, their deployment and their duty."""

from collections.abc import Mapping

from pydantic import JsonValue

from provision.automatic import own_tool_ids
from provision.comparing import AGENT_FIELDS, LASTING, canonical, canonical_agent, differences
from provision.drafting.duty import draft_duty
from provision.drafting.known import Known, known
from provision.drafting.scene import (
    CHANGED,
    DELETED,
    INTERRUPTED,
    Scene,
    closest,
    everything,
)
from provision.manifest.faults import quoted
from provision.manifest.models import AgentDeclaration
from provision.plan import Difference, Drift, Verb
from provision.state import Body, Entry

_TOOLS, _FILES = "toolIds", "knowledgeBaseDocumentIds"
_PENDING = " (known after apply)"


def draft_agent(scene: Scene, declared: AgentDeclaration) -> None:
    """Make an agent, change it, or make another in its place; then its deployment and duty."""
    wanted = _wanted(scene, declared, voice_id(scene, declared))
    found = known(scene, declared)
    entry = scene.state.entries.get(declared.address)
    if found is None:
        _draft_new(scene, declared, wanted)
    elif found.seen.get("type") != declared.type:
        _draft_replaced(scene, declared, found)
    else:
        _draft_existing(scene, declared, wanted, found)
        draft_duty(scene, declared, found, before=None if entry is None else entry.id)
    there = entry is not None and entry.id in scene.upstream.agents
    if entry is not None and there and found is not None and entry.id != found.thing_id:
        scene.replace_old(declared.address, declared.name, entry.id)


def _draft_new(scene: Scene, declared: AgentDeclaration, wanted: Body) -> None:
    address, label = declared.address, declared.name
    gone = address in scene.state.entries
    body = {"type": declared.type} | _shown(scene, wanted)
    reason = DELETED if gone else ""
    scene.act(address, Verb.CREATE, label, reason=reason, differing=everything(body))
    draft_duty(scene, declared, None)


def _draft_replaced(scene: Scene, declared: AgentDeclaration, found: Known) -> None:
    address, label, thing_id = declared.address, declared.name, found.thing_id
    reason = "because an agent's type can't change"
    before = scene.secrecy.keep(found.seen.get("type"))
    kind = Difference.of("type", "type", before, declared.type)
    if found.entry is not None and found.entry.sent.get("type") == declared.type:
        outside = Difference.of("type", "type", declared.type, before)
        scene.drifted(address, Drift.CHANGED, label, (outside,))
    scene.act(address, Verb.REPLACE, label, thing_id=thing_id, reason=reason, differing=(kind,))
    scene.replace_old(address, label, thing_id)
    draft_duty(scene, declared, None, before=thing_id)


def voice_id(scene: Scene, declared: AgentDeclaration) -> str | None:
    """The id of the voice that an agent names; a fault where there is none, or several."""
    if not declared.voice:
        return None
    voices = {str(one["id"]): str(one.get("name") or "") for one in scene.upstream.voices}
    if declared.voice in voices:
        return declared.voice
    word = declared.voice.strip().lower()
    named = [key for key, name in voices.items() if name.lower() == word]
    if len(named) == 1:
        return named[0]
    where = f"{declared.address}.voice"
    if named:
        message = f"several voices are called {quoted(declared.voice)}: give an id"
        scene.fault("ambiguous_voice", where, message, f"one of {', '.join(sorted(named))}")
    else:
        message = f"expected a voice's id or name, but {quoted(declared.voice)} is neither"
        meant = closest(declared.voice, [*voices, *voices.values()])
        scene.fault("unknown_voice", where, message, meant)
    return None


def _wanted(scene: Scene, declared: AgentDeclaration, voice: str | None) -> Body:
    """The declared body, canonical, with addresses where ids will be."""
    tools = {key: _label(scene, tool.address) for key, tool in scene.manifest.tools.items()}
    files = {key: _label(scene, file.address) for key, file in scene.manifest.files.items()}
    body: Body = declared.body(tool_ids=tools, file_ids=files, voice_id=voice)
    return canonical_agent(body | _named(scene, body))


def _label(scene: Scene, address: str) -> str:
    return address if scene.ids.get(address) else f"{address}{_PENDING}"


def _named(scene: Scene, body: Mapping[str, JsonValue]) -> Body:
    """The references of a body, by address where their ids have one."""
    by_id = {thing_id: address for address, thing_id in scene.ids.items() if thing_id}
    named: Body = {}
    for field in (_TOOLS, _FILES):
        ids = body.get(field)
        if isinstance(ids, list):
            named[field] = [by_id.get(str(one), one) for one in ids]
    return named


def _shown(scene: Scene, body: Mapping[str, JsonValue]) -> Body:
    return {field: scene.secrecy.keep(body[field]) for field in AGENT_FIELDS if field in body}


def _draft_existing(scene: Scene, declared: AgentDeclaration, wanted: Body, found: Known) -> None:
    address, label, entry = declared.address, declared.name, found.entry
    seen = _seen(scene, declared, found)
    differing = _differing(scene, address, wanted, seen, entry)
    touched = entry is not None and entry.touched
    outside = _outside(scene, entry, seen) if entry is not None and not touched else []
    if outside:
        scene.drifted(address, Drift.CHANGED, label, outside)
    verb = Verb.UPDATE if differing or touched else Verb.NONE
    why = CHANGED if outside and differing else INTERRUPTED if touched else ""
    if found.why:
        verb, why = Verb.ADOPT, found.why
    scene.act(address, verb, label, thing_id=found.thing_id, reason=why, differing=differing)


def _seen(scene: Scene, declared: AgentDeclaration, found: Known) -> Body:
    """The agent as it is, canonical, without the tools that the upstream added by itself."""
    ids = own_tool_ids(found.seen, scene.upstream.tools, _ours(scene, declared))
    return canonical_agent(found.seen | {_TOOLS: [*ids]})


def _ours(scene: Scene, declared: AgentDeclaration) -> frozenset[str]:
    """Ids that some address stands or stood for, or that the agent names itself."""
    named = {one.id for one in declared.tools or () if one.id is not None}
    current = {thing_id for thing_id in scene.ids.values() if thing_id}
    return scene.state.owned_ids | frozenset(named) | current


def _differing(
    scene: Scene, address: str, wanted: Body, seen: Body, entry: Entry | None
) -> list[Difference]:
    named = seen | canonical_agent(_named(scene, seen))
    found: list[Difference] = []
    for field in AGENT_FIELDS:
        cleared = entry is not None and field in entry.sent and field not in LASTING
        if field not in wanted and not cleared:
            continue
        after = scene.secrecy.keep(wanted.get(field))
        before = scene.secrecy.keep(named.get(field))
        if after == before or (after is None and field in LASTING):
            continue
        if _rendered(scene, field, wanted, seen, entry):
            if after is not None:
                scene.warnings.append(
                    f"{address}: the upstream shows {field} otherwise than it was sent; "
                    "it is as the last apply left it"
                )
            continue
        found += differences(field, before, after)
    return found


def _rendered(scene: Scene, field: str, wanted: Body, seen: Body, entry: Entry | None) -> bool:
    """Whether a field is just the upstream's way of showing what was sent last time.

    References are never: their ids are compared, and there is one way to show an id.
    """
    if entry is None or field not in entry.sent or field not in wanted:
        return False
    if field in {_TOOLS, _FILES}:
        return False
    sent_again = scene.secrecy.keep(wanted[field]) == entry.sent[field]
    return sent_again and scene.secrecy.keep(seen.get(field)) == entry.observed.get(field)


def _outside(scene: Scene, entry: Entry, seen: Body) -> list[Difference]:
    """What changed since the last apply, among the fields that it set."""
    found: list[Difference] = []
    for field in AGENT_FIELDS:
        if field in entry.sent:
            before = canonical(field, scene.secrecy.keep(entry.observed.get(field)))
            after = scene.secrecy.keep(seen.get(field))
            found += differences(field, before, after)
    return found
