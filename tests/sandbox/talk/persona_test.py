"""Who picks up follows from the seed; nobody wishes for what the agent can't do."""

import math
from collections import Counter

import pytest

from sandbox.draw import Draw
from sandbox.script import Outcome
from sandbox.talk.brief import Brief, Calendar, Destination, Document
from sandbox.talk.persona import (
    DEFAULT_WISHES,
    Wish,
    choose_wish,
    persona_of,
    read_wishes,
)

CALENDAR = Calendar(slot_minutes=60, buffer_minutes=0, notice_minutes=0, hours={})
ABLE = Brief(
    calendar=CALENDAR,
    destinations=(Destination(name="Sales", phone_number="+12125550177"),),
    documents=(Document(name="a.md", sentences=("It is so.",)),),
)


def _wishes(brief: Brief, count: int = 4_000) -> Counter[Wish]:
    draws = (Draw(seed=7, subject=(n,)) for n in range(count))
    return Counter(choose_wish(brief, DEFAULT_WISHES, draw) for draw in draws)


def test_wishes_come_as_their_weights_say() -> None:
    drawn = _wishes(ABLE)
    for wish, weight in DEFAULT_WISHES.items():
        assert drawn[wish] / 4_000 == pytest.approx(weight, abs=0.03)


@pytest.mark.parametrize(
    ("part", "lacks"),
    [
        ({"calendar": None}, Wish.APPOINTMENT),
        ({"destinations": ()}, Wish.TRANSFER),
        ({"documents": ()}, Wish.QUESTION),
    ],
)
def test_nobody_wishes_for_what_the_agent_cannot_do(part: dict[str, object], lacks: Wish) -> None:
    assert set(_wishes(ABLE.model_copy(update=part))) == set(Wish) - {lacks}


def test_where_nothing_wished_for_can_be_done_there_are_details_to_tell() -> None:
    draw = Draw(seed=7, subject=())
    assert choose_wish(Brief(), {Wish.TRANSFER: 1.0}, draw) is Wish.DETAILS


@pytest.mark.parametrize(
    "weights", [{}, {"transfer": 0.0}, {"details": -1.0}, {"details": math.nan}, {"tea": 1.0}]
)
def test_wishes_that_make_no_sense_are_refused(weights: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=r"wish|weight"):
        read_wishes(weights)


@pytest.mark.parametrize("name", [None, "", "  ", "\u202e\x07"])
def test_a_nameless_person_has_an_invented_name_and_an_address_nobody_has(
    name: str | None,
) -> None:
    draw = Draw(seed=7, subject=())
    persona = persona_of(
        outcome=Outcome.ANSWERED_INTERESTED,
        wish=Wish.DETAILS,
        name=name,
        phone="+12125550123",
        draw=draw,
    )
    first, last = persona.name.split()
    assert persona.known_as is None
    assert persona.email == f"{first}.{last}@example.com".lower()
    assert persona.address.split()[0].isdigit()
