"""What a business has becomes a manifest and a state: a plan of them finds nothing to do."""

import json
import stat
from pathlib import Path

from tests.outdial.upstream.beside import Beside


def test_an_import_leaves_nothing_to_do(beside: Beside, tmp_path: Path) -> None:
    file = tmp_path / "demo.yaml"
    told = beside.done("agents", "import", "biz_demo", "--out", str(file))
    assert f"Wrote {file}" in told.replace("\n", " ")
    assert "No changes." in told
    for name in ("demo.yaml", "demo.state.json"):
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600
    assert "No changes." in beside.done("agents", "plan", str(file))
    assert "business: biz_demo" in file.read_text("utf-8")


def test_nothing_is_overwritten(beside: Beside, tmp_path: Path) -> None:
    file = tmp_path / "demo.yaml"
    file.write_text("mine\n", "utf-8")
    error = beside.refused("agents", "import", "biz_demo", "--out", str(file))
    assert error["code"] == "import_refused"
    assert list(tmp_path.iterdir()) == [file]
    assert file.read_text("utf-8") == "mine\n"


def test_secrets_go_to_a_file_of_their_own(beside: Beside, tmp_path: Path) -> None:
    secret = "it's-hidden-9f3a"
    business = beside.sandbox.add("businesses", organization_id="org_demo", name="Clinic")["id"]
    manifest = tmp_path / "tools.yaml"
    manifest.write_text(
        f"business: {business}\n"
        "tools:\n"
        "  lookup:\n"
        "    template: apiRequest\n"
        "    config:\n"
        "      url: https://api.example.com/lookup\n"
        "      method: GET\n"
        '      headers: { Authorization: "${LOOKUP}" }\n',
        "utf-8",
    )
    applied = beside.run("agents", "apply", str(manifest), "--yes", LOOKUP=secret)
    assert applied.exit_code == 0, applied.output
    file = tmp_path / "taken.yaml"
    result = beside.run("agents", "import", business, "--out", str(file), "--json")
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    assert secret not in result.output + file.read_text("utf-8")
    assert found["secrets"] == str(tmp_path / "taken.env")
    assert stat.S_IMODE((tmp_path / "taken.env").stat().st_mode) == 0o600
    (name,) = found["variables"]
    assert name in file.read_text("utf-8")
    planned = beside.run("agents", "plan", str(file), **{name: secret})
    assert "No changes." in planned.stdout, planned.output


def test_a_business_that_is_not_ours(beside: Beside, tmp_path: Path) -> None:
    out = ("--out", str(tmp_path / "x.yaml"))
    error = beside.refused("agents", "import", "biz_other", *out)
    assert error["code"] == "not_found"
    assert not (tmp_path / "x.yaml").exists()


def test_what_was_left_out_is_told(beside: Beside, tmp_path: Path) -> None:
    business = beside.sandbox.add("businesses", organization_id="org_demo", name="Twins")["id"]
    for _ in range(2):
        beside.sandbox.add(
            "agents",
            business_id=business,
            name="Twin",
            type="OUTBOUND",
            conversation_flow="Say hello.",
        )
    told = beside.run("agents", "import", business, "--out", str(tmp_path / "a.yaml"))
    assert "Warning: agents.twin-2 is left out" in told.stdout
    path = str(tmp_path / "b.yaml")
    found = json.loads(beside.run("agents", "import", business, "--out", path, "--json").stdout)
    assert len(found["warnings"]) == 1
