"""What structured data says: names and values in all their spellings."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.rules.outcomes.extracted import extract

ENDED = datetime(2026, 3, 3, 17, tzinfo=UTC)
TOMORROW = datetime(2026, 3, 4, 22, tzinfo=UTC)


@pytest.mark.parametrize(
    "data",
    [
        {"doNotCall": True},
        {"do_not_call": "yes"},
        {"Do Not Call": "TRUE"},
        {"DO-NOT-CALL": 1},
        {"do not call requested": "Yes, she insisted"},
        {"optOut": "opted out"},
        {"isOptedOut": "Sí"},
        {"customerOptedOut": "true"},
        {"dnc": "y"},
        {"contact": {"preferences": {"doNotCall": True}}},
        {"a1b2": {"name": "doNotCall", "result": True}},
        {"doNotCall": {"value": "yes"}},
    ],
)
def test_an_opt_out_in_any_spelling(data: dict[str, object]) -> None:
    assert extract(data, ended_at=ENDED).opted_out is not None


@pytest.mark.parametrize(
    "data",
    [
        {"doNotCall": False},
        {"doNotCall": None},
        {"doNotCall": "no"},
        {"doNotCall": "not mentioned"},
        {"doNotCall": "unknown"},
        {"doNotCall": ""},
        {"doNotCall": 0},
        {"doNotCall": ["yes"]},
        {"optIn": True},
        {"callAgain": True},
        {"a": {"b": {"c": {"d": {"doNotCall": True}}}}},
        {"doNotCall": {}},
        {},
        None,
    ],
)
def test_what_says_no_opt_out(data: dict[str, object] | None) -> None:
    assert extract(data, ended_at=ENDED).opted_out is None


def test_a_wrong_person_is_found() -> None:
    assert extract({"wrong person": True}, ended_at=ENDED).wrong_number == "wrong person: True"
    assert extract({"isWrongNumber": "true"}, ended_at=ENDED).wrong_number is not None
    assert extract({"wrongPerson": False}, ended_at=ENDED).wrong_number is None


@pytest.mark.parametrize(
    ("value", "zone", "at"),
    [
        ("2026-03-04T22:00:00Z", None, TOMORROW),
        ("2026-03-04T17:00:00-05:00", None, TOMORROW),
        (" 2026-03-04T22:00Z ", None, TOMORROW),
        ("2026-03-04T17:00", "America/New_York", TOMORROW),
        ("2026-03-04T17:00", None, None),
        ("2026-03-04T17:00", "Nowhere/Land", None),
        ("tomorrow at five", None, None),
        ("2026-03-03T17:00:00Z", None, None),
        ("2025-03-04T22:00:00Z", None, None),
        ("2026-05-02T17:00:00Z", None, ENDED + timedelta(days=60)),
        ("2026-05-02T17:00:01Z", None, None),
        ("0001-01-01T00:00:00+14:00", None, None),
        ("9999-12-31T23:59:59-14:00", None, None),
        ("2026-03-04T22:00:00Z" + " " * 100, None, None),
        (1772661600, None, None),
        (None, None, None),
    ],
)
def test_a_callback_is_an_instant_in_the_next_sixty_days(
    value: object, zone: str | None, at: datetime | None
) -> None:
    found = extract({"callback_at": value}, ended_at=ENDED, zone=zone)
    assert found.callback_at == at
    assert (found.callback is not None) == (at is not None)


def test_a_callback_without_a_time_is_one_all_the_same() -> None:
    found = extract({"callbackRequested": True}, ended_at=ENDED)
    assert (found.callback, found.callback_at) == ("callbackRequested: True", None)


def test_a_time_beside_a_plain_no_is_no_callback() -> None:
    data = {"callbackRequested": False, "callbackAt": "2026-03-04T22:00:00Z"}
    assert extract(data, ended_at=ENDED).callback is None


def test_without_the_calls_end_no_time_is_taken() -> None:
    assert extract({"callbackAt": "2026-03-04T22:00:00Z"}, ended_at=None).callback is None


def test_wide_and_long_data_is_cut() -> None:
    wide: dict[str, object] = {f"field{place}": True for place in range(5000)}
    assert extract({**wide, "doNotCall": True}, ended_at=ENDED).opted_out is None
    told = extract({"doNotCall": "yes" + " x" * 5000}, ended_at=ENDED).opted_out
    assert told is not None
    assert len(told) < 320


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=20), inner),
    max_leaves=20,
)


@given(data=st.dictionaries(st.sampled_from(["doNotCall", "callbackAt", "name", "x"]), JSON))
def test_any_data_is_read(data: dict[str, object]) -> None:
    found = extract(data, ended_at=ENDED, zone="America/New_York")
    assert found.callback_at is None or found.callback_at > ENDED
