"""History items as the guide shows them, and as they might come one day."""

import json
from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from partner import CallQuery, CallRecord, CallRequest

ITEM = {
    "id": "call-123",
    "businessId": "biz_123",
    "agentId": "agent-789",
    "leadId": "lead-456",
    "type": "OUTBOUND",
    "phoneNumber": "+12125550100",
    "customerNumber": "+12125550123",
    "status": "COMPLETED",
    "endedReason": "Call completed successfully",
    "summary": "Customer interested in scheduling a service appointment",
    "transcript": "Agent: Hello...",
    "recordingUrl": "https://recordings.example.com/1",
    "durationMs": 120000,
    "structuredData": {"name": "John Doe", "nested": [1, {"a": None}]},
    "leadContext": {
        "context": "Customer context...",
        "generatedFromLeadId": "lead-456",
        "additionalInfo": "Additional info",
        "name": "John Doe",
        "imageUrls": ["https://example.com/1.jpg"],
    },
    "startedAt": "2024-01-15T10:00:00Z",
    "endedAt": "2024-01-15T10:02:00Z",
}


def test_the_guides_item_is_read_in_full() -> None:
    record = CallRecord.model_validate(ITEM)
    assert record.model_dump(by_alias=True, mode="json") == ITEM
    assert record.odd == {}
    assert record.model_extra == {}
    assert record.started_at == datetime(2024, 1, 15, 10, tzinfo=UTC)
    assert record.lead_context is not None
    assert record.lead_context.additional_info == "Additional info"


def test_everything_but_the_id_may_be_missing_or_null() -> None:
    bare = CallRecord.model_validate({"id": "call-1"})
    empty = CallRecord.model_validate(dict.fromkeys(ITEM) | {"id": "call-1"})
    assert bare == empty
    assert bare.status is None


def test_unknown_fields_and_unknown_words_are_kept() -> None:
    record = CallRecord.model_validate(ITEM | {"status": "RINGING", "cost": {"usd": 0.1}})
    assert record.status == "RINGING"
    assert record.model_extra == {"cost": {"usd": 0.1}}


@pytest.mark.parametrize("wrong", [True, [], "soon", -1, 2**60, 0.5, {"a": 1}])
@pytest.mark.parametrize("name", sorted(set(ITEM) - {"id"}))
def test_a_field_of_the_wrong_type_costs_only_itself(name: str, wrong: object) -> None:
    record = CallRecord.model_validate(ITEM | {name: wrong})
    shown = record.model_dump(by_alias=True, mode="json")
    if name in record.odd:
        assert record.odd[name] is wrong
        assert shown[name] is None
    assert {key: shown[key] for key in ITEM if key != name} == {
        key: value for key, value in ITEM.items() if key != name
    }


@pytest.mark.parametrize(
    "text",
    [
        "2024-01-15T10:00:00",
        "2024-01-15",
        "yesterday",
        "",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        1_705_312_800,
        1_705_312_800_000,
        "1705312800",
        "1705312800000",
        "-1",
    ],
)
def test_a_time_that_would_have_to_be_guessed_is_none(text: object) -> None:
    record = CallRecord.model_validate(ITEM | {"startedAt": text})
    assert record.started_at is None
    assert record.odd == {"startedAt": text}


def test_a_time_with_another_offset_is_utc() -> None:
    record = CallRecord.model_validate(ITEM | {"startedAt": "2024-01-15T05:00:00.250-05:00"})
    assert record.started_at == datetime(2024, 1, 15, 10, 0, 0, 250_000, tzinfo=UTC)
    assert record.started_at.tzinfo is UTC


def test_an_odd_part_of_the_context_costs_only_itself() -> None:
    record = CallRecord.model_validate({"id": "x", "leadContext": {"name": 5, "context": "c"}})
    assert record.lead_context is not None
    assert (record.lead_context.name, record.lead_context.context) == (None, "c")
    assert record.lead_context.odd == {"name": 5}


@pytest.mark.parametrize("item", [{}, {"id": None}, {"id": ""}, {"id": 7}, {"id": "x" * 201}, []])
def test_without_a_usable_id_there_is_no_record(item: object) -> None:
    with pytest.raises(ValidationError):
        CallRecord.model_validate(item)


def test_names_that_python_uses_are_only_data() -> None:
    hostile = {"id": "x", "__class__": 1, "_odd": 2, "odd": 3, "model_config": 4, "business_id": 5}
    record = CallRecord.model_validate(hostile)
    assert record.id == "x"
    assert isinstance(record, CallRecord)
    assert json.dumps(record.model_dump(mode="json"))


def test_a_request_leaves_out_what_is_none() -> None:
    assert json.loads(CallRequest(phone_number="+12125550123", name="").body()) == {
        "phoneNumber": "+12125550123",
        "name": "",
    }


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"phone_number": ""},
        {"phone_number": "1" * 33},
        {"phone_number": "+12125550123", "name": "\ud800"},
        {"phone_number": "+12125550123", "nme": "typo"},
    ],
)
def test_an_impossible_request_fails_when_it_is_made(fields: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        CallRequest.model_validate(fields)


@pytest.mark.parametrize(
    "fields",
    [
        {"page": 0},
        {"page_size": 0},
        {"page_size": 101},
        {"status": "RINGING"},
        {"start": "2024-01-15T10:00:00"},
        {"order_by": "name"},
    ],
)
def test_an_impossible_query_fails_when_it_is_made(fields: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        CallQuery.model_validate(fields)
