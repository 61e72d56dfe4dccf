"""What an ended call means: every row of the table, and nothing guessed."""

import csv
from fnmatch import fnmatchcase
from importlib import resources

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dialer.rules.outcomes.cadence import DEFAULT_STEPS
from dialer.rules.outcomes.outcome import OPTED_OUT, OUTCOMES, UNKNOWN, Outcome, outcome_of

_TEXT = resources.files("dialer.rules").joinpath("data/ended_reasons.csv").read_text("utf-8")
ROWS = list(csv.DictReader(_TEXT.splitlines()))
EXACT = [row for row in ROWS if row["source"] not in ("pattern", "partner_status")]
PATTERNS = [row for row in ROWS if row["source"] == "pattern"]


def _expected(row: dict[str, str]) -> Outcome:
    return Outcome(
        row["outcome"],
        retryable=row["retryable"] in ("yes", "policy"),
        counts=row["counts_attempt"] == "yes",
        scope=row["scope"],
    )


def test_every_exact_reason_means_what_its_row_says() -> None:
    for row in EXACT:
        assert outcome_of(ended_reason=row["value"], status="COMPLETED") == _expected(row), row


def test_every_pattern_means_what_the_first_row_that_fits_says() -> None:
    known = {row["value"].lower() for row in EXACT}
    for row in PATTERNS[:-1]:
        sample = row["value"].lower().replace("*", "-x-").replace("?", "3")
        if sample in known:
            continue
        first = next(p for p in PATTERNS if fnmatchcase(sample, p["value"].lower()))
        assert outcome_of(ended_reason=sample, status="FAILED") == _expected(first), row


def test_the_table_is_well_formed() -> None:
    assert {row["retryable"] for row in ROWS} == {"yes", "no", "policy"}
    assert {row["counts_attempt"] for row in ROWS} == {"yes", "no"}
    assert {row["scope"] for row in ROWS} == {"lead", "campaign"}
    assert len({row["value"] for row in ROWS}) == len(ROWS)
    assert PATTERNS[-1]["value"] == "*"


@pytest.mark.parametrize(
    ("reason", "status", "name"),
    [
        (None, "COMPLETED", "completed"),
        ("", "COMPLETED", "completed"),
        ("  ", "FAILED", "failed"),
        (None, "IN_PROGRESS", "unknown"),
        (None, "", "unknown"),
        ("customer-busy", "FAILED", "busy"),
        ("CUSTOMER-BUSY", "COMPLETED", "busy"),
        (" customer-busy\n", "COMPLETED", "busy"),
        ("Please do not call me", "COMPLETED", OPTED_OUT),
        ("The person said STOP, opt out", "COMPLETED", OPTED_OUT),
        ("went to voicemail", "COMPLETED", "voicemail"),
        ("zebra", "COMPLETED", "unknown"),
        ("zebra", "FAILED", "unknown"),
        ("*", "COMPLETED", "unknown"),
        ("[a-z]", "COMPLETED", "unknown"),
        ("zebra" * 100_000, "COMPLETED", "unknown"),
        ("\x00\ud800", "COMPLETED", "unknown"),
    ],
)
def test_reason_then_status(reason: str | None, status: str, name: str) -> None:
    assert outcome_of(ended_reason=reason, status=status).name == name


def test_what_no_row_knows_is_visibly_unknown() -> None:
    found = outcome_of(ended_reason="zebra", status="COMPLETED")
    assert found is UNKNOWN
    assert (found.retryable, found.counts, found.scope) == (True, True, "lead")


@settings(deadline=None)
@given(reason=st.text(max_size=400), status=st.text(max_size=20))
def test_any_text_ends_as_a_known_outcome(reason: str, status: str) -> None:
    assert outcome_of(ended_reason=reason, status=status).name in OUTCOMES


def test_the_list_of_outcomes_is_the_tables() -> None:
    assert {row["outcome"] for row in ROWS} == OUTCOMES
    assert OPTED_OUT in OUTCOMES


def test_every_retryable_outcome_of_a_lead_has_default_steps() -> None:
    retryable = {r["outcome"] for r in ROWS if r["retryable"] != "no" and r["scope"] == "lead"}
    assert retryable | {UNKNOWN.name} <= set(DEFAULT_STEPS) | {"blocked", "completed"}
