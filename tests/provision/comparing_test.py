"""Two spellings of one thing are no difference; everything else is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from provision.comparing import AGENT_FIELDS, canonical, canonical_agent, differences

MONDAY: JsonValue = {"day": "monday", "startTime": "09:00", "endTime": "17:00"}
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
ALWAYS: JsonValue = {
    "timezone": "UTC",
    "hours": [{"day": day, "startTime": "00:00", "endTime": "24:00"} for day in DAYS],
}
NODE: dict[str, JsonValue] = {"id": "a", "type": "conversation", "prompt": "Hi"}
GRAPH: JsonValue = {"nodes": [NODE], "edges": [], "startNode": "a"}

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4)
    ),
    max_leaves=12,
)


@pytest.mark.parametrize(
    ("field", "ours", "theirs"),
    [
        ("conversationFlow", "Say hello.\n", "Say hello."),
        ("customInstructions", "", None),
        ("multilingual", False, None),
        ("collectFields", [], None),
        ("toolIds", ["b", "a"], ["a", "b"]),
        ("toolIds", [], None),
        ("knowledgeBaseDocumentIds", [], None),
        (
            "personality",
            {"tone": "calm"},
            {"tone": "calm", "useHumor": False, "useEmpathy": False},
        ),
        ("personality", {}, {"useHumor": False}),
        ("activatedHours", None, ALWAYS),
        (
            "activatedHours",
            {
                "timezone": "UTC",
                "hours": [
                    {"day": "sunday", "startTime": "CLOSED", "endTime": "CLOSED"},
                    {"day": "MONDAY", "startTime": "09:00", "endTime": "17:00"},
                ],
            },
            {"timezone": "UTC", "hours": [MONDAY]},
        ),
        (
            "workflow",
            GRAPH,
            {
                "nodes": [{**NODE, "label": None, "position": {"x": 1}}],
                "edges": [],
                "startNode": "a",
                "version": 3,
            },
        ),
    ],
)
def test_what_the_upstream_spells_its_own_way(
    field: str, ours: JsonValue, theirs: JsonValue
) -> None:
    assert canonical(field, ours) == canonical(field, theirs)


@pytest.mark.parametrize(
    ("field", "one", "other"),
    [
        ("name", "Desk", "desk"),
        ("multilingual", True, False),
        ("collectFields", ["name"], ["phone"]),
        ("collectFields", ["a", "b"], ["b", "a"]),
        ("toolIds", ["a"], ["a", "b"]),
        ("personality", {"useHumor": True}, {"useHumor": False}),
        ("activatedHours", {"timezone": "UTC", "hours": [MONDAY]}, ALWAYS),
        ("activatedHours", {"timezone": "UTC", "hours": []}, ALWAYS),
        (
            "activatedHours",
            {"timezone": "America/Chicago", "hours": [MONDAY]},
            {"timezone": "UTC", "hours": [MONDAY]},
        ),
        ("workflow", GRAPH, {"nodes": [NODE], "edges": [], "startNode": "b"}),
    ],
)
def test_what_differs(field: str, one: JsonValue, other: JsonValue) -> None:
    assert canonical(field, one) != canonical(field, other)


@given(field=st.sampled_from(AGENT_FIELDS), value=JSON)
def test_one_spelling_is_enough(field: str, value: JsonValue) -> None:
    once = canonical(field, value)
    assert canonical(field, once) == once


def test_only_what_an_agent_can_be_set_to_is_compared() -> None:
    seen = canonical_agent({"id": "1", "name": " A ", "updatedAt": "now", "phoneNumber": "+1"})
    assert seen == {"name": "A"}


@given(JSON)
def test_a_value_does_not_differ_from_itself(value: JsonValue) -> None:
    assert list(differences("field", value, value)) == []


@given(JSON, JSON)
def test_different_values_differ_somewhere(one: JsonValue, other: JsonValue) -> None:
    found = list(differences("field", {"x": one}, {"x": other}))
    assert bool(found) == (_without_nulls(one) != _without_nulls(other))
    assert all(difference.path.startswith("field.x") for difference in found)


def _without_nulls(value: JsonValue) -> JsonValue:
    """The value as a comparison of objects sees it: a member that is null is none at all."""
    match value:
        case dict():
            kept = {key: _without_nulls(item) for key, item in value.items()}
            return {key: item for key, item in kept.items() if item is not None} or None
        case _:
            return value


def test_leaves_are_named_by_their_path() -> None:
    before: JsonValue = {"nodes": [{"id": "a", "prompt": "Hi"}, {"id": "b", "prompt": "Yo"}]}
    after: JsonValue = {"nodes": [{"id": "a", "prompt": "Hey"}, {"id": "b", "prompt": "Yo"}]}
    (found,) = differences("workflow", before, after)
    assert (found.path, found.before, found.after) == ("workflow.nodes[a].prompt", "Hi", "Hey")
    assert found.field == "workflow"


def test_a_list_that_changed_its_members_is_one_leaf() -> None:
    (found,) = differences("collectFields", ["a"], ["a", "b"])
    assert (found.path, found.before, found.after) == ("collectFields", ["a"], ["a", "b"])


def test_hours_are_in_the_order_of_the_week() -> None:
    spans: list[JsonValue] = [
        {"day": day, "startTime": "09:00", "endTime": "17:00"}
        for day in ("sunday", "Friday", "monday", "wednesday")
    ]
    read = canonical("activatedHours", {"timezone": "UTC", "hours": spans})
    assert isinstance(read, dict)
    assert isinstance(read["hours"], list)
    days = [span["day"] for span in read["hours"] if isinstance(span, dict)]
    assert days == ["monday", "wednesday", "friday", "sunday"]
