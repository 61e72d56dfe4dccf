"""The gates: their order, and what each says."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from dialer.rules.calling.caps import Caps
from dialer.rules.calling.gate import (
    NEVER_RETRY,
    NUMBER_BUSY_RETRY,
    Allow,
    Defer,
    LeadFacts,
    Refuse,
    check,
)
from dialer.rules.calling.hours import ALWAYS, DAYS, WeeklyHours
from dialer.rules.calling.window import CallingRules, Profile
from dialer.rules.law.law import Law
from dialer.rules.law.row import Purpose

NOON = datetime(2026, 3, 3, 17, tzinfo=UTC)
LATER = NOON + timedelta(hours=2)
TOMORROW = datetime(2026, 3, 4, 13, tzinfo=UTC)
CLOSE = datetime(2026, 3, 4, 1, 59, tzinfo=UTC)
HOUR = timedelta(hours=1)

NEW_YORK = Profile(("America/New_York",), ("NY",))
LEAD = LeadFacts(profile=NEW_YORK)
RULES = CallingRules(hours=WeeklyHours(ALWAYS), law=Law.shipped(), purpose=Purpose.AI_VOICE)
SHUT = replace(RULES, hours=WeeklyHours({"sunday": [["09:00", "10:00"]]}))
OFFICE = replace(RULES, hours=WeeklyHours({day: [["09:00", "17:00"]] for day in DAYS}))
SUNDAY = datetime(2026, 3, 8, 13, tzinfo=UTC)


def test_with_every_gate_open_the_phone_may_ring_until_the_window_ends() -> None:
    assert check(LEAD, RULES, now=NOON) == Allow(CLOSE)


def test_the_leads_expiry_ends_the_window() -> None:
    assert check(replace(LEAD, expires_at=LATER), RULES, now=NOON) == Allow(LATER)


def test_the_campaigns_end_ends_the_window() -> None:
    assert check(LEAD, replace(RULES, ends_at=LATER), now=NOON) == Allow(LATER)


def test_dates_beyond_the_window_do_not_widen_it() -> None:
    far = NOON + timedelta(days=9)
    lead, rules = replace(LEAD, expires_at=far), replace(RULES, ends_at=far)
    assert check(lead, rules, now=NOON) == Allow(CLOSE)


@pytest.mark.parametrize(
    ("lead", "rules", "verdict"),
    [
        (replace(LEAD, suppressed=True), RULES, Refuse("suppressed")),
        (replace(LEAD, expires_at=NOON), RULES, Refuse("expired")),
        (replace(LEAD, not_before=LATER), RULES, Defer(LATER, "not_before")),
        (replace(LEAD, agreed=False), RULES, Defer(NOON + NEVER_RETRY, "no_consent")),
        (LEAD, replace(RULES, starts_at=LATER), Defer(LATER, "campaign_not_started")),
        (LEAD, replace(RULES, ends_at=NOON), Refuse("expired")),
        (
            replace(LEAD, number_in_call=True),
            RULES,
            Defer(NOON + NUMBER_BUSY_RETRY, "number_in_call"),
        ),
        (
            replace(LEAD, caps=Caps(gap=2 * HOUR), rings=(NOON - HOUR,)),
            RULES,
            Defer(NOON + HOUR, "number_gap"),
        ),
        (
            replace(LEAD, caps=Caps(in_24h=1), rings=(NOON - HOUR,)),
            RULES,
            Defer(NOON + 23 * HOUR, "number_cap_24h"),
        ),
        (
            replace(LEAD, caps=Caps(in_7d=1), rings=(NOON - 25 * HOUR,)),
            RULES,
            Defer(NOON + 143 * HOUR, "number_cap_7d"),
        ),
        (LEAD, SHUT, Defer(SUNDAY, "outside_calling_hours")),
        (
            LEAD,
            replace(RULES, closed_dates=frozenset({date(2026, 3, 3)})),
            Defer(TOMORROW, "closed_date"),
        ),
        (
            LEAD,
            replace(RULES, paused_states=frozenset({"NY"})),
            Defer(NOON + NEVER_RETRY, "state_paused"),
        ),
        (
            replace(LEAD, profile=Profile(("America/New_York", "Pacific/Guam"), ("NY", "GU"))),
            OFFICE,
            Defer(NOON + NEVER_RETRY, "no_common_window"),
        ),
        (
            replace(LEAD, profile=Profile((), ("NY",))),
            RULES,
            Defer(NOON + NEVER_RETRY, "no_common_window"),
        ),
    ],
)
def test_each_gate_alone(lead: LeadFacts, rules: CallingRules, verdict: object) -> None:
    assert check(lead, rules, now=NOON) == verdict


@pytest.mark.parametrize("instant", ["not_before", "starts_at"])
def test_a_beginning_is_inclusive(instant: str) -> None:
    lead = replace(LEAD, not_before=NOON if instant == "not_before" else None)
    rules = replace(RULES, starts_at=NOON if instant == "starts_at" else None)
    assert check(lead, rules, now=NOON) == Allow(CLOSE)


CAPPED = Caps(gap=2 * HOUR, in_24h=1, in_7d=1)
ALL_CLOSED_LEAD = LeadFacts(
    profile=NEW_YORK,
    caps=CAPPED,
    rings=(NOON - HOUR,),
    not_before=LATER,
    expires_at=NOON - HOUR,
    suppressed=True,
    agreed=False,
    number_in_call=True,
)
ALL_CLOSED_RULES = replace(SHUT, starts_at=LATER + HOUR, ends_at=NOON - HOUR)
OPENED_IN_TURN: tuple[tuple[str, dict[str, Any], dict[str, Any]], ...] = (
    ("suppressed", {"suppressed": False}, {}),
    ("expired", {"expires_at": None}, {}),
    ("expired", {}, {"ends_at": None}),
    ("not_before", {"not_before": None}, {}),
    ("no_consent", {"agreed": True}, {}),
    ("number_in_call", {"number_in_call": False}, {}),
    ("number_cap_7d", {"caps": replace(CAPPED, in_7d=None)}, {}),
    ("number_cap_24h", {"caps": Caps(gap=CAPPED.gap)}, {}),
    ("number_gap", {"caps": Caps()}, {}),
    ("campaign_not_started", {}, {"starts_at": None}),
    ("outside_calling_hours", {}, {"hours": RULES.hours}),
)


def test_with_all_closed_the_first_in_order_speaks() -> None:
    lead, rules = ALL_CLOSED_LEAD, ALL_CLOSED_RULES
    for why, opens_lead, opens_rules in OPENED_IN_TURN:
        verdict = check(lead, rules, now=NOON)
        assert not isinstance(verdict, Allow)
        assert verdict.why == why
        lead, rules = replace(lead, **opens_lead), replace(rules, **opens_rules)
    assert check(lead, rules, now=NOON) == Allow(CLOSE)


def test_a_week_of_hours_in_the_leads_own_time() -> None:
    rules = replace(RULES, hours=WeeklyHours({day: [["09:00", "10:00"]] for day in DAYS}))
    west = replace(LEAD, profile=Profile(("America/Los_Angeles",), ("CA",)))
    assert isinstance(check(LEAD, rules, now=NOON), Defer)
    assert check(west, rules, now=NOON) == Allow(NOON + timedelta(minutes=59))
