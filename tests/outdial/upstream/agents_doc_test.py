"""docs/agents.md leads a newcomer all the way, command by command, and names every field."""

import json
import os
import pty
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import get_args

import httpx2
import pytest

from provision.errors import ProvisionError
from provision.manifest import ManifestError, schema
from provision.manifest.faults import FaultCode
from tests.outdial.host import CHECKOUT
from tests.outdial.upstream.schema_paths import fields

PAGE = (CHECKOUT / "docs" / "agents.md").read_text("utf-8")
WRITTEN = "http://127.0.0.1:8700"
PATIENCE = 120.0
PREPARATION = ("make install", ". .venv/bin/activate")
"""What brings `outdial` into a fresh shell; these tests have it there already."""


@dataclass(frozen=True, kw_only=True)
class Command:
    """A command of the page, and lines that the page shows of what it prints."""

    line: str
    shown: list[str] = field(default_factory=list)


def commands() -> Iterator[Command]:
    """All commands of the page's console blocks, in order."""
    for block in re.findall(r"```console\n(.*?)```", PAGE, re.DOTALL):
        pieces = re.split(r"^\$ ", block, flags=re.MULTILINE)
        assert pieces[0] == ""
        for piece in pieces[1:]:
            line, *shown = piece.splitlines()
            yield Command(line=line, shown=[text for text in shown if text != "..."])


@contextmanager
def first_terminal(line: str, environ: dict[str, str]) -> Iterator[str]:
    """Runs the page's first command, on a free port; gives the address of what it starts."""
    process = subprocess.Popen(  # noqa: S602 - the page's own line
        f"exec {line} --port 0", shell=True, env=environ, stdout=subprocess.PIPE
    )
    try:
        assert process.stdout is not None
        yield json.loads(process.stdout.readline())["url"]
    finally:
        process.terminate()
        process.wait(PATIENCE)
        if process.stdout is not None:
            process.stdout.close()


def second_terminal(line: str, folder: Path, environ: dict[str, str]) -> str:
    """Runs a command for somebody who types yes to whatever is asked; what it prints."""
    ours, theirs = pty.openpty()
    try:
        os.write(ours, b"yes\n")
        ended = subprocess.run(  # noqa: S602 - the page's own line
            line,
            shell=True,
            cwd=folder,
            env=environ,
            stdin=theirs,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
    finally:
        os.close(ours)
        os.close(theirs)
    assert ended.returncode == 0, f"{line}\n{ended.stdout}{ended.stderr}"
    return ended.stdout


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """An environment with the program `outdial`, and nothing exported."""
    program = tmp_path / "bin" / "outdial"
    program.parent.mkdir()
    run = "from outdial.main import run; run()"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -c "{run}" "$@"\n', "utf-8")
    program.chmod(0o755)
    ours = {name: value for name, value in os.environ.items() if not name.startswith("OUTDIAL_")}
    path = f"{program.parent}{os.pathsep}{ours['PATH']}"
    return {**ours, "PATH": path, "PYTHONPATH": str(CHECKOUT)}


def test_a_newcomer_gets_from_nothing_to_a_transcript(
    tmp_path: Path, environ: dict[str, str]
) -> None:
    shutil.copytree(CHECKOUT / "examples", tmp_path / "examples")
    start, *others = [one for one in commands() if one.line not in PREPARATION]
    with first_terminal(start.line, environ) as url:
        for command in others:
            line = command.line.replace(WRITTEN, url)
            if exported := re.fullmatch(r"export (\w+)=(\S+)", line):
                environ[exported[1]] = exported[2]
                continue
            told = [
                text.rstrip() for text in second_terminal(line, tmp_path, environ).splitlines()
            ]
            for text in command.shown:
                assert text.replace(WRITTEN, url) in told, line
        ledger = httpx2.get(
            f"{url}/sandbox/rings", headers={"X-Sandbox-Key": "sandbox-control"}, trust_env=False
        )
    assert [ring["phone"] for ring in ledger.json()["items"]] == ["+12125550123"]


def test_a_fresh_shell_finds_the_program() -> None:
    first, second, *_ = re.findall(r"```console\n(.*?)```", PAGE, re.DOTALL)
    assert first.startswith("$ make install\n$ . .venv/bin/activate\n$ outdial sandbox ")
    assert second.startswith("$ . .venv/bin/activate\n$ export ")
    makefile = (CHECKOUT / "Makefile").read_text("utf-8")
    assert "\nVENV := .venv\n" in makefile
    assert "\ninstall:" in makefile


def test_the_way_has_all_its_stations() -> None:
    lines = [command.line for command in commands()]
    way = [
        "outdial sandbox",
        "export OUTDIAL_PARTNER_BASE_URL",
        "outdial partner whoami",
        "outdial agents plan",
        "outdial agents apply",
        "outdial agents plan",
        "outdial agents call",
        "outdial calls list",
        "outdial calls show",
    ]
    for station in way:
        while not lines.pop(0).startswith(station):
            assert lines, station


def test_every_field_of_a_manifest_is_explained_and_no_other() -> None:
    rows = re.findall(r"^\| `([\w.\[\]]+)` \| (.+) \|$", PAGE, re.MULTILINE)
    told = [path for path, _ in rows if path.split(".")[0] in schema()["properties"]]
    assert len(told) == len(set(told))
    assert set(told) == set(fields(schema()))


def test_every_way_to_stop_is_explained() -> None:
    told = set(re.findall(r"^\| `(\w+)` \| ", PAGE.split("## When it stops")[1], re.MULTILINE))
    pending, known = [ProvisionError], {ManifestError.code}
    while pending:
        kinds = pending.pop().__subclasses__()
        pending += kinds
        known |= {kind.code for kind in kinds}
    assert told == known


def test_every_code_of_a_fault_is_explained_and_no_other() -> None:
    table = PAGE.split("A fault of the manifest has a code too:")[1]
    rows = re.findall(r"^\| (`.+`) \| ", table, re.MULTILINE)
    told = [code for row in rows for code in re.findall(r"`(\w+)`", row)]
    literal = re.compile(r'"((?:ambiguous|bad|unknown|calendar)_[a-z]+)"')
    planned = {"unknown_tool_id", "unknown_file_id"}
    provision = CHECKOUT / "provision"
    for file in (*(provision / "drafting").glob("*.py"), provision / "observing.py"):
        planned |= set(literal.findall(file.read_text("utf-8")))
    assert len(told) == len(set(told))
    assert set(told) == {*get_args(FaultCode), *planned}


def test_links_lead_somewhere() -> None:
    for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", PAGE):
        assert (CHECKOUT / "docs" / link).exists(), link
