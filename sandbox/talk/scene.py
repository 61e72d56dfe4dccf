"""Puts together what a conversation is about; everything in it is fixed when the phone rings."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sandbox.talk.brief import Brief
from sandbox.talk.course import Course
from sandbox.talk.persona import Persona
from sandbox.talk.purpose import written
from sandbox.talk.text import clean
from sandbox.talk.trades import Trouble

CALLBACK_HOUR = 17
CONTEXT_QUOTED = 160
AS_WRITTEN, A_WHILE = "It is as I wrote to you", "It has been like that for some days"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """One call as its conversation sees it; instants in virtual Unix seconds.

    ``slot`` is the start of the appointment that was booked in it, ``found`` of one that the
    person had before, which is ``cancelled`` or stands. ``forwarded_to`` is where a call went
    that no agent took.
    """

    brief: Brief
    persona: Persona
    course: Course
    context: str
    additional_info: str | None
    pictures: int
    started: float
    reason: str
    slot: float | None = None
    found: float | None = None
    cancelled: bool = False
    forwarded_to: str | None = None

    @property
    def zone(self) -> ZoneInfo:
        """The business's."""
        return ZoneInfo(self.brief.timezone)

    @property
    def callback_at(self) -> float:
        """Five in the afternoon of the next day, by the business's clocks."""
        day = datetime.fromtimestamp(self.started, self.zone) + timedelta(days=1)
        return day.replace(hour=CALLBACK_HOUR, minute=0, second=0, microsecond=0).timestamp()

    @property
    def trouble(self) -> Trouble:
        """What the person needs, by the agent's trade."""
        trade, persona = self.brief.trade, self.persona
        if persona.urgent:
            return trade.urgent
        found = persona.draw.pick("trouble", trade.troubles)
        return found._replace(what=AS_WRITTEN, since=A_WHILE) if self.written else found

    @property
    def written(self) -> str:
        """What the person wrote before the call, as far as its context tells."""
        return "" if self.brief.inbound else written(clean(self.context, CONTEXT_QUOTED))

    @property
    def appointment_at(self) -> float | None:
        """The appointment that stands after the call."""
        if self.slot is not None:
            return self.slot
        return None if self.cancelled else self.found

    def spoken(self, instant: float) -> str:
        """An instant as it is said, by the business's clocks: Tuesday, March 3 at 9:00 AM."""
        local = datetime.fromtimestamp(instant, self.zone)
        hour = local.hour % 12 or 12
        half = "AM" if local.hour < 12 else "PM"  # noqa: PLR2004 -- noon
        return f"{local:%A, %B} {local.day} at {hour}:{local.minute:02} {half}"


@dataclass(frozen=True, slots=True)
class Line:
    """One utterance; its text is cleaned and holds no line break."""

    speaker: str
    text: str

    def __str__(self) -> str:
        return f"{self.speaker}: {self.text}"


def agent(text: str) -> Line:
    """A line of the agent's."""
    return Line("Agent", text)


def customer(text: str) -> Line:
    """A line of the person's."""
    return Line("Customer", text)
