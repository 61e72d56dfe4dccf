"""API keys from the command line: the secret once, then never; revoked at once."""

import json

from outdial.speaking.client import Target
from tests.outdial.serving import Serving, run


def test_a_key_works_until_it_is_revoked(service: Serving) -> None:
    secret = service.run("keys", "create", "a robot", "--scope", "campaigns:read").stdout.strip()
    environ = {"OUTDIAL_URL": service.target.url, "OUTDIAL_API_KEY": secret}
    assert run("status", **environ).exit_code == 0
    assert "missing_scope" not in run("status", **environ).stderr
    listed = json.loads(service.run("keys", "list", "--json").stdout)
    mine = next(item for item in listed if item["prefix"] == secret.split("_")[1])
    assert mine["scopes"] == ["campaigns:read"]
    assert secret not in service.run("keys", "list").stdout
    assert service.run("keys", "revoke", mine["id"]).stdout == "revoked\n"
    refused = run("status", **environ)
    assert (refused.exit_code, "revoked" in refused.stderr) == (1, True)
    assert service.run("keys", "revoke", mine["id"]).exit_code == 1


def test_a_scope_that_does_not_exist_is_told(service: Serving) -> None:
    result = service.run("keys", "create", "x", "--scope", "everything")
    assert result.exit_code == 1
    assert "leads:write" in result.stderr


def test_by_default_a_key_is_for_everything(service: Serving) -> None:
    made = json.loads(service.run("keys", "create", "x", "--json").stdout)
    admin = Serving(target=Target(url=service.target.url, key=made["secret"]), environ={})
    assert admin.run("keys", "list").exit_code == 0
