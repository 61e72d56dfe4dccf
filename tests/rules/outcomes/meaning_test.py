"""What an ended call means: the table as before, then what was said, and never looser."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dialer.rules.outcomes.meaning import SHORT_MS, Ended, OutcomeMap
from dialer.rules.outcomes.outcome import OUTCOMES, outcome_of
from dialer.rules.outcomes.table import (
    COLUMNS,
    MAX_CHARS,
    MAX_PROBLEMS,
    SUCCESSES,
    OutcomeMapError,
)

SHIPPED = OutcomeMap.shipped()
ENDED = datetime(2026, 3, 3, 17, tzinfo=UTC)
HEADER = ",".join(COLUMNS)
FINE = "customer-busy,busy,yes,yes,lead,vapi"
STOP = "Agent: Hi.\nCustomer: Stop calling me."
TALK = "Agent: Hi.\nCustomer: Hello."


def table(*rows: str) -> str:
    return "\n".join((HEADER, *rows))


def problems_of(text: str) -> list[tuple[int | None, str]]:
    with pytest.raises(OutcomeMapError) as raised:
        OutcomeMap.parse(text)
    return [(problem.row, problem.field) for problem in raised.value.problems]


def test_without_words_every_row_means_what_it_meant() -> None:
    for row in SHIPPED.rows:
        reason = row.value.replace("*", "-x-").replace("?", "3")
        for status in ("COMPLETED", "FAILED"):
            expected = outcome_of(ended_reason=reason, status=status)
            assert SHIPPED.resolve(Ended(status, reason)).outcome == expected, row


@settings(deadline=None, max_examples=500)
@given(
    reason=st.none()
    | st.text("abcdeh-*?[]. \n\x00", max_size=60)
    | st.sampled_from([row.value for row in SHIPPED.rows]),
    status=st.sampled_from(["COMPLETED", "FAILED", "IN_PROGRESS", ""]),
)
def test_any_reason_means_what_it_meant(reason: str | None, status: str) -> None:
    expected = outcome_of(ended_reason=reason, status=status)
    assert SHIPPED.resolve(Ended(status, reason)).outcome == expected


@pytest.mark.parametrize(
    ("ended", "name", "by"),
    [
        (Ended("FAILED", "customer-busy"), "busy", "ended_reason"),
        (Ended("FAILED", "the line was busy"), "busy", "pattern"),
        (Ended("FAILED"), "failed", "status"),
        (Ended("COMPLETED", "zebra"), "unknown", "unknown"),
        (Ended("QUEUED"), "unknown", "unknown"),
        (Ended("FAILED", "customer-busy", 0, STOP), "opted_out", "transcript"),
        (
            Ended("COMPLETED", None, 9, STOP, {"doNotCall": "yes"}),
            "opted_out",
            "structured_data",
        ),
    ],
)
def test_the_reading_names_what_decided(ended: Ended, name: str, by: str) -> None:
    reading = SHIPPED.resolve(ended)
    assert (reading.outcome.name, reading.by) == (name, by)
    assert reading.outcome.retryable is False or name != "opted_out"


def test_an_opt_out_comes_before_a_wrong_number_and_both_before_a_callback() -> None:
    data: dict[str, object] = {"callbackAt": "2026-03-04T22:00:00Z", "wrongPerson": True}
    ended = Ended("COMPLETED", None, 30_000, TALK, data, ENDED)
    assert SHIPPED.resolve(ended).outcome.name == "wrong_number"
    ended = Ended("COMPLETED", None, 30_000, STOP, data, ENDED)
    reading = SHIPPED.resolve(ended)
    assert (reading.outcome.name, reading.callback_at) == ("opted_out", None)


@pytest.mark.parametrize(
    ("reason", "name"),
    [
        ("customer-ended-call", "callback_requested"),
        ("zebra", "callback_requested"),
        ("silence-timed-out", "callback_requested"),
        ("voicemail", "voicemail"),
        ("customer-did-not-answer", "no_answer"),
        ("sip:404", "invalid_number"),
        ("do not call", "opted_out"),
        ("assistant-not-found", "config_error"),
        ("assistant-forwarded-call", "transferred"),
    ],
)
def test_a_callback_loosens_only_what_somebody_may_have_said(reason: str, name: str) -> None:
    data = {"callbackAt": "2026-03-04T17:00:00-05:00"}
    reading = SHIPPED.resolve(Ended("COMPLETED", reason, 30_000, None, data, ENDED))
    assert reading.outcome.name == name
    asked = ENDED + timedelta(hours=29) if name == "callback_requested" else None
    assert reading.callback_at == asked


@pytest.mark.parametrize(
    ("duration", "transcript", "status", "name"),
    [
        (SHORT_MS, None, "COMPLETED", "silent"),
        (SHORT_MS, "Agent: Hello? Hello?", "COMPLETED", "silent"),
        (SHORT_MS, "Agent: Hello?\nCustomer: ...", "COMPLETED", "silent"),
        (SHORT_MS + 1, None, "COMPLETED", "completed"),
        (None, None, "COMPLETED", "completed"),
        (SHORT_MS, TALK, "COMPLETED", "completed"),
        (SHORT_MS, None, "FAILED", "completed"),
    ],
)
def test_a_short_call_without_a_word_is_silent(
    duration: int | None, transcript: str | None, status: str, name: str
) -> None:
    ended = Ended(status, "customer-ended-call", duration, transcript)
    assert SHIPPED.resolve(ended).outcome.name == name


@pytest.mark.parametrize(
    ("ended", "talked"),
    [
        (Ended("COMPLETED", None, 60_000, TALK), True),
        (Ended("COMPLETED", None, 60_000, "Agent: Hello?"), False),
        (Ended("COMPLETED", None, 60_000), True),
        (Ended("FAILED", "customer-busy"), False),
        (Ended("COMPLETED", "voicemail", 60_000, "Voicemail: After the tone."), False),
    ],
)
def test_whether_the_person_talked(ended: Ended, talked: bool) -> None:  # noqa: FBT001 -- pytest passes it by name
    assert SHIPPED.resolve(ended).talked is talked


@settings(deadline=None, max_examples=300)
@given(
    ended=st.builds(
        Ended,
        st.sampled_from(["COMPLETED", "FAILED", ""]),
        st.sampled_from([None, "zebra", *(row.value for row in SHIPPED.rows)]),
        st.none() | st.integers(0, 2**53),
        st.sampled_from([None, TALK, STOP, "Customer: wrong number", "User: after the tone"]),
        st.sampled_from([None, {"doNotCall": True}, {"callbackAt": "2026-03-04T22:00:00Z"}]),
        st.just(ENDED),
    )
)
def test_what_was_said_never_makes_a_call_look_better(ended: Ended) -> None:
    before = outcome_of(ended_reason=ended.ended_reason, status=ended.status)
    reading = SHIPPED.resolve(ended)
    assert reading.outcome.name in OUTCOMES
    if before.name == "opted_out":
        assert reading.outcome == before
    if reading.outcome.name in SUCCESSES - {"callback_requested"}:
        assert reading.outcome == before
    if ended.transcript == STOP or (ended.structured_data or {}).get("doNotCall"):
        assert reading.outcome.name == "opted_out"


def test_a_map_survives_storage() -> None:
    again = OutcomeMap.parse(SHIPPED.as_csv())
    assert again == SHIPPED
    assert hash(again) == hash(SHIPPED)
    assert OutcomeMap.parse(table(FINE)) != SHIPPED


def test_replay_shows_what_past_calls_would_mean() -> None:
    changed = OutcomeMap.parse(table(FINE, "*busy*,declined,policy,yes,lead,pattern"))
    calls = [
        (1, Ended("FAILED", "customer-busy"), "busy"),
        (2, Ended("FAILED", "line busy"), "busy"),
        (3, Ended("COMPLETED", "customer-ended-call"), "completed"),
    ]
    found = [
        (change.key, change.before, change.reading.outcome.name)
        for change in changed.replay(calls)
    ]
    assert found == [(2, "busy", "declined"), (3, "completed", "unknown")]


@pytest.mark.parametrize(
    ("pattern", "reason", "fits"),
    [
        ("a*b*c", "a-b-b-c", True),
        ("a*b*c", "a-c-b", False),
        ("*ab*", "aab", True),
        ("ab*ab", "ab", False),
        ("ab?", "abc", True),
        ("ab?", "ab", False),
        ("[ab]", "a", False),
        ("a.b*", "axb", False),
    ],
)
def test_patterns_know_star_and_question_mark_alone(
    pattern: str,
    reason: str,
    fits: bool,  # noqa: FBT001 -- pytest passes it by name
) -> None:
    found = OutcomeMap.parse(table(f"{pattern},busy,yes,yes,lead,pattern"))
    assert (found.resolve(Ended("FAILED", reason)).outcome.name == "busy") is fits


def test_a_pattern_full_of_stars_is_matched_at_once() -> None:
    pattern = "*a" * 100 + "*b"
    found = OutcomeMap.parse(table(f"{pattern},busy,yes,yes,lead,pattern"))
    assert found.resolve(Ended("FAILED", "a" * 300)).outcome.name == "unknown"


@pytest.mark.parametrize("success", sorted(SUCCESSES))
@pytest.mark.parametrize("pattern", ["*", "**", "?*", "*e*"])
def test_a_catch_all_is_never_a_success(pattern: str, success: str) -> None:
    row = f"{pattern},{success},no,yes,lead,pattern"
    assert problems_of(table(FINE, row)) == [(3, "value")]


@pytest.mark.parametrize(
    ("row", "field"),
    [
        ("x,answered,yes,yes,lead,vapi", "outcome"),
        ("x,busy,maybe,yes,lead,vapi", "retryable"),
        ("x,busy,yes,1,lead,vapi", "counts_attempt"),
        ("x,busy,yes,yes,agent,vapi", "scope"),
        ("x,busy,yes,yes,lead,", "source"),
        ("*x*,busy,yes,yes,lead,own", "source"),
        (",busy,yes,yes,lead,own", "value"),
        (f"{'x' * 301},busy,yes,yes,lead,own", "value"),
        ("status:LOST,busy,yes,yes,lead,partner_status", "value"),
        ("status:FAILED,busy,yes,yes,lead,own", "source"),
        ("status:FAILED,completed,no,yes,lead,partner_status", "outcome"),
        ("x,opted_out,yes,yes,lead,own", "retryable"),
        ("CUSTOMER-busy,no_answer,yes,yes,lead,own", "value"),
        ("x,busy,yes", ""),
    ],
)
def test_a_bad_row_is_named_with_its_field(row: str, field: str) -> None:
    assert problems_of(table(FINE, row)) == [(3, field)]


def test_all_problems_are_told_at_once() -> None:
    text = table("x,bussy,yes,yes,lead,vapi", "y,busy,no way,yes,leads,vapi")
    assert problems_of(text) == [(2, "outcome"), (3, "retryable"), (3, "scope")]
    with pytest.raises(OutcomeMapError, match=r"row 2, outcome: .*did you mean busy\?.*2 more"):
        OutcomeMap.parse(text)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", (1, "value")),
        ("value,outcome\n", (1, "retryable")),
        (f"{HEADER},extra\n{FINE},1", (1, "extra")),
        (HEADER, (None, "")),
        (f'{HEADER}\n"x', (2, "")),
        ("x" * (MAX_CHARS + 1), (None, "")),
        (
            table(FINE, "*,unknown,no,yes,lead,pattern", "*b*,busy,yes,yes,lead,pattern"),
            (4, "value"),
        ),
    ],
)
def test_a_table_that_cannot_be_used_is_refused(
    text: str, problem: tuple[int | None, str]
) -> None:
    assert problem in problems_of(text)


def test_problems_are_bounded_and_quote_shortly() -> None:
    row = f"{'v' * 50},{'o' * 2000},yes,yes,lead,vapi"
    with pytest.raises(OutcomeMapError) as raised:
        OutcomeMap.parse(table(*(row for _ in range(2 * MAX_PROBLEMS))))
    assert len(raised.value.problems) == MAX_PROBLEMS
    assert len(str(raised.value)) < 600
