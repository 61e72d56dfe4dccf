"""States change only by conditional update, and the database itself refuses the worst."""

from tests.mutants.guard import Edit, Guard, guard

_MIGRATION = "migrations/versions/0002_leads_and_calls.py"
_SCHEMA = "dialer/store/schema/calling.py"
_CALLS = "dialer/store/dialing/calls.py"
_LEADS = "dialer/store/intake/leads.py"
_CAMPAIGNS = "dialer/store/planning/campaigns.py"

STATES: tuple[Guard, ...] = (
    Guard(
        "one_open_call_to_a_number",
        "I2: two calls to one number could be open at once.",
        (
            Edit(
                _MIGRATION,
                """        ["organization_id", "phone"],
        unique=True,
        postgresql_where=sa.text(
            "state IN ('claimed',""",
                """        ["organization_id", "phone"],
        unique=False,
        postgresql_where=sa.text(
            "state IN ('claimed',""",
            ),
            Edit(
                _SCHEMA,
                """        "phone",
        unique=True,
""",
                """        "phone",
        unique=False,
""",
            ),
        ),
        (
            "store/schema_test.py::test_a_number_has_one_open_call_in_any_two_states",
            "pipeline/dialing/claim_test.py::test_two_campaigns_with_one_number_give_one_open_call",
        ),
    ),
    Guard(
        "held_and_unknown_calls_are_open",
        "I2: a number could be called while nobody knows whether it rings.",
        (
            Edit(
                _MIGRATION,
                "\"state IN ('claimed', 'dialing', 'held', 'live', 'placed', 'unknown')\"",
                "\"state IN ('claimed', 'dialing', 'live', 'placed')\"",
            ),
            Edit(
                "dialer/rules/call.py",
                "{_S.CLAIMED, _S.DIALING, _S.PLACED, _S.LIVE, _S.UNKNOWN, _S.HELD}",
                "{_S.CLAIMED, _S.DIALING, _S.PLACED, _S.LIVE}",
            ),
        ),
        (
            "rules/call_test.py::test_a_number_is_guarded_while_its_call_is_open",
            "store/dialing/calls_test.py::test_numbers_in_call_are_those_of_open_calls",
        ),
    ),
    Guard(
        "one_row_for_a_call_of_the_upstreams",
        "I5: two rows of ours could claim one ring, and a real ring be linked to nothing.",
        (
            Edit(
                _MIGRATION,
                """        ["organization_id", "partner_call_id"],
        unique=True,
""",
                """        ["organization_id", "partner_call_id"],
        unique=False,
""",
            ),
            Edit(
                _SCHEMA,
                """        "partner_call_id",
        unique=True,
""",
                """        "partner_call_id",
        unique=False,
""",
            ),
        ),
        ("store/schema_test.py::test_an_upstream_call_belongs_to_one_call_of_ours",),
    ),
    Guard(
        "evidence_is_only_ever_added_to",
        "What an answer said could be changed after the fact.",
        (
            Edit(
                "migrations/versions/0007_append_only.py",
                "BEFORE UPDATE OR DELETE ON {table}",
                "BEFORE UPDATE OR DELETE ON clock",
            ),
            Edit(
                "migrations/versions/0007_append_only.py",
                'f"CREATE TRIGGER append_only BEFORE',
                'f"CREATE OR REPLACE TRIGGER append_only_{table} BEFORE',
            ),
        ),
        (
            (
                "store/events_test.py::"
                "test_the_database_itself_keeps_evidence_and_the_timeline_append_only"
            ),
        ),
    ),
    guard(
        "a_call_moves_by_the_table",
        "I9, I1: a call that may have rung could be armed again.",
        (
            _CALLS,
            ".where(table.c.id == call_id, table.c.state.in_(sources_of(to)))",
            ".where(table.c.id == call_id)",
        ),
        "store/moves_test.py::test_a_call_moves_by_its_table_and_not_otherwise",
    ),
    guard(
        "a_call_moves_under_its_fence",
        "I1: a run that lost the call could take back what another is sending.",
        (
            _CALLS,
            "statement = statement.where(table.c.fence == fence)",
            "pass",
        ),
        "store/moves_test.py::test_the_fence_keeps_out_whoever_lost_the_call",
        "pipeline/settling/settle_test.py::test_a_wrong_fence_settles_nothing",
    ),
    guard(
        "a_move_names_its_source",
        "I8: a sweep's doubt could undo a refusal, and a lead that waits would be called twice.",
        (
            _CALLS,
            "statement = statement.where(table.c.state == source)",
            "pass",
        ),
        "pipeline/settling/settle_test.py::test_only_a_call_under_way_is_doubted",
    ),
    guard(
        "only_a_call_under_way_is_doubted",
        "I8: a late doubt could reopen a refused call whose lead waits again.",
        (
            "dialer/pipeline/settling/settle.py",
            "        source=CallState.DIALING,\n",
            "",
        ),
        "pipeline/settling/settle_test.py::test_only_a_call_under_way_is_doubted",
    ),
    guard(
        "an_arm_takes_a_new_fence",
        "I1: another run that read the claim could record or take back this run's call.",
        (
            "dialer/pipeline/dialing/place.py",
            "        new_fence=run.nonce,\n",
            "",
        ),
        "pipeline/intake/hostile_interleavings_test.py::"
        "test_a_second_run_of_a_call_does_not_take_back_what_the_first_is_sending",
    ),
    guard(
        "a_lead_moves_by_the_table",
        "I3, I9: a finished lead could be called again.",
        (
            _LEADS,
            ".where(table.c.id == lead_id, table.c.state.in_(sources_of(to)))",
            ".where(table.c.id == lead_id)",
        ),
        "store/moves_test.py::test_a_lead_moves_by_its_table_and_not_otherwise",
    ),
    guard(
        "only_a_waiting_lead_is_finished",
        "I3: a refusal's late explanation could finish a lead whose next call is under way.",
        (
            _LEADS,
            """UPDATE leads SET state = 'done', reason = :reason, updated_at = outdial_now()
            WHERE id = :id AND state = 'waiting'""",
            """UPDATE leads SET state = 'done', reason = :reason, updated_at = outdial_now()
            WHERE id = :id""",
        ),
        "store/intake/leads_test.py::test_what_is_done_to_a_waiting_lead_leaves_every_other_alone",
    ),
    guard(
        "only_a_waiting_lead_is_deferred",
        "A lead that is done or called could be given a reason and a date that aren't its own.",
        (
            _LEADS,
            """THEN least(urgency, :early) ELSE urgency END
        WHERE id = :id AND state = 'waiting'""",
            """THEN least(urgency, :early) ELSE urgency END
        WHERE id = :id""",
        ),
        "store/intake/leads_test.py::test_what_is_done_to_a_waiting_lead_leaves_every_other_alone",
    ),
    guard(
        "only_waiting_leads_end_with_their_campaign",
        "I3: the lead of a call under way could be closed with its campaign.",
        (
            _LEADS,
            (
                "SELECT id FROM leads WHERE campaign_id = :campaign_id AND state = 'waiting'\n"
                "            LIMIT :limit FOR UPDATE SKIP LOCKED\n        ) AND state = 'waiting'"
            ),
            (
                "SELECT id FROM leads WHERE campaign_id = :campaign_id\n"
                "            LIMIT :limit FOR UPDATE SKIP LOCKED\n        )"
            ),
        ),
        "pipeline/settling/tidy_test.py::"
        "test_a_cancelled_campaigns_waiting_leads_are_cancelled_and_calls_run_on",
    ),
    guard(
        "only_waiting_leads_expire",
        "I3: the lead of a call under way could expire, and its outcome be lost.",
        (
            _LEADS,
            "SELECT id FROM leads WHERE state = 'waiting' AND expires_at <= outdial_now()",
            "SELECT id FROM leads WHERE expires_at <= outdial_now()",
        ),
        "pipeline/settling/tidy_test.py::test_a_lead_that_is_called_does_not_expire",
    ),
    guard(
        "a_campaign_moves_by_the_table",
        "I9, I7: a cancelled campaign could dial again.",
        (
            _CAMPAIGNS,
            "            state = ANY(:from)\n",
            "            state = ANY(:from) OR true\n",
        ),
        "store/moves_test.py::test_a_campaign_moves_by_its_table_and_not_otherwise",
    ),
    guard(
        "a_campaign_is_its_organizations",
        "I10: a stranger could start, pause or cancel a campaign.",
        (
            _CAMPAIGNS,
            "WHERE id = :id AND organization_id = :organization_id AND (",
            "WHERE id = :id AND (CAST(:organization_id AS uuid) IS NOT NULL) AND (",
        ),
        "store/moves_test.py::test_another_organizations_campaign_does_not_move",
    ),
    guard(
        "a_call_is_its_organizations",
        "I10: a stranger could read a call by its id.",
        (
            _CALLS,
            '"SELECT * FROM calls WHERE organization_id = :org AND id = :id"',
            '"SELECT * FROM calls WHERE CAST(:org AS uuid) IS NOT NULL AND id = :id"',
        ),
        "store/isolation_test.py::test_the_owner_sees_its_rows_and_a_stranger_none",
    ),
    guard(
        "a_lead_is_its_organizations",
        "I10: a stranger could read a person's number by the lead's id.",
        (
            _LEADS,
            '"SELECT * FROM leads WHERE organization_id = :org AND id = :id"',
            '"SELECT * FROM leads WHERE CAST(:org AS uuid) IS NOT NULL AND id = :id"',
        ),
        "store/isolation_test.py::test_the_owner_sees_its_rows_and_a_stranger_none",
    ),
    guard(
        "a_timeline_is_its_organizations",
        "I10: a stranger could read what happened to a lead.",
        (
            "dialer/store/events.py",
            "WHERE organization_id = :organization_id AND lead_id = :lead_id\n        ORDER BY id",
            (
                "WHERE CAST(:organization_id AS uuid) IS NOT NULL AND lead_id = :lead_id\n"
                "        ORDER BY id"
            ),
        ),
        "store/isolation_test.py::test_the_owner_sees_its_rows_and_a_stranger_none",
    ),
)
