"""The agent's fields are collected as far as they are told, typed; what isn't told is null."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.script import Outcome
from tests.sandbox.talk.stage import Stage

FIELDS = (
    "name",
    "First Name",
    "last_name",
    "phone",
    "email",
    "serviceAddress",
    "interested",
    "callbackAt",
    "doNotCall",
    "wrong_person",
    "appointmentAt",
    "transferredTo",
    "reason",
    "favorite_color",
    "hasPets",
    "numberOfRooms",
)


def _collected(outcome: Outcome, stage: Stage | None = None) -> dict[str, object]:
    stage = stage or Stage(collect_fields=FIELDS)
    call = stage.call(outcome, phone="+12125550123")
    found: dict[str, object] = stage.record(call)["structuredData"]
    return found


def test_an_interested_person_gives_what_is_asked_for() -> None:
    found = _collected(Outcome.ANSWERED_INTERESTED)
    address, rooms, pets = (
        found.pop(name) for name in ("serviceAddress", "numberOfRooms", "hasPets")
    )
    assert found.pop("favorite_color") in {"blue", "green", "yellow", "red"}
    assert found == {
        "name": "Dana Whitfield",
        "First Name": "Dana",
        "last_name": "Whitfield",
        "phone": "+12125550123",
        "email": "dana.whitfield@example.com",
        "interested": True,
        "callbackAt": None,
        "doNotCall": False,
        "wrong_person": False,
        "appointmentAt": None,
        "transferredTo": None,
        "reason": "wants help",
    }
    assert isinstance(address, str)
    assert type(rooms) is int
    assert type(pets) is bool


@pytest.mark.parametrize(
    ("outcome", "told"),
    [
        (Outcome.ANSWERED_NOT_INTERESTED, {"interested": False, "name": "Dana Whitfield"}),
        (Outcome.OPT_OUT, {"doNotCall": True, "interested": False}),
        (Outcome.WRONG_PERSON, {"wrong_person": True, "interested": None, "name": None}),
    ],
)
def test_a_refusal_tells_itself_and_nothing_that_would_have_to_be_asked(
    outcome: Outcome, told: dict[str, object]
) -> None:
    found = _collected(outcome)
    assert found.items() >= told.items()
    assert {found[name] for name in ("email", "serviceAddress", "hasPets")} == {None}


def test_a_call_back_is_wanted_at_five_by_the_businesss_clocks() -> None:
    assert _collected(Outcome.CALLBACK)["callbackAt"] == "2026-03-03T22:00:00.000Z"
    stage = Stage(collect_fields=FIELDS)
    changes = {"timezone": "America/Los_Angeles"}
    stage.world.put(stage.business.model_copy(update=changes))
    assert _collected(Outcome.CALLBACK, stage)["callbackAt"] == "2026-03-04T01:00:00.000Z"


@pytest.mark.parametrize(
    "outcome", [Outcome.VOICEMAIL, Outcome.NO_ANSWER, Outcome.BUSY, Outcome.FAILED]
)
def test_where_nobody_spoke_nothing_is_collected(outcome: Outcome) -> None:
    assert _collected(outcome) == {}


def test_whatever_was_asked_for_stands_in_the_transcript() -> None:
    stage = Stage(collect_fields=FIELDS)
    record = stage.record(stage.call(name=None))
    found = record["structuredData"]
    for name in ("name", "email", "serviceAddress", "favorite_color", "numberOfRooms"):
        assert str(found[name]) in record["transcript"]


def test_at_most_twelve_questions_are_asked() -> None:
    stage = Stage(collect_fields=tuple(f"extra {n}" for n in range(40)))
    record = stage.record(stage.call())
    assert len(record["structuredData"]) == 40
    assert record["transcript"].count("What should I put down for extra") == 12


@given(names=st.lists(st.text(max_size=40), max_size=8, unique=True))
def test_any_field_names_give_a_member_each_and_a_clean_transcript(names: list[str]) -> None:
    stage = Stage(collect_fields=tuple(names))
    record = stage.record(stage.call())
    assert set(record["structuredData"]) == set(names)
    assert all(line.isprintable() for line in record["transcript"].split("\n"))
