"""Drafts what becomes of things that the manifest no longer declares, and of replaced ones."""

from pydantic import JsonValue

from provision.drafting.scene import INTERRUPTED, Scene
from provision.plan import Verb
from provision.state import CALENDAR, kind_of

_LEFT = "because it left the manifest"


def draft_departures(scene: Scene) -> None:
    """Delete what is owned and no longer declared, unless the manifest still uses it."""
    for address, entry in scene.state.entries.items():
        if address in scene.owned:
            continue
        label = _label(entry.sent, entry.id)
        if address == CALENDAR:
            _forget_calendar(scene, label, entry.id)
        elif entry.id in scene.claimed:
            _forget_used(scene, address, label, entry.id)
        elif entry.id not in scene.upstream.of(kind_of(address)):
            scene.act(
                address, Verb.FORGET, label, thing_id=entry.id, reason="because it is gone already"
            )
        else:
            scene.warn_if_adopted(address)
            scene.act(address, Verb.DELETE, label, thing_id=entry.id, reason=_LEFT)
    _draft_recovered(scene)
    _draft_leaving(scene)


def _forget_calendar(scene: Scene, label: str, thing_id: str) -> None:
    scene.act(CALENDAR, Verb.FORGET, label, thing_id=thing_id, reason=_LEFT)
    scene.warnings.append(
        "calendar: the API can't disconnect a calendar; it stays connected until somebody "
        "does so on the platform"
    )


def _forget_used(scene: Scene, address: str, label: str, thing_id: str) -> None:
    adopted = any(action.id == thing_id and action.verb is Verb.ADOPT for action in scene.actions)
    if not adopted:
        reason = "because the manifest now uses it by its id"
        scene.act(address, Verb.FORGET, label, thing_id=thing_id, reason=reason)


def _draft_recovered(scene: Scene) -> None:
    for address, thing_id in scene.recovered.items():
        if address not in scene.owned and thing_id not in scene.claimed:
            label = _label(scene.state.creating[address].sent, thing_id)
            reason = f"{INTERRUPTED}, and {_LEFT.removeprefix('because ')}"
            scene.act(address, Verb.DELETE, label, thing_id=thing_id, reason=reason)


def _draft_leaving(scene: Scene) -> None:
    for one in scene.state.leaving:
        if one.id in scene.claimed:
            scene.act(
                one.address,
                Verb.FORGET,
                one.id,
                thing_id=one.id,
                reason="because the manifest now uses it by its id",
            )
        else:
            scene.act(
                one.address,
                Verb.DELETE,
                one.id,
                thing_id=one.id,
                reason="because another was made in its place",
            )


def in_use(scene: Scene, thing_id: str) -> bool:
    """Whether any agent of the business has a tool or a file."""
    return any(
        thing_id in _listed(agent.get(field))
        for agent in scene.upstream.agents.values()
        for field in ("toolIds", "knowledgeBaseDocumentIds")
    )


def deletable_first(scene: Scene, address: str, thing_id: str | None) -> bool:
    """Whether a delete needn't wait for the agents.

    Things that only an interrupted or a failed run has made would pile up if the runs after it
    failed too, before they come to their deletes.
    """
    if scene.recovered.get(address) == thing_id:
        return True
    left = any(one.id == thing_id for one in scene.state.leaving)
    return left and thing_id is not None and not in_use(scene, thing_id)


def _listed(value: JsonValue) -> list[JsonValue]:
    return value if isinstance(value, list) else []


def _label(sent: dict[str, JsonValue], thing_id: str) -> str:
    name = sent.get("name") or sent.get("calendarId") or thing_id
    return str(name)
