"""Law as data: the shipped table, which rows bind whom, and what they ask together."""

import csv
from datetime import date, time

import pytest

from dialer.rules.calling.hours import LAWFUL
from dialer.rules.law.law import Law
from dialer.rules.law.row import CONFIDENCES, FEDERAL, LawRow, Minutes, Purpose
from dialer.rules.where.zones import STATES

SHIPPED = Law.shipped()
CLOSED = None


def edited(state: str, profile: str, **cells: str) -> Law:
    """The shipped table with one row changed, or added when there is none."""
    table = list(csv.DictReader(SHIPPED.as_csv().splitlines()))
    found = [row for row in table if (row["state"], row["profile"]) == (state, profile)]
    if not found:
        found = [dict(table[0], state=state, profile=profile)]
        table += found
    found[0].update(cells)
    return Law.parse(as_text(table))


def as_text(table: list[dict[str, str]]) -> str:
    lines = [",".join(table[0])]
    lines += [
        ",".join('"' + cell.replace('"', '""') + '"' for cell in row.values()) for row in table
    ]
    return "\n".join(lines)


def _sources(rows: tuple[LawRow, ...]) -> list[tuple[str, Purpose]]:
    return [(row.state, row.purpose) for row in rows]


def _hours(start: int, end: int) -> Minutes:
    return start * 60, end * 60


def test_every_state_has_a_row_for_sales() -> None:
    assert {row.state for row in SHIPPED.rows if row.purpose is Purpose.SALES} == {"*", *STATES}


def test_every_shipped_row_has_a_source_a_confidence_and_a_review_date() -> None:
    for row in SHIPPED.rows:
        assert row.source
        assert row.confidence in CONFIDENCES
        assert row.reviewed_on == date(2026, 11, 1)


def test_the_zones_that_the_table_shows_are_those_of_the_states() -> None:
    for row in SHIPPED.rows:
        assert set(row.time_zones) <= set(STATES.get(row.state, ()))


def test_the_federal_row_of_sales_is_the_floor() -> None:
    (row,) = SHIPPED.rows_for((), Purpose.SALES, consented=False)
    assert row.week == ((8 * 60, 21 * 60),) * 7
    assert (time(8), time(21)) == LAWFUL
    assert "64.1200" in row.source


def test_debt_has_seven_calls_in_seven_days_and_no_rows_of_sales() -> None:
    bound = SHIPPED.binding(("AL", "FL"), Purpose.DEBT, consented=False)
    assert _sources(bound.rows) == [("*", Purpose.DEBT)]
    assert bound.max_attempts_7d == 7
    assert bound.max_attempts_24h is None
    assert bound.week == (_hours(8, 21),) * 7
    assert bound.holiday_sets == ()


def test_informational_says_that_its_hours_are_our_own() -> None:
    (row,) = SHIPPED.rows_for(("AL",), Purpose.INFORMATIONAL, consented=False)
    assert row.confidence == "engineering_default"
    assert row.purpose is Purpose.INFORMATIONAL


def test_sales_keeps_the_row_of_each_state() -> None:
    bound = SHIPPED.binding(("RI", "CT"), Purpose.SALES, consented=False)
    assert _sources(bound.rows) == [(s, Purpose.SALES) for s in ("*", "CT", "RI")]
    assert bound.week == (_hours(9, 18),) * 5 + (_hours(10, 17), CLOSED)
    assert bound.holiday_sets == ("RI",)


def test_an_artificial_voice_keeps_its_own_row_and_the_one_for_sales() -> None:
    bound = SHIPPED.binding(("OK",), Purpose.AI_VOICE, consented=False)
    assert _sources(bound.rows) == [
        ("*", Purpose.SALES),
        ("OK", Purpose.AI_VOICE),
        ("OK", Purpose.SALES),
    ]
    assert bound.week[0] == _hours(9, 20)
    assert bound.max_attempts_24h == 3


def test_the_least_cap_binds() -> None:
    states = ("FL", "ME")
    assert SHIPPED.binding(states, Purpose.AI_VOICE, consented=False).max_attempts_24h == 1
    assert SHIPPED.binding(states, Purpose.SALES, consented=False).max_attempts_24h == 3
    assert SHIPPED.binding(("ME",), Purpose.SALES, consented=False).max_attempts_24h is None


def test_consent_lifts_only_rows_that_say_so() -> None:
    states = ("FL", "UT")
    without = SHIPPED.binding(states, Purpose.SALES, consented=False)
    consented = SHIPPED.binding(states, Purpose.SALES, consented=True)
    assert without.week[6] is CLOSED
    assert without.holiday_sets == ("UT",)
    assert _sources(consented.rows) == [("*", Purpose.SALES), ("FL", Purpose.SALES)]
    assert consented.week[6] == _hours(8, 20)
    assert consented.holiday_sets == ()


def test_a_state_may_have_rows_for_debt() -> None:
    law = edited("TX", "debt", sun_start="closed", sun_end="closed", max_attempts_7d="3")
    bound = law.binding(("TX",), Purpose.DEBT, consented=False)
    assert _sources(bound.rows) == [("*", Purpose.DEBT), ("TX", Purpose.DEBT)]
    assert bound.week == (_hours(8, 21),) * 6 + (CLOSED,)
    assert bound.max_attempts_7d == 3


def test_a_federal_row_for_the_artificial_voice_takes_the_place_of_the_one_for_sales() -> None:
    law = edited(FEDERAL, "ai_voice", weekday_start="10:00")
    bound = law.binding(("NY",), Purpose.AI_VOICE, consented=False)
    assert _sources(bound.rows) == [("*", Purpose.AI_VOICE), ("NY", Purpose.SALES)]
    assert bound.week[0] == _hours(10, 21)


def test_hours_that_exclude_each_other_close_the_day() -> None:
    law = edited("TX", "sales", weekday_start="08:00", weekday_end="09:00")
    assert law.binding(("RI", "TX"), Purpose.SALES, consented=False).week[0] is CLOSED


def test_an_unknown_state_raises() -> None:
    with pytest.raises(ValueError, match="'ZZ' is not the code of a state or territory"):
        SHIPPED.binding(("NY", "ZZ"), Purpose.SALES, consented=False)


def test_a_table_reads_back_as_an_equal_one() -> None:
    again = Law.parse(SHIPPED.as_csv())
    assert again == SHIPPED
    assert again.rows == SHIPPED.rows
    assert hash(again) == hash(SHIPPED)
    assert again.digest == SHIPPED.digest


def test_any_change_is_another_law() -> None:
    assert edited("TX", "sales", note="read again") != SHIPPED
    assert edited("TX", "sales").digest == SHIPPED.digest


def test_the_shipped_table_is_read_once() -> None:
    assert Law.shipped() is SHIPPED
