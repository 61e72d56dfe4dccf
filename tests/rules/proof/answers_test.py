"""The table of answers: what each makes of its call, and what follows."""

import pytest

from dialer.rules.call import CallState
from dialer.rules.proof.answers import (
    BACK_OFF_SECONDS,
    Kind,
    Meaning,
    Step,
    meaning_of,
    recorded_doubt,
    step_after,
)


@pytest.mark.parametrize(
    ("kind", "why", "meaning"),
    [
        ("placed", "placed", Meaning(CallState.PLACED, "placed")),
        ("unknown", "server_error", Meaning(CallState.UNKNOWN, "unknown")),
        ("unknown", "timeout", Meaning(CallState.UNKNOWN, "unknown")),
        ("unknown", "conflict", Meaning(CallState.UNKNOWN, "conflict")),
        ("refused", "bad_request", Meaning(CallState.REFUSED, "bad_request", BACK_OFF_SECONDS)),
        ("refused", "rate_limited", Meaning(CallState.REFUSED, "rate_limited", BACK_OFF_SECONDS)),
        ("not_sent", "dns_failed", Meaning(CallState.REFUSED, "not_sent", BACK_OFF_SECONDS)),
        ("gate_closed", "paused", Meaning(CallState.REFUSED, "not_sent")),
        ("gate_closed", "database:DBAPIError", Meaning(CallState.REFUSED, "not_sent", 5.0)),
    ],
)
def test_an_answer_makes_of_its_call(kind: Kind, why: str, meaning: Meaning) -> None:
    assert meaning_of(kind, why) == meaning


def test_only_a_conflict_is_remembered_as_such() -> None:
    assert recorded_doubt("conflict") == "conflict"
    assert recorded_doubt("no_answer_recorded") == "unknown"


@pytest.mark.parametrize(
    ("kind", "status", "on_probation", "step"),
    [
        ("placed", None, True, "widen"),
        ("placed", None, False, None),
        ("refused", 400, False, "read_agent"),
        ("refused", 404, False, "read_agent"),
        ("refused", 401, False, "renew_token"),
        ("refused", 403, False, "park_organization"),
        ("refused", 429, True, "slow_down"),
        ("unknown", None, True, "count_failure"),
        ("not_sent", None, False, "count_failure"),
        ("gate_closed", None, True, None),
    ],
)
def test_an_answer_is_followed_by(
    kind: Kind,
    status: int | None,
    on_probation: bool,  # noqa: FBT001 -- a column of the table above
    step: Step | None,
) -> None:
    assert step_after(kind, status, on_probation=on_probation) == step
