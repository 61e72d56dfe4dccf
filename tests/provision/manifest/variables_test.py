"""Variables: their forms, what becomes a secret, and what is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provision.manifest.report import Report
from provision.manifest.tree import Node, grown
from provision.manifest.variables import MAX_VALUE, Expansion

ENVIRON = {"TOKEN": "ya29.abc", "EMPTY": "", "NESTED": "${TOKEN}", "TEN": "10"}


def expanded(text: str) -> tuple[Node, Report, frozenset[str]]:
    report = Report()
    expansion = Expansion(environ=ENVIRON, report=report)
    root = expansion.expand(grown({"x": [text]}))
    return root.entries()["x"].items()[0], report, expansion.secrets


@pytest.mark.parametrize(
    ("text", "value", "secrets"),
    [
        ("${TOKEN}", "ya29.abc", {"ya29.abc"}),
        ("Bearer ${TOKEN}!", "Bearer ya29.abc!", {"ya29.abc"}),
        ("${TOKEN}${TEN}", "ya29.abc10", {"ya29.abc", "10"}),
        ("${UNSET:-a default}", "a default", set()),
        ("${EMPTY:-a default}", "a default", set()),
        ("${UNSET:-}", "", set()),
        ("${EMPTY}", "", set()),
        ("${TOKEN:-a default}", "ya29.abc", {"ya29.abc"}),
        ("${NESTED}", "${TOKEN}", {"${TOKEN}"}),
        ("$${TOKEN}", "${TOKEN}", set()),
        ("$$${TOKEN}", "$${TOKEN}", set()),
        ("costs $5 or $x {y}", "costs $5 or $x {y}", set()),
        ("$TOKEN", "$TOKEN", set()),
    ],
)
def test_a_text_with_variables(text: str, value: str, secrets: set[str]) -> None:
    node, report, found = expanded(text)
    assert node.text() == value
    assert found == secrets
    assert not report.paths


def test_an_escape_alone_is_no_variable() -> None:
    assert not expanded("$${TOKEN}")[0].expanded
    assert expanded("${TEN}")[0].expanded


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("${UNSET}", "unset_variable"),
        ("a ${UNSET} b ${TOKEN}", "unset_variable"),
        ("${1X}", "bad_variable"),
        ("${}", "bad_variable"),
        ("${A B}", "bad_variable"),
        ("${TOKEN", "bad_variable"),
        ("${TOKEN-x}", "bad_variable"),
        ("${A:-${B}}", "bad_variable"),
    ],
)
def test_what_cannot_be_expanded(text: str, code: str) -> None:
    node, report, _ = expanded(text)
    (fault,) = report.faults(shown="x", lines=[], mask=str)
    assert (fault.code, fault.field) == (code, "x.0")
    assert node.broken
    assert node.text() is None


def test_an_unset_variable_is_named() -> None:
    _, report, _ = expanded("${GOOGLE_ACCESS_TOKEN}")
    (fault,) = report.faults(shown="x", lines=[], mask=str)
    assert "GOOGLE_ACCESS_TOKEN" in fault.message


def test_a_variable_has_a_limit() -> None:
    report = Report()
    environ = {"BIG": "x" * (MAX_VALUE + 1)}
    Expansion(environ=environ, report=report).expand(grown({"a": "${BIG}"}))
    (fault,) = report.faults(shown="x", lines=[], mask=str)
    assert (fault.code, fault.field) == ("long_variable", "a")


def test_keys_are_left_alone() -> None:
    root = Expansion(environ=ENVIRON, report=Report()).expand(grown({"${TOKEN}": "x"}))
    assert list(root.entries()) == ["${TOKEN}"]


@given(st.text("${}:-AB $", max_size=30))
def test_an_escaped_text_is_read_as_itself(text: str) -> None:
    report = Report()
    escaped = text.replace("${", "$${")
    node = Expansion(environ={}, report=report).expand(grown(escaped))
    assert (node.text(), report.paths) == (text, ())
