"""What an interrupted create has made is found, and never guessed."""

import pytest

from provision.errors import AmbiguousError
from provision.observing import Upstream
from provision.recovery import fits, made_by, recovered
from provision.secrecy import marked
from provision.state import Body, Entry, Intent, State

SALT = "5a" * 16
TOOL: Body = {"templateToolId": "t"}


def tools(*ids: str, template: str = "t") -> dict[str, Body]:
    return {one: {"id": one, "templateToolId": template} for one in ids}


def waiting(*known: str, address: str = "tools.a") -> State:
    state = State.fresh(base_url="https://example.com/v1", business="biz_1")
    return state.with_intent(address, Intent(known_ids=known, match=TOOL, sent={}))


def test_the_new_one_is_found() -> None:
    upstream = Upstream(tools=tools("old", "new"))
    assert recovered(waiting("old"), upstream) == {"tools.a": "new"}


def test_nothing_new_is_nothing_made() -> None:
    assert recovered(waiting("old"), Upstream(tools=tools("old"))) == {}


def test_what_is_owned_is_not_new() -> None:
    state = waiting().with_entry("tools.b", Entry(id="mine"))
    assert recovered(state, Upstream(tools=tools("mine"))) == {}


def test_what_was_made_from_another_template_does_not_fit() -> None:
    assert recovered(waiting(), Upstream(tools=tools("new", template="u"))) == {}


def test_a_thing_of_another_kind_is_not_looked_at() -> None:
    assert recovered(waiting(), Upstream(files=tools("new"))) == {}


def test_several_new_ones_are_for_a_person_to_tell_apart() -> None:
    with pytest.raises(AmbiguousError, match=r"tools\.a") as caught:
        recovered(waiting("old"), Upstream(tools=tools("old", "one", "two")))
    assert caught.value.ids == ("one", "two")
    assert caught.value.address == "tools.a"


def test_one_thing_is_not_given_to_two_addresses() -> None:
    intent = Intent(known_ids=("old",), match=TOOL, sent={})
    state = waiting("old").with_intent("tools.b", intent)
    assert recovered(state, Upstream(tools=tools("old", "new"))) == {"tools.a": "new"}


def test_names_are_told_apart_but_for_blanks_around_them() -> None:
    assert fits({"name": " Desk "}, {"name": "Desk"}, salt=SALT)
    assert not fits({"name": "desk"}, {"name": "Desk"}, salt=SALT)
    assert not fits({}, {"name": "Desk"}, salt=SALT)


def test_sizes_are_compared_as_numbers() -> None:
    intent = Intent(known_ids=(), match={"name": "a.md", "sizeBytes": 3}, sent={})
    things: dict[str, Body] = {
        "one": {"name": "a.md", "sizeBytes": 3},
        "two": {"name": "a.md", "sizeBytes": 4},
    }
    assert made_by(intent, things, (), salt=SALT) == ["one"]


def test_what_the_manifest_names_itself_is_nobodys_lost_create() -> None:
    upstream = Upstream(tools=tools("old", "one", "two"))
    assert recovered(waiting("old"), upstream, {"one"}) == {"tools.a": "two"}


def test_a_secret_name_is_recognized_by_its_hash() -> None:
    assert fits({"name": " Desk "}, {"name": marked("Desk", SALT)}, salt=SALT)
    assert not fits({"name": "Else"}, {"name": marked("Desk", SALT)}, salt=SALT)
    assert not fits({"name": "Desk"}, {"name": marked("Desk", SALT)}, salt="6b" * 16)
