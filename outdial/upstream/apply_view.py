"""Tells how an apply goes: a line when a step begins, a line with its time when it is done."""

import time
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Final, Self

from rich.console import Console
from rich.progress import TaskID

from outdial.speaking.lines import plain
from outdial.upstream.progress import transfer_bar
from provision.events import Event, Phase
from provision.plan import Plan, Verb

_WORDS: Final[Mapping[Verb, tuple[str, str]]] = {
    Verb.CREATE: ("creating", "created"),
    Verb.UPDATE: ("updating", "updated"),
    Verb.REPLACE: ("replacing", "replaced"),
    Verb.DELETE: ("deleting", "deleted"),
    Verb.ADOPT: ("adopting", "adopted"),
    Verb.FORGET: ("forgetting", "forgotten"),
    Verb.DEPLOY: ("deploying", "deployed"),
    Verb.ON_DUTY: ("going on duty", "on duty"),
    Verb.OFF_DUTY: ("going off duty", "off duty"),
    Verb.NONE: ("leaving", "left as it is"),
}
_OLD: Final = ("deleting the old one", "the old one deleted")
_ALWAYS_COUNTED: Final = (Verb.CREATE, Verb.UPDATE, Verb.REPLACE, Verb.DELETE)


class Teller:
    """Shows the events of one apply; uploads with a bar, where there is a terminal.

    Args:
        console: Where to.
        hidden: Show nothing.
        clock: Monotonic seconds.
    """

    def __init__(
        self,
        console: Console,
        *,
        hidden: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._console = console
        self._hidden = hidden
        self._clock = clock
        self._began = clock()
        self._waiting = ""
        self._bar = transfer_bar(console, hidden=hidden)
        self._upload: TaskID | None = None

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._bar.stop()

    def __call__(self, event: Event) -> None:
        """Shows one event.

        Args:
            event: It.
        """
        during, after = _OLD if event.action.replaced else _WORDS[event.action.verb]
        match event.phase:
            case Phase.STARTED:
                self._began, self._waiting = self._clock(), ""
                self._say(event, f"{during} …")
            case Phase.DONE:
                self._end_upload()
                self._say(event, f"{after} ({self._clock() - self._began:.1f} s)", style="green")
            case Phase.WAITING:
                self._end_upload()
                self._wait(event)
            case Phase.UPLOADING:
                self._advance(event)
            case Phase.LOST:
                self._say(event, "the answer was lost; looking what became of it …")
            case Phase.SENDING | Phase.ANSWERED:
                pass

    def _wait(self, event: Event) -> None:
        # It is told again at every look; once is enough.
        if event.detail != self._waiting:
            self._waiting = event.detail
            self._say(event, f"waiting {event.detail}".rstrip() + " …")

    def _advance(self, event: Event) -> None:
        if self._upload is None:
            self._upload = self._bar.add_task(event.action.label, total=event.total)
        self._bar.update(self._upload, completed=event.sent, total=event.total)

    def _end_upload(self) -> None:
        if self._upload is not None:
            self._bar.remove_task(self._upload)
            self._upload = None

    def _say(self, event: Event, words: str, style: str = "") -> None:
        if self._hidden:
            return
        step = f"[{event.number}/{event.of}] {plain(event.action.address)}: {plain(words)}"
        self._console.print(step, style=style, soft_wrap=True)


def completed(plan: Plan) -> str:
    """The closing line.

    Args:
        plan: What was done.

    Returns:
        Such as `Done: 3 created, 1 updated, 0 replaced, 0 deleted, 1 deployed.`
    """
    counts = plan.summary
    told = [f"{counts.get(verb, 0)} {_WORDS[verb][1]}" for verb in _ALWAYS_COUNTED]
    others = [verb for verb in Verb if verb not in {*_ALWAYS_COUNTED, Verb.NONE}]
    told += [f"{counts[verb]} {_WORDS[verb][1]}" for verb in others if counts.get(verb)]
    return f"Done: {', '.join(told)}."
