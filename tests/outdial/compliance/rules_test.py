"""Rules over all campaigns from the command line: shown, exported, tried, changed."""

import json
from itertools import count
from pathlib import Path
from uuid import uuid4

import pytest

from tests.outdial.leads.rows import change
from tests.outdial.serving import Serving

_LINES = count()

ENDED = """
    INSERT INTO calls (id, organization_id, business_id, agent_id, campaign_id, lead_id, phone,
        state, outcome, ended_reason, partner_status, place_at, claim_expires_at, window_until,
        armed_at, finished_at)
    SELECT gen_random_uuid(), c.organization_id, c.business_id, c.agent_id, c.id, l.id, l.phone,
        'ended', 'busy', :reason, 'COMPLETED', outdial_now(), outdial_now(), outdial_now(),
        outdial_now(), outdial_now()
    FROM leads l JOIN campaigns c ON c.id = l.campaign_id WHERE l.id = :lead
"""


def _version(service: Serving) -> int:
    with service.client() as client:
        return int(client.get("/v1/rules")["version"])


def _first_words(lines: list[str]) -> set[str]:
    return {line.split()[0] for line in lines if line.strip()}


def test_the_laws_table_is_shown_with_its_sources(service: Serving) -> None:
    result = service.run("rules", "show", "--state", "fl")
    assert result.exit_code == 0, result.output
    head, *rows = result.stdout.splitlines()
    assert head.startswith("version ")
    assert "minutes apart" in head
    assert {"FL", "*"} <= _first_words(rows)
    assert "TX" not in _first_words(rows)
    assert "08:00-20:00" in result.stdout
    shown = json.loads(service.run("rules", "show", "--json").stdout)
    assert len(shown["calling_hours"]) > 50


def test_caps_are_set_lifted_and_kept_as_versions(service: Serving) -> None:
    before = _version(service)
    note = f"Fewer, says legal. {uuid4().hex}"
    result = service.run("rules", "set", "--per-day", "2", "--gap", "0", "--note", note)
    assert result.stdout == f"version {before + 1} is in force\n", result.output
    assert "at most 2 times in 24 hours" in service.run("rules", "show").stdout
    assert "0 minutes apart" in service.run("rules", "show").stdout
    lifted = service.run("rules", "set", "--per-day", "0", "--note", "None.", "--json")
    assert json.loads(lifted.stdout)["limits"]["per_number_24h"] is None
    assert "any number of times in 24 hours" in service.run("rules", "show").stdout
    lines = service.run("rules", "versions").stdout.splitlines()
    [kept] = [line for line in lines if note in line]
    assert kept.split()[0] == str(before + 1)
    listed = json.loads(service.run("rules", "versions", "--json").stdout)
    assert [row["version"] for row in listed[:2]] == [before + 2, before + 1]


@pytest.mark.parametrize("table", ["calling_hours", "outcomes"])
def test_a_table_is_exported_edited_and_put_in_force(
    service: Serving, tmp_path: Path, table: str
) -> None:
    file = tmp_path / "table.csv"
    assert service.run("rules", "export", table, str(file)).exit_code == 0
    again = service.run("rules", "export", table, str(file))
    assert (again.exit_code, "File exists" in again.stderr) == (2, True)
    text = file.read_text("utf-8")
    file.write_text(text.replace("20:00", "19:30").replace("customer-busy,busy", "y-busy,busy"))
    option = f"--{table.replace('_', '-')}"
    result = service.run("rules", "set", option, str(file), "--note", "An edit.", "--json")
    assert json.loads(result.stdout)[f"own_{table}"] is True
    empty = tmp_path / "empty.csv"
    empty.write_text("", encoding="utf-8")
    back = service.run("rules", "set", option, str(empty), "--note", "As shipped.", "--json")
    assert json.loads(back.stdout)[f"own_{table}"] is False


def test_a_table_is_tried_on_past_calls_and_changes_none(service: Serving, tmp_path: Path) -> None:
    campaign = service.campaign(f"rules {uuid4().hex}")
    odd = f"odd-\x1b[2J{uuid4().hex}"
    with service.client() as client:
        phone = f"+18185550{100 + next(_LINES)}"
        lead = client.post("/v1/leads", {"campaign_id": campaign, "phone": phone})["lead_id"]
    for reason in ("customer-busy", odd):
        change(service, ENDED, lead=lead, reason=reason)
    file = tmp_path / "table.csv"
    assert service.run("rules", "export", "outcomes", str(file)).exit_code == 0
    file.write_text(
        file.read_text("utf-8").replace("customer-busy,busy", "customer-busy,no_answer")
    )
    before = _version(service)
    result = service.run("rules", "preview", str(file))
    assert result.exit_code == 0, result.output
    assert "2 of 2 past calls would mean something else" in result.stdout
    changes = [line.split() for line in result.stdout.splitlines() if line.strip()]
    assert ["busy", "no_answer", "1"] in changes
    assert ["busy", "unknown", "1"] in changes
    assert "\x1b" not in result.stdout
    found = json.loads(service.run("rules", "preview", str(file), "--json").stdout)
    assert {one["ended_reason"] for one in found["examples"]} == {"customer-busy", odd}
    assert _version(service) == before
    change(service, "DELETE FROM calls WHERE lead_id = :lead", lead=lead)
    none = service.run("rules", "preview", str(file))
    assert none.stdout == "0 of 0 past calls would mean something else\n"


def test_a_table_that_cannot_be_is_refused_with_its_row(service: Serving, tmp_path: Path) -> None:
    file = tmp_path / "table.csv"
    assert service.run("rules", "export", "outcomes", str(file)).exit_code == 0
    file.write_text(file.read_text("utf-8").replace(",voicemail,", ",voicemial,", 1))
    for arguments in (
        ("preview", str(file)),
        ("set", "--outcomes", str(file), "--note", "x"),
    ):
        result = service.run("rules", *arguments)
        assert result.exit_code == 1
        assert "/outcomes/" in result.stderr
        assert "did you mean voicemail?" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("set", "--note", "x"), 2, "nothing is to change"),
        (("set", "--per-day", "2"), 2, "--note"),
        (("set", "--per-day", "-1", "--note", "x"), 1, "/limits"),
        (("set", "--per-day", "99999999999999999999999", "--note", "x"), 1, "/limits"),
        (("set", "--outcomes", "/nonexistent", "--note", "x"), 2, "/nonexistent"),
        (("preview", "/nonexistent"), 2, "/nonexistent"),
        (("export", "laws", "/nonexistent/x"), 2, "no table"),
        (("export", "outcomes", "/nonexistent/x"), 2, "/nonexistent/x"),
    ],
)
def test_what_cannot_be_is_told(
    service: Serving, arguments: tuple[str, ...], code: int, said: str
) -> None:
    before = _version(service)
    result = service.run("rules", *arguments)
    assert (result.exit_code, said in result.stderr) == (code, True), result.output
    assert _version(service) == before
