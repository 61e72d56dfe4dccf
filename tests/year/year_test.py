"""Some weeks of the simulated year, around each change of the clocks, and whether its judge sees.

The whole year is `python -m tests.year.run`.
"""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache

import pytest

from tests.year import plan
from tests.year.judge import Books, Ring, broken
from tests.year.oracle import candidates, caps, home, is_open, opening
from tests.year.people import people, places
from tests.year.run import START, play

LEADS = 100
DAYS = 14.0
AUTUMN = datetime(2026, 10, 26, 4, tzinfo=UTC)
SPRING = datetime(2027, 3, 8, 4, tzinfo=UTC)
NOON = datetime(2026, 6, 2, 18, tzinfo=UTC)
"""A Tuesday, at which everybody in `_quiet` may be called."""


@pytest.mark.slow
@pytest.mark.asyncio
@pytest.mark.timeout(600)
@pytest.mark.parametrize("start", [AUTUMN, SPRING], ids=["autumn", "spring"])
async def test_a_fortnight_around_a_change_of_the_clocks_breaks_no_rule(
    start: datetime, database_url: str, redis_url: str
) -> None:
    books, _ = await play(
        database_url, redis_url, seed=start.year, leads=LEADS, start=start, days=DAYS
    )
    assert not broken(books)
    assert len(books.leads) > 0.9 * LEADS
    assert len(books.rings) > 1.5 * LEADS
    change = start + timedelta(days=6)
    assert any(ring.at < change for ring in books.rings)
    assert any(ring.at > change + timedelta(days=1) for ring in books.rings)


def test_the_towns_are_of_every_state_and_their_candidates_hold_them() -> None:
    assert len({place.state for place in places()}) == 51
    for person in people(seed=1, count=3_000, start=START, days=365):
        where = candidates(person)
        assert person.home.state in where.states, person
        assert person.home.zone in where.zones, person


def test_whatever_a_candidate_allows_the_home_allows() -> None:
    for person in people(seed=2, count=60, start=START, days=365):
        opens = opening(candidates(person), person.at, days=8)
        assert opens is None or is_open(home(person), opens)


@cache
def _quiet() -> Books:
    """Two people who were each called once and lawfully."""
    someone = [
        person
        for person in people(seed=3, count=300, start=START, days=1)
        if is_open(candidates(person), NOON)
        and is_open(candidates(person), NOON + timedelta(hours=1))
        and caps(candidates(person)) == (plan.PER_NUMBER_24H, plan.PER_NUMBER_7D)
    ][:2]
    one, other = (
        replace(p, at=NOON - timedelta(minutes=1), not_before=None, expires_at=None)
        for p in someone
    )
    assert one.phone != other.phone
    rings = [_ring(p.phone, p.name, NOON) for p in (one, other)]
    return Books(
        rings=rings,
        calls={ring.call: _call(ring, ring.call) for ring in rings},
        leads={p.name: {"state": "done", "reason": "completed"} for p in (one, other)},
        people={p.name: p for p in (one, other)},
        accepted=2,
        balances=[(2, 2)],
        end=NOON + timedelta(days=1),
    )


def _ring(phone: str, call: str, at: datetime, outcome: str = "no_answer") -> Ring:
    return Ring(
        at=at,
        phone=phone,
        call=call,
        partner_call_id=f"call_{call}",
        ended=at + timedelta(minutes=1),
        outcome=outcome,
    )


def _call(ring: Ring, name: str) -> dict[str, object]:
    return {"partner_call_id": ring.partner_call_id, "phone": ring.phone, "external_id": name}


def _also(books: Books, after: timedelta, *, outcome: str = "no_answer") -> Books:
    """The first person's phone rings once more."""
    first = books.rings[0]
    known = [replace(first, outcome=outcome), *books.rings[1:]]
    again = _ring(first.phone, f"again-{len(known)}", first.at + after)
    calls = {**books.calls, again.call: _call(again, first.call)}
    return replace(books, rings=[*known, again], calls=calls)


def test_the_judge_finds_nothing_where_nothing_is_wrong() -> None:
    assert not broken(_quiet())
    assert not broken(_also(_quiet(), timedelta(hours=1)))


@pytest.mark.parametrize(
    ("after", "told"),
    [
        (timedelta(seconds=30), "in a call"),
        (timedelta(minutes=20), "and at"),
        (timedelta(hours=14), "closed by its home"),
        (timedelta(hours=14), "closed by its candidates"),
        (-timedelta(minutes=2), "too early"),
    ],
)
def test_the_judge_sees_a_second_ring_at_a_wrong_time(after: timedelta, told: str) -> None:
    assert any(told in line for line in broken(_also(_quiet(), after)))


def test_the_judge_sees_a_ring_too_many_in_a_day() -> None:
    twice = _also(_quiet(), timedelta(minutes=40))
    assert not broken(twice)
    found = Counter(line.split(" with ")[-1] for line in broken(_also(twice, timedelta(hours=1))))
    assert found[f"{plan.PER_NUMBER_24H} allowed"] == 1


def test_the_judge_sees_a_ring_after_an_opt_out() -> None:
    found = broken(_also(_quiet(), timedelta(hours=1), outcome="opt_out"))
    assert [line.endswith("opted out") for line in found] == [True]


def test_the_judge_sees_an_attempt_that_rang_twice_and_a_ring_of_nobodys() -> None:
    books = _quiet()
    twice = replace(books, rings=[*books.rings, books.rings[0]])
    assert any("rang 2 times" in line for line in broken(twice))
    nobodys = replace(books, rings=[*books.rings, _ring("+12125550100", "nobody", NOON)])
    assert any("no call of ours" in line for line in broken(nobodys))
    other = replace(books.rings[0], phone="+12125550100")
    assert any("not the one" in line for line in broken(replace(books, rings=[other])))


def test_the_judge_sees_a_lead_that_is_lost_left_or_forgotten() -> None:
    books = _quiet()
    assert any("accepted" in line for line in broken(replace(books, accepted=3)))
    assert any("in buckets" in line for line in broken(replace(books, balances=[(2, 1)])))
    name = books.rings[0].call
    left = {"state": "waiting", "reason": "no_answer", "due_at": NOON}
    found = broken(replace(books, leads={**books.leads, name: left}))
    assert any("is left waiting" in line for line in found)
    assert any("never called" in line for line in broken(replace(books, rings=books.rings[1:])))


def test_the_judge_sees_a_first_call_that_came_an_hour_late() -> None:
    books = _quiet()
    late = replace(books.rings[0], at=NOON + timedelta(hours=1))
    found = broken(replace(books, rings=[late, *books.rings[1:]]))
    assert any("might have at" in line for line in found)


def test_the_judge_sees_a_ring_of_an_expired_lead() -> None:
    books = _quiet()
    name = books.rings[0].call
    gone = replace(books.people[name], expires_at=NOON)
    found = broken(replace(books, people={**books.people, name: gone}))
    assert any("expired" in line for line in found)
