"""Lists, mappings and records by themselves."""

import pytest

from provision.manifest.grammar.words import Anything
from provision.manifest.records import Field, Items, Keyed, Record, known
from provision.manifest.report import Report
from provision.manifest.shapes import Choice, Flag, Shape, Text
from provision.manifest.tree import grown

FLAGS = Items(item=Flag(), expected="flags", least=1, most=3)
TEXTS = Keyed(item=Text(), expected="texts", most=2)
PART = Record(
    title="a part",
    fields={
        "name": Field(shape=Text(), about="Its name.", required=True),
        "on": Field(shape=Flag(), about="Whether it is on.", nullable=True, default=True),
    },
)
WHOLE = Record(
    title="a whole",
    fields={
        "parts": Field(shape=Items(item=PART, expected="parts"), about="Its parts."),
        "kind": Field(shape=Choice(("a", "b")), about="Its kind."),
    },
)


def faults(shape: Shape, value: object) -> list[tuple[str, str]]:
    report = Report()
    shape.read(grown(value), ("x",), report)
    return [(one.code, one.field) for one in report.faults(shown="f", lines=[], mask=str)]


@pytest.mark.parametrize(
    ("shape", "value", "expected"),
    [
        (FLAGS, [True], []),
        (FLAGS, [], [("bad_count", "x")]),
        (FLAGS, [True] * 4, [("bad_count", "x")]),
        (FLAGS, [True, "x"], [("wrong_kind", "x.1")]),
        (FLAGS, True, [("wrong_kind", "x")]),
        (TEXTS, {"a": "b"}, []),
        (TEXTS, ["a"], [("wrong_kind", "x")]),
        (TEXTS, {"a": "b", "b": "c", "c": "d"}, [("bad_count", "x")]),
        (TEXTS, {"": "b"}, [("bad_key", "x.")]),
        (TEXTS, {"x" * 64: "b"}, [("bad_key", "x." + "x" * 64)]),
        (PART, {"name": "a", "on": None}, []),
        (PART, {"on": True}, [("missing_field", "x.name")]),
        (PART, {"nam": "a"}, [("unknown_field", "x.nam")]),
        (PART, "a", [("wrong_kind", "x")]),
        (WHOLE, {"parts": [{"name": "a"}, {}]}, [("missing_field", "x.parts.1.name")]),
    ],
)
def test_what_is_taken_and_what_is_told(
    shape: Shape, value: object, expected: list[tuple[str, str]]
) -> None:
    assert faults(shape, value) == expected


def test_a_record_keeps_null_apart_from_absence() -> None:
    report = Report()
    assert PART.read(grown({"on": None, "name": "a"}), (), report) == {"name": "a", "on": None}
    assert PART.read(grown({"name": "a"}), (), report) == {"name": "a"}


def test_what_a_missing_field_means_is_said() -> None:
    report = Report()
    PART.read(grown({}), (), report)
    (fault,) = report.faults(shown="f", lines=[], mask=str)
    assert fault.suggestion == "Its name."


def test_only_what_is_known_and_given_is_kept() -> None:
    value = {"parts": [{"name": "a", "on": None, "more": 1}], "other": 2, "kind": "a"}
    assert known(WHOLE, value) == {"parts": [{"name": "a"}], "kind": "a"}


def test_a_schema_of_a_record() -> None:
    assert PART.schema() == {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "name": {
                "description": "Its name.",
                "type": "string",
                "minLength": 1,
                "maxLength": 200,
            },
            "on": {
                "description": "Whether it is on.",
                "anyOf": [
                    {"anyOf": [{"type": "boolean"}, {"type": "string", "pattern": r"\$\{"}]},
                    {"type": "null"},
                ],
                "default": True,
            },
        },
        "required": ["name"],
    }


def test_a_misspelt_field_is_told_where_anything_else_may_stand() -> None:
    loose = Record(
        title="a part",
        fields={"serverUrl": Field(shape=Text(), about="Where.", required=True)},
        rest=Anything(),
    )
    report = Report()
    loose.read(grown({"severUrl": "x", "else": 1}), (), report)
    (fault,) = report.faults(shown="f", lines=[], mask=str)
    assert (fault.code, fault.field) == ("missing_field", "severUrl")
    assert fault.suggestion == "did you mean serverUrl?"
