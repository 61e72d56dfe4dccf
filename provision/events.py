"""What an apply tells while it is at work."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from provision.plan import Action


class Phase(StrEnum):
    """How far a step is.

    ``sending``: the intent is kept, and the request goes out next. ``lost``: it may have acted,
    but its answer didn't come. ``answered``: it acted, and that is not kept yet. ``waiting``:
    for a file to be ready, or because the upstream asked for it. ``uploading``: some bytes of a
    file are on their way. ``done``: it is done and kept.
    """

    STARTED = "started"
    SENDING = "sending"
    LOST = "lost"
    ANSWERED = "answered"
    WAITING = "waiting"
    UPLOADING = "uploading"
    DONE = "done"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One thing that happened; holds no secret.

    Attributes:
        number: Of the step, from 1.
        of: How many steps there are.
        detail: What is waited for, for people; else empty.
        sent: Bytes on their way, while uploading; else 0.
        total: Bytes to send, while uploading; else 0.
    """

    phase: Phase
    action: Action
    number: int
    of: int
    detail: str = ""
    sent: int = 0
    total: int = 0


OnEvent = Callable[[Event], None]
"""Told each event; what it raises stops the apply, which can be run again."""
