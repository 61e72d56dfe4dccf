"""A table of calling hours that is wrong names everything that is, by row and field."""

import csv
import random
from pathlib import Path

import pytest

from dialer.rules.law.law import Law
from dialer.rules.law.reading import MAX_CELL, MAX_CHARS, MAX_ROWS
from dialer.rules.law.row import COLUMNS, LawError, Problem
from tests.rules.law.law_test import as_text

SHIPPED = Law.shipped().as_csv()
TEXAS = next(i for i, line in enumerate(SHIPPED.splitlines(), 1) if line.startswith("TX,"))


def _with_texas(**cells: str) -> str:
    table = list(csv.DictReader(SHIPPED.splitlines()))
    table[TEXAS - 2].update(cells)
    return as_text(table)


def _problems(text: str) -> tuple[Problem, ...]:
    with pytest.raises(LawError) as raised:
        Law.parse(text)
    return raised.value.problems


@pytest.mark.parametrize(
    ("field", "cells", "message"),
    [
        ("state", {"state": "Texas"}, "'Texas' is neither a state's two capital letters nor *"),
        ("state", {"state": "tx"}, "'tx' is neither"),
        ("profile", {"profile": "sale"}, "'sale' is not known; did you mean sales?"),
        ("profile", {"profile": "x"}, "known: sales, ai_voice, debt, informational"),
        ("profile", {"state": "UT"}, "is already about UT sales"),
        ("time_zones", {"time_zones": "America/Chicago|CST6"}, "'CST6' is not an IANA time zone"),
        ("time_zones", {"time_zones": "America"}, "'America' is not an IANA time zone"),
        ("weekday_start", {"weekday_start": "9:00"}, "'9:00' is not a time of day; write HH:MM"),
        ("weekday_end", {"weekday_end": "24:00"}, "'24:00' is not a time of day"),
        ("sat_end", {"sat_end": ""}, "'' is not a time of day"),
        ("sun_start", {"sun_start": "closed"}, "has closed as start and as end"),
        ("sun_start", {"sun_start": "21:00"}, "21:00 is not before the end 21:00"),
        ("weekday_start", {"weekday_start": "07:59"}, "07:59-21:00 is wider than 08:00-21:00"),
        ("weekday_start", {"weekday_end": "21:01"}, "09:00-21:01 is wider than 08:00-21:00"),
        ("holiday_ban", {"holiday_ban": "maybe"}, "'maybe' is not known"),
        ("holiday_set", {"holiday_ban": "yes"}, "'' is neither a state's two capital letters nor"),
        ("holiday_set", {"holiday_ban": "yes", "holiday_set": "XX"}, "'XX' is neither"),
        ("holiday_set", {"holiday_set": "TX"}, "stands here though holiday_ban is no"),
        ("max_attempts_24h", {"max_attempts_24h": "0"}, "'0' is not a number from 1 to 100"),
        ("max_attempts_24h", {"max_attempts_24h": "three"}, "leave it empty for no limit"),
        ("max_attempts_7d", {"max_attempts_7d": "101"}, "'101' is not a number from 1 to 100"),
        ("max_attempts_7d", {"max_attempts_7d": "\u0663"}, "is not a number"),
        ("lifted_by_consent", {"lifted_by_consent": "sure"}, "'sure' is not known"),
        ("source", {"source": "  "}, "is empty; name the rule that the row comes from"),
        ("confidence", {"confidence": "hihg"}, "did you mean high?"),
        ("reviewed_on", {"reviewed_on": "11/01/2026"}, "is not a date; write YYYY-MM-DD"),
        ("reviewed_on", {"reviewed_on": "2026-02-30"}, "'2026-02-30' is not a date"),
        ("note", {"note": "x" * (MAX_CELL + 1)}, "is one line of at most 1,000 printable"),
        ("note", {"note": "a\x00b"}, "is one line of at most 1,000 printable"),
    ],
)
def test_a_cell_that_is_wrong_is_named(field: str, cells: dict[str, str], message: str) -> None:
    found = _problems(_with_texas(**cells))
    row = next(problem for problem in found if problem.row)
    assert row.field == field
    assert message in row.message
    assert row.row == (TEXAS if cells.get("state") != "UT" else TEXAS + 1)
    assert len(row.message) < 250


def test_a_row_that_stands_twice_is_named_where_it_stands_again() -> None:
    last = SHIPPED.splitlines()[-1]
    (problem,) = _problems(SHIPPED + last)
    count = len(SHIPPED.splitlines())
    assert problem == (count + 1, "profile", f"row {count} is already about MP sales")


def test_everything_that_is_wrong_is_said_at_once() -> None:
    text = _with_texas(weekday_start="nine", sat_end="late", source="", confidence="sure")
    found = _problems(text.replace("\nUT,", "\nUX,"))
    fields = [(p.row, p.field) for p in found]
    for field in ("weekday_start", "sat_end", "source", "confidence"):
        assert (TEXAS, field) in fields
    with pytest.raises(LawError, match=rf"^row {TEXAS}, weekday_start: 'nine'.*\(and 3 more\)$"):
        Law.parse(text)


def test_the_federal_hours_are_not_lifted_by_consent() -> None:
    table = list(csv.DictReader(SHIPPED.splitlines()))
    table[0]["lifted_by_consent"] = "yes"
    (problem,) = _problems(as_text(table))
    assert (problem.row, problem.field) == (2, "lifted_by_consent")


@pytest.mark.parametrize("state", ["*", "TX"])
def test_a_row_for_sales_that_is_missing_frees_nobody(state: str) -> None:
    table = list(csv.DictReader(SHIPPED.splitlines()))
    kept = [row for row in table if (row["state"], row["profile"]) != (state, "sales")]
    (problem,) = _problems(as_text(kept))
    assert (problem.row, problem.field) == (0, "state")
    assert f"no row for sales in {state}" in problem.message


@pytest.mark.parametrize(
    ("header", "field", "message"),
    [
        ("sales_hours", "sales_hours", "is not a column; known: state, name"),
        ("weekday_begin", "weekday_begin", "is not a column; did you mean weekday_end?"),
        ("state", "state", "stands 2 times in the header; keep one"),
    ],
)
def test_a_header_that_is_wrong_is_named(header: str, field: str, message: str) -> None:
    found = _problems(SHIPPED.replace(",note\n", f",{header}\n", 1))
    assert found[0].row == 1
    assert found[0].field == field
    assert message in found[0].message


def test_columns_that_are_missing_are_named() -> None:
    found = _problems("state,profile\nTX,sales\n")
    assert {"weekday_start", "holiday_ban", "source"} <= {problem.field for problem in found}
    assert all(problem.row == 1 for problem in found)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the table is empty"),
        ("\n \n", "the table is empty"),
        ("x" * (MAX_CHARS + 1), "the table has 100,001 characters; at most 100,000 are read"),
        (SHIPPED + '"TX,', "the table is not CSV"),
        (SHIPPED + "TX\n" * (MAX_ROWS + 1), f"at most {MAX_ROWS} are read"),
        (SHIPPED + "TX,sales\n", f"has 2 cells where the header has {len(COLUMNS)}"),
    ],
)
def test_a_text_that_is_no_table_is_refused(text: str, message: str) -> None:
    (problem,) = _problems(text)
    assert message in problem.message


def test_the_order_of_columns_blank_lines_and_a_byte_order_mark_do_not_matter() -> None:
    table = list(csv.DictReader(SHIPPED.splitlines()))
    turned = [{name: row[name] for name in reversed(COLUMNS)} for row in table]
    assert Law.parse("\ufeff" + as_text(turned).replace("\n", "\r\n\r\n")) == Law.shipped()


def test_columns_that_say_nothing_of_hours_may_be_left_out() -> None:
    table = list(csv.DictReader(SHIPPED.splitlines()))
    for row in table:
        for name in ("name", "time_zones", "max_attempts_7d", "reviewed_on", "note"):
            del row[name]
    assert {row.reviewed_on for row in Law.parse(as_text(table)).rows} == {None}


@pytest.mark.parametrize("seed", range(40))
def test_any_text_is_read_or_refused(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 -- reproducible tables
    text = list(SHIPPED)
    for _ in range(chance.randrange(1, 30)):
        text[chance.randrange(len(text))] = chance.choice('",\n\r\0 :-*|0Ax\u00e9')
    try:
        law = Law.parse("".join(text))
    except LawError as error:
        assert error.problems  # noqa: PT017 -- either end is right
    else:
        assert Law.parse(law.as_csv()) == law


def test_the_shipped_file_is_in_its_canonical_form() -> None:
    path = Path(__file__).parents[3] / "dialer/rules/data/calling_hours.csv"
    assert path.read_text("utf-8") == SHIPPED
