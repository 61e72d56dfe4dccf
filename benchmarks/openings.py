"""Measures how many next openings a second one core finds, beside the target.

A list of leads of 2,000 kinds (states, zones, consent), the same ones every time, under a campaign
that has not been asked about before: the first lead of each kind pays for its calendar.
"""

import random
import time
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

from benchmarks.measure import Measure
from dialer.rules.calling.hours import DAYS, WeeklyHours
from dialer.rules.calling.window import CallingRules, Profile, next_opening
from dialer.rules.law.law import Law
from dialer.rules.law.row import Purpose
from dialer.rules.where.zones import STATES

LEADS = 200_000
KINDS = 2_000
_SEED = 20_261_122
_PASSES = 5
_TARGET_PER_SECOND = 50_000
_FROM = datetime(2026, 11, 22, 22, 0, tzinfo=UTC)

_Lead = tuple[Profile, datetime]


def make_leads(count: int = LEADS) -> list[_Lead]:
    """Profiles and the instants asked about, within two days; the same ones every time."""
    chance = random.Random(_SEED)  # noqa: S311 -- reproducible rows, not secrets
    kinds = [_make_kind(chance) for _ in range(KINDS)]
    return [
        (chance.choice(kinds), _FROM + timedelta(seconds=chance.randrange(2 * 86_400)))
        for _ in range(count)
    ]


def _make_kind(chance: random.Random) -> Profile:
    states = tuple(sorted(chance.sample(sorted(STATES), chance.choice((1, 1, 2, 3)))))
    zones = tuple(sorted({zone for state in states for zone in STATES[state]}))
    return Profile(zones, states, consented=chance.random() < 1 / 2)


def measure() -> list[Measure]:
    """The best of several passes, each under a campaign of its own."""
    leads = make_leads()
    rates = [_rate(_campaign(minute), leads) for minute in range(_PASSES)]
    again = [_rate(_campaign(0), leads) for _ in range(_PASSES)]
    return [
        _said("openings_of_a_new_campaign", max(rates)),
        _said("openings_of_a_known_campaign", max(again)),
    ]


def _campaign(minute: int) -> CallingRules:
    week = {day: [["09:00", "12:00"], ["13:00", f"18:{minute:02}"]] for day in DAYS[:6]}
    return CallingRules(
        hours=WeeklyHours(week),
        law=Law.shipped(),
        purpose=Purpose.AI_VOICE,
        closed_dates=frozenset({date(2026, 11, 27), date(2026, 12, 24)}),
        holidays=True,
    )


def _rate(rules: CallingRules, leads: Sequence[_Lead]) -> float:
    """Leads per second of this thread's processor time, so that neighbours do not count."""
    start = time.thread_time()
    for profile, now in leads:
        next_opening(rules, profile, now)
    return len(leads) / (time.thread_time() - start)


def _said(name: str, rate: float) -> Measure:
    return Measure(
        name=name,
        value=rate,
        unit="leads/s",
        reference=f"target on one core, leads of {KINDS:,} kinds",
        reference_value=_TARGET_PER_SECOND,
    )
