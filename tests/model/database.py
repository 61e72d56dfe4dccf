"""Transactions over an unreliable line: lost before, or committed and never acknowledged."""

from collections.abc import Callable
from functools import cache
from typing import TypeVar

from tests.model.alarms import Alarms
from tests.model.scheduler import LostError, Scheduler, rest
from tests.model.store import Store

T = TypeVar("T")


@cache
def _labels(name: str) -> tuple[str, str]:
    return f"{name}: commit", f"{name}: acknowledged"


class Database:
    """The store, as a worker reaches it."""

    def __init__(self, scheduler: Scheduler, store: Store, alarms: Alarms) -> None:
        self._s = scheduler
        self.store = store
        self.alarms = alarms

    async def read(self, what: str, look: Callable[[], T]) -> T:
        """Read at one instant.

        Raises:
            LostError: the database didn't answer.
        """
        s = self._s
        await rest(s.delay(), what)
        if s.noisy and s.rng.random() < s.profile.lost_before:
            s.stats["read lost"] += 1
            raise LostError
        return look()

    async def write(self, name: str, act: Callable[[], T]) -> T:
        """Commit one transaction at one instant.

        Raises:
            LostError: nothing was committed, or it was and nobody said so.
        """
        s = self._s
        commit, acknowledged = _labels(name)
        await rest(s.delay(), commit)
        noisy = s.noisy
        if noisy and s.rng.random() < s.profile.lost_before:
            s.stats["transaction lost"] += 1
            raise LostError
        done = act()
        if not noisy:
            return done
        await rest(s.delay() * 0.5, acknowledged)
        if s.rng.random() < s.profile.lost_ack:
            s.stats["acknowledgement lost"] += 1
            s.say(f"    the acknowledgement of {name} is lost")
            raise LostError
        return done
