"""A moment in the conversation of two programs at which something is to happen, once."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum, auto

from tests.faults.rig.proxy import Do


class When(Enum):
    """Where in a statement's or a request's life."""

    STATEMENT = auto()
    """PostgreSQL: it was sent, and has not reached the server."""
    COMMIT = auto()
    """The COMMIT of its transaction was sent, and has not reached the server."""
    COMMITTED = auto()
    """The server has committed, and the client has not heard of it."""
    HEARD = auto()
    """The server has committed, and the client's machine has the answer."""
    REQUEST = auto()
    """HTTP: its first bytes were sent, and none has reached the server."""
    SENT = auto()
    """The server's machine has all of it; nothing was answered yet."""
    ANSWER = auto()
    """The server has answered, and the client has not heard it."""
    ANSWERED = auto()
    """The client's machine has the answer."""


@dataclass(eq=False, kw_only=True)
class Moment:
    """The first time that some connection comes to this point.

    Attributes:
        of: Words in the statement (blanks made single) or in the request's first line.
        when: Where in its life.
        strike: What to do then, in the proxy's thread: a kill, say. The bytes wait for it.
        then: What becomes of the piece of the stream.
        skip: How many such points to let pass before.
        times: At how many of them to strike.
    """

    of: str
    when: When
    strike: Callable[[], None] = lambda: None
    then: Do = Do.PASS
    skip: int = 0
    times: int = 1
    came: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self) -> bool:
        """Whether to strike now; if so, it was done when this returns."""
        with self._lock:
            if self.times <= 0:
                return False
            if self.skip > 0:
                self.skip -= 1
                return False
            self.times -= 1
        self.strike()
        self.came.set()
        return True
