"""Decides which agent upstream an agent of the manifest is: remembered, recovered, or by name."""

from dataclasses import dataclass

from provision.drafting.scene import INTERRUPTED, Scene, moved
from provision.drafting.things import several
from provision.manifest.models import AgentDeclaration
from provision.plan import Drift, Verb
from provision.recovery import fits
from provision.state import Body, Entry


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """The agent upstream that an address stands for.

    ``entry`` is what is remembered of it under that address; ``why`` is given where it is still
    to be adopted.
    """

    thing_id: str
    seen: Body
    entry: Entry | None = None
    why: str = ""


def known(scene: Scene, declared: AgentDeclaration) -> Known | None:
    """The agent that an address stands for, or None where one must be made.

    Raises:
        AmbiguousError: Several agents have its name.
    """
    address, agents = declared.address, scene.upstream.agents
    thing_id = scene.recovered.get(address)
    if thing_id is not None and agents[thing_id].get("type") == declared.type:
        why = f"{INTERRUPTED} while creating it"
        return Known(thing_id=thing_id, seen=agents[thing_id], why=why)
    if thing_id is not None:
        reason = f"{INTERRUPTED}, and something else is wanted now"
        scene.act(address, Verb.DELETE, declared.name, thing_id=thing_id, reason=reason)
    entry = scene.state.entries.get(address)
    if entry is not None and entry.id in agents:
        return Known(thing_id=entry.id, seen=agents[entry.id], entry=entry)
    if entry is not None:
        # Its namesake, if any, is what a run made whose state was lost for an older one.
        scene.drifted(address, Drift.DELETED, declared.name)
        return _namesake(scene, declared)
    before = scene.departing(address, {"name": declared.name.strip(), "type": declared.type})
    if before is not None:
        entry = scene.state.entries[before]
        why = moved(before)
        return Known(thing_id=entry.id, seen=agents[entry.id], entry=entry, why=why)
    return _namesake(scene, declared)


def _namesake(scene: Scene, declared: AgentDeclaration) -> Known | None:
    taken = scene.state.owned_ids | scene.claimed | {*scene.recovered.values()}
    match: Body = {"name": declared.name, "type": declared.type}
    found = {
        thing_id: one
        for thing_id, one in scene.upstream.agents.items()
        if thing_id not in taken and fits(one, match, salt=scene.state.salt)
    }
    if len(found) > 1:
        raise several(declared.address, "several agents have its name", list(found))
    for thing_id, seen in found.items():
        return Known(thing_id=thing_id, seen=seen, why="because an agent of that name exists")
    return None
