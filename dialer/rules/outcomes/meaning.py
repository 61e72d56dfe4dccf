"""What an ended call means: its outcome by the table, made stricter by what was said in it.

The table (`outcome_table.py`) is read in the order exact reason, patterns, status. Then what was
said counts: an opt-out before everything, a wrong number, an answering machine, a callback at an
exact time, a short call without a word. `endedReason` is free text upstream, and nothing there
says whether a human answered; what no row knows is `unknown`, never a success.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from importlib import resources
from typing import Generic, Literal, TypeVar

from dialer.rules.outcomes import heard
from dialer.rules.outcomes.extracted import Extracted, extract
from dialer.rules.outcomes.outcome import OPTED_OUT, UNKNOWN, Outcome
from dialer.rules.outcomes.table import MAX_VALUE, MapRow, as_csv, read_rows
from dialer.rules.outcomes.turns import Turn, turns_of

SHORT_MS = 10_000
"""A completed call this short, without a word of the person, reached nobody: our own default."""

By = Literal["structured_data", "transcript", "ended_reason", "pattern", "status", "unknown"]

_WRONG_NUMBER = "wrong_number"
_STANDING = frozenset(
    ("opted_out", "wrong_number", "invalid_number", "blocked", "canceled", "config_error")
)
"""Outcomes that no callback loosens."""

_CALLBACK_AFTER = frozenset(
    (
        "completed",
        "callback_requested",
        "transfer_failed",
        "silent",
        "failed",
        "declined",
        "unknown",
    )
)
"""Outcomes of calls in which somebody may have asked for another."""

_MACHINE_AFTER = frozenset(("completed", "silent", "unknown"))
_TALKED = frozenset(
    ("completed", "transferred", "transfer_failed", "callback_requested", "opted_out")
) | {_WRONG_NUMBER}

Key = TypeVar("Key")


@dataclass(frozen=True, slots=True)
class Ended:
    """A call as the history shows it after its end; all text is untrusted.

    Attributes:
        status: COMPLETED or FAILED; any other word is no row's.
        duration_ms: Milliseconds.
        transcript: Lines of `Speaker: words`.
        ended_at: Aware; without it no callback's time is taken.
        zone: The lead's IANA zone, for a callback's time without an offset.
    """

    status: str
    ended_reason: str | None = None
    duration_ms: int | None = None
    transcript: str | None = None
    structured_data: Mapping[str, object] | None = None
    ended_at: datetime | None = None
    zone: str | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """What an ended call means.

    Attributes:
        outcome: The outcome.
        by: What decided it.
        evidence: The reason, row, member or words that decided, 300 characters at most; personal.
        callback_at: The exact instant (UTC) at which another call was asked for.
        talked: Whether the called person spoke; by the outcome where there is no transcript.
    """

    outcome: Outcome
    by: By
    evidence: str | None = None
    callback_at: datetime | None = None
    talked: bool = False


@dataclass(frozen=True, slots=True)
class Change(Generic[Key]):
    """A past call that would mean something else."""

    key: Key
    before: str
    reading: Reading


class OutcomeMap:
    """One version of the table; equal maps have equal rows in the same order."""

    __slots__ = ("_exact", "_patterns", "_statuses", "digest", "rows")

    def __init__(self, rows: Iterable[MapRow]) -> None:
        self.rows: tuple[MapRow, ...] = tuple(rows)
        """The rows as they are written."""
        self.digest: str = hashlib.sha256(as_csv(self.rows).encode()).hexdigest()
        """Names the version."""
        asked = [row for row in self.rows if row.status is None]
        self._exact = {row.key: row for row in asked if not row.is_pattern}
        self._patterns = tuple((_Glob(row.key), row) for row in asked if row.is_pattern)
        self._statuses = {row.status: row for row in self.rows if row.status is not None}

    @classmethod
    def parse(cls, text: str) -> "OutcomeMap":
        """Read a table as CSV.

        Raises:
            OutcomeMapError: with every problem, its row and its field.
        """
        return cls(read_rows(text))

    @classmethod
    def shipped(cls) -> "OutcomeMap":
        """The table that comes with Outdial."""
        return _shipped()

    def as_csv(self) -> str:
        """The table, which reads back as an equal map."""
        return as_csv(self.rows)

    def resolve(self, ended: Ended) -> Reading:
        """Say what an ended call means."""
        base = self._by_table(ended)
        turns = turns_of(ended.transcript)
        found = extract(ended.structured_data, ended_at=ended.ended_at, zone=ended.zone)
        reading = _said(base, ended, turns, found)
        spoke = heard.spoke(turns) if turns else reading.outcome.name in _TALKED
        return replace(reading, talked=spoke and reading.outcome.name != "voicemail")

    def replay(self, ended: Iterable[tuple[Key, Ended, str]]) -> Iterator[Change[Key]]:
        """Say which past calls would mean something else under this map.

        Args:
            ended: A key of the caller's, the call, and the outcome that it has.
        """
        for key, call, before in ended:
            reading = self.resolve(call)
            if reading.outcome.name != before:
                yield Change(key, before, reading)

    def _by_table(self, ended: Ended) -> Reading:
        reason = (ended.ended_reason or "").strip().lower()[:MAX_VALUE]
        if not reason:
            row = self._statuses.get(ended.status)
            return Reading(row.means, "status", row.value) if row else Reading(UNKNOWN, "unknown")
        row = self._exact.get(reason)
        if row is not None:
            return Reading(row.means, "ended_reason", row.value)
        for pattern, row in self._patterns:
            if pattern.fits(reason):
                return _by_pattern(row, reason)
        return Reading(UNKNOWN, "unknown", reason)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, OutcomeMap) and self.digest == other.digest

    def __hash__(self) -> int:
        return hash(self.digest)


class _Glob:
    """A pattern with `*` and `?`; each piece is sought once, so any pattern costs linear time."""

    __slots__ = ("_anchored", "_end", "_middle", "_start")

    def __init__(self, pattern: str) -> None:
        pieces = [_piece(piece) for piece in pattern.split("*")]
        self._anchored = len(pieces) == 1
        self._start, *self._middle = pieces[:-1] or pieces
        self._end = re.compile(f"(?:{pieces[-1].pattern})\\Z", re.DOTALL)

    def fits(self, text: str) -> bool:
        if self._anchored:
            return self._start.fullmatch(text) is not None
        found = self._start.match(text)
        for piece in self._middle:
            found = found and piece.search(text, found.end())
        return found is not None and self._end.search(text, found.end()) is not None


def _piece(text: str) -> re.Pattern[str]:
    return re.compile("".join("." if c == "?" else re.escape(c) for c in text), re.DOTALL)


@lru_cache(maxsize=1)
def _shipped() -> OutcomeMap:
    table = resources.files("dialer.rules").joinpath("data/ended_reasons.csv")
    return OutcomeMap.parse(table.read_text("utf-8"))


def _by_pattern(row: MapRow, reason: str) -> Reading:
    if row.outcome == UNKNOWN.name:
        # As ever: whether what nobody knows is tried again is the cadence's to say.
        return Reading(UNKNOWN, "unknown", reason)
    return Reading(row.means, "pattern", row.value)


def _said(base: Reading, ended: Ended, turns: tuple[Turn, ...], found: Extracted) -> Reading:
    if base.outcome.name == OPTED_OUT:
        return base
    return (
        _ending(OPTED_OUT, found.opted_out, heard.opt_out(turns))
        or (None if base.outcome.name in _STANDING else _not_them(turns, found))
        or _machine(base, turns)
        or _callback(base, found)
        or _silence(base, ended, turns)
        or base
    )


def _ending(name: str, told: str | None, said: str | None) -> Reading | None:
    outcome = Outcome(name, retryable=False, counts=True)
    if told is not None:
        return Reading(outcome, "structured_data", told)
    return None if said is None else Reading(outcome, "transcript", said)


def _not_them(turns: tuple[Turn, ...], found: Extracted) -> Reading | None:
    return _ending(_WRONG_NUMBER, found.wrong_number, heard.wrong_number(turns))


def _machine(base: Reading, turns: tuple[Turn, ...]) -> Reading | None:
    words = heard.machine(turns) if base.outcome.name in _MACHINE_AFTER else None
    if words is None:
        return None
    return Reading(Outcome("voicemail", retryable=True, counts=True), "transcript", words)


def _callback(base: Reading, found: Extracted) -> Reading | None:
    if found.callback is None or base.outcome.name not in _CALLBACK_AFTER:
        return None
    asked = Outcome("callback_requested", retryable=True, counts=True)
    return Reading(asked, "structured_data", found.callback, found.callback_at)


def _silence(base: Reading, ended: Ended, turns: tuple[Turn, ...]) -> Reading | None:
    short = ended.duration_ms is not None and ended.duration_ms <= SHORT_MS
    completed = ended.status == "COMPLETED" and base.outcome.name == "completed"
    if not (short and completed) or heard.spoke(turns):
        return None
    told = f"{ended.duration_ms} ms without a word of the person"
    return Reading(Outcome("silent", retryable=True, counts=True), "transcript", told)
