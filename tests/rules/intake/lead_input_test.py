"""Leads as they come in: every field, its limits, and faults that a person can act on."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dialer.rules.errors import Fault
from dialer.rules.intake.lead_input import MAX_FAULTS, LeadInput, ReadLead, read_lead

NOW = datetime(2026, 3, 3, 17, tzinfo=UTC)
PHONE = "(212) 555-0142"


def _good(**fields: object) -> ReadLead:
    found = read_lead({"phone": PHONE, **fields}, now=NOW)
    assert isinstance(found, ReadLead), found
    return found


def _faults(**fields: object) -> list[tuple[str, str]]:
    found = read_lead({"phone": PHONE, **fields}, now=NOW)
    assert not isinstance(found, ReadLead), found
    return [(fault.pointer, fault.code) for fault in found]


def _fault(**fields: object) -> Fault:
    found = read_lead({"phone": PHONE, **fields}, now=NOW)
    assert not isinstance(found, ReadLead), found
    return found[0]


def test_a_phone_is_enough() -> None:
    found = _good()
    assert found.e164 == "+12125550142"
    assert found.phone_code == "ok_555_exchange"
    left_out = found.fields.model_dump(exclude={"phone"})
    assert left_out.pop("priority") == 0
    assert (left_out.pop("image_urls"), left_out.pop("attributes")) == ([], {})
    assert set(left_out.values()) == {None}


FULL: dict[str, object] = {
    "phone": PHONE,
    "name": "Ada Example",
    "external_id": "a1",
    "email": "ada@example.com",
    "partner_lead_id": "lead_9",
    "context": "wants a new roof",
    "additional_info": "ring after noon",
    "image_urls": ["https://example.com/roof.jpg?x=1#y"],
    "attributes": {"age": 12, "ratio": 0.5, "urgent": True, "none": None, "colour": "red"},
    "timezone": "America/New_York",
    "postal_code": "10001",
    "state": "NY",
    "priority": 5,
    "not_before": "2026-03-03T18:00:00Z",
    "expires_at": "2026-03-04T00:00:00-05:00",
    "consent": {
        "given": True,
        "at": "2026-03-01T00:00:00Z",
        "source": "https://example.com/form",
        "text": "call me",
    },
}


def test_every_field_is_taken_as_it_is() -> None:
    assert set(FULL) == set(LeadInput.model_fields)
    found = read_lead(FULL, now=NOW)
    assert isinstance(found, ReadLead)
    kept = found.fields.model_dump(mode="json")
    assert kept == FULL | {
        "expires_at": "2026-03-04T00:00:00-05:00",
        "consent": FULL["consent"],
    }


@pytest.mark.parametrize("field", sorted(set(LeadInput.model_fields) - {"phone"}))
def test_every_field_says_what_it_is_for(field: str) -> None:
    assert LeadInput.model_fields[field].description


WORDS = ("name", "external_id", "email", "partner_lead_id", "postal_code")


@pytest.mark.parametrize("field", WORDS)
def test_a_word_is_stripped_and_bounded(field: str) -> None:
    assert getattr(_good(**{field: "  x\x00 "}).fields, field) == "x"
    assert getattr(_good(**{field: 12}).fields, field) == "12"
    assert len(getattr(_good(**{field: "x" * 300}).fields, field)) == 300
    assert _faults(**{field: "x" * 301}) == [(f"/{field}", "string_too_long")]
    assert _faults(**{field: ["x"]}) == [(f"/{field}", "string_type")]
    assert _faults(**{field: True}) == [(f"/{field}", "string_type")]


@pytest.mark.parametrize(
    "field",
    [*WORDS, "context", "additional_info", "timezone", "state", "not_before", "expires_at"],
)
@pytest.mark.parametrize("blank", ["", " \t\n", "\x00", " \x00 ", None])
def test_blank_means_absent(field: str, blank: str | None) -> None:
    assert getattr(_good(**{field: blank}).fields, field) is None


@pytest.mark.parametrize(("field", "most"), [("context", 8_000), ("additional_info", 4_000)])
def test_long_texts_have_their_limits(field: str, most: int) -> None:
    assert len(getattr(_good(**{field: "x" * most}).fields, field)) == most
    assert _faults(**{field: "x" * (most + 1)}) == [(f"/{field}", "string_too_long")]
    assert getattr(_good(**{field: " a\x00\nb "}).fields, field) == " a\nb "


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/a.jpg",
        "ftp://example.com/a.jpg",
        "javascript:alert(1)",
        "//example.com/a.jpg",
        "https://",
        "https:///a.jpg",
        "https://user:secret@example.com/a.jpg",
        "https://example.com/a b.jpg",
        "https://example.com/a\n.jpg",
        "https://example.com/\x00.jpg",
        "https://example.com/\x7f.jpg",
        "https://[::1/a.jpg",
        "",
    ],
)
def test_an_image_must_be_a_plain_https_address(url: str) -> None:
    assert _faults(image_urls=["https://example.com/a.jpg", url]) == [("/image_urls/1", "invalid")]


def test_images_are_counted_and_bounded() -> None:
    url = "https://example.com/" + "a" * 1_980
    assert len(_good(image_urls=[url] * 10).fields.image_urls) == 10
    assert _faults(image_urls=["https://example.com/a"] * 11) == [("/image_urls", "too_long")]
    assert _faults(image_urls=[url + "a"]) == [("/image_urls/0", "string_too_long")]
    assert _faults(image_urls=url) == [("/image_urls", "list_type")]


@pytest.mark.parametrize(
    "value", [[1], {"a": 1}, "x" * 1_001, float("nan"), float("inf"), "\ud800", b"x"]
)
def test_an_attribute_is_a_short_text_a_number_a_truth_or_nothing(value: object) -> None:
    fault = _fault(attributes={"a/b": value})
    assert (fault.pointer, fault.code) == ("/attributes/a~1b", "invalid")
    assert fault.message.startswith("an attribute is a text of at most 1,000 characters")


def test_attributes_keep_their_kinds_and_lose_their_nuls() -> None:
    given_ = {"a": 1, "b": True, "c": 0.5, "d": None, "e": "x\x00y", "f\x00g": "h"}
    kept = _good(attributes=given_).fields.attributes
    assert kept == {"a": 1, "b": True, "c": 0.5, "d": None, "e": "xy", "fg": "h"}
    assert kept["b"] is True


def test_attributes_are_counted_and_their_names_bounded() -> None:
    assert len(_good(attributes={str(i): i for i in range(100)}).fields.attributes) == 100
    assert _faults(attributes={str(i): i for i in range(101)}) == [("/attributes", "too_long")]
    assert _faults(attributes={"k" * 65: 1}) == [(f"/attributes/{'k' * 65}", "string_too_long")]
    assert _faults(attributes=[1]) == [("/attributes", "dict_type")]


def test_a_time_zone_is_an_iana_name_and_a_near_miss_is_corrected() -> None:
    assert _good(timezone="America/Denver").fields.timezone == "America/Denver"
    fault = _fault(timezone="America/Denvr")
    assert fault.code == "invalid"
    assert fault.message.endswith("did you mean America/Denver?")
    assert "did you mean" not in _fault(timezone="Mars").message
    assert len(_fault(timezone="x" * 7_000).message) < 300


def test_a_state_is_two_letters_in_any_case() -> None:
    assert _good(state="ny").fields.state == "NY"
    assert _good(state="PR").fields.state == "PR"
    assert _fault(state="New York").message == (
        "'New York' is not the two-letter code of a US state or territory"
    )
    assert len(_fault(state="x" * 7_000).message) < 300


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (-101, "greater_than_equal"),
        (101, "less_than_equal"),
        ("high", "int_parsing"),
        (1.5, "int_from_float"),
        (None, "int_type"),
        (True, "invalid"),
        (False, "invalid"),
    ],
)
def test_a_priority_is_a_whole_number_within_100(value: object, code: str) -> None:
    assert _good(priority=-100).fields.priority == -100
    assert _faults(priority=value) == [("/priority", code)]


@pytest.mark.parametrize("field", ["not_before", "expires_at"])
def test_an_instant_needs_an_offset(field: str) -> None:
    assert _faults(**{field: "2026-03-04T10:00:00"}) == [(f"/{field}", "timezone_aware")]
    assert _faults(**{field: "tomorrow"})[0][0] == f"/{field}"


def test_a_lead_that_would_be_expired_on_arrival_is_refused() -> None:
    assert _faults(expires_at=NOW.isoformat()) == [("/expires_at", "already_past")]
    _good(expires_at=(NOW + timedelta(seconds=1)).isoformat())


def test_a_lead_that_expires_before_it_may_be_called_is_refused() -> None:
    later = (NOW + timedelta(hours=1)).isoformat()
    found = _faults(expires_at=later, not_before=later)
    assert found == [("/expires_at", "before_not_before")]


def test_consent_is_evidence_and_knows_its_own_fields() -> None:
    assert _faults(consent={}) == [("/consent/given", "required")]
    fault = _fault(consent={"given": True, "txt": "x"})
    assert (fault.pointer, fault.code) == ("/consent/txt", "unknown_field")
    assert fault.suggestion == "text"
    assert fault.message == "'txt' is not a field here; known: given, at, source, text"


def test_an_unknown_field_is_refused_by_name_with_a_suggestion() -> None:
    fault = _fault(nmae="Ada")
    assert fault == Fault(
        "/nmae",
        "unknown_field",
        f"'nmae' is not a field here; known: {', '.join(LeadInput.model_fields)}",
        "name",
    )
    assert _fault(zebra=1).suggestion is None


def test_a_pointer_is_escaped_and_bounded() -> None:
    assert _faults(**{"a/b~c": 1}) == [("/a~1b~0c", "unknown_field")]
    assert len(_fault(**{"k" * 5_000: 1}).pointer) <= 101


def test_a_missing_phone_is_required() -> None:
    found = read_lead({"name": "Ada"}, now=NOW)
    assert found == (Fault("/phone", "required", "this field is required"),)


@pytest.mark.parametrize(
    ("phone", "code"),
    [
        ("", "phone.empty"),
        ("800 555 0142", "phone.toll_free"),
        ("call me", "phone.no_digits"),
        ("+44 20 7946 0958", "phone.foreign_country"),
        ("x" * 101, "string_too_long"),
        (None, "string_type"),
        (True, "string_type"),
        (["2125550142"], "string_type"),
        ({"number": "2125550142"}, "string_type"),
    ],
)
def test_a_phone_that_cannot_be_taken_says_why(phone: object, code: str) -> None:
    assert _faults(phone=phone) == [("/phone", code)]


@pytest.mark.parametrize("phone", [2125550142, 2125550142.0, "212-555-0142", " 1 212 555 0142 "])
def test_a_phone_may_come_as_a_number(phone: object) -> None:
    assert _good(phone=phone).e164 == "+12125550142"


def test_a_territory_is_taken_only_where_allowed() -> None:
    lead = {"phone": "787 555 0142"}
    assert isinstance(read_lead(lead, now=NOW, allow_territories=True), ReadLead)
    assert not isinstance(read_lead(lead, now=NOW), ReadLead)


def test_every_fault_is_told_at_once() -> None:
    found = _faults(name="x" * 301, priority=101, zebra=1)
    assert sorted(found) == [
        ("/name", "string_too_long"),
        ("/priority", "less_than_equal"),
        ("/zebra", "unknown_field"),
    ]
    assert _faults(phone="800 555 0142", expires_at=NOW.isoformat()) == [
        ("/expires_at", "already_past"),
        ("/phone", "phone.toll_free"),
    ]


def test_a_flood_of_faults_is_cut() -> None:
    found = read_lead({"phone": PHONE, **{f"k{i}": 1 for i in range(5_000)}}, now=NOW)
    assert not isinstance(found, ReadLead)
    assert len(found) == MAX_FAULTS


_json = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=True)
    | st.text(st.characters(codec=None), max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=10,
)
_names = st.sampled_from([*LeadInput.model_fields]) | st.text(max_size=10)


@settings(deadline=None)
@given(lead=st.dictionaries(_names, _json, max_size=6))
def test_hostile_json_is_read_or_refused_and_never_raises(lead: dict[str, object]) -> None:
    found = read_lead(lead, now=NOW)
    if isinstance(found, ReadLead):
        kept = found.fields.model_dump(mode="json", exclude={"phone"})
        stored = json.dumps(kept, allow_nan=False, ensure_ascii=False)
        stored.encode("utf-8")
        assert "\\u0000" not in stored
        return
    assert found
    for fault in found:
        assert fault.code
        assert fault.message
        assert fault.pointer.startswith("/")


@settings(deadline=None)
@given(name=st.sampled_from([*FULL]), value=_json)
def test_one_hostile_field_never_raises(name: str, value: object) -> None:
    read_lead(FULL | {name: value}, now=NOW)
