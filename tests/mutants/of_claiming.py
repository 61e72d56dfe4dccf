"""The claim: within every limit, by whoever came first, and nothing behind a closed gate."""

from tests.mutants.guard import Guard, guard

_CLAIM = "dialer/pipeline/dialing/claim.py"
_LANE = "dialer/pipeline/dialing/lane.py"
_PACERS = "dialer/store/dialing/pacers.py"

CLAIMING: tuple[Guard, ...] = (
    guard(
        "a_due_lead_is_taken_by_one",
        "I6: claims at once would wait for each other's leads, or take them twice.",
        (
            "dialer/store/dialing/queue.py",
            "ORDER BY leads.due_at LIMIT :limit FOR UPDATE SKIP LOCKED",
            "ORDER BY leads.due_at LIMIT :limit",
        ),
        "store/intake/leads_test.py::test_a_due_lead_is_taken_by_one_and_passed_over_by_others",
    ),
    guard(
        "pacers_are_locked",
        "I6: claims at once would each see the last place free.",
        (
            _PACERS,
            "ORDER BY level, subject_id FOR UPDATE",
            "ORDER BY level, subject_id",
        ),
        "pipeline/dialing/claim_test.py::test_fifty_claims_at_once_for_the_last_slot_give_one_call",
        "pipeline/dialing/claim_test.py::test_claims_at_once_share_one_pace",
    ),
    guard(
        "pacers_are_locked_in_one_order",
        "Lanes that share limits would block each other for ever.",
        (
            _PACERS,
            "ORDER BY level, subject_id FOR UPDATE",
            "ORDER BY array_position(CAST(:subjects AS uuid[]), subject_id) FOR UPDATE",
        ),
        "store/dialing/pacers_test.py::test_pacers_are_locked_in_one_order_whoever_asks",
    ),
    guard(
        "pace_is_debited",
        "I6: each claim would begin again at the first slot.",
        (
            _CLAIM,
            "    await pacers.debit(conn, lane.next_at, lane.shares(due))\n",
            "",
        ),
        "pipeline/dialing/claim_test.py::test_claims_at_once_share_one_pace",
    ),
    guard(
        "concurrency_is_counted",
        "I6: more calls at once than the cap.",
        (
            _LANE,
            "if cap is not None and self.held.get(subject, 0) >= cap:",
            "if cap is not None and cap < 1:",
        ),
        "pipeline/dialing/claim_test.py::test_a_cap_at_any_level_holds_over_lanes_and_campaigns",
    ),
    guard(
        "calls_in_doubt_hold_their_slot",
        "I6: a call that may ring would not count.",
        (
            _PACERS,
            "AND state IN ('claimed', 'dialing', 'placed', 'live', 'unknown')",
            "AND state IN ('dialing', 'placed', 'live')",
        ),
        "pipeline/dialing/claim_test.py::test_a_slot_is_free_again_when_its_call_ends_or_its_time_is_over",
        "pipeline/dialing/claim_test.py::test_fifty_claims_at_once_for_the_last_slot_give_one_call",
    ),
    guard(
        "slots_are_a_little_wider",
        "I6: jitter could squeeze one ring too many into a minute.",
        ("dialer/rules/pacing.py", "MARGIN = 1.01", "MARGIN = 1.0"),
        "rules/pacing_test.py::test_lateness_cannot_squeeze_a_ring_too_many_into_a_minute",
    ),
    guard(
        "a_quarantine_shuts_the_claim",
        "I8: after a restore new calls would go out beside those that were lost.",
        (
            _LANE,
            "return bool(restored or paused or parked or",
            "return bool((restored and False) or paused or parked or",
        ),
        "pipeline/dialing/claim_test.py::test_nothing_is_claimed_where_a_gate_is_shut_or_unread",
    ),
    guard(
        "unread_duty_shuts_the_claim",
        "An agent whose duty nobody has read would be rung through.",
        (
            _LANE,
            'not (row["deployed"] and row["on_duty"])',
            'row["on_duty"] is False',
        ),
        "pipeline/dialing/claim_test.py::test_nothing_is_claimed_where_a_gate_is_shut_or_unread",
    ),
    guard(
        "a_campaign_keeps_to_its_own_limits",
        "A campaign would call on past its day's calls, its calls in all, or its budget.",
        (
            _LANE,
            "return left is not None and self.made[campaign_id] >= left.calls",
            "return left is not None and left.calls < 0",
        ),
        "pipeline/dialing/claim_limits_test.py::test_any_number_of_claims_keep_to_the_calls_of_a_day",
        "pipeline/dialing/claim_limits_test.py::test_a_budget_holds_what_calls_in_progress_may_cost",
    ),
    guard(
        "what_is_settled_is_added_up_once",
        "A campaign would count calls twice, and stop before its limit.",
        (
            "dialer/store/dialing/tallies.py",
            'if turn is None or not turn["mine"]:',
            "if turn is None:",
        ),
        "pipeline/dialing/claim_limits_test.py::test_what_is_added_up_for_good_changes_no_figure",
    ),
)
