"""Writes call records as the API shows them; what is not known yet is left out."""

from functools import lru_cache
from typing import Any

from sandbox.calls import Call, CallStatus
from sandbox.clock import iso
from sandbox.model.calendar import Appointment
from sandbox.script import Outcome
from sandbox.talk.conversation import lines_of, summary_of
from sandbox.talk.course import course_of
from sandbox.talk.fate import words_draw
from sandbox.talk.fields import collected
from sandbox.talk.persona import Wish, persona_of
from sandbox.talk.scene import Line, Scene
from sandbox.talk.snapshot import BriefBook
from sandbox.world import World

RESULTS_KEPT = 2_000
"""Results of ended calls never change; those that lists show again and again are kept at hand."""

RECORDINGS = "https://recordings.example.com"


class Recorder:
    """Describes calls.

    Args:
        world: Holds the appointments that calls speak of.
        briefs: Hold the agents as they were.
        seed: Chooses the words.
    """

    def __init__(self, *, world: World, briefs: BriefBook, seed: int) -> None:
        self._world = world
        self._briefs = briefs
        self._seed = seed
        self._results = lru_cache(maxsize=RESULTS_KEPT)(self._result)

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
            "leadContext": _lead_context(call, started=now >= call.started),
        }
        if call.lead_id is not None:
            shown["leadId"] = call.lead_id
        if status is not CallStatus.SCHEDULED:
            shown["startedAt"] = iso(call.started)
        if now >= call.ended:
            shown.update(self._results(call))
        return shown

    def said_so_far(self, call: Call, now: float) -> list[Line]:
        """The lines of a call that have been spoken by ``now``, evenly over its length."""
        if now < call.started:
            return []
        lines = lines_of(self._scene(call))
        length = call.ended - call.started
        share = 1.0 if length <= 0 else (now - call.started) / length
        return lines[: int(min(1.0, share) * len(lines)) + 1]

    def _result(self, call: Call) -> dict[str, Any]:
        scene = self._scene(call)
        lines = lines_of(scene)
        shown = {
            "endedReason": call.reason,
            "endedAt": iso(call.ended),
            "durationMs": round((call.ended - call.started) * 1000),
            "structuredData": collected(scene),
        }
        summary = summary_of(scene)
        if summary is not None:
            shown["summary"] = summary
        if lines:
            shown["transcript"] = "\n".join(map(str, lines))
            shown["recordingUrl"] = f"{RECORDINGS}/{call.id}.mp3"
        return shown

    def _scene(self, call: Call) -> Scene:
        brief = self._briefs.find(call.brief)
        wish = call.wish
        if wish is None and call.outcome is Outcome.ANSWERED_INTERESTED:
            wish = Wish.DETAILS
        persona = persona_of(
            outcome=call.outcome,
            wish=wish,
            name=call.name,
            phone=call.customer_number,
            draw=words_draw(self._seed, call.type, call.customer_number, call.attempt),
        )
        return Scene(
            brief=brief,
            persona=persona,
            course=course_of(brief, self._briefs.walker(brief), persona),
            context=call.context,
            additional_info=call.additional_info,
            pictures=len(call.image_urls),
            started=call.started,
            reason=call.reason,
            slot=self._start(call.booked),
            found=self._start(call.found),
            cancelled=call.cancelled,
            forwarded_to=call.forwarded_to,
        )

    def _start(self, appointment_id: str | None) -> float | None:
        appointment = appointment_id and self._world.find(Appointment, appointment_id)
        return appointment.starts if appointment else None


def _lead_context(call: Call, *, started: bool) -> dict[str, Any]:
    # The guide: images are sent to the agent after the call is initiated. Until the person's
    # phone is answered or not, they are on their way.
    shown: dict[str, Any] = {"context": call.context}
    if call.lead_id is not None:
        shown["generatedFromLeadId"] = call.lead_id
    if call.additional_info is not None:
        shown["additionalInfo"] = call.additional_info
    if call.name is not None:
        shown["name"] = call.name
    if call.image_urls and started:
        shown["imageUrls"] = list(call.image_urls)
    return shown
