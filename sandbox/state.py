"""Puts the sandbox's parts together, and takes up again what a folder holds."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sandbox.calls import Call, CallBook
from sandbox.clock import VirtualClock, iso
from sandbox.faults import FaultBook
from sandbox.journal import Lines
from sandbox.model.tenants import Organization
from sandbox.rings import RingLedger
from sandbox.script import DEFAULT_MIX, Mix
from sandbox.seed import plant
from sandbox.stats import Stats
from sandbox.talk.diary import Diary
from sandbox.talk.persona import DEFAULT_WISHES, Wishes
from sandbox.talk.snapshot import BriefBook
from sandbox.tokens import Tokens
from sandbox.world import TOGETHER, World, together


@dataclass(slots=True)
class Tuning:
    """What the control interface can turn while the sandbox runs; latencies in real ms."""

    mix: Mix = field(default_factory=lambda: dict(DEFAULT_MIX))
    wishes: Wishes = field(default_factory=lambda: dict(DEFAULT_WISHES))
    call_ms: float = 0.0
    history_ms: float = 0.0


class Sandbox:
    """Everything a route needs.

    World, calls and the versions of agents that they were made with are kept in
    ``journal.jsonl``, rings in ``rings.jsonl``. Faults, mix, wishes and latencies are the
    experimenter's and end with the process.

    Args:
        clock: The virtual clock.
        seed: Decides every chance.
        folder: Where state is kept; ``None`` keeps it in memory.
        fsync: Wait for the disk after each line.
    """

    def __init__(
        self, *, clock: VirtualClock, seed: int, folder: Path | None, fsync: bool = False
    ) -> None:
        self.clock = clock
        self.seed = seed
        self._journal = Lines(path=folder and folder / "journal.jsonl", fsync=fsync)
        self._ring_lines = Lines(path=folder and folder / "rings.jsonl", fsync=fsync)
        self._gathered: list[dict[str, Any]] | None = None
        self.world = World(keep=self._keep)
        self.calls = CallBook()
        self.briefs = BriefBook(world=self.world, keep=self._keep)
        key = self._restore()
        self.diary = Diary(world=self.world)
        self.tokens = Tokens(clock=clock, key=key)
        self.rings = RingLedger(clock=clock, lines=self._ring_lines)
        self.faults = FaultBook(seed=seed, now=clock.now)
        self.stats = Stats()
        self.tuning = Tuning()
        if not self.world.every(Organization):
            plant(self.world, at=iso(clock.now()))

    def keep_call(self, call: Call) -> None:
        """Take in a new call and write it down."""
        self.calls.add(call)
        self._keep({"kind": "call", "record": call.as_entry()})

    @contextmanager
    def as_one(self) -> Iterator[None]:
        """Write what is kept meanwhile as one line, so that a kill keeps all of it or nothing.

        Only for what happens at once: nothing may be awaited within, nor another one begun.
        """
        gathered: list[dict[str, Any]] = []
        self._gathered = gathered
        try:
            yield
        finally:
            self._gathered = None
            if gathered:
                self._keep(together(gathered))

    def close(self) -> None:
        """Close the files."""
        self._journal.close()
        self._ring_lines.close()

    def _keep(self, entry: dict[str, Any]) -> None:
        if self._gathered is None:
            self._journal.append(entry)
        else:
            self._gathered.append(entry)

    def _restore(self) -> bytes:
        key: str | None = None
        for entry in self._journal.read():
            if entry.get("kind") == "token-key":
                key = entry["key"]
            else:
                self._take_up(entry)
        if key is None:
            key = secrets.token_hex(32)
            self._journal.append({"kind": "token-key", "key": key})
        return bytes.fromhex(key)

    def _take_up(self, entry: dict[str, Any]) -> None:
        try:
            if entry["kind"] == TOGETHER:
                for part in entry["entries"]:
                    self._take_up(part)
            elif entry["kind"] == "call":
                self.calls.add(Call.from_entry(entry["record"]))
            elif entry["kind"] == "brief":
                self.briefs.restore(entry)
            else:
                self.world.restore(entry)
        except (KeyError, TypeError, ValueError) as error:
            kind = entry.get("kind")
            raise ValueError(f"journal.jsonl: an entry of kind {kind!r} is unreadable") from error
