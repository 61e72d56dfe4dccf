"""A database that went back in time is recognised, and nothing dials until it has caught up."""

from tests.mutants.guard import Guard, guard

_RESTORED = "dialer/pipeline/reconciling/restored.py"
_RULES = "rules/proof/restore_test.py"
_STORE = "dialer/store/witness.py"
_TEST = "pipeline/reconciling/restored_test.py"

RESTORE: tuple[Guard, ...] = (
    guard(
        "an_older_count_is_a_restore",
        "I8: calls that the copy doesn't know would be made again.",
        (
            "dialer/rules/proof/restore.py",
            "    if any(count > inside.count for count in outside):\n        return True\n",
            "",
        ),
        f"{_RULES}::test_an_older_count_or_another_timeline_is_a_restore",
    ),
    guard(
        "another_timeline_is_a_restore",
        "I8: where nothing was kept outside, a restore would pass unseen.",
        (
            "dialer/rules/proof/restore.py",
            "return None not in (inside.cluster, cluster) and inside.cluster != cluster",
            "return False",
        ),
        f"{_RULES}::test_an_older_count_or_another_timeline_is_a_restore",
    ),
    guard(
        "a_process_remembers_the_beat",
        "I8: a worker that outlives a restore would see nothing of it.",
        (
            _RESTORED,
            "    context.pulse.beat = count\n",
            "",
        ),
        f"{_TEST}::test_after_a_restore_nobody_is_rung_twice_and_every_ring_is_linked",
    ),
    guard(
        "a_new_process_asks_what_was_kept",
        "I8: a worker that starts after a restore would see nothing of it.",
        (
            _RESTORED,
            "        outside += [await keeper.recall(database_id) for keeper in keepers]\n",
            "",
        ),
        f"{_TEST}::test_a_new_process_asks_what_was_kept_outside",
    ),
    guard(
        "the_beat_is_kept_outside",
        "I8: nobody could tell a new process that the database went back.",
        (
            _RESTORED,
            '        await keeper.keep(row["database_id"], count)\n',
            "        del keeper\n",
        ),
        f"{_TEST}::test_a_new_process_asks_what_was_kept_outside",
    ),
    guard(
        "the_beat_comes_before_the_burial",
        "I8: in a restored copy the burial would release claims that have rung since.",
        (
            "workers/__main__.py",
            """        await restored.beat(context, keepers, first=True)
        return await _run(context, keepers)
""",
            """        return await _run(context, keepers)
""",
        ),
        "workers/process_test.py::test_a_restored_database_is_noticed_before_anybody_is_buried",
    ),
    guard(
        "what_may_have_rung_is_doubted",
        "I8: a call that was armed after the copy was made would be released and called again.",
        (
            _STORE,
            "SELECT id FROM calls WHERE state IN ('claimed', 'dialing') AND finished_at IS NULL",
            "SELECT id FROM calls WHERE state IN ('dialing') AND finished_at IS NULL",
        ),
        f"{_TEST}::test_a_restore_leaves_what_is_proven_and_doubts_what_is_not",
    ),
    guard(
        "a_doubted_call_takes_a_new_fence",
        "I8: a sender of before the restore would vouch for a call that it never sent.",
        (
            _RESTORED,
            "            new_fence=secrets.randbits(62),\n",
            "",
        ),
        f"{_TEST}::test_a_restore_leaves_what_is_proven_and_doubts_what_is_not",
    ),
    guard(
        "a_quarantine_lasts_one_lag",
        "I8: calls that are listed late would be unknown when dialing begins again.",
        (
            "dialer/rules/proof/restore.py",
            "return restored_at + lag",
            "return restored_at",
        ),
        f"{_RULES}::test_dialing_waits_until_the_list_must_show_every_call_made_before",
    ),
    guard(
        "a_quarantine_ends_with_a_complete_sweep",
        "I8: what a failed reading did not show would be called again.",
        (
            _RESTORED,
            "    if last and complete:\n",
            "    if last:\n",
        ),
        f"{_TEST}::test_an_incomplete_sweep_ends_no_quarantine",
    ),
    guard(
        "a_lost_call_is_adopted",
        "I5: a ring that the copy doesn't know would be linked to nothing, and its lead called.",
        (
            _RESTORED,
            "        if lead is None:\n            return False\n        call_id",
            "        if lead is None or lead:\n            return False\n        call_id",
        ),
        f"{_TEST}::test_after_a_restore_nobody_is_rung_twice_and_every_ring_is_linked",
    ),
    guard(
        "a_lost_call_is_that_of_a_lead_claimed_anew",
        "I1: whoever was claimed before the restore was noticed would be rung again.",
        (
            _RESTORED,
            "        if await _take_over(conn, whose, record):\n            return True\n",
            "",
        ),
        f"{_TEST}::test_a_lead_that_is_claimed_before_the_restore_is_noticed_keeps_the_ring_it_had",
    ),
    guard(
        "a_second_restore_is_not_lifted_by_the_first",
        "I8: a quarantine would end before its own lag has passed.",
        (
            _STORE,
            "WHERE id = :org AND restored_at = :restored_at",
            "WHERE id = :org AND CAST(:restored_at AS timestamptz) IS NOT NULL",
        ),
        "store/witness_test.py::test_a_quarantine_is_lifted_only_by_who_saw_its_beginning",
    ),
)
