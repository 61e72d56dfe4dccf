"""What can be planned, in both shapes, and what is refused at save time with what to do."""

import pytest

from dialer.rules.calling.hours import ALWAYS, WeeklyHours
from dialer.rules.outcomes.cadence import (
    ALWAYS_STOP,
    DEFAULT_STEPS,
    DEFAULT_STOP,
    MAX_DELAY_MINUTES,
    TECHNICAL,
    Cadence,
    Step,
)
from dialer.rules.outcomes.outcome import OUTCOMES, Outcome

MORNINGS = WeeklyHours({"monday": [["09:00", "12:00"]], "friday": [["08:00", "11:30"]]})

EARLIER_DELAYS = {
    "no_answer": [30, 240, 1440],
    "busy": [10, 60, 240],
    "voicemail": [1440],
    "callback_requested": [120],
    "failed": [15, 60],
    "capacity": [5, 15, 60],
    "unknown": [1440],
}
"""What campaigns have stored that were planned in the earlier shape."""


def test_nothing_given_is_the_default() -> None:
    assert Cadence.parse({}) == Cadence()
    assert Cadence().max_attempts == 6
    assert set(DEFAULT_STEPS) | DEFAULT_STOP == OUTCOMES
    assert not set(DEFAULT_STEPS) & DEFAULT_STOP


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"max_attempts": 20, "per_day": 10, "max_voicemails": 20, "max_technical": 20},
        {"by_outcome": {"busy": [{"after_minutes": 1, "part": "evening"}, 5], "no_answer": []}},
        {"technical": ["failed"], "stop_on": ["completed"]},
        {"max_attempts": 3, "delays": {"no_answer": [30, 240], "busy": [10]}},
        {"delays": {"opted_out": [1], "completed": [60]}},
        {"max_attempts": 4, "delays": EARLIER_DELAYS},
    ],
)
def test_a_plan_survives_storage(given: dict[str, object]) -> None:
    cadence = Cadence.parse(given)
    assert Cadence.parse(cadence.as_dict()) == cadence


def test_the_earlier_shape_keeps_its_meaning() -> None:
    cadence = Cadence.parse({"max_attempts": 3, "delays": {"no_answer": [30, 240]}})
    assert cadence.max_attempts == 3
    assert cadence.by_outcome == {"no_answer": (Step(30), Step(240))}


def test_a_delay_of_the_earlier_shape_lifts_a_usual_stop_but_never_an_opt_out() -> None:
    cadence = Cadence.parse({"delays": {"completed": [60], "opted_out": [1]}})
    assert "completed" not in cadence.stop_on
    assert cadence.stop_on >= ALWAYS_STOP
    assert "opted_out" not in cadence.by_outcome


def test_what_must_end_the_trying_is_added_to_every_stop_list() -> None:
    assert Cadence.parse({"stop_on": []}).stop_on == ALWAYS_STOP


def test_technical_failures_are_outside_the_count() -> None:
    cadence = Cadence()
    assert not cadence.counts(Outcome("failed", retryable=True, counts=True))
    assert not cadence.counts(Outcome("config_error", retryable=False, counts=False))
    assert cadence.counts(Outcome("busy", retryable=True, counts=True))
    assert Cadence.parse({"technical": []}).counts(Outcome("failed", retryable=True, counts=True))
    assert TECHNICAL <= OUTCOMES


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"max_attempts": 0}, "max_attempts must be a whole number from 1 to 20"),
        ({"max_attempts": 21}, "max_attempts"),
        ({"max_attempts": True}, "max_attempts"),
        ({"max_attempts": None}, "max_attempts"),
        ({"per_day": 11}, "per_day must be a whole number from 1 to 10"),
        ({"max_voicemails": 0}, "max_voicemails must be a whole number from 1 to 20"),
        ({"max_technical": 2.5}, "max_technical must be"),
        ({"max_attemps": 3}, "'max_attemps' is no part of a cadence; did you mean max_attempts?"),
        ({"zzz": 3}, "'zzz' is no part of a cadence; known: "),
        ({"by_outcome": {}, "delays": {}}, "give by_outcome alone"),
        ({"by_outcome": [1]}, "by_outcome must map an outcome to a list of steps"),
        ({"delays": [1]}, "delays must map"),
        (
            {"by_outcome": {"no_anser": [1]}},
            "by_outcome.no_anser: 'no_anser' is not an outcome; did you mean no_answer?",
        ),
        ({"by_outcome": {"busy": "10"}}, "by_outcome.busy must be a list of steps"),
        ({"by_outcome": {"busy": 10}}, "by_outcome.busy must be a list of steps"),
        ({"by_outcome": {"busy": [1] * 21}}, "by_outcome.busy has 21 steps; at most 20"),
        ({"by_outcome": {"busy": [5, 0]}}, "by_outcome.busy, step 2: after_minutes must be a"),
        ({"by_outcome": {"busy": [MAX_DELAY_MINUTES + 1]}}, "from 1 to 86400, not 86401"),
        ({"by_outcome": {"busy": [True]}}, "after_minutes must be"),
        ({"by_outcome": {"busy": ["10"]}}, "not '10'"),
        ({"by_outcome": {"busy": [{}]}}, "after_minutes must be a whole number"),
        (
            {"by_outcome": {"busy": [{"after_minutes": 5, "part": "evning"}]}},
            "by_outcome.busy, step 1: 'evning' is no part of the day; did you mean evening?",
        ),
        ({"by_outcome": {"busy": [{"after_minutes": 5, "part": ["any"]}]}}, "no part of the day"),
        (
            {"by_outcome": {"busy": [{"after_minute": 5}]}},
            "'after_minute' is no part of it; did you mean after_minutes?",
        ),
        ({"by_outcome": {"opted_out": [5]}}, "by_outcome.opted_out can never fire"),
        (
            {"by_outcome": {"completed": [5]}, "stop_on": ["completed"]},
            "by_outcome.completed can never fire, because stop_on names completed too",
        ),
        ({"stop_on": "completed"}, "stop_on must be a list of outcomes"),
        ({"stop_on": ["complete"]}, "stop_on: 'complete' is not an outcome; did you mean complet"),
        ({"technical": [["failed"]]}, "technical: ['failed'] is not an outcome"),
        ({"technical": 3}, "technical must be a list of outcomes"),
    ],
)
def test_a_bad_plan_says_what_is_wrong(given: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=r".") as raised:
        Cadence.parse(given)
    assert message in str(raised.value)


def test_long_input_is_quoted_shortly() -> None:
    for given in ({"x" * 9000: 1}, {"by_outcome": {"busy": ["y" * 9000]}}):
        with pytest.raises(ValueError, match=r".") as raised:
            Cadence.parse(given)
        assert len(str(raised.value)) < 400


def test_a_step_that_the_campaigns_hours_never_reach_is_refused() -> None:
    cadence = Cadence.parse(
        {"by_outcome": {"busy": [5, {"after_minutes": 60, "part": "evening"}]}}
    )
    with pytest.raises(ValueError, match=r"by_outcome.busy, step 2: .* evening") as raised:
        cadence.check_against(MORNINGS)
    assert "use morning or any" in str(raised.value)
    cadence.check_against(WeeklyHours(ALWAYS))


def test_a_part_that_only_the_stop_margin_reaches_does_not_open() -> None:
    step = {"after_minutes": 60, "part": "afternoon"}
    cadence = Cadence.parse({"by_outcome": {"busy": [step]}})
    with pytest.raises(ValueError, match="afternoon"):
        cadence.check_against(WeeklyHours({"monday": [["09:00", "12:01"]]}))
    cadence.check_against(WeeklyHours({"monday": [["09:00", "12:02"]]}))


def test_steps_that_say_any_or_other_fit_all_hours() -> None:
    Cadence().check_against(MORNINGS)
    Cadence(by_outcome={"completed": (Step(1, "evening"),)}).check_against(MORNINGS)
