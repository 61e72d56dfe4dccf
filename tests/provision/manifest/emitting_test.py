"""YAML as it is written: pretty, and read back as what it was."""

import json
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from provision.manifest.emitting import Noted, Raw, comment, emit
from provision.manifest.report import Report
from provision.manifest.tree import parse
from provision.manifest.variables import Expansion
from tests.provision.manifest.manifests import plain

HOSTILE = st.one_of(
    st.text(st.characters(codec="utf-8"), max_size=200),
    st.text("ab \n\t#:-'\"{}[]$|>&*!%@`\\~,?0.1\r\u2028\x85\xa0\ufeff", max_size=120),
    st.sampled_from(["no", "09:00", "+12", "~", "null", "${X}", "$${X}", "---", "...", "<<"]),
    st.lists(st.sampled_from(["a", "word", "#", "-", "é"]), max_size=60).map(" ".join),
    st.text("ab:/#é ;&@%=$-,'1_", max_size=30),
    st.lists(st.sampled_from(["a", " b", "", "- c", "# d"]), max_size=9).map("\n".join),
)
SCALARS = HOSTILE | st.booleans() | st.none() | st.integers(-(10**17), 10**17)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(HOSTILE, inner, max_size=4),
    max_leaves=12,
)


def read_back(text: str) -> Any:  # noqa: ANN401 - any JSON value
    report = Report()
    root = Expansion(environ={}, report=report).expand(parse(text, report))
    assert report.paths == ()
    return plain(root)


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(HOSTILE, JSON, min_size=1, max_size=4))
def test_whatever_is_written_is_read_back(value: dict[str, Any]) -> None:
    assert read_back(emit(value)) == value
    assert read_back(emit(value, spaced=2)) == value


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(st.sampled_from("abc"), HOSTILE.filter(lambda text: "${" not in text)))
def test_readers_of_older_yaml_read_the_same(value: dict[str, str]) -> None:
    assert (yaml.safe_load(emit({"x": value})) or {}) == {"x": value}


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("Sarah", "Sarah"),
        ("no", '"no"'),
        ("09:00", '"09:00"'),
        ("+12125550142", '"+12125550142"'),
        ("true", '"true"'),
        ("null", '"null"'),
        ("", '""'),
        ("a: b", '"a: b"'),
        ("# a", '"# a"'),
        ("it's", "it's"),
        ("id:tool_1", "id:tool_1"),
        ("https://example.com/a?b=1", "https://example.com/a?b=1"),
        ("a:", '"a:"'),
        ("a #b", '"a #b"'),
        ("Éclair", "Éclair"),
        ("one line\n", "|\n  one line"),
        ("two\nlines", "|-\n  two\n  lines"),
        ("two\n\nlines\n", "|\n  two\n\n  lines"),
        ("trailing \nspace", "|-\n  trailing \n  space"),
        (" leading\nspace", '" leading\\nspace"'),
        ("tail\n\n", '"tail\\n\\n"'),
        ("bell\x07", '"bell\\u0007"'),
        ("line\u2028separator", '"line\\u2028separator"'),
        ("costs ${X}", '"costs $${X}"'),
    ],
)
def test_a_text(text: str, written: str) -> None:
    assert emit({"a": text}) == f"a: {written}\n"


def test_a_long_line_is_folded() -> None:
    text = " ".join(["word"] * 40)
    lines = emit({"a": text}).split("\n")
    assert lines[0] == "a: >-"
    assert all(len(line) <= 92 for line in lines)
    assert len(lines) > 3


def test_blocks_lists_and_comments() -> None:
    value = {
        "a": {"b": [{"c": 1, "d": [True, None]}, "x", [], {}]},
        "e": Noted(value={"f": 1}, note="A word\nand another"),
        "g": Raw("${TOKEN}"),
    }
    assert emit(value, spaced=1).split("\n") == [
        "a:",
        "  b:",
        "    - c: 1",
        "      d:",
        "        - true",
        "        - null",
        "    - x",
        "    - []",
        "    - {}",
        "",
        "# A word",
        "# and another",
        "e:",
        "  f: 1",
        "",
        "g: ${TOKEN}",
        "",
    ]


@given(HOSTILE)
def test_a_comment_stays_one(note: str) -> None:
    text = "\n".join(comment(note, 2)) + "\n" + json.dumps({"a": 1})
    assert read_back(text) == {"a": 1}
