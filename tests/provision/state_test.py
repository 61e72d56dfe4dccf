"""What the state remembers, and what it forgets."""

import pytest
from pydantic import ValidationError

from provision.state import Entry, Intent, Kind, Leaving, State, kind_of

TOOL = "tools.dispatcher"


def fresh() -> State:
    return State.fresh(base_url="https://example.com/v1", business="biz_1")


def intent(*known: str) -> Intent:
    return Intent(known_ids=known, match={"templateToolId": "t"}, sent={})


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("calendar", Kind.CALENDAR),
        ("tools.a", Kind.TOOL),
        ("files.a.b", Kind.FILE),
        ("agents.a", Kind.AGENT),
    ],
)
def test_an_address_tells_its_kind(address: str, kind: Kind) -> None:
    assert kind_of(address) is kind


def test_an_entry_settles_its_intent() -> None:
    state = fresh().with_intent(TOOL, intent("old")).with_entry(TOOL, Entry(id="new"))
    assert state.creating == {}
    assert state.entries[TOOL].id == "new"
    assert state.leaving == ()


def test_what_an_address_stood_for_is_leaving() -> None:
    state = fresh().with_entry(TOOL, Entry(id="old")).with_entry(TOOL, Entry(id="new"))
    assert state.leaving == (Leaving(address=TOOL, id="old"),)
    assert state.owned_ids == {"old", "new"}


def test_what_is_gone_already_is_not_leaving() -> None:
    state = fresh().with_entry(TOOL, Entry(id="old"))
    assert state.with_entry(TOOL, Entry(id="new"), gone=True).leaving == ()


def test_a_thing_has_one_address() -> None:
    state = fresh().with_entry("tools.before", Entry(id="same")).with_entry(TOOL, Entry(id="same"))
    assert list(state.entries) == [TOOL]
    assert state.leaving == ()


def test_things_of_two_kinds_may_have_one_id() -> None:
    state = fresh().with_entry("files.a", Entry(id="1")).with_entry(TOOL, Entry(id="1"))
    assert set(state.entries) == {"files.a", TOOL}


def test_a_deleted_thing_is_forgotten_where_it_stands() -> None:
    state = fresh().with_entry(TOOL, Entry(id="old")).with_entry(TOOL, Entry(id="new"))
    assert state.without(TOOL, "old").leaving == ()
    assert state.without(TOOL, "old").entries == state.entries
    assert state.without(TOOL, "new").entries == {}


def test_deleting_what_an_interrupted_create_made_settles_it() -> None:
    state = fresh().with_entry(TOOL, Entry(id="old")).with_intent(TOOL, intent("old"))
    assert state.without(TOOL, "made").creating == {}
    assert state.without(TOOL, "made").entries == state.entries
    assert TOOL in state.without(TOOL, "old").creating


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        '{"format": "outdial-agents-state", "revision": 2}',
        fresh().model_dump_json().replace("biz_1", ""),
        fresh().model_dump_json().replace('"entries":{}', '"entries":{"else.x":{"id":"1"}}'),
        fresh().model_dump_json().replace('"serial":0', '"serial":"0"'),
    ],
)
def test_what_is_no_state_is_not_read(text: str) -> None:
    with pytest.raises(ValidationError):
        State.model_validate_json(text)


def test_a_state_is_read_as_it_was_written() -> None:
    state = (
        fresh()
        .with_entry("agents.a", Entry(id="1", sent={"name": "A"}, touched=True, duty=False))
        .with_entry("agents.a", Entry(id="2"))
        .with_intent(TOOL, intent("3"))
    )
    assert State.model_validate_json(state.model_dump_json()) == state
