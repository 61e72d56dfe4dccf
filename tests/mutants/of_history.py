"""Reading the history: what is complete, what is in order, and whose call is whose."""

from tests.mutants.guard import Guard, guard

_HISTORY = "dialer/pipeline/reconciling/history.py"
_MATCHING = "dialer/rules/proof/matching.py"
_REFUSAL = "dialer/rules/proof/refusal.py"
_SWEEPS = "pipeline/reconciling/history_test.py"

HISTORY: tuple[Guard, ...] = (
    guard(
        "a_slice_is_halved_until_it_fits",
        "I8: a page more than fits would be taken for all there is.",
        (
            _HISTORY,
            "    if page.total <= len(page.items) + page.malformed:\n",
            "    if page.total >= 0:\n",
        ),
        f"{_SWEEPS}::test_a_slice_that_does_not_fit_is_halved_until_it_does",
    ),
    guard(
        "two_passes_must_agree",
        "I8: a list that moves while it is paged would be taken for all there is.",
        (
            _HISTORY,
            "        if before == seen:\n            return\n",
            "        if seen is not None:\n            return\n",
        ),
        f"{_SWEEPS}::test_what_fits_no_slice_is_read_until_two_passes_agree",
    ),
    guard(
        "passes_that_never_agree_prove_nothing",
        "I8: a sweep that may have missed a call would count.",
        (
            _HISTORY,
            "        before = seen\n    reading.complete = False\n",
            "        before = seen\n",
        ),
        f"{_SWEEPS}::test_passes_that_never_agree_make_an_incomplete_sweep",
    ),
    guard(
        "what_cannot_be_read_leaves_a_sweep_incomplete",
        "I8: the one record that can't be read may be the call.",
        (
            _HISTORY,
            "self.complete = self.complete and not page.malformed",
            "self.complete = bool(self.complete)",
        ),
        "pipeline/reconciling/absences_test.py::test_a_sweep_that_may_have_missed_something_proves_nothing",
    ),
    guard(
        "slices_overlap",
        "I8: a call that starts on the edge of two slices would be in neither.",
        (
            _HISTORY,
            "start=start - OVERLAP, end=end + OVERLAP)",
            "start=start, end=end)",
        ),
        f"{_SWEEPS}::test_slices_overlap_and_filter_no_status",
    ),
    guard(
        "a_sweep_filters_no_status",
        "I8: a call that is in progress would be missed.",
        (
            _HISTORY,
            'query = CallQuery(page_size=PAGE, type="OUTBOUND", start=start - OVERLAP',
            'query = CallQuery(status="COMPLETED", page_size=PAGE, start=start - OVERLAP',
        ),
        f"{_SWEEPS}::test_slices_overlap_and_filter_no_status",
    ),
    guard(
        "what_has_no_start_is_looked_at",
        "I8: a call that is scheduled or has just begun may have no start yet.",
        (
            _HISTORY,
            "        await _until_stable(fetch, reading, query)\n    return reading\n",
            "        del query\n    return reading\n",
        ),
        f"{_SWEEPS}::test_a_call_that_has_no_start_yet_is_found",
    ),
    guard(
        "a_status_never_goes_backwards",
        "I9: a page of an older copy would make an ended call live again.",
        (
            _HISTORY,
            "if was is None or _rank(item) >= _rank(was):",
            "if was is None or item is not was:",
        ),
        f"{_SWEEPS}::test_a_status_never_moves_backwards",
    ),
    guard(
        "the_log_is_checked_to_be_in_order",
        "I5: in a list of another order, pages that are never read again would hide ends.",
        (
            "dialer/rules/proof/reading.py",
            "elif over or (last is not None and at < last):",
            "elif over and not over:",
        ),
        "rules/proof/reading_test.py::test_a_page_of_the_log_begins_with_ends_in_order",
        "pipeline/reconciling/log_test.py::test_a_list_in_another_order_is_no_log_and_shows_what_it_shows",
    ),
    guard(
        "a_match_has_our_number",
        "I5: any call of the agent's would be taken for ours.",
        (
            _MATCHING,
            'if item.type not in (None, "OUTBOUND") or item.customer_number != call.phone:',
            'if item.type not in (None, "OUTBOUND"):',
        ),
        "rules/proof/matching_test.py::test_a_listed_call_fits",
    ),
    guard(
        "a_match_is_linked_to_no_other_call",
        "I5: the ring of one call would explain another, which may ring again.",
        (
            _MATCHING,
            "    for number in taken:\n        free.pop(number, None)\n",
            "",
        ),
        "rules/proof/matching_test.py::test_a_call_that_is_ours_already_is_no_match",
    ),
    guard(
        "a_listed_call_explains_one_doubt",
        "I5: one ring would explain two calls.",
        (_MATCHING, "found[key] = free.pop(match.id)", "found[key] = match"),
        "rules/proof/matching_test.py::test_one_listed_call_explains_one_unknown_call",
    ),
    guard(
        "clocks_that_differ_widen_the_match",
        "I8: a call of an upstream whose clock is ahead or behind would be missed.",
        (
            _MATCHING,
            "return earliest <= item.started_at <= latest_start(call) + skew",
            "return call.armed_at - BEFORE_ARM <= item.started_at <= latest_start(call)",
        ),
        "rules/proof/matching_test.py::test_the_upstreams_clock_may_be_off_by_the_skew_either_way",
    ),
    guard(
        "a_frozen_sender_may_ring_late",
        "I8: a call that was sent after a long freeze would be missed.",
        (
            _MATCHING,
            "return (call.closed_at or call.armed_at + UNCLOSED_SETTLE) + UNCLOSED_SETTLE",
            "return call.closed_at or call.armed_at + UNCLOSED_SETTLE",
        ),
        "rules/proof/matching_test.py::"
        "test_a_sender_that_was_never_closed_may_have_sent_for_three_hours_more",
        "rules/proof/matching_test.py::test_a_listed_call_fits",
    ),
    guard(
        "a_refusals_ring_may_be_the_next_calls",
        "A true refusal would be disbelieved for a ring that a later call of ours made.",
        (
            _REFUSAL,
            "return call.next_at is None or item.started_at + skew < call.next_at",
            "return True",
        ),
        "rules/proof/refusal_test.py::"
        "test_what_started_after_the_next_call_to_the_number_may_be_that_one",
    ),
    guard(
        "a_refused_call_is_looked_for",
        "I8: an answer that refuses and rings would be believed for ever.",
        (
            "dialer/store/reconciling/refusals.py",
            "ORDER BY ca.closed_at LIMIT :limit",
            "ORDER BY ca.closed_at LIMIT least(:limit, 0)",
        ),
        "pipeline/reconciling/refusals_test.py::"
        "test_a_refusal_that_rang_is_the_call_that_it_was_and_is_never_believed_again",
    ),
    guard(
        "an_incomplete_look_is_made_again",
        "I8: a refusal that rang would be missed by a reading that failed.",
        (
            "dialer/pipeline/reconciling/refusals.py",
            "    if reading.complete:\n",
            "    if unseen:\n",
        ),
        "pipeline/reconciling/refusals_test.py::test_an_incomplete_sweep_is_made_again",
    ),
    guard(
        "one_worker_reads_at_a_time",
        "The budget of requests would be spent once for each worker.",
        (
            "dialer/store/reconciling/history.py",
            (
                "WHERE organization_id = :org\n"
                "              AND coalesce(next_poll_at, '-infinity') <= outdial_now()"
            ),
            "WHERE organization_id = :org",
        ),
        "store/reconciling/history_test.py::test_of_many_that_ask_at_once_one_has_its_turn_to_read",
    ),
    guard(
        "an_end_is_kept_once",
        "I3: an end that is read twice would spend two attempts.",
        (
            "dialer/rules/call.py",
            "_S.ENDED: frozenset(),",
            "_S.ENDED: frozenset({_S.ENDED}),",
        ),
        "rules/call_test.py::test_there_are_no_other_edges",
        "pipeline/settling/settle_test.py::test_a_call_ends_once",
    ),
    guard(
        "a_slot_is_free_after_half_an_hour",
        "A call that never ends would keep its slot for ever.",
        (
            "dialer/store/dialing/pacers.py",
            "          AND coalesce(slot_until, 'infinity') > outdial_now()\n",
            "",
        ),
        "pipeline/dialing/claim_test.py::test_a_slot_is_free_again_when_its_call_ends_or_its_time_is_over",
    ),
)
