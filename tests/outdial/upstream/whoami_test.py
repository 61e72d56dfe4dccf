"""Who we are at a Partner API: scopes as granted or found out, clock, latency, or why not."""

import json

import pytest

from outdial.upstream.whoami import SCOPES
from tests.outdial.upstream.beside import Beside

CLIENT = {"OUTDIAL_PARTNER_API_KEY": "", "OUTDIAL_PARTNER_CLIENT_ID": "sandbox-client"}
SECRET = {"OUTDIAL_PARTNER_CLIENT_SECRET": "sandbox-secret"}


def test_what_a_key_may_do_is_found_out_and_nothing_is_done(beside: Beside) -> None:
    kinds = ("agents", "tools", "files")
    before = [beside.json(kind, "list", "--business", "biz_demo") for kind in kinds]
    found = beside.json("partner", "whoami", "--business", "biz_demo")
    assert (found["kind"], found["base_url"]) == ("static", beside.sandbox.base_url)
    assert found["expires_in"] is None
    for scope in SCOPES:
        # No endpoint needs these two.
        odd = scope in {"integrations:update", "integrations:delete"}
        assert found["scopes"][scope] == ("unknown" if odd else "granted"), scope
    assert [beside.json(kind, "list", "--business", "biz_demo") for kind in kinds] == before


def test_without_a_business_less_is_found_out(beside: Beside) -> None:
    scopes = beside.json("partner", "whoami")["scopes"]
    assert scopes["calls:read"] == scopes["voices:read"] == "granted"
    assert scopes["files:read"] == "unknown"
    assert "--business ID finds out" in beside.done("partner", "whoami")


def test_oauth_tells_its_scopes(beside: Beside) -> None:
    result = beside.run("partner", "whoami", **CLIENT, **SECRET)
    assert result.exit_code == 0, result.output
    assert "OAuth client credentials" in result.stdout
    assert "token ends in" in result.stdout
    assert "scopes not known" not in result.stdout


def test_a_scope_that_is_lacking(beside: Beside) -> None:
    organization = beside.sandbox.add("organizations", name="Narrow")["id"]
    key = "narrow-key"
    beside.sandbox.add(
        "credentials", organization_id=organization, api_key=key, scopes=["tools:read"]
    )
    result = beside.run("partner", "whoami", OUTDIAL_PARTNER_API_KEY=key)
    assert result.exit_code == 0, result.output
    assert "calls:read" in result.stdout.split("scopes lacking")[1].splitlines()[0]
    business = beside.sandbox.add("businesses", organization_id=organization, name="Narrow")["id"]
    told = ("partner", "whoami", "--business", business, "--json")
    scopes = json.loads(beside.run(*told, OUTDIAL_PARTNER_API_KEY=key).stdout)["scopes"]
    assert (scopes["tools:read"], scopes["tools:create"]) == ("granted", "lacking")


def test_the_clock_of_a_sandbox_that_runs_fast_is_ahead(beside: Beside) -> None:
    found = beside.json("partner", "whoami")
    assert found["clock_offset_seconds"] > 0
    assert found["clock_uncertainty_seconds"] >= 0.5
    assert "ahead of this machine's" in beside.done("partner", "whoami")


@pytest.mark.parametrize(
    ("environ", "code"),
    [
        ({"OUTDIAL_PARTNER_API_KEY": "wrong"}, "unauthorized"),
        ({**CLIENT, "OUTDIAL_PARTNER_CLIENT_SECRET": "wrong"}, "token_refused"),
        ({"OUTDIAL_PARTNER_BASE_URL": "http://127.0.0.1:1/v1"}, "connect_failed"),
    ],
)
def test_refused_and_unreachable_end_with_1(
    beside: Beside, environ: dict[str, str], code: str
) -> None:
    result = beside.run("partner", "whoami", "--json", **environ)
    assert result.exit_code == 1
    assert f'"code": "{code}"' in result.stdout
    assert "wrong" not in result.output.replace("is wrong or expired", "")


def test_a_business_of_somebody_else_is_told(beside: Beside) -> None:
    error = beside.refused("partner", "whoami", "--business", "biz_other")
    assert error["code"] == "not_found"
