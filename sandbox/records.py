"""Writes call records as the API shows them; what is not known yet is left out."""

from typing import Any

from sandbox.calls import Call, CallStatus
from sandbox.clock import iso
from sandbox.conversation import Line, Scene, collected, lines_of, summary_of
from sandbox.draw import Draw
from sandbox.model.agents import Agent
from sandbox.model.tenants import Business
from sandbox.script import Outcome
from sandbox.world import World

RECORDINGS = "https://recordings.example.com"


class Recorder:
    """Describes calls.

    Args:
        world: Names businesses and the fields that agents collect.
        seed: Chooses the words.
    """

    def __init__(self, *, world: World, seed: int) -> None:
        self._world = world
        self._seed = seed

    def describe(self, call: Call, now: float) -> dict[str, Any]:
        """A history item as it stands at ``now`` (virtual Unix seconds)."""
        status = call.status(now)
        shown: dict[str, Any] = {
            "id": call.id,
            "businessId": call.business_id,
            "agentId": call.agent_id,
            "type": call.type,
            "phoneNumber": call.agent_number,
            "customerNumber": call.customer_number,
            "status": status,
            "leadContext": _lead_context(call),
        }
        if call.lead_id is not None:
            shown["leadId"] = call.lead_id
        if status is not CallStatus.SCHEDULED:
            shown["startedAt"] = iso(call.started)
        if now >= call.ended:
            shown.update(self._result(call))
        return shown

    def said_so_far(self, call: Call, now: float) -> list[Line]:
        """The lines of a call that have been spoken by ``now``, evenly over its length."""
        lines = lines_of(self._scene(call), self._draw(call))
        if now < call.started:
            return []
        length = call.ended - call.started
        share = 1.0 if length <= 0 else (now - call.started) / length
        return lines[: int(min(1.0, share) * len(lines)) + 1]

    def _result(self, call: Call) -> dict[str, Any]:
        scene = self._scene(call)
        lines = lines_of(scene, self._draw(call))
        shown = {
            "endedReason": call.reason,
            "endedAt": iso(call.ended),
            "durationMs": round((call.ended - call.started) * 1000),
            "structuredData": collected(scene),
        }
        if lines:
            shown["summary"] = summary_of(scene)
            shown["transcript"] = "\n".join(map(str, lines))
            shown["recordingUrl"] = f"{RECORDINGS}/{call.id}.mp3"
        return shown

    def _draw(self, call: Call) -> Draw:
        return Draw(seed=self._seed, subject=("words", call.customer_number, call.attempt))

    def _scene(self, call: Call) -> Scene:
        business = self._world.find(Business, call.business_id)
        agent = self._world.find(Agent, call.agent_id)
        return Scene(
            outcome=Outcome(call.outcome),
            business=business.name if business else "the business",
            person=call.name,
            phone=call.customer_number,
            context=call.context,
            additional_info=call.additional_info,
            started=call.started,
            fields=agent.collect_fields if agent else (),
        )


def _lead_context(call: Call) -> dict[str, Any]:
    shown: dict[str, Any] = {"context": call.context}
    if call.lead_id is not None:
        shown["generatedFromLeadId"] = call.lead_id
    if call.additional_info is not None:
        shown["additionalInfo"] = call.additional_info
    if call.name is not None:
        shown["name"] = call.name
    if call.image_urls:
        shown["imageUrls"] = list(call.image_urls)
    return shown
