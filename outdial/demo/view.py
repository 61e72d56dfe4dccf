"""Shows a running campaign in a terminal, live; as plain lines where there is none."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.padding import Padding
from rich.panel import Panel
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from outdial.demo.campaign import Running
from outdial.demo.ledger import BUCKETS
from outdial.speaking.client import Client
from outdial.speaking.lines import plain
from outdial.speaking.speech import cell

_IN_PROGRESS = ("dialing", "placed", "live", "unknown")
_SHOWN_CALLS = 8
_PACE_MINUTES = 5
_EVENTS = 200
_LINE_SECONDS = 5.0
_STYLES = {"live": "green", "placed": "cyan", "dialing": "yellow", "unknown": "magenta"}


@dataclass(frozen=True, kw_only=True)
class Glance:
    """A campaign at one moment.

    Attributes:
        now: Campaign time.
        ledger: As `/v1/ledger` answers.
        calls: Calls in progress, the newest first.
        pace: Calls a minute of campaign time, over the last five.
        agent: The lane as `/v1/agents` shows it.
    """

    now: datetime
    ledger: Mapping[str, Any]
    calls: Sequence[Mapping[str, Any]]
    pace: float
    agent: Mapping[str, Any]

    @property
    def left(self) -> int:
        """Leads that aren't finished."""
        total = self.ledger["total"]
        return int(total["waiting"] + total["calling"])


class Watcher:
    """Reads a campaign's state, again and again."""

    def __init__(self, *, client: Client) -> None:
        """Takes where to read.

        Args:
            client: The API.
        """
        self._client = client
        self._last_event = 0
        self._dialed: list[datetime] = []

    def look(self, now: datetime) -> Glance:
        """Reads the state.

        Args:
            now: Campaign time.

        Returns:
            The state.

        Raises:
            CommandError: The API refuses or doesn't answer.
        """
        self._read_events()
        since = now - timedelta(minutes=_PACE_MINUTES)
        self._dialed = [at for at in self._dialed if at > since]
        calls = [
            call
            for state in _IN_PROGRESS
            for call in self._client.get("/v1/calls", state=state)["items"]
        ]
        agents = self._client.get("/v1/agents")["items"]
        return Glance(
            now=now,
            ledger=self._client.get("/v1/ledger"),
            calls=sorted(calls, key=lambda call: call["armed_at"] or "", reverse=True),
            pace=len(self._dialed) / _PACE_MINUTES,
            agent=agents[0] if agents else {},
        )

    def _read_events(self) -> None:
        while True:
            page = self._client.get("/v1/events", after=self._last_event, limit=_EVENTS)
            self._last_event = page["last_id"]
            self._dialed += [
                datetime.fromisoformat(event["at"])
                for event in page["items"]
                if event["name"] == "call.dialing"
            ]
            if len(page["items"]) < _EVENTS:
                return


class View(Protocol):
    """Shows glances."""

    def show(self, glance: Glance) -> None:
        """Shows the newest."""
        ...


@contextmanager
def opened(console: Console, running: Running, *, limit: int, speed: float) -> Iterator[View]:
    """Opens the view that a console can show.

    Args:
        console: Where to.
        running: The campaign.
        limit: Its calls per minute.
        speed: How much faster than real time campaign time passes.

    Yields:
        A live panel on a terminal, a line every five seconds elsewhere.
    """
    if not console.is_terminal:
        yield Lines(console=console, every=timedelta(seconds=_LINE_SECONDS * speed))
        return
    with Live(console=console, refresh_per_second=4, transient=True) as live:
        yield Screen(live=live, running=running, limit=limit, speed=speed)


class Lines:
    """A line now and then, for logs."""

    def __init__(self, *, console: Console, every: timedelta) -> None:
        """Takes where to and how often.

        Args:
            console: Where to.
            every: Campaign time between two lines.
        """
        self._console = console
        self._every = every
        self._next: datetime | None = None

    def show(self, glance: Glance) -> None:
        """Prints a line if it is time for one.

        Args:
            glance: The state.
        """
        if self._next is not None and glance.now < self._next:
            return
        self._next = glance.now + self._every
        total = glance.ledger["total"]
        buckets = " ".join(f"{name} {total[name]}" for name in BUCKETS if total[name])
        outcomes = " ".join(f"{k} {n}" for k, n in _by_count(glance.ledger["outcomes"]))
        self._console.print(
            f"{_clock(glance.now)}  {buckets} | in progress {len(glance.calls)} "
            f"| {glance.pace:.1f} calls/min | {outcomes or 'no call has ended yet'}",
            soft_wrap=True,
        )


class Screen:
    """A panel that changes in place."""

    def __init__(self, *, live: Live, running: Running, limit: int, speed: float) -> None:
        """Takes what stays the same.

        Args:
            live: Where to.
            running: The campaign.
            limit: Its calls per minute.
            speed: Of campaign time.
        """
        self._live = live
        self._running = running
        self._limit = limit
        self._speed = speed

    def show(self, glance: Glance) -> None:
        """Shows the newest state.

        Args:
            glance: The state.
        """
        self._live.update(
            Panel(
                Group(self._buckets(glance), self._calls(glance), self._counts(glance)),
                title=f"{_clock(glance.now)} campaign time, {self._speed:g} times as fast",
                subtitle=self._lane(glance),
            )
        )

    def _buckets(self, glance: Glance) -> RenderableType:
        total = glance.ledger["total"]
        shown = Text("  ".join(f"{name} {total[name]}" for name in BUCKETS), style="bold")
        finished = total["accepted"] - glance.left
        bar = ProgressBar(total=max(total["accepted"], 1), completed=finished)
        # The bar alone ends no line, so what follows would be drawn over its end.
        return Group(shown, Padding(bar, 0))

    def _calls(self, glance: Glance) -> RenderableType:
        made = Table.grid(padding=(0, 2))
        for call in glance.calls[:_SHOWN_CALLS]:
            armed = datetime.fromisoformat(call["armed_at"]) if call["armed_at"] else glance.now
            seconds = max((glance.now - armed).total_seconds(), 0)
            made.add_row(
                Text(call["state"], style=_STYLES.get(call["state"], "")),
                cell(call["phone"]),
                cell(self._running.names.get(call["lead_id"])),
                cell(f"attempt {call['attempt']}"),
                cell(f"{seconds:.0f} s"),
            )
        for _ in range(_SHOWN_CALLS - len(glance.calls)):
            made.add_row("")
        title = f"{len(glance.calls)} calls in progress, {glance.pace:.1f} a minute "
        return Panel(made, title=f"{title}(limit {self._limit})", title_align="left")

    def _counts(self, glance: Glance) -> RenderableType:
        reasons = self._running.imported.tally.reasons
        made = Table.grid(expand=True)
        for _ in range(3):
            made.add_column(ratio=1)
        made.add_row(
            _counted("Outcomes", glance.ledger["outcomes"]),
            _counted("Why leads wait", glance.ledger["waiting_reasons"]),
            _counted("Refused at import", reasons),
        )
        return made

    def _lane(self, glance: Glance) -> Text:
        agent = glance.agent
        parked = agent.get("parked_reason")
        state = f"parked: {parked}" if parked else "on duty"
        return Text(f"{plain(str(agent.get('name') or 'agent'))}, {state}. Ctrl-C stops all of it")


def _counted(title: str, counts: Mapping[str, int]) -> RenderableType:
    made = Table.grid(padding=(0, 1))
    for name, count in _by_count(counts)[:_SHOWN_CALLS]:
        made.add_row(Text(str(count), justify="right"), cell(name.removeprefix("phone.")))
    return Panel(made, title=title, title_align="left")


def _by_count(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))


def _clock(at: datetime) -> str:
    return at.strftime("%a %H:%M:%S UTC")
