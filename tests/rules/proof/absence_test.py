"""When an unknown call counts as never placed: take any condition away and it does not."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Literal

import pytest

from dialer.rules.proof.absence import (
    BALANCED_SETTLE,
    HOLD_AFTER,
    SWEEPS_NEEDED,
    UNCLOSED_SETTLE,
    WAITS,
    Doubt,
    History,
    Verdict,
    judge,
    lag_of,
    settled_at,
)

Proof = Literal["strict", "balanced"]
ARMED = datetime(2026, 3, 3, 17, tzinfo=UTC)
CLOSED = ARMED + timedelta(seconds=30)
LAG, LEAST = timedelta(minutes=10), timedelta(minutes=15)
SETTLED = CLOSED + 3 * LAG
LATER = ARMED + timedelta(hours=2)
MINUTE = timedelta(minutes=1)

DOUBT = Doubt(armed_at=ARMED, closed_at=CLOSED, conflict=False, sweeps=SWEEPS_NEEDED)
FIRST = (CLOSED + LAG, CLOSED + LAG + MINUTE)
SECOND = (FIRST[1] + LAG, FIRST[1] + LAG + MINUTE)
HISTORY = History(lag=LAG, seen=(SECOND, FIRST), missing=False)


def _judge(
    doubt: Doubt = DOUBT,
    history: History = HISTORY,
    *,
    now: datetime = LATER,
    least: timedelta = LEAST,
    proof: Proof = "strict",
) -> Verdict:
    return judge(doubt, history, now=now, least=least, proof=proof)


def test_with_every_condition_it_is_proven_absent() -> None:
    assert _judge() == Verdict("absent", "proven")


@pytest.mark.parametrize(
    ("doubt", "history", "now", "verdict"),
    [
        (replace(DOUBT, closed_at=None), HISTORY, LATER, Verdict("wait", "settling")),
        (DOUBT, HISTORY, SETTLED - MINUTE, Verdict("wait", "settling")),
        (DOUBT, replace(HISTORY, missing=True), LATER, Verdict("wait", "known_call_missing")),
        (DOUBT, replace(HISTORY, seen=()), LATER, Verdict("wait", "no_watermarks")),
        (DOUBT, replace(HISTORY, seen=(FIRST,)), LATER, Verdict("wait", "no_watermarks")),
        (DOUBT, replace(HISTORY, seen=(SECOND,)), LATER, Verdict("wait", "no_watermarks")),
        (replace(DOUBT, sweeps=SWEEPS_NEEDED - 1), HISTORY, LATER, Verdict("sweep", "sweeping")),
        (replace(DOUBT, sweeps=0), HISTORY, LATER, Verdict("sweep", "sweeping")),
        (replace(DOUBT, conflict=True), HISTORY, LATER, Verdict("wait", "conflict")),
    ],
)
def test_without_one_condition_it_is_not(
    doubt: Doubt, history: History, now: datetime, verdict: Verdict
) -> None:
    assert _judge(doubt, history, now=now) == verdict


def test_a_first_watermark_that_started_before_one_lag_had_passed_says_nothing() -> None:
    early = (FIRST[0] - timedelta(seconds=1), FIRST[1])
    assert _judge(history=replace(HISTORY, seen=(early,))).why == "no_watermarks"


def test_a_short_lag_does_not_let_watermarks_count_that_came_before_the_settling() -> None:
    # The request may be processed late; the list stands still from then on.
    lag = timedelta(seconds=20)
    early = (CLOSED + lag, CLOSED + 2 * lag)
    second = (CLOSED + MINUTE, CLOSED + 2 * MINUTE)
    stalled = replace(HISTORY, lag=lag, seen=(second, early))
    assert _judge(history=stalled).why == "no_watermarks"
    settling = CLOSED + LEAST - 2 * lag
    late = (settling, settling + lag)
    later = (settling + 2 * lag, settling + 3 * lag)
    assert _judge(history=replace(stalled, seen=(later, late, second, early))).what == "absent"


def test_a_second_watermark_counts_from_when_the_first_was_seen_not_from_its_start() -> None:
    second = (FIRST[1] + LAG - timedelta(seconds=1), SECOND[1])
    assert _judge(history=replace(HISTORY, seen=(second, FIRST))).why == "no_watermarks"


def test_the_earliest_first_watermark_is_enough() -> None:
    late = (FIRST[0], LATER)
    assert _judge(history=replace(HISTORY, seen=(SECOND, late, FIRST))).what == "absent"


def test_the_lag_is_ten_minutes_until_a_thousand_calls_measured_it() -> None:
    quick, slow = timedelta(seconds=9), timedelta(minutes=2)
    assert lag_of() == timedelta(minutes=10)
    assert lag_of((999, quick)) == timedelta(minutes=10)
    assert lag_of((1_000, quick)) == quick
    assert lag_of((999, quick), (1_000, slow)) == slow
    assert lag_of((1_000, quick), (5_000, slow)) == quick


def test_settling_takes_three_lags_since_the_closing() -> None:
    assert settled_at(DOUBT, lag=LAG, least=LEAST, proof="strict") == SETTLED
    assert _judge(now=SETTLED).what == "absent"


def test_settling_is_never_shorter_than_the_least() -> None:
    quick = timedelta(seconds=1)
    assert settled_at(DOUBT, lag=quick, least=LEAST, proof="strict") == CLOSED + LEAST
    assert settled_at(DOUBT, lag=quick, least=2 * BALANCED_SETTLE, proof="balanced") == (
        CLOSED + 2 * BALANCED_SETTLE
    )


def test_where_nobody_can_say_that_the_sender_is_done_three_hours_are_added() -> None:
    unclosed = replace(DOUBT, closed_at=None)
    found = settled_at(unclosed, lag=LAG, least=LEAST, proof="strict")
    assert found == ARMED + UNCLOSED_SETTLE + 3 * LAG


def test_an_unclosed_call_needs_watermarks_after_its_three_hours() -> None:
    unclosed = replace(DOUBT, closed_at=None)
    now = ARMED + timedelta(hours=6)
    assert _judge(unclosed, now=now).why == "no_watermarks"
    start = ARMED + UNCLOSED_SETTLE + LAG
    seen = ((start + LAG + MINUTE, start + LAG + 2 * MINUTE), (start, start + MINUTE))
    assert _judge(unclosed, replace(HISTORY, seen=seen), now=now).what == "absent"


def test_the_balanced_proof_waits_an_hour_instead_of_watermarks() -> None:
    quiet = History(lag=LAG, seen=(), missing=True)
    before, after = CLOSED + BALANCED_SETTLE - MINUTE, CLOSED + BALANCED_SETTLE
    assert _judge(history=quiet, now=before, proof="balanced") == Verdict("wait", "settling")
    assert _judge(history=quiet, now=after, proof="balanced") == Verdict("absent", "proven")


@pytest.mark.parametrize(
    ("doubt", "verdict"),
    [
        (replace(DOUBT, sweeps=2), Verdict("sweep", "sweeping")),
        (replace(DOUBT, conflict=True), Verdict("wait", "conflict")),
    ],
)
def test_the_balanced_proof_still_sweeps_and_believes_a_conflict(
    doubt: Doubt, verdict: Verdict
) -> None:
    assert _judge(doubt, now=LATER, proof="balanced") == verdict


@pytest.mark.parametrize("proof", ["strict", "balanced"])
def test_after_a_day_a_person_decides_even_what_could_be_proven(proof: Proof) -> None:
    after = ARMED + HOLD_AFTER
    assert _judge(now=after, proof=proof) == Verdict("hold", "not_found_in_24_hours")
    conflict = replace(DOUBT, conflict=True)
    assert _judge(conflict, now=after, proof=proof) == Verdict("hold", "conflict")
    assert _judge(now=after - MINUTE, proof=proof).what == "absent"


def test_every_verdict_is_a_sentence_to_whoever_waits_for_it() -> None:
    quiet = replace(HISTORY, seen=())
    found = {
        _judge(now=CLOSED).why,
        _judge(history=replace(HISTORY, missing=True)).why,
        _judge(history=quiet).why,
        _judge(replace(DOUBT, sweeps=0)).why,
        _judge(replace(DOUBT, conflict=True)).why,
        _judge().why,
        _judge(now=ARMED + HOLD_AFTER).why,
    }
    assert found == set(WAITS)
    assert all(told.endswith(".") for told in WAITS.values())
