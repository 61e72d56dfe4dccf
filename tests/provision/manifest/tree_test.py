"""YAML as it is read here: plain scalars, places, and what is refused."""

import pytest

from provision.manifest.faults import Place
from provision.manifest.report import Report, UnreadableError
from provision.manifest.tree import MAX_DEPTH, MAX_NODES, grown, parse, scalar
from tests.provision.manifest.manifests import plain


def refusal(text: str) -> tuple[str, int, int]:
    report = Report()
    with pytest.raises(UnreadableError):
        parse(text, report)
    (fault,) = report.faults(shown="x", lines=text.split("\n"), mask=str)
    return fault.code, fault.line, fault.column


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("no", "no"),
        ("Yes", "Yes"),
        ("on", "on"),
        ("off", "off"),
        ("09:00", "09:00"),
        ("9:30", "9:30"),
        ("1_000", "1_000"),
        ("0x1f", "0x1f"),
        ("012", "012"),
        ("+12125550142", "+12125550142"),
        ("2026-03-02", "2026-03-02"),
        (".inf", ".inf"),
        ("1.2.3", "1.2.3"),
        ("true", True),
        ("FALSE", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("60", 60),
        ("-3", -3),
        ("0", 0),
        ("1.5", 1.5),
        ("1e3", 1000.0),
        ("9" * 40, "9" * 40),
    ],
)
def test_a_plain_scalar(raw: str, value: object) -> None:
    read = scalar(raw)
    assert (type(read), read) == (type(value), value)


def test_quotes_make_text() -> None:
    assert plain(parse("a: 'true'\nb: \"60\"\nc: |\n  12\n", Report())) == {
        "a": "true",
        "b": "60",
        "c": "12\n",
    }


def test_every_value_knows_its_place() -> None:
    root = parse("a:\n  b: [x,  yy]\n  c: 'z'\n", Report())
    a = root.child("a")
    assert a is not None
    assert a.place == Place(line=1, column=1)
    assert a.keys == {"b": Place(line=2, column=3), "c": Place(line=3, column=3)}
    assert [item.place for item in a.entries()["b"].items()] == [
        Place(line=2, column=7),
        Place(line=2, column=11),
    ]
    assert a.entries()["c"].place == Place(line=3, column=6)


def test_columns_count_characters() -> None:
    root = parse("é😀: {x: 1}\n", Report())
    inner = root.child("é😀", "x")
    assert inner is not None
    assert inner.place == Place(line=1, column=9)


def test_an_alias_repeats_what_its_anchor_holds() -> None:
    root = parse("a: &one [1, 2]\nb: *one\n", Report())
    assert plain(root) == {"a": [1, 2], "b": [1, 2]}
    assert root.entries()["b"].place == Place(line=2, column=4)


def test_a_repeated_key_is_told_and_the_first_one_stays() -> None:
    report = Report()
    root = parse("a: 1\nb:\n  c: 2\n  c: 3\n", report)
    (fault,) = report.faults(shown="x", lines=[], mask=str)
    assert (fault.code, fault.field, fault.line) == ("repeated_key", "b.c", 4)
    assert "line 3" in fault.message
    assert plain(root) == {"a": 1, "b": {"c": 2}}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", ("empty", 1, 1)),
        ("# only a comment\n", ("empty", 1, 1)),
        ("a: 1\n---\nb: 2\n", ("several_documents", 2, 1)),
        ("a: !!python/object:os.system x\n", ("tag", 1, 4)),
        ("a: !!str 1\n", ("tag", 1, 4)),
        ("!x a: 1\n", ("tag", 1, 1)),
        ("a: *b\n", ("unknown_alias", 1, 4)),
        ("a: &b [*b]\n", ("unknown_alias", 1, 8)),
        ("? [1, 2]\n: x\n", ("bad_key", 1, 3)),
        ("*a : 1\n", ("bad_key", 1, 1)),
        ("a: [1, 2\n", ("yaml_syntax", 2, 1)),
        ("a: 'x\n", ("yaml_syntax", 2, 1)),
        ("a: b: c\n", ("yaml_syntax", 1, 5)),
        ("a:\n\tb: 1\n", ("yaml_syntax", 2, 1)),
        ("a: x\n b: y\n", ("yaml_syntax", 2, 3)),
        ("a: \x1b[31m\n", ("bad_character", 1, 4)),
        ("a: 1\nb: \x00\n", ("bad_character", 2, 4)),
        ("%YAML 3.0\n---\na: 1\n", ("yaml_syntax", 1, 1)),
    ],
)
def test_what_cannot_be_read(text: str, told: tuple[str, int, int]) -> None:
    assert refusal(text) == told


def test_a_tab_is_called_one() -> None:
    report = Report()
    with pytest.raises(UnreadableError):
        parse("a:\n\tb: 1\n", report)
    (fault,) = report.faults(shown="x", lines=[], mask=str)
    assert "tab" in fault.message


@pytest.mark.parametrize("opening", ["[", "{a: ", "- "])
def test_depth_is_limited(opening: str) -> None:
    assert refusal(opening * 100_000)[0] == "too_deep"
    assert plain(parse("[" * MAX_DEPTH + "]" * MAX_DEPTH, Report())) is not None


def test_aliases_cannot_grow_without_bound() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    for level in range(1, 12):
        inner = ", ".join([f"*a{level - 1}"] * 10)
        lines.append(f"a{level}: &a{level} [{inner}]")
    code, line, _ = refusal("\n".join(lines))
    assert (code, line) == ("too_many_values", 5)


def test_values_are_counted() -> None:
    assert refusal("[" + "1," * MAX_NODES + "]")[0] == "too_many_values"


def test_a_tree_of_json() -> None:
    value = {"a": [1, True, None, "x", 2.5], "b": {}}
    assert plain(grown(value)) == value
    with pytest.raises(TypeError):
        grown({"a": object()})


def test_a_tree_of_json_ends_somewhere() -> None:
    deep: list[object] = []
    for _ in range(500):
        deep = [deep]
    node = grown(deep)
    depth = 0
    while node.items():
        node = node.items()[0]
        depth += 1
    assert MAX_DEPTH < depth < 500
