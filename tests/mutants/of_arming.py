"""The arm: every gate is looked at again, under locks, just before the first byte."""

from tests.mutants.guard import Guard, guard

_CALLS = "dialer/store/dialing/gates.py"
_GATES = "store/dialing/calls_test.py::test_each_gate_closes_alone"
_AT_ARM = (
    "pipeline/dialing/gates_at_arm_test.py"
    "::test_a_gate_that_shuts_before_the_first_byte_releases_the_call"
)


def _gate(name: str, keeps: str, old: str) -> Guard:
    """A gate at the arm: its line of the CASE, without which it is never closed."""
    return guard(name, keeps, (_CALLS, old, old.replace("WHEN ", "WHEN false AND ", 1)), _GATES)


ARMING: tuple[Guard, ...] = (
    _gate(
        "only_the_claims_own_run_arms",
        "I1: a run that lost the claim could arm it.",
        "WHEN state <> 'claimed' OR fence <> :fence THEN 'not_ours'",
    ),
    guard(
        "the_arm_looks_at_the_fence",
        "I1: a run with an old claim could arm the call of a newer one.",
        (
            _CALLS,
            "WHEN state <> 'claimed' OR fence <> :fence THEN",
            "WHEN state <> 'claimed' OR fence < -:fence THEN",
        ),
        _GATES,
    ),
    _gate(
        "a_claim_expires",
        "I7, I6: a call could be armed long after its slot.",
        "WHEN claim_expires_at <= outdial_now() THEN 'claim_expired'",
    ),
    guard(
        "a_quarantine_shuts_the_arm",
        "I8: calls that were claimed before a restore was noticed would still go out.",
        (
            _CALLS,
            "WHEN restored_at IS NOT NULL OR :beat",
            "WHEN :beat",
        ),
        _GATES,
    ),
    guard(
        "no_arm_below_the_beat",
        "I8: a worker that outlives a restore would arm before anybody noticed it.",
        (
            _CALLS,
            "OR :beat > coalesce((SELECT beat FROM witness), 0)",
            "OR :beat < 0",
        ),
        "store/dialing/calls_test.py::test_a_database_that_is_behind_what_the_caller_saw_closes_the_gate",
    ),
    _gate(
        "only_a_lead_that_is_called_is_armed",
        "I7: a cancelled lead's phone could ring.",
        "WHEN lead_state <> 'calling' THEN 'lead_' || lead_state",
    ),
    _gate(
        "only_a_running_campaign_arms",
        "I7: a phone could ring after the pause was answered.",
        "WHEN campaign_state <> 'running' THEN 'campaign_' || campaign_state",
    ),
    _gate(
        "an_edit_of_the_plan_voids_older_claims",
        "I7: a phone could ring by a plan that was changed before.",
        "WHEN claimed_version <> version THEN 'plan_changed'",
    ),
    _gate(
        "an_edit_of_the_rules_voids_older_claims",
        "I7: a phone could ring by rules that were changed before.",
        "WHEN claimed_rulebook <> rulebook THEN 'rules_changed'",
    ),
    _gate(
        "nobody_is_called_without_the_consent_that_is_required",
        "I7: a phone could ring after its owner's consent was taken back.",
        "WHEN needs_consent AND NOT consented THEN 'no_consent'",
    ),
    guard(
        "the_arm_keeps_to_the_gap",
        "I7: two campaigns could ring one phone within minutes.",
        (_CALLS, "THEN 'number_gap'", "THEN NULL"),
        _GATES,
    ),
    guard(
        "the_arm_keeps_to_a_numbers_cap_of_24_hours",
        "I7: campaigns together could ring one phone more often than the law allows.",
        (_CALLS, ">= held.most_in_24h THEN 'number_cap_24h'", "< 0 THEN 'number_cap_24h'"),
        _GATES,
    ),
    guard(
        "the_arm_keeps_to_a_numbers_cap_of_7_days",
        "I7: campaigns together could ring one phone more often than the law allows.",
        (_CALLS, "WHEN count(*) >= held.most_in_7d THEN", "WHEN count(*) < 0 THEN"),
        _GATES,
    ),
    _gate(
        "a_pause_shuts_the_arm",
        "I7: a phone could ring after an agent or all were paused.",
        "WHEN paused_at IS NOT NULL THEN 'paused'",
    ),
    _gate(
        "a_parked_campaign_shuts_the_arm",
        "A set-up known to be wrong would use up its claims.",
        "WHEN campaign_parked IS NOT NULL THEN 'campaign_parked'",
    ),
    _gate(
        "a_parked_agent_shuts_the_arm",
        "A lane that was told to wait would go on with what it had claimed.",
        "WHEN agent_parked IS NOT NULL THEN 'agent_parked'",
    ),
    _gate(
        "a_parked_organization_shuts_the_arm",
        "Refused credentials would be tried once for each claim.",
        "WHEN parked_until > outdial_now() THEN 'organization_parked'",
    ),
    _gate(
        "the_window_ends_at_the_arm",
        "I7: a phone could ring after hours.",
        "WHEN window_until <= outdial_now() THEN 'window_closed'",
    ),
    _gate(
        "a_late_call_gives_its_slot_up",
        "I6: late calls would catch up with the next ones.",
        "WHEN paced AND place_at + outdial_real(:latest) < outdial_now() THEN 'late'",
    ),
    _gate(
        "nobody_is_called_who_opted_out",
        "I7: a phone could ring after its number was suppressed.",
        "WHEN EXISTS (\n                SELECT FROM suppressions s",
    ),
    guard(
        "a_word_from_the_crm_shuts_the_arm",
        "I7: a phone could ring after the CRM had said that the deal is done.",
        (_CALLS, "WHEN stop_word IS NOT NULL THEN", "WHEN false THEN"),
        _AT_ARM,
    ),
    guard(
        "a_stale_registry_shuts_the_arm",
        "I7: a phone could ring by a copy of the registry that is too old.",
        (_CALLS, "WHEN needs_registry AND coalesce(", "WHEN false AND coalesce("),
        _AT_ARM,
    ),
    guard(
        "nobody_is_called_whom_the_registry_lists",
        "I7: a phone could ring after its number was loaded into the registry's copy.",
        (_CALLS, "WHEN needs_registry AND EXISTS (", "WHEN false AND EXISTS ("),
        _AT_ARM,
    ),
    guard(
        "a_part_of_the_registry_waits_for_the_arm",
        "I7: a part could be answered while an arm that did not see it commits.",
        (
            "dialer/store/compliance/dnc.py",
            "SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))",
            "SELECT hashtextextended(:key, 0)",
        ),
        "pipeline/compliance/dnc_test.py::test_a_part_waits_for_the_arms_in_progress_and_none_misses_it",
    ),
    guard(
        "an_unclear_answer_before_a_call_is_no_yes",
        "I7: a phone could ring whose CRM said nothing that can be read.",
        ("dialer/rules/precall.py", 'case {"allow": True}:', "case {}:"),
        "rules/precall_test.py::test_whatever_else_is_no_yes",
    ),
    guard(
        "the_arm_locks_what_it_judges",
        "I7: a pause could be answered while an arm that did not see it commits.",
        (
            _CALLS,
            "WHERE ca.id = :id FOR NO KEY UPDATE OF ca FOR SHARE OF o, b, a, c, l",
            "WHERE ca.id = :id FOR NO KEY UPDATE OF ca",
        ),
        "store/dialing/calls_test.py::test_whoever_closes_a_gate_waits_for_the_arm_in_progress",
    ),
    guard(
        "an_opt_out_waits_for_the_arm",
        "I7: an opt-out could be answered while an arm that did not see it commits.",
        (
            "dialer/store/compliance/suppressions.py",
            "phone=phone, exclusive=True)",
            "phone=phone, exclusive=False)",
        ),
        "store/dialing/calls_test.py::test_whoever_closes_a_gate_waits_for_the_arm_in_progress",
    ),
)
