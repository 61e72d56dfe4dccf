"""The arm: every gate is looked at again, under locks, just before the first byte."""

from tests.mutants.guard import Guard, guard

_CALLS = "dialer/store/gates.py"
_GATES = "store/calls_test.py::test_each_gate_closes_alone"


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
        "store/calls_test.py::test_a_database_that_is_behind_what_the_caller_saw_closes_the_gate",
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
        "the_arm_locks_what_it_judges",
        "I7: a pause could be answered while an arm that did not see it commits.",
        (
            _CALLS,
            "WHERE ca.id = :id FOR NO KEY UPDATE OF ca FOR SHARE OF o, b, a, c, l",
            "WHERE ca.id = :id FOR NO KEY UPDATE OF ca",
        ),
        "store/calls_test.py::test_whoever_closes_a_gate_waits_for_the_arm_in_progress",
    ),
    guard(
        "an_opt_out_waits_for_the_arm",
        "I7: an opt-out could be answered while an arm that did not see it commits.",
        (
            "dialer/store/suppressions.py",
            "phone=phone, exclusive=True)",
            "phone=phone, exclusive=False)",
        ),
        "store/calls_test.py::test_whoever_closes_a_gate_waits_for_the_arm_in_progress",
    ),
)
