"""The retry plan: what comes after each outcome, and what can't be planned."""

from datetime import UTC, datetime, timedelta

import pytest

from dialer.rules.cadence import (
    DEFAULT_DELAYS,
    MAX_ATTEMPTS,
    MAX_DELAY_MINUTES,
    Cadence,
    CallAgain,
    Finish,
    plan,
)
from dialer.rules.outcome import OUTCOMES, Outcome

ENDED = datetime(2026, 3, 3, 17, tzinfo=UTC)
NO_ANSWER = Outcome("no_answer", retryable=True, counts=True)


def _plan(outcome: Outcome, *, attempts: int = 1, same: int = 1, max_attempts: int = 4) -> object:
    cadence = Cadence(max_attempts)
    return plan(cadence, outcome=outcome, attempts=attempts, same=same, ended_at=ENDED)


@pytest.mark.parametrize(("same", "minutes"), [(1, 30), (2, 240), (3, 1440)])
def test_each_repetition_waits_its_own_time(same: int, minutes: int) -> None:
    found = _plan(NO_ANSWER, attempts=same, same=same)
    assert found == CallAgain(ENDED + timedelta(minutes=minutes))


def test_the_end_of_the_list_is_the_end_of_trying() -> None:
    assert _plan(NO_ANSWER, attempts=4, same=4, max_attempts=20) == Finish("attempts_exhausted")


def test_the_last_attempt_is_the_last() -> None:
    assert _plan(NO_ANSWER, attempts=3, max_attempts=3) == Finish("attempts_exhausted")
    assert _plan(NO_ANSWER, attempts=2, max_attempts=3) == CallAgain(ENDED + timedelta(minutes=30))


def test_another_outcome_starts_its_own_list() -> None:
    busy = Outcome("busy", retryable=True, counts=True)
    assert _plan(busy, attempts=3, same=1) == CallAgain(ENDED + timedelta(minutes=10))


@pytest.mark.parametrize("name", ["completed", "opted_out", "wrong_number", "invalid_number"])
def test_a_final_outcome_finishes_with_its_name(name: str) -> None:
    assert _plan(Outcome(name, retryable=False, counts=True)) == Finish(name)


def test_an_outcome_that_the_table_forbids_is_never_retried_by_a_cadence() -> None:
    cadence = Cadence(delays={"opted_out": (1,)})
    final = Outcome("opted_out", retryable=False, counts=True)
    found = plan(cadence, outcome=final, attempts=1, same=1, ended_at=ENDED)
    assert found == Finish("opted_out")


def test_an_outcome_without_delays_finishes() -> None:
    assert _plan(Outcome("blocked", retryable=True, counts=True)) == Finish("blocked")


def test_a_call_that_was_not_counted_yet_takes_the_first_delay() -> None:
    assert _plan(NO_ANSWER, same=0) == CallAgain(ENDED + timedelta(minutes=30))


def test_the_defaults_name_known_outcomes_and_are_themselves_a_good_plan() -> None:
    assert set(DEFAULT_DELAYS) <= OUTCOMES
    assert Cadence.parse({}) == Cadence(4, dict(DEFAULT_DELAYS))


def test_a_plan_survives_storage() -> None:
    given = Cadence(7, {"busy": (1, 2, MAX_DELAY_MINUTES), "no_answer": ()})
    assert Cadence.parse(given.as_dict()) == given


@pytest.mark.parametrize("attempts", [1, MAX_ATTEMPTS])
def test_the_bounds_of_attempts_are_in_range(attempts: int) -> None:
    assert Cadence.parse({"max_attempts": attempts}).max_attempts == attempts


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"max_attempts": 0}, "max_attempts must be a whole number from 1 to 20"),
        ({"max_attempts": 21}, "max_attempts"),
        ({"max_attempts": "4"}, "max_attempts"),
        ({"max_attempts": 2.5}, "max_attempts"),
        ({"max_attempts": True}, "max_attempts"),
        ({"max_attempts": None}, "max_attempts"),
        ({"delays": [1, 2]}, "delays must map an outcome to a list of minutes"),
        ({"delays": {"nobody_home": [1]}}, "'nobody_home' is not an outcome; known: "),
        ({"delays": {"busy": "10"}}, "the delays of busy must be a list of minutes"),
        ({"delays": {"busy": 10}}, "the delays of busy must be a list of minutes"),
        ({"delays": {"busy": [0]}}, "busy: 0 is not 1 to 86400 minutes"),
        ({"delays": {"busy": [86_401]}}, "busy: 86401 is not"),
        ({"delays": {"busy": [1.5]}}, "busy: 1.5 is not"),
        ({"delays": {"busy": ["10"]}}, "busy: '10' is not"),
        ({"delays": {"busy": [True]}}, "busy: True is not"),
        ({"delays": {"busy": [1] * 21}}, "busy has 21 delays; at most 20 can be used"),
        ({"max_attemps": 3}, "'max_attemps' is no part of a cadence"),
    ],
)
def test_a_bad_plan_says_what_is_wrong(given: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=r".") as raised:
        Cadence.parse(given)
    assert message in str(raised.value)
