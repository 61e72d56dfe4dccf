"""20,000 hostile schedules break no invariant; with any guard taken out, one breaks."""

import pytest

from dialer.rules.call import CALL_TRANSITIONS
from dialer.rules.lead import LEAD_TRANSITIONS
from tests.model.faults import AWAITS, Storm
from tests.model.mutants import Mutant
from tests.model.run import Tally, play_chunk
from tests.model.schedule import play
from tests.model.world import ANSWERS

SCHEDULES = 20_000
CHUNKS = 4
FIRST_SEED = 1
SEARCH = 400
"""A mutant is found within so many seeds of its weather; most take fewer than fifty."""

_ELSEWHERE = ("call refused -> unknown", "call refused -> ended")
"""What the model's upstream never gives reason to: its refusals are true. `tests/pipeline` has
those edges."""

_FAULTS = (
    "409 rang and is listed late",
    "acknowledgement lost",
    "asleep",
    "burial",
    "call id taken",
    "call without an end",
    "campaign cancelled",
    "campaign completed",
    "campaign parked",
    "campaign paused",
    "clock jump",
    "closed late",
    "death without proof",
    "decided: call_again",
    "decided: drop",
    "decided: reached",
    "duty flip",
    "foreign call",
    "foreign call taken for ours",
    "gate claim_expired",
    "gate frozen",
    "gate late",
    "gate not_ours",
    "gate paused",
    "gate suppressed",
    "gate window_closed",
    "incomplete sweep",
    "lane parked: agent_unreadable",
    "lane parked: off_duty",
    "lane parked: rate_limited",
    "lead cancelled",
    "looked up by id",
    "not sent",
    "opt-out",
    "organization parked",
    "organization paused",
    "page failed",
    "page garbled",
    "placed twice",
    "read lost",
    "reading of a stale copy",
    "reading of a stalled list",
    "restore",
    "rung late",
    "sent after a freeze at the first byte",
    "stopped",
    "traffic call",
    "transaction lost",
)

_WEATHER = {
    Mutant.RETRY_UNKNOWN: (Storm.ANY, "I8"),
    Mutant.ERRORS_REFUSE: (Storm.ANY, "I8"),
    Mutant.NO_PROOF_OF_CLOSING: (Storm.FROZEN_AT_FIRST_BYTE, "I8"),
    Mutant.NO_QUARANTINE: (Storm.RESTORED, "I8"),
    Mutant.PLAIN_UPDATES: (Storm.ANY, "I9"),
    Mutant.NO_WATERMARKS: (Storm.STALLED_LIST, "I8"),
    Mutant.EARLY_WATERMARKS: (Storm.QUIET_STALL, "I8"),
    Mutant.SETTLE_FROM_ARM: (Storm.FROZEN_AT_FIRST_BYTE, "I8"),
    Mutant.ONE_SWEEP: (Storm.STALE_COPY, "I8"),
    Mutant.INCOMPLETE_SWEEPS: (Storm.GARBLED_LIST, "I8"),
    Mutant.NO_CLOCK_CHECK: (Storm.FROZEN_AT_ARM, "I8"),
    Mutant.NO_FENCE: (Storm.ANY, "I8"),
    Mutant.NO_INDEX: (Storm.ANY, "I2"),
    Mutant.NO_GATES_AT_ARM: (Storm.ANY, "I7"),
    Mutant.CONFLICT_ABSENT: (Storm.CONFLICTS, "I8"),
    Mutant.FORGET_SILENT: (Storm.ANY, "I3"),
    Mutant.FORGET_CLAIMS: (Storm.ANY, "I3"),
    Mutant.WEAK_MATCH: (Storm.ANY, "I8"),
}
"""For each mutant the weather in which it shows, and what it breaks.

I8: a call that rang counts as not placed, so that the phone rings again. I3: a lead is lost.
I9: an illegal transition. I2: two open calls to a number. I7: a call after the rules closed.
"""


@pytest.fixture(scope="session")
def all_stats() -> Tally:
    """What this process's chunks exercised."""
    return Tally()


@pytest.mark.parametrize("part", range(CHUNKS))
def test_no_invariant_breaks_and_everything_is_exercised(part: int) -> None:
    each = SCHEDULES // CHUNKS
    first = FIRST_SEED + part * each
    tally = play_chunk((range(first, first + each), Mutant.NONE, Storm.ANY))
    assert tally.broken == []
    assert [name for name in _expected() if not tally.stats[name]] == []


@pytest.mark.parametrize("storm", [s for s in Storm if s is not Storm.ANY])
def test_no_invariant_breaks_in_the_weather_that_finds_the_mutants(storm: Storm) -> None:
    assert play_chunk((range(SEARCH), Mutant.NONE, storm)).broken == []


@pytest.mark.parametrize("mutant", [m for m in Mutant if m is not Mutant.NONE])
def test_the_checker_finds_a_guard_that_is_missing(mutant: Mutant) -> None:
    storm, invariant = _WEATHER[mutant]
    found = (v for seed in range(SEARCH) for v in play(seed, mutant, storm).violations)
    assert any(v.startswith(invariant) for v in found), f"{mutant.name} breaks no {invariant}"


@pytest.mark.parametrize("seed", [7, 475, 1_630, 9_773])
def test_one_seed_replays_one_schedule(seed: int) -> None:
    first, second = play(seed, traced=True), play(seed, traced=True)
    assert first == second
    assert first.stats == play(seed).stats


def _expected() -> list[str]:
    calls = [f"call {was} -> {to}" for was, onward in CALL_TRANSITIONS.items() for to in onward]
    leads = [f"lead {was} -> {to}" for was, onward in LEAD_TRANSITIONS.items() for to in onward]
    strikes = [f"{how} at {what}" for what in AWAITS for how in ("kill", "freeze")]
    answers = [f"answer {name}" for name in ANSWERS]
    every = [*_FAULTS, *calls, *leads, *strikes, *answers]
    return [name for name in every if name not in _ELSEWHERE]
