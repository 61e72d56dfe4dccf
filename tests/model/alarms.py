"""When the workers look next: at each row's own deadline, as their every-second loops would.

A loop that looks once a second and finds nothing costs the model time and shows nothing. So a
loop wakes here at the next instant at which a row may ask for it, and a little later. One that
dies or fails is rung again, as another worker's loop would come by.
"""

from collections.abc import Callable

from tests.model.rows import Organization
from tests.model.scheduler import Job, Scheduler, Worker

Look = Callable[[Worker], Job]


class Alarms:
    """The loops of all workers, by name; each is rung at its earliest deadline."""

    def __init__(self, scheduler: Scheduler) -> None:
        self._s = scheduler
        self._pending: dict[tuple[str, int], float] = {}
        self._looks: dict[tuple[str, int], Look] = {}

    def install(self, name: str, of: int, look: Look) -> None:
        """Say what a loop does when it is rung."""
        self._looks[name, of] = look

    def lane(self, organization: Organization, at: float) -> None:
        """A lane may have work at a virtual second."""
        self.ring(("lane", organization.id), at)

    def reading(self, organization: Organization, at: float) -> None:
        """An organization's history may have news."""
        self.ring(("reading", organization.id), at)

    def tidy(self, at: float) -> None:
        """A deadline passes."""
        self.ring(("tidy", 0), at)

    def ring(self, which: tuple[str, int], at: float) -> None:
        """Ring a loop at a virtual second, unless it is rung sooner anyway."""
        s = self._s
        pending = self._pending.get(which)
        if pending is not None and pending <= at:
            return
        at = max(at, s.t) + (s.rng.random() * (1.0 if not s.noisy else 1.0 + s.profile.slowness))
        if pending is not None and pending <= at:
            return
        self._pending[which] = at
        s.at(at, lambda: self._rung(which, at))

    def _rung(self, which: tuple[str, int], at: float) -> None:
        if self._pending.get(which) != at:
            return
        del self._pending[which]
        s, look = self._s, self._looks[which]
        worker = s.someone()
        s.spawn(look(worker), worker, lambda: self.ring(which, s.t))
        if s.noisy and s.profile.twice and s.rng.random() < s.profile.twice:
            other = s.someone()
            s.spawn(look(other), other)
