"""Calling windows in the places and on the days where it is easy to be wrong."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from dialer.rules.calling.day_parts import Part
from dialer.rules.calling.hours import ALWAYS, DAYS, WeeklyHours
from dialer.rules.calling.window import CallingRules, Closed, Open, Profile, next_opening, window
from dialer.rules.law.law import Law
from dialer.rules.law.row import Purpose
from tests.rules.law.law_test import edited

Week = Mapping[str, Sequence[Sequence[str]]]

NEW_YORK, CHICAGO, DENVER = "America/New_York", "America/Chicago", "America/Denver"
PHOENIX, LOS_ANGELES = "America/Phoenix", "America/Los_Angeles"
HONOLULU, GUAM = "Pacific/Honolulu", "Pacific/Guam"
MINUTE = timedelta(minutes=1)
SUMMER, WINTER = date(2026, 7, 15), date(2026, 12, 2)
FRIDAY, SATURDAY, SUNDAY = date(2026, 9, 11), date(2026, 9, 12), date(2026, 9, 13)
MONDAY = date(2026, 9, 14)

ANY_TIME = CallingRules(hours=WeeklyHours(ALWAYS), law=Law.shipped(), purpose=Purpose.SALES)
BY_VOICE = replace(ANY_TIME, purpose=Purpose.AI_VOICE)


def _at(day: date, clock: str, zone: str = NEW_YORK) -> datetime:
    return datetime.combine(day, time.fromisoformat(clock), ZoneInfo(zone)).astimezone(UTC)


def _weekly(week: Week) -> CallingRules:
    return replace(ANY_TIME, hours=WeeklyHours(week))


def _day(rules: CallingRules, profile: Profile, after: datetime) -> tuple[datetime, datetime]:
    """The first window after an instant: its start, and its end with the margin put back."""
    found = window(rules, profile, after)
    assert isinstance(found, Closed)
    assert found.opens
    opened = window(rules, profile, found.opens)
    assert isinstance(opened, Open)
    return found.opens, opened.until + MINUTE


def _lead(states: str, *zones: str, consented: bool = False) -> Profile:
    return Profile(zones, tuple(states.split()), consented)


@pytest.mark.parametrize(
    ("day", "opens", "closes"), [(SUMMER, "08:00", "20:00"), (WINTER, "08:00", "21:00")]
)
def test_arizona_may_be_the_navajo_nation_which_keeps_daylight_saving(
    day: date, opens: str, closes: str
) -> None:
    lead = _lead("AZ", PHOENIX, DENVER)
    expected = (_at(day, opens, PHOENIX), _at(day, closes, PHOENIX))
    assert _day(ANY_TIME, lead, _at(day, "04:00", PHOENIX)) == expected


def test_indiana_keeps_two_times() -> None:
    lead = _lead("IN", "America/Indiana/Indianapolis", CHICAGO)
    expected = (_at(SUMMER, "08:00", CHICAGO), _at(SUMMER, "20:00", CHICAGO))
    assert _day(ANY_TIME, lead, _at(SUMMER, "04:00")) == expected


def test_florida_may_be_the_panhandle() -> None:
    lead = _lead("FL", NEW_YORK, CHICAGO)
    expected = (_at(SUMMER, "09:00"), _at(SUMMER, "20:00"))
    assert _day(ANY_TIME, lead, _at(SUMMER, "04:00")) == expected


def test_hawaii_does_not_change_its_clocks() -> None:
    for day in (date(2026, 3, 7), date(2026, 3, 8), date(2026, 3, 9), date(2026, 11, 1)):
        opens, closes = _day(ANY_TIME, _lead("HI", HONOLULU), _at(day, "04:00", HONOLULU))
        assert (opens.time(), closes.time()) == (time(18), time(7))


def test_lord_howe_moves_by_half_an_hour() -> None:
    lead = _lead("HI", "Australia/Lord_Howe")
    before, _ = _day(ANY_TIME, lead, datetime(2026, 10, 2, 16, tzinfo=UTC))
    after, _ = _day(ANY_TIME, lead, datetime(2026, 10, 3, 16, tzinfo=UTC))
    assert before == datetime(2026, 10, 2, 21, 30, tzinfo=UTC)
    assert after == datetime(2026, 10, 3, 21, 0, tzinfo=UTC)


def test_a_window_over_midnight_in_utc_is_one() -> None:
    lead = _lead("CA", LOS_ANGELES)
    now = _at(SUMMER, "16:59", LOS_ANGELES)
    assert now.date() < _at(SUMMER, "17:01", LOS_ANGELES).date()
    assert window(ANY_TIME, lead, now) == Open(_at(SUMMER, "20:59", LOS_ANGELES))


def test_hours_that_meet_have_no_margin_between_them() -> None:
    rules = _weekly({day: [["09:00", "12:00"], ["12:00", "17:00"]] for day in DAYS})
    found = window(rules, _lead("NY", NEW_YORK), _at(SUMMER, "11:59"))
    assert found == Open(_at(SUMMER, "16:59"))


@pytest.mark.parametrize("clock", ["16:59", "16:59:59", "17:00"])
def test_no_call_starts_in_the_last_minute(clock: str) -> None:
    rules = _weekly({day: [["09:00", "17:00"]] for day in DAYS})
    found = window(rules, _lead("NY", NEW_YORK), _at(SUMMER, clock))
    opens = _at(SUMMER + timedelta(days=1), "09:00")
    assert found == Closed(opens, "outside_calling_hours")


def test_alabama_is_not_called_on_sundays() -> None:
    lead = _lead("AL", CHICAGO)
    assert window(ANY_TIME, lead, _at(SATURDAY, "19:58", CHICAGO)) == Open(
        _at(SATURDAY, "19:59", CHICAGO)
    )
    found = window(ANY_TIME, lead, _at(SUNDAY, "12:00", CHICAGO))
    assert found == Closed(_at(MONDAY, "08:00", CHICAGO), "outside_calling_hours")


def test_a_candidate_state_that_bans_sundays_closes_them_for_the_lead() -> None:
    lead = _lead("AL GA", NEW_YORK, CHICAGO)
    found = window(ANY_TIME, lead, _at(SUNDAY, "12:00"))
    assert found == Closed(_at(MONDAY, "09:00"), "outside_calling_hours")


@pytest.mark.parametrize("purpose", [Purpose.SALES, Purpose.AI_VOICE])
def test_alabama_is_not_called_on_its_holidays(purpose: Purpose) -> None:
    memorial = date(2026, 4, 27)
    found = window(
        replace(ANY_TIME, purpose=purpose), _lead("AL", CHICAGO), _at(memorial, "12:00", CHICAGO)
    )
    assert found == Closed(_at(date(2026, 4, 28), "08:00", CHICAGO), "holiday")
    assert isinstance(
        window(ANY_TIME, _lead("GA", CHICAGO), _at(memorial, "12:00", CHICAGO)), Open
    )


def test_a_states_holiday_does_not_bind_other_purposes() -> None:
    debt = replace(ANY_TIME, purpose=Purpose.DEBT)
    noon = _at(date(2026, 4, 27), "12:00", CHICAGO)
    assert isinstance(window(debt, _lead("AL", CHICAGO), noon), Open)


def test_utahs_sundays_and_holidays_are_open_with_consent() -> None:
    pioneers = date(2026, 7, 24)
    for day, why in ((SUNDAY, "outside_calling_hours"), (pioneers, "holiday")):
        now = _at(day, "12:00", DENVER)
        found = window(ANY_TIME, _lead("UT", DENVER), now)
        assert isinstance(found, Closed)
        assert found.why == why
        with_consent = window(ANY_TIME, _lead("UT", DENVER, consented=True), now)
        assert with_consent == Open(_at(day, "20:59", DENVER))


def test_maine_hears_recorded_voices_on_weekdays_until_five() -> None:
    lead = _lead("ME", NEW_YORK)
    now = _at(FRIDAY, "16:59")
    assert window(BY_VOICE, lead, now) == Closed(_at(MONDAY, "09:00"), "outside_calling_hours")
    assert window(ANY_TIME, lead, now) == Open(_at(FRIDAY, "20:59"))


def test_a_campaign_may_keep_the_federal_holidays_and_the_days_they_are_observed_on() -> None:
    keeping = replace(ANY_TIME, holidays=True)
    lead = _lead("NY", NEW_YORK)
    observed = _at(date(2026, 7, 3), "12:00")
    assert isinstance(window(ANY_TIME, lead, observed), Open)
    assert window(keeping, lead, observed) == Closed(_at(date(2026, 7, 5), "08:00"), "holiday")


def test_a_closed_date_is_the_leads_own_and_closes_it_in_any_zone() -> None:
    rules = replace(ANY_TIME, closed_dates=frozenset({SATURDAY}))
    tokyo = _lead("HI", "Asia/Tokyo")
    assert isinstance(window(rules, tokyo, _at(SATURDAY, "20:00", NEW_YORK)), Open)
    found = window(rules, tokyo, _at(SATURDAY, "12:00", "Asia/Tokyo"))
    assert found == Closed(_at(SUNDAY, "08:00", "Asia/Tokyo"), "closed_date")
    both = _lead("HI", HONOLULU, "Pacific/Auckland")
    now = _at(SATURDAY, "12:00", "Pacific/Auckland")
    assert now.astimezone(ZoneInfo(HONOLULU)).date() == FRIDAY
    found = window(rules, both, now)
    assert isinstance(found, Closed)
    assert found.why == "closed_date"


@pytest.mark.parametrize("states", ["FL", "FL GA"])
def test_a_paused_state_is_closed_until_somebody_ends_the_pause(states: str) -> None:
    rules = replace(ANY_TIME, paused_states=frozenset({"FL", "TX"}))
    noon = _at(SUMMER, "12:00")
    assert window(rules, _lead(states, NEW_YORK), noon) == Closed(None, "state_paused")
    assert next_opening(rules, _lead(states, NEW_YORK), noon) is None
    assert isinstance(window(rules, _lead("GA", NEW_YORK), noon), Open)


def test_before_its_start_a_campaign_is_closed() -> None:
    lead = _lead("NY", NEW_YORK)
    starts = _at(SUMMER, "10:30:15") + timedelta(microseconds=7)
    rules = replace(ANY_TIME, starts_at=starts)
    found = window(rules, lead, _at(SUMMER, "09:00"))
    assert found == Closed(starts, "campaign_not_started")
    assert window(rules, lead, starts) == Open(_at(SUMMER, "20:59"))
    at_night = replace(ANY_TIME, starts_at=_at(SUMMER, "23:00"))
    tomorrow = _at(SUMMER + timedelta(days=1), "08:00")
    assert next_opening(at_night, lead, _at(SUMMER, "09:00")) == tomorrow


def test_a_campaigns_end_is_the_end_of_a_window() -> None:
    lead = _lead("NY", NEW_YORK)
    ends = _at(SUMMER, "12:00:30")
    rules = replace(ANY_TIME, ends_at=ends)
    assert window(rules, lead, _at(SUMMER, "09:00")) == Open(ends)
    assert window(rules, lead, ends - MINUTE) == Open(ends)
    assert window(rules, lead, ends) == Closed(None, "campaign_ended")
    assert next_opening(rules, lead, ends) is None


def test_a_part_of_the_day_is_by_the_first_zone() -> None:
    lead = _lead("NY CA", NEW_YORK, LOS_ANGELES)
    now = _at(SUMMER, "00:30")
    assert next_opening(ANY_TIME, lead, now) == _at(SUMMER, "11:00")
    assert next_opening(ANY_TIME, lead, now, Part.MORNING) == _at(SUMMER, "11:00")
    assert next_opening(ANY_TIME, lead, now, Part.AFTERNOON) == _at(SUMMER, "12:00")
    assert next_opening(ANY_TIME, lead, now, Part.EVENING) == _at(SUMMER, "17:00")
    late = _at(SUMMER, "11:59")
    assert isinstance(window(ANY_TIME, lead, late), Open)
    tomorrow = SUMMER + timedelta(days=1)
    assert next_opening(ANY_TIME, lead, late, Part.MORNING) == _at(tomorrow, "11:00")


def test_a_part_that_the_hours_leave_out_never_comes() -> None:
    rules = _weekly({day: [["09:00", "12:00"]] for day in DAYS})
    now = _at(SUMMER, "10:00")
    found = window(rules, _lead("NY", NEW_YORK), now, Part.EVENING)
    assert found == Closed(None, "no_common_window")


@pytest.mark.parametrize(
    ("rules", "lead"),
    [
        (_weekly({day: [["09:00", "17:00"]] for day in DAYS}), _lead("NY GU", NEW_YORK, GUAM)),
        (_weekly({"monday": [["08:00", "10:00"]]}), _lead("KY", NEW_YORK)),
        (_weekly({"sunday": [["09:00", "17:00"]]}), _lead("PA", NEW_YORK)),
        (_weekly({day: [["09:00", "12:01"]] for day in DAYS}), _lead("GA", NEW_YORK, LOS_ANGELES)),
        (ANY_TIME, _lead("NY")),
        (ANY_TIME, Profile((NEW_YORK,), ())),
    ],
)
def test_nothing_in_common_is_never_a_guess(rules: CallingRules, lead: Profile) -> None:
    noon = _at(SUMMER, "12:00")
    assert window(rules, lead, noon) == Closed(None, "no_common_window")
    assert next_opening(rules, lead, noon) is None


def test_an_opening_a_year_away_is_found_and_one_beyond_is_not() -> None:
    year = frozenset(SUMMER + timedelta(days=n) for n in range(398))
    lead = _lead("NY", NEW_YORK)
    noon = _at(SUMMER, "12:00")
    opens = next_opening(replace(ANY_TIME, closed_dates=year), lead, noon)
    assert opens == _at(SUMMER + timedelta(days=398), "08:00")
    longer = year | {SUMMER + timedelta(days=n) for n in range(398, 402)}
    assert next_opening(replace(ANY_TIME, closed_dates=frozenset(longer)), lead, noon) is None


def test_an_edit_of_the_law_holds_at_once() -> None:
    lead = _lead("TX", CHICAGO)
    morning = _at(SUMMER, "10:00", CHICAGO)
    assert isinstance(window(ANY_TIME, lead, morning), Open)
    stricter = replace(ANY_TIME, law=edited("TX", "sales", weekday_start="11:00"))
    found = window(stricter, lead, morning)
    assert found == Closed(_at(SUMMER, "11:00", CHICAGO), "outside_calling_hours")


def test_an_open_window_is_its_own_next_opening() -> None:
    now = _at(SUMMER, "12:00:01")
    assert next_opening(ANY_TIME, _lead("NY", NEW_YORK), now) == now


@pytest.mark.parametrize(
    ("lead", "error"),
    [
        (_lead("NY", "America/Nowhere"), KeyError),
        (_lead("NY", NEW_YORK, "America"), KeyError),
        (_lead("NY", "../../etc/localtime"), ValueError),
        (_lead("NY ZZ", NEW_YORK), ValueError),
    ],
)
def test_what_cannot_be_read_raises_so_that_the_gate_closes(
    lead: Profile, error: type[Exception]
) -> None:
    for _ in range(2):
        with pytest.raises(error):
            window(ANY_TIME, lead, _at(SUMMER, "12:00"))
        with pytest.raises(error):
            next_opening(ANY_TIME, lead, _at(SUMMER, "12:00"))


def test_a_naive_instant_raises() -> None:
    naive = _at(SUMMER, "12:00").replace(tzinfo=None)
    with pytest.raises(ValueError, match="now has no time zone"):
        window(ANY_TIME, _lead("NY", NEW_YORK), naive)


def test_equal_rules_are_one_key() -> None:
    same = CallingRules(
        hours=WeeklyHours(ALWAYS), law=Law.parse(Law.shipped().as_csv()), purpose=Purpose.SALES
    )
    assert same == ANY_TIME
    assert hash(same) == hash(ANY_TIME)
    assert replace(same, holidays=True) != ANY_TIME
