"""Agents as code from the command line: planned, applied, found unchanged, and destroyed."""

import json
import os
import signal
import stat
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.outdial.host import CHECKOUT
from tests.outdial.serving import COMMAND
from tests.outdial.upstream.beside import KEY, Beside

SECRET = "key-0f9a-of-the-clinic"

MANIFEST = """\
business: {business}
tools:
  lookup:
    template: apiRequest
    config:
      url: https://api.example.com/lookup?key=${{LOOKUP_KEY}}
      method: GET
files:
  prices:
    path: ./prices.md
agents:
  caller:
    name: Caller
    type: OUTBOUND
    conversationFlow: Say hello and ask what is wrong.
    tools: [lookup]
    files: [prices]
"""


@dataclass(frozen=True, kw_only=True)
class Code:
    """A manifest of a business of its own, and the commands on it.

    Attributes:
        beside: The sandbox.
        file: The manifest.
        business: The business.
    """

    beside: Beside
    file: Path
    business: str

    @property
    def state(self) -> Path:
        """The state file."""
        return self.file.with_suffix(".state.json")

    def run(self, command: str, *options: str) -> tuple[int, str, str]:
        """Runs a command on the manifest: exit code, stdout, stderr."""
        result = self.beside.run("agents", command, str(self.file), *options, LOOKUP_KEY=SECRET)
        return result.exit_code, result.stdout, result.stderr

    def done(self, command: str, *options: str) -> str:
        """Runs a command that succeeds; its output."""
        code, told, fault = self.run(command, *options)
        assert code == 0, told + fault
        return told

    def json(self, command: str, *options: str) -> Any:  # noqa: ANN401 - differs by command
        """Runs a command with --json that succeeds; what it printed."""
        return json.loads(self.done(command, "--json", *options))

    def refused(self, command: str, *options: str, code: int = 1) -> dict[str, Any]:
        """Runs a command with --json that fails; the error."""
        ended, told, fault = self.run(command, "--json", *options)
        assert ended == code, told + fault
        error: dict[str, Any] = json.loads(told)["error"]
        return error

    def edit(self, old: str, new: str) -> None:
        """Changes the manifest."""
        text = self.file.read_text("utf-8")
        assert old in text
        self.file.write_text(text.replace(old, new), "utf-8")

    def agents(self) -> list[dict[str, Any]]:
        """The business's agents upstream."""
        found: list[dict[str, Any]] = self.beside.json(
            "agents", "list", "--business", self.business
        )
        return found


def somebody_changes(code: Code, **fields: str) -> None:
    """Changes the agent upstream, past the manifest."""
    agent = code.agents()[0]["id"]
    url = f"{code.beside.sandbox.base_url}/businesses/{code.business}/voice-agents/{agent}"
    headers = {"Authorization": f"Bearer {KEY}"}
    httpx2.patch(url, json=fields, headers=headers, trust_env=False).raise_for_status()


@pytest.fixture
def code(beside: Beside, tmp_path: Path) -> Iterator[Code]:
    """A manifest that nobody has applied yet."""
    made = beside.sandbox.add("businesses", organization_id="org_demo", name="Clinic")
    (tmp_path / "prices.md").write_text("A visit is 80 dollars.\n", "utf-8")
    file = tmp_path / "clinic.yaml"
    file.write_text(MANIFEST.format(business=made["id"]), "utf-8")
    yield Code(beside=beside, file=file, business=str(made["id"]))
    beside.sandbox.clear_faults()


def test_a_plan_changes_nothing_and_an_apply_leaves_nothing_to_do(code: Code) -> None:
    told = code.done("plan")
    assert "Plan: 3 to create, 0 to update, 0 to replace, 0 to delete, 1 to deploy." in told
    assert code.agents() == []
    assert not code.state.exists()
    told = code.done("apply", "--yes")
    assert "[1/4] tools.lookup: created (" in told
    assert "Done: 3 created, 0 updated, 0 replaced, 0 deleted, 1 deployed." in told
    assert [agent["name"] for agent in code.agents()] == ["Caller"]
    assert code.done("plan") == "No changes. What runs is what the manifest says.\n"
    assert stat.S_IMODE(code.state.stat().st_mode) == 0o600


def test_secrets_are_masked_everywhere(code: Code) -> None:
    kept = code.file.with_name("plan.json")
    commands = (("plan",), ("plan", "--json", "--out", str(kept)), ("apply", "--yes"))
    seen = [text for command in commands for text in code.run(*command)[1:]]
    seen += [code.state.read_text("utf-8"), kept.read_text("utf-8")]
    assert "(sensitive value)" in seen[0]
    assert not [text for text in seen if SECRET in text]


def test_applying_again_does_nothing(code: Code) -> None:
    code.done("apply", "--yes")
    again = code.json("apply")
    assert again["done"] == []
    assert len(code.agents()) == 1


def test_a_change_is_made_in_place_and_a_file_is_replaced(code: Code) -> None:
    code.done("apply", "--yes")
    before = code.agents()[0]
    code.edit("Say hello", "Say good day")
    code.file.with_name("prices.md").write_text("A visit is 90 dollars.\n", "utf-8")
    told = code.done("plan")
    assert "~ agents.caller" in told
    assert "-/+ files.prices" in told
    done = code.json("apply", "--yes")
    assert done["summary"] == {"update": 1, "replace": 1, "no change": 1}
    after = code.agents()[0]
    assert after["id"] == before["id"]
    assert after["conversationFlow"].startswith("Say good day")
    assert after["knowledgeBaseDocumentIds"] != before["knowledgeBaseDocumentIds"]


def test_what_leaves_the_manifest_is_deleted(code: Code) -> None:
    code.done("apply", "--yes")
    text = code.file.read_text("utf-8")
    code.file.write_text(text.split("agents:")[0], "utf-8")
    assert "- agents.caller" in code.done("plan")
    code.done("apply", "--yes")
    assert code.agents() == []


def test_exit_codes_for_ci(code: Code) -> None:
    assert code.run("plan", "--detailed-exitcode")[0] == 4
    code.done("apply", "--yes")
    assert code.run("plan", "--detailed-exitcode")[0] == 0
    code.edit("type: OUTBOUND", "type: OUTBOND")
    assert code.run("plan", "--detailed-exitcode")[0] == 2


def test_a_kept_plan_is_applied_without_a_question(code: Code) -> None:
    kept = code.file.with_name("plan.json")
    told = code.done("plan", "--out", str(kept))
    assert f"--plan {kept}" in told
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert SECRET not in kept.read_text("utf-8")
    code.done("apply", "--plan", str(kept))
    assert len(code.agents()) == 1


def test_a_kept_plan_is_refused_once_something_changed(code: Code) -> None:
    kept = code.file.with_name("plan.json")
    code.done("plan", "--out", str(kept))
    code.edit("Say hello", "Say good day")
    error = code.refused("apply", "--plan", str(kept))
    assert (error["code"], error["changed"]) == ("plan_outdated", "manifest")
    assert code.agents() == []


def test_a_plan_that_is_not_there_is_a_wrong_command_line(code: Code) -> None:
    error = code.refused("apply", "--plan", str(code.file.with_name("nope.json")), code=2)
    assert error["code"] == "plan_unusable"
    code.file.with_name("taken.json").write_text("{}", "utf-8")
    error = code.refused("plan", "--out", str(code.file.with_name("taken.json")), code=2)
    assert error["code"] == "plan_unusable"


def test_another_state_is_named_with_its_option(code: Code) -> None:
    code.done("apply", "--yes")
    other = code.beside.sandbox.add("businesses", organization_id="org_demo", name="Other")["id"]
    code.edit(f"business: {code.business}", f"business: {other}")
    error = code.refused("plan")
    assert error["code"] == "state_mismatch"
    assert "--state PATH" in error["message"]


def test_the_calendar_is_connected_once_more_on_demand(code: Code) -> None:
    code.edit(
        "tools:\n  lookup", "calendar: {calendarId: primary, accessToken: a}\ntools:\n  lookup"
    )
    code.done("apply", "--yes")
    code.edit("accessToken: a", "accessToken: b")
    assert code.done("plan").startswith("No changes.")
    assert "~ calendar" in code.done("plan", "--reconnect-calendar")
    kept = code.file.with_name("plan.json")
    code.done("plan", "--reconnect-calendar", "--out", str(kept))
    error = code.refused("apply", "--plan", str(kept), "--reconnect-calendar", code=2)
    assert error["code"] == "usage"
    for options in (("--plan", str(kept)), ("--reconnect-calendar", "--yes")):
        done = code.json("apply", *options)["done"]
        assert [one["address"] for one in done] == ["calendar"]


def test_drift_is_told_refused_and_accepted(code: Code) -> None:
    code.done("apply", "--yes")
    kept = code.file.with_name("plan.json")
    code.edit("Say hello", "Say good day")
    code.done("plan", "--out", str(kept))
    somebody_changes(code, conversationFlow="Sell them something.")
    told = code.done("plan")
    assert "Changed outside since the last apply:" in told
    error = code.refused("apply", "--plan", str(kept))
    assert (error["code"], error["changed"]) == ("plan_outdated", "upstream")
    assert "agents.caller (conversationFlow)" in error["message"]
    assert "--accept-drift" in error["message"]
    assert error["differing"] == {"agents.caller": ["conversationFlow"]}
    told = code.done("apply", "--plan", str(kept), "--accept-drift")
    assert told.index("Sell them something.") < told.index("updated (")
    assert code.agents()[0]["conversationFlow"].startswith("Say good day")


def test_without_a_person_to_ask_it_wants_yes(code: Code) -> None:
    for command in ("apply", "destroy"):
        if command == "destroy":
            code.done("apply", "--yes")
        assert code.refused(command, code=2)["code"] == "not_confirmed"
    assert len(code.agents()) == 1


def test_destroying_takes_away_what_is_owned(code: Code) -> None:
    code.done("apply", "--yes")
    told = code.done("destroy", "--yes")
    assert "Plan: 0 to create, 0 to update, 0 to replace, 3 to delete." in told
    assert code.agents() == []
    assert "Nothing to destroy." in code.done("destroy")


def test_lacking_scopes_fail_the_plan_before_anything_is_changed(code: Code) -> None:
    scopes = ["voices:read", "tools:read", "files:read", "voice-agents:read", "tools:create"]
    code.beside.sandbox.add(
        "credentials", organization_id="org_demo", api_key="reader", scopes=scopes
    )
    narrow = Code(
        beside=Beside(
            sandbox=code.beside.sandbox,
            environ={**code.beside.environ, "OUTDIAL_PARTNER_API_KEY": "reader"},
        ),
        file=code.file,
        business=code.business,
    )
    for command in (("plan",), ("apply", "--yes")):
        error = narrow.refused(*command)
        assert error["code"] == "missing_scopes"
        assert error["scopes"] == ["files:create", "voice-agents:create", "voice-agents:update"]
    assert code.agents() == []


def test_a_step_that_fails_says_how_to_go_on(code: Code) -> None:
    code.beside.sandbox.fault("assistant_failed", count=1)
    error = code.refused("apply", "--yes")
    assert error["code"] == "step_failed"
    assert (error["address"], error["done"]) == ("agents.caller", 2)
    code.done("apply", "--yes")
    assert len(code.agents()) == 1


def test_ctrl_c_leaves_what_was_done_and_says_how_to_go_on(code: Code) -> None:
    code.beside.sandbox.fault("file_slow", count=1, seconds=86_400)
    with subprocess.Popen(  # noqa: S603 - our own program
        [*COMMAND, "agents", "apply", str(code.file), "--yes"],
        cwd=CHECKOUT,
        env={**os.environ, **code.beside.environ, "LOOKUP_KEY": SECRET},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            assert any("waiting for files.prices" in line for line in process.stdout)
            process.send_signal(signal.SIGINT)
            _, fault = process.communicate(timeout=60)
        finally:
            process.kill()
    assert process.returncode == 1
    assert fault == (
        "outdial: interrupted; what was done is kept in the state file; run again to go on from "
        "there\n"
    )
    assert code.agents() == []
    assert code.json("plan")["summary"] == {"create": 1, "deploy": 1, "no change": 2}


def test_a_voice_that_does_not_exist_is_told_at_its_place(code: Code) -> None:
    code.edit("    type: OUTBOUND\n", "    type: OUTBOUND\n    voice: Sara\n")
    ended, _, fault = code.run("plan")
    assert ended == 2
    assert "clinic.yaml:15:12: agents.caller.voice" in fault
    assert "Sarah" in fault
    assert fault.endswith("has 1 fault; nothing was sent\n")


def test_no_partner_api_is_told_with_what_to_export(code: Code) -> None:
    result = code.beside.run(
        "agents", "plan", str(code.file), LOOKUP_KEY=SECRET, OUTDIAL_PARTNER_BASE_URL=""
    )
    assert result.exit_code == 2
    assert "OUTDIAL_PARTNER_BASE_URL" in result.stderr


def test_nobody_there_is_told_with_what_to_start(code: Code) -> None:
    result = code.beside.run(
        "agents",
        "plan",
        str(code.file),
        LOOKUP_KEY=SECRET,
        OUTDIAL_PARTNER_BASE_URL="http://127.0.0.1:1/v1",
    )
    assert result.exit_code == 1
    assert result.stderr.endswith("is it running? For the sandbox: outdial sandbox\n")
