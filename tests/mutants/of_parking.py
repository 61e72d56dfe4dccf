"""Who is parked spends nothing, and comes back one call at a time."""

from tests.mutants.guard import Guard, guard

_RULES = "dialer/rules/breaker.py"
_STORE = "dialer/store/dialing/probation.py"
_BREAKER = "pipeline/upstream/breaker_test.py"

PARKING: tuple[Guard, ...] = (
    guard(
        "half_of_ten_opens_the_breaker",
        "A platform that fails would be asked on and on, and every call left in doubt.",
        (_RULES, "return window.answered >= LEAST and", "return window.answered > 10**9 and"),
        "rules/breaker_test.py::test_it_opens_when_half_of_at_least_ten_went_wrong",
    ),
    guard(
        "a_few_answers_open_nothing",
        "One bad answer would silence a lane.",
        (_RULES, "LEAST = 10\n", "LEAST = 1\n"),
        "rules/breaker_test.py::test_it_opens_when_half_of_at_least_ten_went_wrong",
    ),
    guard(
        "a_probe_that_fails_opens_it_again",
        "After a rest, ten calls would go wrong each time instead of one.",
        (
            _RULES,
            "    if ramp == ONE_CALL:\n        return True\n    return window",
            "    return window",
        ),
        "rules/breaker_test.py::test_a_probe_that_fails_opens_it_again_whatever_the_window_says",
    ),
    guard(
        "the_worst_lane_is_left_out",
        "One bad agent would silence the whole organization.",
        (
            _RULES,
            (
                "return opens(whole, ramp=ramp) and others.bad > 0 and"
                " others.bad * 2 >= others.answered"
            ),
            "return opens(whole, ramp=ramp)",
        ),
        "rules/breaker_test.py::"
        "test_an_organization_is_parked_where_it_looks_as_bad_without_its_worst_lane",
    ),
    guard(
        "late_answers_of_before_fail_no_probe",
        "Answers to calls from before the rest would make the next one longer.",
        (
            _STORE,
            """        WHERE ca.id = :id AND a.parked_reason IS NULL
          AND ca.claimed_at >= coalesce(a.probation_from, '-infinity')
        \"\"\",
        id=call_id,
        seconds=seconds,""",
            """        WHERE ca.id = :id AND a.parked_reason IS NULL
        \"\"\",
        id=call_id,
        seconds=seconds,""",
        ),
        "store/dialing/probation_test.py::"
        "test_a_late_answer_of_before_the_rest_widens_nothing_and_opens_nothing",
    ),
    guard(
        "late_answers_of_before_widen_nothing",
        "A call accepted before the rest would let others follow before the probe.",
        (
            _STORE,
            """        WHERE ca.id = :id AND a.parked_reason IS NULL
          AND ca.claimed_at >= coalesce(a.probation_from, '-infinity')
        FOR NO KEY UPDATE OF a""",
            """        WHERE ca.id = :id AND a.parked_reason IS NULL
        FOR NO KEY UPDATE OF a""",
        ),
        "store/dialing/probation_test.py::"
        "test_a_late_answer_of_before_the_rest_widens_nothing_and_opens_nothing",
    ),
    guard(
        "probation_has_one_place",
        "I6: two claims at once would both let the probe through.",
        (
            _STORE,
            '"SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))"',
            '"SELECT hashtextextended(:key, 0)"',
        ),
        "store/dialing/probation_test.py::"
        "test_who_asks_for_the_last_place_waits_until_the_other_has_claimed",
    ),
    guard(
        "a_probe_is_judged_before_the_next",
        "A second probe would go out before the first one's answer is judged.",
        (_STORE, "UNJUDGED_SECONDS = 2.0", "UNJUDGED_SECONDS = 0.0"),
        f"{_BREAKER}::test_a_probe_that_went_wrong_blocks_the_next_until_it_is_judged",
    ),
    guard(
        "a_lane_opens_once",
        "Answers that come together would each make the rest longer.",
        (
            _STORE,
            "WHERE id = :id AND parked_reason IS NULL AND breaker_trips = :trips",
            "WHERE id = :id AND CAST(:trips AS int) >= 0",
        ),
        "store/dialing/probation_test.py::test_an_open_breaker_is_not_opened_again",
    ),
    guard(
        "the_trips_are_those_that_were_judged",
        "An answer judged before the rest could open a lane anew right after it.",
        (
            _STORE,
            "WHERE id = :id AND parked_reason IS NULL AND breaker_trips = :trips",
            "WHERE id = :id AND parked_reason IS NULL AND CAST(:trips AS int) >= 0",
        ),
        "store/dialing/probation_test.py::test_what_was_judged_before_a_rest_opens_nothing_after_it",
    ),
    guard(
        "a_rest_that_was_asked_for_is_waited_out",
        "A Retry-After would be cut short by whatever else is found.",
        (
            "dialer/store/dialing/agents.py",
            """                parked_reason NOT IN ('rate_limited', 'breaker_open')
                OR probe_at <= outdial_now()
""",
            "                true\n",
        ),
        "store/dialing/parking_test.py::test_a_rest_that_was_asked_for_is_not_cut_short",
        "pipeline/intake/hostile_interleavings_test.py::"
        "test_a_refusal_beside_a_rate_limit_does_not_lift_the_wait",
    ),
    guard(
        "a_lane_comes_back_with_one_call",
        "A lane would come back at full width to a platform that still fails.",
        (
            "dialer/store/dialing/agents.py",
            "SET parked_reason = NULL, parked_at = NULL, probe_at = NULL, ramp = 1",
            "SET parked_reason = NULL, parked_at = NULL, probe_at = NULL, ramp = NULL",
        ),
        "store/dialing/parking_test.py::test_a_parked_lane_starts_again_with_one_call",
    ),
    guard(
        "reading_an_agent_disproves_no_403",
        "A key that may read and not call would be tried again and again.",
        (
            "dialer/store/organizations.py",
            "parked_reason NOT IN ('forbidden', 'call_unauthorized', 'breaker_open')",
            "parked_reason <> 'breaker_open'",
        ),
        "store/dialing/parking_test.py::"
        "test_what_reading_an_agent_cannot_disprove_parks_for_its_whole_time",
    ),
    guard(
        "an_unreadable_agent_is_a_closed_gate",
        "An agent that can't be read would be rung through.",
        (
            "dialer/pipeline/upstream/duty.py",
            "        await _unreadable(context, lane, error)\n        return False\n",
            "        await _unreadable(context, lane, error)\n        return True\n",
        ),
        "pipeline/upstream/duty_test.py::test_an_agent_that_cannot_be_read_is_a_closed_gate",
    ),
    guard(
        "an_unexplained_refusal_is_believed_twice",
        "I3: an agent off duty for a moment would finish leads.",
        ("dialer/pipeline/dialing/answers.py", "REFUSALS_BELIEVED = 2", "REFUSALS_BELIEVED = 1"),
        "pipeline/dialing/answers_test.py::"
        "test_a_400_that_the_agent_does_not_explain_refuses_the_number_the_second_time",
    ),
    guard(
        "three_unexplained_refusals_park",
        "I3: a wrong set-up would finish one lead after the other.",
        (
            "dialer/pipeline/dialing/answers.py",
            "if count >= following.FAULTS_THAT_PARK:",
            "if count >= following.FAULTS_THAT_PARK + 100:",
        ),
        "pipeline/dialing/answers_test.py::test_three_unexplained_refusals_in_a_row_park_the_campaign",
    ),
)
