"""Which part of a payload becomes which field of a lead."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.rules.intake.field_map import look_up, map_faults, seen_keys, to_lead

_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4)
    ),
    max_leaves=20,
)
_ROWS = st.dictionaries(st.text(max_size=12), _JSON, max_size=8)


def test_common_names_are_found_without_a_map() -> None:
    row = {
        "phone": "412-555-0151",
        "full_name": "Owen Castillo",
        "email": "",
        "lead_id": "row-1187",
        "notes": "From spring mailer",
        "photos": "https://cdn.example.com/a.jpg, https://cdn.example.com/b.png",
        "timezone": "America/New_York",
        "ZIP": 15213,
    }
    assert to_lead(row, {}) == {
        "phone": "412-555-0151",
        "name": "Owen Castillo",
        "external_id": "row-1187",
        "context": "From spring mailer",
        "image_urls": ["https://cdn.example.com/a.jpg", "https://cdn.example.com/b.png"],
        "timezone": "America/New_York",
        "postal_code": 15213,
    }


@pytest.mark.parametrize(
    "name", ["phone", "Phone", "phone_number", "phoneNumber", "Phone Number", "mobile", "tel"]
)
def test_a_phone_is_found_under_its_usual_names(name: str) -> None:
    assert to_lead({name: "4125550151"}, {})["phone"] == "4125550151"


def test_first_and_last_name_are_joined() -> None:
    row = {"First Name": "Owen", "last_name": " Castillo ", "name": ""}
    assert to_lead(row, {})["name"] == "Owen Castillo"
    assert to_lead({"firstName": "Owen"}, {})["name"] == "Owen"


def test_a_blank_value_lets_the_next_name_be_tried() -> None:
    assert to_lead({"phone": " ", "mobile": "4125550151"}, {})["phone"] == "4125550151"
    row = {"a": "", "b": {"c": ["x", "y"]}}
    assert to_lead(row, {"context": ["a", "nope", "b.c[1]"]}) == {"context": "y"}


def test_the_map_comes_before_the_usual_names() -> None:
    row = {"phone": "1", "contact": {"numbers": [{"value": "2"}]}}
    assert to_lead(row, {"phone": "contact.numbers[0].value"}) == {"phone": "2"}
    assert to_lead(row, {"phone": None}) == {}
    assert to_lead(row, {"phone": "contact.numbers[7].value"}) == {}


def test_a_crms_own_state_and_priority_are_left_alone() -> None:
    assert to_lead({"state": "open", "priority": "High", "timezone": "Eastern"}, {}) == {}
    assert to_lead({"state": "open"}, {"state": "state"}) == {"state": "open"}
    assert to_lead({"state": "pa", "priority": 3}, {}) == {"state": "pa", "priority": 3}


def test_attributes_are_mapped_one_by_one_and_joined_with_given_ones() -> None:
    row = {"attributes": {"a": 1}, "form": {"budget": "10k", "rooms": ["bath", "roof"]}}
    given_map = {"attributes.budget": "form.budget", "attributes.rooms": "form.rooms"}
    assert to_lead(row, given_map) == {
        "attributes": {"a": 1, "budget": "10k", "rooms": "bath, roof"}
    }


def test_numbers_become_text_where_text_is_meant() -> None:
    assert to_lead({"notes": 5, "id": 1}, {}) == {"context": "5", "external_id": 1}


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("a.b[0].c", 1),
        ("a.b[1]", 2),
        ("a.b[2]", None),
        ("a.b.c", None),
        ("a.x", None),
        ("grid[1][0]", "z"),
        ("literal.dot", "kept"),
    ],
)
def test_paths_are_followed(path: str, found: object) -> None:
    row = {"a": {"b": [{"c": 1}, 2]}, "grid": [["x"], ["z"]], "literal.dot": "kept"}
    assert look_up(row, path) == found


def test_seen_keys_tell_paths_of_nested_objects() -> None:
    row = {"contact": {"tel no": "1"}, "rows": [{"x": 1}], "n": 1}
    assert seen_keys(row) == ["contact.tel no", "rows[0].x", "n"]
    assert len(seen_keys({str(i): i for i in range(100)})) == 30


@pytest.mark.parametrize(
    ("given_map", "code", "pointer"),
    [
        ({"fone": "a"}, "unknown_field", "/field_map/fone"),
        ({"attributes.": "a"}, "unknown_field", "/field_map/attributes."),
        ({"phone": ""}, "invalid_path", "/field_map/phone"),
        ({"phone": "a..b"}, "invalid_path", "/field_map/phone"),
        ({"phone": "a[x]"}, "invalid_path", "/field_map/phone"),
        ({"phone": "a."}, "invalid_path", "/field_map/phone"),
        ({"phone": ["a", "]"]}, "invalid_path", "/field_map/phone"),
        ({"phone": ["a"] * 11}, "too_long", "/field_map/phone"),
        ({"phone": "a" * 201}, "invalid_path", "/field_map/phone"),
        ({f"attributes.{i}": "a" for i in range(151)}, "too_long", "/field_map"),
    ],
)
def test_a_wrong_map_is_named(
    given_map: dict[str, str | list[str] | None], code: str, pointer: str
) -> None:
    [fault] = map_faults(given_map)
    assert (fault.code, fault.pointer) == (code, pointer)


def test_a_good_map_has_no_faults() -> None:
    good = {"phone": ["a.b[0].c", "tel no"], "attributes.my key": "x", "name": None}
    assert map_faults(good) == ()


@given(row=_ROWS, path=st.text(alphabet="ab.[]01", max_size=12))
def test_no_payload_and_no_path_raise(row: dict[str, object], path: str) -> None:
    look_up(row, path)
    to_lead(row, {"phone": path, "context": [path], "attributes.x": path})
    seen_keys(row)
