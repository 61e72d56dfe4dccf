"""The plan's form: what is shown reads back as it was, and only what was changed is sent on."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.rules.calling.hours import ALWAYS, DAYS
from dialer.rules.errors import Fault, InvalidInputError
from service.pages import plan_form

CAMPAIGN: dict[str, Any] = {
    "name": "Spring",
    "calls_per_minute": 60,
    "concurrency": None,
    "priority": 0,
    "weight": 1,
    "max_calls_per_day": None,
    "max_calls": None,
    "price_per_minute": Decimal("0.1200"),
    "budget": Decimal("100.00"),
    "starts_at": None,
    "ends_at": datetime(2027, 1, 31, 17, 0, tzinfo=UTC),
    "closed_dates": ["2026-07-03"],
    "holidays": True,
    "hours": dict(ALWAYS),
}


def test_amounts_dates_and_hours_are_shown_as_people_write_them() -> None:
    shown = plan_form.shown(CAMPAIGN)
    assert (shown["price_per_minute"], shown["budget"]) == ("0.12", "100")
    assert (shown["ends_at"], shown["starts_at"]) == ("2027-01-31T17:00", "")
    assert (shown["closed_dates"], shown["holidays"]) == ("2026-07-03", "on")
    assert shown["sunday"] == "00:00-24:00"
    assert plan_form.changed(shown, CAMPAIGN) == {}


def test_a_box_that_is_not_sent_was_unticked_and_a_field_that_is_not_sent_is_left_alone() -> None:
    assert plan_form.changed({}, CAMPAIGN) == {"holidays": ""}


def test_an_empty_limit_is_lifted_and_nothing_else_is_touched() -> None:
    shown = plan_form.shown(CAMPAIGN) | {"calls_per_minute": "", "ends_at": ""}
    plan = plan_form.patch(plan_form.changed(shown, CAMPAIGN), CAMPAIGN).plan()
    assert plan.lifts == {"calls_per_minute", "ends_at"}
    assert (plan.name, plan.hours, plan.budget, plan.holidays) == (None, None, None, None)


def test_one_changed_day_keeps_the_others() -> None:
    patch = plan_form.patch({"friday": "9:00-12:00,13:00-17:00", "sunday": ""}, CAMPAIGN)
    assert patch.hours is not None
    assert patch.hours["friday"] == [["09:00", "12:00"], ["13:00", "17:00"]]
    assert set(patch.hours) == {*DAYS} - {"sunday"}


@pytest.mark.parametrize("text", ["nine", "9-17", "09:00-", "09:00-12:00;13:00-14:00", "1:2-3:4"])
def test_hours_that_cant_be_read_are_told_by_their_day(text: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        plan_form.patch({"monday": text}, CAMPAIGN)
    assert "monday" in plan_form.by_field(caught.value.faults)


def test_a_fault_of_no_field_is_told_above_them_all() -> None:
    faults = [Fault("/hours", "invalid_hours", "monday has hours that overlap")]
    faults += [Fault("/closed_dates/3", "date", "no date"), Fault("", "x", "all of it")]
    assert plan_form.by_field(faults) == {
        "": "hours: monday has hours that overlap",
        "closed_dates": "no date",
    }


@given(st.dictionaries(st.sampled_from([f.name for f in plan_form.FIELDS]), st.text(max_size=40)))
def test_whatever_is_written_is_read_or_refused_by_name(form: dict[str, str]) -> None:
    texts = plan_form.changed(form, CAMPAIGN)
    try:
        plan_form.patch(texts, CAMPAIGN)
    except InvalidInputError as error:
        told = plan_form.by_field(error.faults)
        assert told
        assert set(told) <= {*texts, ""}
