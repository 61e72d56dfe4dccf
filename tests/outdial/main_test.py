"""The command line as a whole: its commands, its faults, and that docs/cli.md names them all."""

import json
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from typer.main import get_command
from typer.testing import CliRunner

from outdial.main import Commands, app
from outdial.speaking.speech import CommandError, Exit
from tests.outdial.host import CHECKOUT
from tests.outdial.serving import COMMAND, run

DOCS = (CHECKOUT / "docs" / "cli.md").read_text(encoding="utf-8")


def commands() -> Iterator[tuple[str, list[str]]]:
    """Every command with its options."""
    pending = [("outdial", get_command(app))]
    while pending:
        name, command = pending.pop()
        inner = getattr(command, "commands", None)
        if inner:
            pending += [(f"{name} {key}", value) for key, value in inner.items()]
        else:
            shown = [p for p in command.params if not getattr(p, "hidden", False)]
            options = [o for p in shown for o in p.opts if o.startswith("--")]
            yield name, options


@pytest.mark.parametrize(("name", "options"), list(commands()), ids=lambda value: str(value)[:40])
def test_the_docs_name_every_command_and_option(name: str, options: list[str]) -> None:
    assert f"### `{name}" in DOCS
    section = DOCS.split(f"### `{name}")[1].split("\n### ")[0].split("\n## ")[0]
    common = DOCS.split("## Options that many commands have")[1].split("\n## ")[0]
    for option in options:
        assert f"`{option}" in section or f"`{option}" in common, option


def test_the_docs_name_no_command_that_is_not_there() -> None:
    known = {name for name, _ in commands()}
    written = re.findall(r"^### `(outdial(?: [a-z]+)+)", DOCS, re.MULTILINE)
    assert set(written) == known


def test_help_lists_the_commands() -> None:
    result = run("--help")
    assert result.exit_code == 0
    for name in ("up", "demo", "status", "doctor", "leads", "campaigns", "keys", "phone"):
        assert f"\n  {name} " in result.stdout


def test_without_a_command_it_shows_its_help() -> None:
    result = run()
    assert result.exit_code == 2
    assert "Commands:" in result.output


def test_a_wrong_command_is_told() -> None:
    result = run("capmaigns")
    assert result.exit_code == 2
    assert "campaigns" in result.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("agents", "plan", "--json"),
        ("calls", "list", "--limit", "0", "--json"),
        ("calls", "list", "--status", "FOO", "--json"),
        ("calls", "list", "--colour", "--json"),
        ("capmaigns", "--json"),
        ("--json", "status"),
    ],
    ids=" ".join,
)
def test_programs_are_told_of_a_wrong_command_line_as_json(arguments: tuple[str, ...]) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    error = json.loads(result.stdout)["error"]
    assert error["code"] == "usage"
    assert error["message"] in result.stderr


def test_people_are_told_of_a_wrong_command_line_on_stderr_alone() -> None:
    for arguments in (("agents", "plan"), ("agents", "plan", "--", "a.yaml", "--json")):
        result = run(*arguments)
        assert (result.exit_code, result.stdout) == (2, "")


@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("arguments", [("agents", "schema"), ("--help",), ("phone", "2125550123")])
def test_a_full_disk_is_told_in_a_sentence(arguments: tuple[str, ...], unbuffered: str) -> None:
    with Path("/dev/full").open("w") as full:
        ended = subprocess.run(  # noqa: S603 - our own program
            [*COMMAND, *arguments],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
            check=False,
            cwd=CHECKOUT,
            env={**os.environ, "PYTHONUNBUFFERED": unbuffered},
        )
    told = "outdial: the output can't be written: No space left on device\n"
    assert (ended.returncode, ended.stderr) == (1, told)


def test_a_fault_becomes_a_line_and_its_code() -> None:
    failing = typer.Typer(cls=Commands)

    @failing.callback()
    def group() -> None:
        """A group."""

    @failing.command()
    def fail() -> None:
        raise CommandError("it is broken", code=Exit.RUNNING)

    result = CliRunner().invoke(failing, ["fail"])
    assert result.exit_code == 3
    assert result.stderr == "outdial: it is broken\n"
    assert result.stdout == ""


def test_no_traceback_reaches_a_person() -> None:
    ended = subprocess.run(  # noqa: S603 - our own program
        [*COMMAND, "status", "--url", "http://127.0.0.1:1", "--key", "odk_x"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        cwd=CHECKOUT,
    )
    assert ended.returncode == 1
    assert ended.stderr.startswith("outdial: http://127.0.0.1:1 does not answer")
    assert ended.stderr.count("\n") == 1
