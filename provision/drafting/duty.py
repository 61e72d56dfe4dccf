"""Drafts whether agents go live, and whether they are on duty."""

from collections.abc import Mapping

from pydantic import JsonValue

from provision.drafting.known import Known
from provision.drafting.scene import Scene
from provision.manifest.models import AgentDeclaration
from provision.plan import Difference, Drift, Verb

_AS_BEFORE = "because the one before it is off duty"


def draft_duty(
    scene: Scene, declared: AgentDeclaration, found: Known | None, *, before: str | None = None
) -> None:
    """Deploy an agent that isn't live, then set the duty that is asked for.

    Args:
        scene: The scene.
        declared: The agent.
        found: What it is upstream; None for one that is going to be made.
        before: The id of what stands for it now: another one, where that is replaced.
    """
    if found is not None and _deployed(found.seen):
        _draft_live(scene, declared, found, before)
    elif declared.deploy:
        _draft_deployment(scene, declared, found, before)


def _draft_deployment(
    scene: Scene, declared: AgentDeclaration, found: Known | None, before: str | None
) -> None:
    address, label = declared.address, declared.name
    thing_id = None if found is None else found.thing_id
    reason = "because it is not live yet"
    if found is not None and found.entry is not None and found.entry.duty is not None:
        reason = "because it is no longer live"
        gone = Difference.of("deployed", "deployed", before=True, after=False)
        scene.drifted(address, Drift.CHANGED, label, (gone,))
    scene.act(address, Verb.DEPLOY, label, thing_id=thing_id, reason=reason)
    if declared.on_duty is False:
        scene.act(address, Verb.OFF_DUTY, label, thing_id=thing_id)
    elif declared.on_duty is None and _off_before(scene, declared, found, before):
        scene.act(address, Verb.OFF_DUTY, label, thing_id=thing_id, reason=_AS_BEFORE)


def _draft_live(
    scene: Scene, declared: AgentDeclaration, found: Known, before: str | None
) -> None:
    if not declared.deploy:
        scene.warnings.append(
            f"{declared.address}: it is deployed, and the API can't undo that; "
            "`onDuty: false` stops its calls"
        )
    verb = _duty_verb(declared, found)
    entry = found.entry
    reason = ""
    on_duty = found.seen.get("onDuty") is True
    if verb is not None and entry is not None and entry.duty == declared.on_duty:
        reason = "because its duty was changed outside"
        outside = Difference.of("onDuty", "onDuty", entry.duty, on_duty)
        scene.drifted(declared.address, Drift.CHANGED, declared.name, (outside,))
    if declared.on_duty is None and on_duty and _off_before(scene, declared, found, before):
        verb, reason = Verb.OFF_DUTY, _AS_BEFORE
    if verb is not None:
        scene.act(declared.address, verb, declared.name, thing_id=found.thing_id, reason=reason)


def _off_before(
    scene: Scene, declared: AgentDeclaration, found: Known | None, before: str | None
) -> bool:
    """Whether the agent whose place another takes is off duty: then somebody wants no calls."""
    if any(one.off_duty for one in scene.state.leaving if one.address == declared.address):
        return True
    replaced = before is not None and (found is None or found.thing_id != before)
    return replaced and off_duty(scene.upstream.agents.get(before or "", {}))


def _duty_verb(declared: AgentDeclaration, found: Known) -> Verb | None:
    on_duty = found.seen.get("onDuty") is True
    if declared.on_duty is None or declared.on_duty == on_duty:
        return None
    if not declared.on_duty:
        return Verb.OFF_DUTY
    # The upstream takes an INBOUND agent off duty outside its hours, and puts it back: once it
    # was put on duty, its hours decide.
    entry = found.entry
    left_to_hours = declared.type == "INBOUND" and entry is not None and entry.duty is True
    return None if left_to_hours else Verb.ON_DUTY


def _deployed(seen: Mapping[str, JsonValue]) -> bool:
    return seen.get("phoneNumber") is not None or seen.get("onDuty") is not None


def off_duty(seen: Mapping[str, JsonValue]) -> bool:
    """Whether an agent, as the upstream shows it, is live but takes and places no calls."""
    return seen.get("onDuty") is False
