"""Reads what the page shows: a bounded number of rows of everything that happens."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sandbox.agents.duty import on_duty
from sandbox.calls import Call, CallStatus
from sandbox.control.rows import Board, Booking, Phone, Post, Said, Share, Talk
from sandbox.control.switches import groups_of
from sandbox.model.agents import Agent
from sandbox.model.calendar import Appointment
from sandbox.model.files import FileStatus, KnowledgeFile
from sandbox.model.tenants import Business
from sandbox.model.tools import Tool
from sandbox.records import Recorder
from sandbox.script import DEFAULT_MIX, Outcome
from sandbox.state import Sandbox

RINGING_SECONDS = 3.0
"""Real seconds for which the page shows a phone ringing, however fast virtual time passes."""

RINGS_SHOWN = 8
TALKS_SHOWN = 8
LINES_SHOWN = 40
ONGOING_SOUGHT = 40
RESULTS_SHOWN = 12
RESULTS_SOUGHT = 200
AGENTS_SHOWN = 30
APPOINTMENTS_SHOWN = 10
ROUTES_SHOWN = 14
TEXT_SHOWN = 600
FIELDS_SHOWN = 20
OURS = "Agent"
"""The speaker of the agent's lines."""


class BoardReader:
    """Reads the board.

    Args:
        sandbox: What is shown.
        recorder: Describes calls.
    """

    def __init__(self, *, sandbox: Sandbox, recorder: Recorder) -> None:
        self._sandbox = sandbox
        self._recorder = recorder

    def read(self) -> Board:
        """The board as it stands now."""
        sandbox = self._sandbox
        now = sandbox.clock.now()
        ongoing = sandbox.calls.in_progress(now)
        talking = [call for call in ongoing[:ONGOING_SOUGHT] if self._is_talked_on(call, now)]
        latest = sandbox.calls.latest(RESULTS_SOUGHT)
        ended = sorted((call for call in latest if call.ended <= now), key=lambda one: -one.ended)
        agents = sandbox.world.every(Agent)
        groups = groups_of(sandbox.faults)
        requests = _requests(sandbox.stats.requests())
        return Board(
            now=_moment(now),
            stamp=datetime.fromtimestamp(now, UTC).isoformat(timespec="seconds"),
            speed=f"{sandbox.clock.speed:g}",
            rings=len(sandbox.rings),
            ringing=self._ringing(now),
            calls=len(sandbox.calls),
            in_progress=len(ongoing),
            talks=[self._talk(call, now) for call in talking[:TALKS_SHOWN]],
            results=[self._talk(call, now) for call in ended[:RESULTS_SHOWN]],
            agents=[self._post(agent) for agent in agents[:AGENTS_SHOWN]],
            agent_count=len(agents),
            bookings=self._bookings(now),
            counts=self._counts(now),
            mix=_shares(sandbox.tuning.mix, Counter(call.outcome for call in ended)),
            faults=groups,
            faults_on=sum(switch.on for group in groups for switch in group.switches),
            requests=requests[:ROUTES_SHOWN],
            request_count=sum(number for _, those in requests for _, number in those),
        )

    def _ringing(self, now: float) -> list[Phone]:
        real = self._sandbox.clock.real()
        found = []
        for ring in self._sandbox.rings.latest(RINGS_SHOWN):
            call = self._sandbox.calls.get(ring["call_id"])
            recent = real - ring["real"] < RINGING_SECONDS
            waiting = call is not None and now < call.ended and not self._is_talked_on(call, now)
            if recent or waiting:
                found.append(self._phone(ring, call, now))
        return found

    def _phone(self, ring: Mapping[str, Any], call: Call | None, now: float) -> Phone:
        return Phone(
            seq=ring["seq"],
            number=str(ring["phone"]),
            name=_short(call.name if call else None),
            agent=self._agent_name(str(ring["agent_id"])),
            call_id=str(ring["call_id"]),
            answered=str(ring["answered"]),
            state=self._state(call, now),
        )

    def _state(self, call: Call | None, now: float) -> str:
        if call is None or now < call.started:
            return "ringing"
        if now >= call.ended:
            return str(call.outcome)
        return "picked up" if self._is_talked_on(call, now) else "still ringing"

    def _is_talked_on(self, call: Call, now: float) -> bool:
        if call.status(now) is not CallStatus.IN_PROGRESS:
            return False
        return bool(self._recorder.said_so_far(call, now))

    def _talk(self, call: Call, now: float) -> Talk:
        shown = self._recorder.describe(call, now)
        seconds = min(now, call.ended) - call.started
        return Talk(
            id=call.id,
            number=call.customer_number,
            name=_short(call.name),
            agent=self._agent_name(call.agent_id),
            way=call.type.value.lower(),
            status=str(shown["status"]),
            outcome=str(call.outcome) if now >= call.ended else "",
            length=_length(seconds),
            ended=_moment(call.ended) if now >= call.ended else "",
            reason=str(shown.get("endedReason", "")),
            summary=_short(shown.get("summary")),
            fields=_fields(shown.get("structuredData")),
            lines=[
                Said(line.speaker, _short(line.text), line.speaker == OURS)
                for line in self._recorder.said_so_far(call, now)[-LINES_SHOWN:]
            ],
        )

    def _post(self, agent: Agent) -> Post:
        return Post(
            id=agent.id,
            name=agent.name,
            business=self._business_name(agent.business_id),
            type=agent.type.value,
            number=agent.phone_number or "",
            on_duty=on_duty(agent, self._sandbox.clock.now()),
        )

    def _bookings(self, now: float) -> list[Booking]:
        kept = self._sandbox.world.every(Appointment)
        booked = [one for one in kept if one.booked <= now][-APPOINTMENTS_SHOWN:]
        return [
            Booking(
                id=one.id,
                name=_short(one.name),
                number=one.customer_number,
                business=self._business_name(one.business_id),
                starts=f"{self._local(one, one.starts):%a %d %b %Y, %H:%M}",
                ends=f"{self._local(one, one.ends):%H:%M %Z}",
                cancelled=one.cancelled is not None and one.cancelled <= now,
            )
            for one in reversed(booked)
        ]

    def _local(self, one: Appointment, instant: float) -> datetime:
        business = self._sandbox.world.find(Business, one.business_id)
        zone = ZoneInfo(business.timezone) if business else UTC
        return datetime.fromtimestamp(instant, zone)

    def _counts(self, now: float) -> list[tuple[str, str]]:
        world = self._sandbox.world
        statuses = Counter(file.status(now) for file in world.every(KnowledgeFile))
        told = ", ".join(f"{statuses[one]} {one.value}" for one in FileStatus if statuses[one])
        return [
            ("Businesses", str(len(world.every(Business)))),
            ("Tools", str(len(world.every(Tool)))),
            ("Files", told or "0"),
        ]

    def _agent_name(self, agent_id: str) -> str:
        agent = self._sandbox.world.find(Agent, agent_id)
        return agent.name if agent else agent_id

    def _business_name(self, business_id: str) -> str:
        business = self._sandbox.world.find(Business, business_id)
        return _short(business.name if business else business_id)


def _moment(instant: float) -> str:
    return f"{datetime.fromtimestamp(instant, UTC):%a %d %b %Y, %H:%M:%S}"


def _length(seconds: float) -> str:
    minutes, rest = divmod(int(max(0.0, seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def _short(text: object) -> str:
    told = "" if text is None else str(text)
    return told if len(told) <= TEXT_SHOWN else told[:TEXT_SHOWN] + "…"


def _fields(collected: object) -> list[tuple[str, str]]:
    if not isinstance(collected, Mapping):
        return []
    known = [(name, value) for name, value in collected.items() if value is not None]
    return [(_short(name), _word(value)) for name, value in known[:FIELDS_SHOWN]]


def _word(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return _short(value)


def _shares(mix: Mapping[Outcome, float], seen: Mapping[Outcome, int]) -> list[Share]:
    whole = sum(mix.values())
    return [
        Share(
            name=outcome,
            percent=f"{100 * mix.get(outcome, 0.0) / whole:.3g}",
            seen=seen.get(outcome, 0),
        )
        for outcome in DEFAULT_MIX
    ]


def _requests(
    counted: Mapping[str, Mapping[str, int]],
) -> list[tuple[str, Sequence[tuple[str, int]]]]:
    told = [
        (route.replace("/api/partner/v1", ""), list(statuses.items()))
        for route, statuses in counted.items()
        if " /sandbox/" not in route
    ]
    return sorted(told, key=lambda row: -sum(number for _, number in row[1]))
