"""What is explained is what the gates do: for any lead, and at the instant that is foreseen."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.rules.calling.caps import Caps
from dialer.rules.calling.explain import next_instant, verdicts
from dialer.rules.calling.gate import Allow, Defer, LeadFacts, Refuse, check
from dialer.rules.calling.hours import DAYS, WeeklyHours
from dialer.rules.calling.stop_word import StopWord
from dialer.rules.calling.window import CallingRules, Profile
from dialer.rules.law.law import Law
from dialer.rules.law.row import Purpose

NOON = datetime(2026, 3, 3, 17, 30, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
PLACES = (
    Profile(("America/New_York",), ("NY",)),
    Profile(("America/New_York", "America/Los_Angeles"), ("CA", "NY")),
    Profile(("America/Chicago",), ("AL",), consented=True),
    Profile(("America/New_York", "Asia/Tokyo"), ("NY",)),
)
OFFICE = CallingRules(
    hours=WeeklyHours({day: [["09:00", "17:00"]] for day in DAYS[:5]}),
    law=Law.shipped(),
    purpose=Purpose.AI_VOICE,
)

_spans = st.timedeltas(timedelta(days=-10), timedelta(days=10)).map(
    lambda span: span - span % MINUTE
)
_instants = _spans.map(lambda span: NOON + span)
_maybe = st.none() | _instants
_rings = st.lists(
    st.timedeltas(MINUTE, timedelta(days=7) - MINUTE).map(lambda span: NOON - span), max_size=4
).map(sorted)
_caps = st.builds(
    Caps,
    st.none() | st.integers(1, 3),
    st.none() | st.integers(1, 4),
    st.sampled_from((timedelta(), timedelta(minutes=5), timedelta(hours=6))),
)
# Mostly nothing bars a lead, or no instant would ever be foreseen.
_rarely = st.integers(0, 9).map(lambda drawn: drawn == 9)


@st.composite
def _any_lead(draw: st.DrawFn) -> LeadFacts:
    # Composed, and not built: hypothesis writes out what builds a value, kilobytes of it.
    return LeadFacts(
        profile=draw(st.sampled_from(PLACES)),
        caps=draw(_caps),
        rings=draw(_rings),
        not_before=draw(_maybe),
        expires_at=draw(_maybe),
        stop_word=draw(st.sampled_from((*[None] * 20, *StopWord))),
        suppressed=draw(_rarely),
        dnc_listed=draw(_rarely),
        dnc_stale=draw(_rarely),
        agreed=draw(_rarely.map(lambda drawn: not drawn)),
        number_in_call=draw(_rarely),
    )


_leads = _any_lead()


@st.composite
def _any_rules(draw: st.DrawFn) -> CallingRules:
    return replace(
        OFFICE,
        starts_at=draw(_maybe),
        ends_at=draw(_maybe),
        paused_states=frozenset(draw(st.sets(st.sampled_from(("NY", "AL")), max_size=1))),
    )


_rules = _any_rules()


@given(lead=_leads, rules=_rules)
def test_a_gate_is_shown_as_shut_exactly_where_the_claim_finds_one_shut(
    lead: LeadFacts, rules: CallingRules
) -> None:
    shut = {one.why for one in verdicts(lead, rules, NOON) if not one.open}
    match check(lead, rules, now=NOON):
        case Allow():
            assert shut == set()
        case Refuse(why="expired"):
            assert shut & {"expired", "campaign_ended"}
        case Refuse(why=why) | Defer(why=why):
            assert why in shut


def test_a_campaign_that_has_ended_is_named_before_a_state_that_is_paused() -> None:
    rules = replace(OFFICE, ends_at=NOON, paused_states=frozenset({"NY"}))
    lead = LeadFacts(profile=PLACES[0])
    assert check(lead, rules, now=NOON) == Refuse("expired")
    [shut] = [one for one in verdicts(lead, rules, NOON) if not one.open]
    assert (shut.gate, shut.why, shut.until) == ("calling_hours", "campaign_ended", None)


@given(lead=_leads, rules=_rules, due_in=_spans)
def test_at_the_instant_that_is_foreseen_every_gate_is_open_and_no_sooner(
    lead: LeadFacts, rules: CallingRules, due_in: timedelta
) -> None:
    # A call to the same number ends at a time that nobody knows, and the rings it adds neither.
    quiet = replace(lead, number_in_call=False)
    due_at = NOON + due_in
    found = next_instant(quiet, rules, NOON, due_at=due_at)
    if found is None:
        return
    assert found >= max(NOON, due_at)
    assert isinstance(check(quiet, rules, now=found), Allow)
    before = found - timedelta(seconds=1)
    if before >= max(NOON, due_at):
        assert not isinstance(check(quiet, rules, now=before), Allow)


@pytest.mark.parametrize(
    "barred",
    [
        {"suppressed": True},
        {"dnc_listed": True},
        {"dnc_stale": True},
        {"agreed": False},
        {"stop_word": StopWord.WON},
        {"expires_at": NOON + MINUTE, "not_before": NOON + 2 * MINUTE},
    ],
    ids=str,
)
def test_what_time_does_not_open_has_no_instant(barred: dict[str, object]) -> None:
    lead = replace(LeadFacts(profile=PLACES[0]), **barred)  # type: ignore[arg-type]  # fields of it
    assert next_instant(lead, OFFICE, NOON, due_at=NOON) is None


def test_a_shut_gate_says_until_when_only_where_it_opens_by_itself() -> None:
    shut = {
        one.gate: one.until
        for one in verdicts(
            LeadFacts(
                profile=PLACES[0],
                caps=Caps(1, None, timedelta()),
                rings=(NOON - timedelta(hours=20),),
                not_before=NOON + MINUTE,
                suppressed=True,
                agreed=False,
            ),
            replace(OFFICE, hours=WeeklyHours({"friday": [["09:00", "10:00"]]})),
            NOON,
        )
        if not one.open
    }
    assert shut == {
        "suppression": None,
        "not_before": NOON + MINUTE,
        "consent": None,
        "number": NOON + timedelta(hours=4),
        "calling_hours": datetime(2026, 3, 6, 14, tzinfo=UTC),
    }
