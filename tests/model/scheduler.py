"""Drives coroutines by hand over virtual time; one seed decides every delay and every fault."""

import types
from collections import Counter
from collections.abc import Callable, Coroutine, Generator
from datetime import datetime, timedelta
from heapq import heappop, heappush
from random import Random
from typing import Any

from tests.model.faults import FIRST_BYTE, FREEZE_BEFORE_FIRST_BYTE, Profile
from tests.model.rows import START, instant

Job = Coroutine[Any, None, None]
_FREEZES = ("stopped", "asleep")


@types.coroutine
def rest(seconds: float, what: str) -> Generator[tuple[float, str], None, None]:
    """Wait for so many virtual seconds; `what` names the await, for faults and traces."""
    yield seconds, what


class LostError(Exception):
    """The database or the upstream's list didn't answer; what it did is not known."""


class Worker:
    """A worker process: its tasks die, freeze and misread their clocks together.

    Attributes:
        name: Unique for ever.
        provable: Whether its death can be proven by its slot's lock.
        frozen_until: The virtual second at which it goes on.
        slept: Seconds that its monotonic clock missed.
        jumped: Seconds that its wall clock was moved by.
    """

    __slots__ = ("dead", "frozen_until", "jumped", "name", "provable", "slept", "tasks")

    def __init__(self, name: int, *, provable: bool) -> None:
        self.name = name
        self.provable = provable
        self.tasks: dict[Task, None] = {}
        self.frozen_until = -1.0
        self.slept = 0.0
        self.jumped = 0.0
        self.dead = False


class Task:
    """A coroutine under way in a worker, or (without one) in the world."""

    __slots__ = ("again", "dead", "job", "since", "what", "worker")

    def __init__(
        self, job: Job, worker: Worker | None, again: Callable[[], None] | None = None
    ) -> None:
        self.job = job
        self.worker = worker
        self.again = again
        self.what = "start"
        self.since = 0.0
        self.dead = False


class Scheduler:
    """Virtual time, and whatever waits for it.

    Attributes:
        t: Virtual seconds since `START`; `now` is the same as an instant.
        noisy: Whether faults may strike.
        stats: What was exercised, counted by name.
        trace: Lines for a reader, where somebody wants them.
    """

    def __init__(self, seed: int, profile: Profile, rng: Random, *, traced: bool = False) -> None:
        self.seed = seed
        self.rng = rng
        self.profile = profile
        self.t = 0.0
        self.now: datetime = START
        self.noisy = True
        self.stats: Counter[str] = Counter()
        self.trace: list[str] | None = [] if traced else None
        self.workers: list[Worker] = []
        self.on_death: Callable[[Worker], None] = lambda worker: None  # noqa: ARG005 -- nobody cares yet
        self._heap: list[tuple[float, int, Task | Callable[[], None]]] = []
        self._sequence = 0
        self._born = 0
        for _ in range(2):
            self.bear()

    def say(self, text: str) -> None:
        """Put a line into the trace."""
        if self.trace is not None:
            self.trace.append(f"{self.t:12.3f}  {text}")

    def bear(self) -> Worker:
        """Start a worker process."""
        self._born += 1
        provable = self.rng.random() >= self.profile.vanish
        worker = Worker(self._born, provable=provable)
        self.workers.append(worker)
        return worker

    def at(self, t: float, act: Callable[[], None]) -> None:
        """Let the world do something at a virtual second."""
        self._sequence += 1
        heappush(self._heap, (t, self._sequence, act))

    def spawn(
        self, job: Job, worker: Worker | None, again: Callable[[], None] | None = None
    ) -> None:
        """Start a task; `again` is what to do when it dies before its end."""
        task = Task(job, worker, again)
        if worker is not None:
            worker.tasks[task] = None
        self._step(task)

    def someone(self) -> Worker:
        """Any worker that isn't frozen, if there is one."""
        first, second = self.workers
        if self.rng.random() < 0.5:
            first, second = second, first
        return first if first.frozen_until <= self.t else second

    def delay(self) -> float:
        """How long one await takes: mostly milliseconds, now and then many seconds."""
        r = self.rng.random()
        if not self.noisy:
            return 0.01 + 0.02 * r
        r *= r
        r *= r
        return 0.002 + self.profile.slowness * r * r

    def run(self, until: float) -> None:
        """Let time pass."""
        heap = self._heap
        while heap and heap[0][0] <= until:
            t, _, due = heappop(heap)
            self.t = t
            self.now = START + timedelta(0, t)
            if isinstance(due, Task):
                if not due.dead:
                    self._turn(due)
            else:
                due()
        self.t = until
        self.now = instant(until)

    def abandon(self) -> None:
        """Close whatever still waits."""
        for _, _, due in self._heap:
            if isinstance(due, Task) and not due.dead:
                due.job.close()

    def kill(self, worker: Worker, what: str) -> None:
        """End a process at once, wherever its tasks are; another one starts soon."""
        self.stats["kill"] += 1
        self.stats[f"kill at {what}"] += 1
        self.say(f"worker {worker.name} is killed at: {what}")
        worker.dead = True
        self.workers.remove(worker)
        for task in list(worker.tasks):
            task.dead = True
            task.job.close()
            if task.again is not None:
                self.at(self.t + 1.0 + 3.0 * self.rng.random(), task.again)
        worker.tasks.clear()
        self.bear()
        self.on_death(worker)

    def freeze(self, worker: Worker, seconds: float, what: str) -> None:
        """Stop a process for a while, or let its machine sleep."""
        for task in worker.tasks:
            # One freeze after the other: together they keep a first byte back no longer, either.
            if task.what == FIRST_BYTE:
                most = task.since + FREEZE_BEFORE_FIRST_BYTE - self.t
                seconds = max(0.0, min(seconds, most))
        kind = _FREEZES[self.rng.random() < 0.4]
        self.stats[kind] += 1
        self.stats[f"freeze at {what}"] += 1
        self.say(f"worker {worker.name} is {kind} for {seconds:.0f} s at: {what}")
        worker.frozen_until = self.t + seconds
        if kind == "asleep":
            worker.slept += seconds
        for task in worker.tasks:
            if task.again is not None:
                self.at(self.t + 1.0 + 10.0 * self.rng.random(), task.again)

    def _turn(self, task: Task) -> None:
        worker = task.worker
        if worker is not None:
            if worker.frozen_until > self.t:
                self._wait(task, worker.frozen_until - self.t + 0.01 * self.rng.random())
                return
            if self.noisy and self._struck(worker, task):
                return
        self._step(task)

    def _step(self, task: Task) -> None:
        worker = task.worker
        try:
            pause, what = task.job.send(None)
        except StopIteration:
            self._end(task)
        except LostError:
            self._end(task)
            if task.again is not None:
                self.at(self.t + 0.2 + self.rng.random(), task.again)
        else:
            if self.trace is not None and worker is not None:
                self.say(f"worker {worker.name}: {what}")
            task.what = what
            task.since = self.t
            self._wait(task, pause)

    def _struck(self, worker: Worker, task: Task) -> bool:
        profile, random = self.profile, self.rng.random
        rate = profile.aim_rate if task.what == profile.aim else profile.strike
        if random() >= rate:
            return False
        r = random()
        if r < profile.kills:
            self.kill(worker, task.what)
            return True
        if r < profile.kills + profile.freezes:
            self.freeze(worker, profile.freeze_of(task.what, self.rng), task.what)
            self._wait(task, worker.frozen_until - self.t)
            return True
        self.stats["clock jump"] += 1
        worker.jumped += (random() - 0.5) * 1200
        return False

    def _wait(self, task: Task, pause: float) -> None:
        self._sequence += 1
        heappush(self._heap, (self.t + pause, self._sequence, task))

    def _end(self, task: Task) -> None:
        task.dead = True
        if task.worker is not None:
            task.worker.tasks.pop(task, None)
