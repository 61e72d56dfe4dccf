"""The proof that a call was never placed: every condition of it, and who else decides."""

from tests.mutants.guard import Edit, Guard, guard

_ABSENCE = "dialer/rules/proof/absence.py"
_ABSENCES = "dialer/pipeline/reconciling/absences.py"
_CALL = "dialer/rules/call.py"
_CALLS = "dialer/store/dialing/calls.py"
_STORE = "dialer/store/reconciling/history.py"
_RULES = "rules/proof/absence_test.py"
_WITHOUT_ONE = f"{_RULES}::test_without_one_condition_it_is_not"

PROOF: tuple[Guard, ...] = (
    guard(
        "an_open_sender_counts_three_hours",
        "I8: a frozen sender could ring after its call was proven absent.",
        (
            _ABSENCE,
            "closed = doubt.closed_at or doubt.armed_at + UNCLOSED_SETTLE",
            "closed = doubt.closed_at or doubt.armed_at",
        ),
        f"{_RULES}::test_where_nobody_can_say_that_the_sender_is_done_three_hours_are_added",
        storm="FROZEN_AT_FIRST_BYTE",
    ),
    guard(
        "it_settles_since_its_closing",
        "I8: the settling of a call that was sent late would be over too soon.",
        (
            _ABSENCE,
            "closed = doubt.closed_at or doubt.armed_at + UNCLOSED_SETTLE",
            "closed = doubt.armed_at if doubt.closed_at else doubt.armed_at + UNCLOSED_SETTLE",
        ),
        f"{_RULES}::test_settling_takes_three_lags_since_the_closing",
        storm="FROZEN_AT_FIRST_BYTE",
    ),
    guard(
        "it_settles_for_three_lags",
        "I8: a call that is listed late would be proven absent.",
        (_ABSENCE, "max(least, 3 * lag)", "max(least, lag)"),
        f"{_RULES}::test_settling_takes_three_lags_since_the_closing",
    ),
    guard(
        "it_settles_for_15_minutes_at_least",
        "I8: a request that is processed minutes late would be proven absent.",
        (_ABSENCE, "max(least, 3 * lag)", "3 * lag"),
        f"{_RULES}::test_settling_is_never_shorter_than_the_least",
    ),
    guard(
        "the_least_settling_is_15_minutes",
        "I8: a setting could make the settling shorter than the protocol allows.",
        (
            "dialer/settings.py",
            "        default=15.0,\n        ge=15,\n",
            "        default=15.0,\n        ge=0,\n",
        ),
        "settings_test.py::test_the_settling_is_never_shorter_than_a_quarter_of_an_hour",
    ),
    guard(
        "balanced_settles_for_an_hour",
        "I8: without watermarks only time is left, and it would be too short.",
        (_ABSENCE, "max(least, BALANCED_SETTLE)", "least"),
        f"{_RULES}::test_the_balanced_proof_waits_an_hour_instead_of_watermarks",
    ),
    guard(
        "it_is_not_judged_before_it_settled",
        "I8: a call would be proven absent before it can be listed.",
        (
            _ABSENCE,
            '    if now < settled:\n        return Verdict("wait", "settling")\n',
            "",
        ),
        _WITHOUT_ONE,
    ),
    guard(
        "the_lag_takes_a_thousand_samples",
        "I8: a few quick calls would make the settling short.",
        (_ABSENCE, "LAG_SAMPLES = 1_000", "LAG_SAMPLES = 1"),
        f"{_RULES}::test_the_lag_is_ten_minutes_until_a_thousand_calls_measured_it",
    ),
    guard(
        "the_lag_is_long_until_it_is_measured",
        "I8: an unmeasured lag would count as short.",
        (
            _ABSENCE,
            "LAG_UNTIL_MEASURED = timedelta(minutes=10)",
            "LAG_UNTIL_MEASURED = timedelta(seconds=10)",
        ),
        f"{_RULES}::test_the_lag_is_ten_minutes_until_a_thousand_calls_measured_it",
    ),
    guard(
        "the_list_must_show_what_we_know",
        "I8: a list that lacks a call which the upstream accepted would be believed.",
        (
            _ABSENCE,
            (
                '    if proof == "strict" and history.missing:\n'
                '        return Verdict("wait", "known_call_missing")\n'
            ),
            "",
        ),
        _WITHOUT_ONE,
    ),
    guard(
        "the_list_must_be_alive",
        "I8: a list that stands still would prove that nothing was placed.",
        (
            _ABSENCE,
            "and not _alive(history, since=settled - 2 * history.lag):",
            "and not history:",
        ),
        _WITHOUT_ONE,
        storm="STALLED_LIST",
    ),
    guard(
        "a_second_watermark",
        "I8: one watermark may have been listed just before the list stood still.",
        (
            _ABSENCE,
            "return any(armed >= first + history.lag for armed, _ in history.seen)",
            "return True",
        ),
        _WITHOUT_ONE,
    ),
    guard(
        "watermarks_count_from_the_settlings_end",
        "I8: with a short lag they would come before a request that is processed late.",
        (
            _ABSENCE,
            "_alive(history, since=settled - 2 * history.lag)",
            "_alive(history, since=(doubt.closed_at or settled) + history.lag)",
        ),
        f"{_RULES}::test_a_short_lag_does_not_let_watermarks_count_that_came_before_the_settling",
        storm="QUIET_STALL",
    ),
    guard(
        "watermarks_are_told_by_our_clock",
        "I8: an upstream whose clock is ahead would make an early call pass for a later one.",
        (
            _STORE,
            'return [(row["armed_at"], row["seen_at"]) for row in found]',
            'return [(row["armed_at"] + timedelta(hours=1), row["seen_at"]) for row in found]',
        ),
        "pipeline/reconciling/absences_test.py::"
        "test_two_watermarks_count_by_our_clock_however_far_ahead_the_upstreams_is",
    ),
    guard(
        "three_sweeps",
        "I8: one reading of a copy that is hours old would be proof.",
        (_ABSENCE, "SWEEPS_NEEDED = 3", "SWEEPS_NEEDED = 1"),
        "pipeline/reconciling/absences_test.py::"
        "test_a_settled_doubt_is_absent_after_three_complete_sweeps_and_not_before",
        storm="STALE_COPY",
    ),
    guard(
        "sweeps_are_a_minute_apart",
        "I8: three readings of one moment would count as three.",
        (
            _ABSENCES,
            "SWEEP_EVERY = timedelta(minutes=1)",
            "SWEEP_EVERY = timedelta(0)",
        ),
        "pipeline/reconciling/absences_test.py::"
        "test_a_settled_doubt_is_absent_after_three_complete_sweeps_and_not_before",
    ),
    guard(
        "of_two_sweeps_at_once_one_counts",
        "I8: three readers of one moment would prove an absence.",
        (
            _STORE,
            "AND calls.swept_at IS NOT DISTINCT FROM was.swept_at",
            "",
        ),
        "store/reconciling/history_test.py::test_of_sweeps_that_were_judged_at_once_one_counts",
    ),
    guard(
        "a_sweep_from_before_the_closing_does_not_count",
        "I8: what was read before the last byte was sent would be proof.",
        (
            _STORE,
            "AND calls.closed_at IS NOT DISTINCT FROM was.closed_at THEN 1",
            "THEN 1",
        ),
        "store/reconciling/history_test.py::test_a_sweep_that_was_judged_before_the_closing_counts_for_nothing",
    ),
    guard(
        "an_incomplete_sweep_does_not_count",
        "I8: a sweep that may have missed the call would be proof.",
        (
            _ABSENCES,
            "counted = counting if reading.complete else ()",
            "counted = counting",
        ),
        "pipeline/reconciling/absences_test.py::test_a_sweep_that_may_have_missed_something_proves_nothing",
    ),
    guard(
        "a_sweep_that_found_it_does_not_count",
        "I8: a call that was just found would come nearer to its proof of absence.",
        (
            _ABSENCES,
            'missed = [call for call in group if call["id"] not in matched]',
            "missed = list(group)",
        ),
        "pipeline/reconciling/absences_test.py::test_a_sweep_that_finds_the_call_hands_it_back",
    ),
    guard(
        "a_409_is_never_absent",
        "I8: a call that the upstream hinted at would be proven absent.",
        (
            _ABSENCE,
            '    if doubt.conflict:\n        return Verdict("wait", "conflict")\n',
            "",
        ),
        "pipeline/reconciling/absences_test.py::test_a_conflict_is_never_absent",
        storm="CONFLICTS",
    ),
    guard(
        "after_a_day_a_person_decides",
        "I3: a lead whose call can't be proven would wait for ever.",
        (
            _ABSENCE,
            "HOLD_AFTER = timedelta(hours=24)",
            "HOLD_AFTER = timedelta(days=24)",
        ),
        "pipeline/reconciling/absences_test.py::"
        "test_without_watermarks_a_strict_doubt_waits_and_is_held_after_a_day",
    ),
    guard(
        "it_is_still_as_it_was_judged",
        "I8: a sender that closes the call anew between the judgement and now is not heard.",
        (
            _CALLS,
            """        and row["closed_at"] == call["closed_at"]
        and row["sweeps"] == call["sweeps"]
""",
            "",
        ),
        "store/dialing/calls_test.py::test_a_call_that_changed_since_it_was_judged_is_not_as_judged",
    ),
    guard(
        "only_the_armed_run_closes",
        "I8: a run that never sent would vouch for one that may still send.",
        (
            _CALLS,
            "WHERE id = :id AND state = 'unknown' AND closed_at IS NULL AND fence = :fence",
            (
                "WHERE id = :id AND state = 'unknown' AND closed_at IS NULL"
                " AND CAST(:fence AS bigint) IS NOT NULL"
            ),
        ),
        "pipeline/intake/hostile_interleavings_test.py::"
        "test_a_run_that_did_not_arm_a_call_proves_nothing_about_its_sender",
    ),
    guard(
        "sweeps_count_from_the_closing",
        "I8: sweeps made while the sender could still send would be proof.",
        (
            _CALLS,
            "UPDATE calls SET closed_at = outdial_now(), closed_by = 'sender', sweeps = 0,",
            "UPDATE calls SET closed_at = outdial_now(), closed_by = 'sender',",
        ),
        "pipeline/intake/hostile_interleavings_test.py::test_sweeps_made_before_the_closing_do_not_count",
    ),
    guard(
        "a_dead_senders_sweeps_count_from_its_burial",
        "I8: sweeps made before its worker's death would be proof.",
        (
            _CALLS,
            "closed_by = 'worker_death', sweeps = 0",
            "closed_by = 'worker_death'",
        ),
        "pipeline/settling/tidy_test.py::test_sweeps_made_before_a_burial_do_not_count",
    ),
    guard(
        "a_silent_sender_is_not_closed",
        "I8: a sender that is only frozen would count as done.",
        (
            "dialer/pipeline/settling/settle.py",
            'closed_at=NOW if by else text("closed_at"),',
            "closed_at=NOW,",
        ),
        "pipeline/settling/tidy_test.py::"
        "test_an_armed_call_without_an_answer_becomes_unknown_and_stays_unclosed",
    ),
    guard(
        "a_frozen_worker_is_not_dead",
        "I8: a worker that is only frozen would be buried, and ring afterwards.",
        (
            "workers/slots.py",
            """            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                continue
            former""",
            """            former""",
        ),
        "workers/slots_test.py::test_a_frozen_worker_is_not_abandoned",
    ),
    guard(
        "a_proof_of_death_is_kept_until_the_burial",
        "I3: a crash between both would leave the dead worker's calls unclosed for ever.",
        (
            "workers/slots.py",
            """                yield former
                file.seek(0)
                file.truncate()
""",
            """                file.seek(0)
                file.truncate()
                yield former
""",
        ),
        "workers/slots_test.py::test_a_burial_that_fails_keeps_the_proof",
    ),
    guard(
        "a_call_looked_for_too_early_is_not_missing",
        "A healthy list would look as if it lacked a call, and nothing be ever proven.",
        (
            _STORE,
            "AND looked_at > answered_at + CAST(:older AS interval)",
            "AND answered_at < outdial_now() - CAST(:older AS interval)",
        ),
        "store/reconciling/history_test.py::test_a_list_lacks_a_call_only_if_it_was_looked_for",
    ),
    guard(
        "the_lag_is_that_of_early_looks",
        "A call first seen when it had ended would make the lag long, and every proof late.",
        (
            _STORE,
            "percentile_cont(0.999) WITHIN GROUP (ORDER BY lag) FILTER (WHERE early) AS early_lag",
            "percentile_cont(0.999) WITHIN GROUP (ORDER BY lag) AS early_lag",
        ),
        "store/reconciling/history_test.py::"
        "test_those_seen_early_are_measured_apart_from_those_that_only_bound_it",
    ),
    Guard(
        "one_decision_counts",
        "I1: two people at once would contradict each other, or have a number called twice.",
        (
            Edit(_CALL, "_S.ENDED: frozenset(),", "_S.ENDED: frozenset({_S.ENDED, _S.ABSENT}),"),
            Edit(_CALL, "_S.ABSENT: frozenset(),", "_S.ABSENT: frozenset({_S.ENDED, _S.ABSENT}),"),
        ),
        ("pipeline/settling/decide_test.py::test_of_twenty_decisions_at_once_one_is_made",),
    ),
    guard(
        "only_what_waits_for_a_person_is_decided",
        "I8: a person could deny a call that is on the line.",
        (
            "dialer/pipeline/settling/decide.py",
            "call = await _close(conn, was, verdict) if state in DECIDABLE else None",
            "call = await _close(conn, was, verdict)",
        ),
        "pipeline/settling/decide_test.py::test_only_a_doubtful_call_is_decided",
    ),
)
