"""Manifests are checked offline: all faults at once, each with its line; the schema is printed."""

import json
from pathlib import Path

import pytest

from outdial.upstream.manifest_file import read_manifest
from provision.manifest import schema
from tests.outdial.host import CHECKOUT
from tests.outdial.serving import run

EXAMPLES = sorted((CHECKOUT / "examples" / "agents").glob("*.yaml"))
WRONG = """\
business: biz_demo
agents:
  a:
    name: "A \x1b]0;owned\x07 name that is far too long for any agent"
    type: OUTBOND
    conversationFlow: Hello
"""


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.stem)
def test_the_examples_are_valid_without_any_partner_api(file: Path) -> None:
    result = run("agents", "validate", str(file))
    assert result.exit_code == 0, result.output
    assert f"{file} is valid: " in result.stdout
    found = json.loads(run("agents", "validate", str(file), "--json").stdout)
    assert (found["valid"], found["agents"]) == (True, len(read_manifest(file).agents))


def test_all_faults_are_told_at_once_with_their_lines(tmp_path: Path) -> None:
    file = tmp_path / "wrong.yaml"
    file.write_text(WRONG.replace("\x1b]0;owned\x07", ""), "utf-8")
    result = run("agents", "validate", str(file))
    assert result.exit_code == 2
    assert result.stdout == ""
    for place in (f"{file}:4:", f"{file}:5:11: agents.a.type"):
        assert place in result.stderr
    assert "  5 |     type: OUTBOND\n    |           ^\n" in result.stderr
    assert result.stderr.endswith(f"outdial: {file} has 2 faults; nothing was sent\n")


def test_programs_get_all_faults(tmp_path: Path) -> None:
    file = tmp_path / "wrong.yaml"
    file.write_text("business: biz_demo\nagent: {}\n", "utf-8")
    result = run("agents", "validate", str(file), "--json")
    error = json.loads(result.stdout)["error"]
    assert (result.exit_code, error["code"]) == (2, "manifest_invalid")
    (fault,) = error["faults"]
    assert (fault["line"], fault["field"], fault["code"]) == (2, "agent", "unknown_field")


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    result = run("agents", "validate", str(tmp_path / "none.yaml"))
    assert result.exit_code == 2
    assert "none.yaml" in result.stderr


def test_nothing_of_a_manifest_reaches_the_terminal_but_text(tmp_path: Path) -> None:
    file = tmp_path / "wrong.yaml"
    file.write_text(WRONG, "utf-8")
    told = run("agents", "validate", str(file)).stderr
    assert not [c for c in told if not c.isprintable() and c != "\n"]


def test_the_schema_is_printed() -> None:
    assert json.loads(run("agents", "schema").stdout) == schema()
    told = run("agents", "schema", "--json").stdout
    assert (json.loads(told), told.count("\n")) == (schema(), 1)
