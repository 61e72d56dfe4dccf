"""The gates that outsiders shut: the CRM's word, the organization's list, the registry."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from dialer.rules.calling.gate import BUCKETS, NEVER_RETRY, Allow, Defer, LeadFacts, Refuse, check
from dialer.rules.calling.hours import ALWAYS, WeeklyHours
from dialer.rules.calling.stop_word import StopWord
from dialer.rules.calling.window import CallingRules, Profile
from dialer.rules.law.law import Law
from dialer.rules.law.row import Purpose
from dialer.rules.lead import FINISHED, LeadState

NOON = datetime(2026, 3, 3, 17, 30, tzinfo=UTC)
RULES = CallingRules(hours=WeeklyHours(ALWAYS), law=Law.shipped(), purpose=Purpose.AI_VOICE)
LEAD = LeadFacts(profile=Profile(("America/New_York",), ("NY",)))


def test_with_nothing_against_it_the_phone_may_ring() -> None:
    assert isinstance(check(LEAD, RULES, now=NOON), Allow)


@pytest.mark.parametrize("word", StopWord)
def test_a_word_from_the_crm_ends_the_lead_in_its_bucket(word: StopWord) -> None:
    verdict = check(replace(LEAD, stop_word=word), RULES, now=NOON)
    assert verdict == Refuse(word.reason)
    assert isinstance(verdict, Refuse)
    assert verdict.bucket is word.bucket


@pytest.mark.parametrize(
    ("why", "bucket"),
    [
        ("suppressed", LeadState.SUPPRESSED),
        ("dnc_listed", LeadState.SUPPRESSED),
        ("expired", LeadState.EXPIRED),
    ],
)
def test_whoever_is_refused_ends_in_the_bucket_of_the_reason(why: str, bucket: LeadState) -> None:
    assert Refuse(why).bucket is bucket


def test_every_bucket_of_a_refusal_is_a_last_one() -> None:
    assert set(BUCKETS.values()) <= FINISHED


def test_the_registry_refuses_and_a_stale_copy_defers() -> None:
    assert check(replace(LEAD, dnc_listed=True), RULES, now=NOON) == Refuse("dnc_listed")
    stale = replace(LEAD, dnc_stale=True)
    assert check(stale, RULES, now=NOON) == Defer(NOON + NEVER_RETRY, "dnc_stale")


def test_the_first_in_order_speaks() -> None:
    lead = replace(
        LEAD,
        stop_word=StopWord.WON,
        suppressed=True,
        dnc_listed=True,
        expires_at=NOON - timedelta(hours=1),
        not_before=NOON + timedelta(hours=1),
        agreed=False,
        dnc_stale=True,
        number_in_call=True,
    )
    opened = (
        {"stop_word": None},
        {"suppressed": False},
        {"dnc_listed": False},
        {"expires_at": None},
        {"not_before": None},
        {"agreed": True},
        {"dnc_stale": False},
        {"number_in_call": False},
    )
    told = []
    for change in opened:
        verdict = check(lead, RULES, now=NOON)
        assert not isinstance(verdict, Allow)
        told.append(verdict.why)
        lead = replace(lead, **change)
    assert told == [
        *("crm_won", "suppressed", "dnc_listed", "expired", "not_before", "no_consent"),
        *("dnc_stale", "number_in_call"),
    ]
    assert isinstance(check(lead, RULES, now=NOON), Allow)
