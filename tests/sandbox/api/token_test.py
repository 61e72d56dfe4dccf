"""POST /oauth/token: grants, refusals, scopes."""

import base64
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from tests.sandbox.worlds import CALLS, Tenant
from tests.support.sandbox import SandboxProcess

TOKEN = "/oauth/token"
GOOD = {
    "grant_type": "client_credentials",
    "client_id": "sandbox-client",
    "client_secret": "sandbox-secret",
}


@pytest.fixture
def anyone(sandbox: SandboxProcess) -> Iterator[httpx2.Client]:
    """A client without credentials."""
    with httpx2.Client(base_url=sandbox.base_url, trust_env=False) as opened:
        yield opened


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


@pytest.mark.parametrize("form", [{"data": GOOD}, {"json": GOOD}])
def test_form_and_json_give_a_token_that_works(
    anyone: httpx2.Client, form: dict[str, Any]
) -> None:
    answer = anyone.post(TOKEN, **form)
    token = answer.json()
    assert answer.status_code == 200
    assert token["token_type"] == "Bearer"
    assert token["expires_in"] == 3600
    assert "calls:read" in token["scope"].split()
    assert answer.headers["cache-control"] == "no-store"
    assert anyone.get(CALLS, headers=_bearer(token["access_token"])).status_code == 200


def test_the_client_may_stand_in_the_authorization_header(anyone: httpx2.Client) -> None:
    answer = anyone.post(
        TOKEN,
        data={"grant_type": "client_credentials"},
        auth=("sandbox-client", "sandbox-secret"),
    )
    assert answer.status_code == 200


def test_a_token_has_the_scopes_that_were_asked_for(anyone: httpx2.Client) -> None:
    token = anyone.post(TOKEN, data=GOOD | {"scope": "calls:read"}).json()
    assert token["scope"] == "calls:read"
    refused = anyone.get(
        "/businesses/biz_demo/voice-agents", headers=_bearer(token["access_token"])
    )
    assert refused.status_code == 403
    assert "voice-agents:read" in refused.json()["message"]
    assert 'scope="voice-agents:read"' in refused.headers["www-authenticate"]


@pytest.mark.parametrize(
    ("fields", "status", "code"),
    [
        (GOOD | {"client_secret": "wrong"}, 401, "invalid_client"),
        (GOOD | {"client_id": "nobody"}, 401, "invalid_client"),
        ({"grant_type": "client_credentials"}, 401, "invalid_client"),
        (GOOD | {"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({}, 400, "unsupported_grant_type"),
        (GOOD | {"scope": "everything"}, 400, "invalid_scope"),
    ],
)
def test_what_is_not_right_is_refused_as_oauth_wants_it(
    anyone: httpx2.Client, fields: dict[str, str], status: int, code: str
) -> None:
    answer = anyone.post(TOKEN, data=fields)
    assert (answer.status_code, answer.json()["error"]) == (status, code)
    assert answer.json()["error_description"]
    assert answer.json()["statusCode"] == status
    assert ("www-authenticate" in answer.headers) == (status == 401)


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/json", b"{"),
        ("application/json", b"[]"),
        ("application/json", b"[" * 100_000),
        ("application/json", b'{"grant_type": "client_credentials", "scope": 7}'),
        ("application/x-www-form-urlencoded", b"\xff=\xff"),
        ("application/x-www-form-urlencoded", b"&".join([b"a=b"] * 1_000)),
    ],
)
def test_a_body_that_cannot_be_read_is_refused(
    anyone: httpx2.Client, content_type: str, body: bytes
) -> None:
    answer = anyone.post(TOKEN, content=body, headers={"Content-Type": content_type})
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


def test_an_authorization_header_that_cannot_be_read_is_refused(anyone: httpx2.Client) -> None:
    answer = anyone.post(
        TOKEN, data={"grant_type": "client_credentials"}, headers={"Authorization": "Basic ~~"}
    )
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


def test_a_static_key_is_no_client(sandbox: SandboxProcess, anyone: httpx2.Client) -> None:
    tenant = Tenant(sandbox)
    answer = anyone.post(TOKEN, data=GOOD | {"client_id": tenant.key, "client_secret": ""})
    assert answer.status_code == 401


def test_a_client_id_and_secret_with_odd_characters_work_both_ways(
    sandbox: SandboxProcess, anyone: httpx2.Client
) -> None:
    tenant = Tenant(sandbox)
    secret = "p%40:ss w+rd"
    sandbox.add(
        "credentials",
        organization_id=tenant.organization,
        client_id=tenant.mark,
        client_secret=secret,
    )
    quoted = base64.b64encode(f"{tenant.mark}:p%2540%3Ass+w%2Brd".encode()).decode()
    basic = anyone.post(
        TOKEN,
        data={"grant_type": "client_credentials"},
        headers={"Authorization": f"Basic {quoted}"},
    )
    body = anyone.post(TOKEN, data=GOOD | {"client_id": tenant.mark, "client_secret": secret})
    assert (basic.status_code, body.status_code) == (200, 200)
