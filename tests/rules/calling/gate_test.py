"""The gates: their order, and what each says."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from dialer.rules.calling.gate import (
    NO_COMMON_WINDOW_RETRY,
    NUMBER_BUSY_RETRY,
    Allow,
    CampaignFacts,
    Defer,
    LeadFacts,
    Refuse,
    check,
)
from dialer.rules.calling.hours import ALWAYS, DAYS, WeeklyHours

NOON = datetime(2026, 3, 3, 17, tzinfo=UTC)
LATER = NOON + timedelta(hours=2)
CLOSE = datetime(2026, 3, 4, 1, 59, tzinfo=UTC)
HOUR = timedelta(hours=1)

LEAD = LeadFacts(
    zones=("America/New_York",),
    not_before=None,
    expires_at=None,
    suppressed=False,
    number_in_call=False,
)
CAMPAIGN = CampaignFacts(hours=WeeklyHours(ALWAYS), starts_at=None, ends_at=None)
SHUT = CampaignFacts(
    hours=WeeklyHours({"sunday": [["09:00", "10:00"]]}), starts_at=None, ends_at=None
)
OFFICE = CampaignFacts(
    hours=WeeklyHours({day: [["09:00", "17:00"]] for day in DAYS}), starts_at=None, ends_at=None
)


def test_with_every_gate_open_the_phone_may_ring_until_the_window_ends() -> None:
    assert check(LEAD, CAMPAIGN, now=NOON) == Allow(CLOSE)


def test_the_leads_expiry_ends_the_window() -> None:
    assert check(replace(LEAD, expires_at=LATER), CAMPAIGN, now=NOON) == Allow(LATER)


def test_the_campaigns_end_ends_the_window() -> None:
    assert check(LEAD, replace(CAMPAIGN, ends_at=LATER), now=NOON) == Allow(LATER)


def test_dates_beyond_the_window_do_not_widen_it() -> None:
    far = NOON + timedelta(days=9)
    lead, campaign = replace(LEAD, expires_at=far), replace(CAMPAIGN, ends_at=far)
    assert check(lead, campaign, now=NOON) == Allow(CLOSE)


@pytest.mark.parametrize(
    ("lead", "campaign", "verdict"),
    [
        (replace(LEAD, suppressed=True), CAMPAIGN, Refuse("suppressed")),
        (replace(LEAD, expires_at=NOON), CAMPAIGN, Refuse("expired")),
        (replace(LEAD, not_before=LATER), CAMPAIGN, Defer(LATER, "not_before")),
        (LEAD, replace(CAMPAIGN, starts_at=LATER), Defer(LATER, "campaign_not_started")),
        (LEAD, replace(CAMPAIGN, ends_at=NOON), Refuse("expired")),
        (
            replace(LEAD, number_in_call=True),
            CAMPAIGN,
            Defer(NOON + NUMBER_BUSY_RETRY, "number_in_call"),
        ),
        (LEAD, SHUT, Defer(datetime(2026, 3, 8, 13, tzinfo=UTC), "outside_calling_hours")),
        (
            replace(LEAD, zones=("America/New_York", "Pacific/Guam")),
            OFFICE,
            Defer(NOON + NO_COMMON_WINDOW_RETRY, "no_common_window"),
        ),
        (
            replace(LEAD, zones=()),
            CAMPAIGN,
            Defer(NOON + NO_COMMON_WINDOW_RETRY, "no_common_window"),
        ),
    ],
)
def test_each_gate_alone(lead: LeadFacts, campaign: CampaignFacts, verdict: object) -> None:
    assert check(lead, campaign, now=NOON) == verdict


@pytest.mark.parametrize("instant", ["not_before", "starts_at"])
def test_a_beginning_is_inclusive(instant: str) -> None:
    lead = replace(LEAD, not_before=NOON if instant == "not_before" else None)
    campaign = replace(CAMPAIGN, starts_at=NOON if instant == "starts_at" else None)
    assert check(lead, campaign, now=NOON) == Allow(CLOSE)


ALL_CLOSED_LEAD = LeadFacts(
    zones=("America/New_York",),
    not_before=LATER,
    expires_at=NOON - HOUR,
    suppressed=True,
    number_in_call=True,
)
ALL_CLOSED_CAMPAIGN = replace(SHUT, starts_at=LATER + HOUR, ends_at=NOON - HOUR)


def test_with_all_closed_the_first_in_order_speaks() -> None:
    lead, campaign = ALL_CLOSED_LEAD, ALL_CLOSED_CAMPAIGN
    told: list[str] = []

    def speak() -> None:
        verdict = check(lead, campaign, now=NOON)
        assert not isinstance(verdict, Allow)
        told.append(verdict.why)

    speak()
    lead = replace(lead, suppressed=False)
    speak()
    lead = replace(lead, expires_at=None)
    speak()
    lead = replace(lead, not_before=None)
    speak()
    campaign = replace(campaign, starts_at=None)
    speak()
    campaign = replace(campaign, ends_at=None)
    speak()
    lead = replace(lead, number_in_call=False)
    speak()
    assert told == [
        "suppressed",
        "expired",
        "not_before",
        "campaign_not_started",
        "expired",
        "number_in_call",
        "outside_calling_hours",
    ]
    assert check(lead, CAMPAIGN, now=NOON) == Allow(CLOSE)


def test_a_week_of_hours_in_the_leads_own_time() -> None:
    hours = WeeklyHours({day: [["09:00", "10:00"]] for day in DAYS})
    campaign = CampaignFacts(hours=hours, starts_at=None, ends_at=None)
    west = replace(LEAD, zones=("America/Los_Angeles",))
    assert isinstance(check(LEAD, campaign, now=NOON), Defer)
    assert check(west, campaign, now=NOON) == Allow(NOON + timedelta(minutes=59))
