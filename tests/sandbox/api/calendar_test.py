"""The Google Calendar integration: 404 until it is set up, one for each business."""

from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from tests.sandbox.worlds import Tenant, client
from tests.support.sandbox import SandboxProcess

SENT = {"accessToken": "ya29.invented-token", "calendarId": "primary"}


@pytest.fixture
def tenant(sandbox: SandboxProcess) -> Tenant:
    return Tenant(sandbox)


@pytest.fixture
def path(tenant: Tenant) -> str:
    return f"/businesses/{tenant.business}/integrations/google-calendar"


@pytest.fixture
def owner(sandbox: SandboxProcess, tenant: Tenant) -> Iterator[httpx2.Client]:
    with client(sandbox, tenant.key) as opened:
        yield opened


def test_without_an_integration_it_is_404(owner: httpx2.Client, path: str) -> None:
    answer = owner.get(path)
    assert (answer.status_code, answer.json()["error"]) == (404, "NOT_FOUND")


def test_connecting_answers_id_calendar_and_rule(owner: httpx2.Client, path: str) -> None:
    answer = owner.post(path, json=SENT)
    assert answer.status_code == 201
    made = answer.json()
    assert set(made) == {"id", "calendarId", "aclRuleId"}
    assert made["calendarId"] == "primary"
    assert owner.get(path).json() == made


def test_the_access_token_is_never_shown(owner: httpx2.Client, path: str) -> None:
    answers = [owner.post(path, json=SENT), owner.get(path)]
    answers += [owner.post(path, json=SENT | {"calendarId": 7})]
    assert all("invented-token" not in answer.text for answer in answers)


def test_the_access_token_is_never_kept(tmp_path: Path) -> None:
    with SandboxProcess(data=tmp_path) as sandbox, client(sandbox) as api:
        path = "/businesses/biz_demo/integrations/google-calendar"
        assert api.post(path, json=SENT | {"calendarId": "visits@example.com"}).is_success
    kept = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert b"visits@example.com" in kept
    assert b"invented-token" not in kept


def test_connecting_again_updates_the_one_integration(owner: httpx2.Client, path: str) -> None:
    first = owner.post(path, json=SENT).json()
    same = owner.post(path, json=SENT)
    assert (same.status_code, same.json()) == (200, first)
    other = owner.post(path, json=SENT | {"calendarId": "visits@example.com"})
    assert other.status_code == 200
    assert other.json()["id"] == first["id"]
    assert other.json()["calendarId"] == "visits@example.com"
    assert other.json()["aclRuleId"] != first["aclRuleId"]
    assert owner.get(path).json() == other.json()


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"calendarId": "primary"},
        {"accessToken": "ya29.invented-token"},
        SENT | {"accessToken": ""},
        SENT | {"calendarId": "  "},
        SENT | {"accessToken": None},
        SENT | {"calendarId": 7},
        ["not", "an", "object"],
    ],
)
def test_token_and_calendar_are_required_texts(
    owner: httpx2.Client, path: str, body: object
) -> None:
    answer = owner.post(path, json=body)
    assert (answer.status_code, answer.json()["error"]) == (400, "BAD_REQUEST")
    assert owner.get(path).status_code == 404


def test_a_calendar_that_can_not_be_shared_is_400(
    sandbox: SandboxProcess, owner: httpx2.Client, path: str
) -> None:
    sandbox.fault("calendar_not_shared", count=1)
    answer = owner.post(path, json=SENT)
    assert answer.status_code == 400
    assert "could not be shared" in answer.json()["message"]
    assert owner.get(path).status_code == 404
    assert owner.post(path, json=SENT).status_code == 201


def test_a_lost_answer_leaves_the_calendar_connected(
    sandbox: SandboxProcess, owner: httpx2.Client, path: str
) -> None:
    sandbox.fault("lost_answer", route="integrations", count=1)
    with pytest.raises(httpx2.RemoteProtocolError):
        owner.post(path, json=SENT)
    assert owner.get(path).json()["calendarId"] == "primary"


def test_faults_strike_integrations(
    sandbox: SandboxProcess, owner: httpx2.Client, path: str
) -> None:
    sandbox.fault("fail_before_ring", route="integrations", count=2, status=502)
    assert owner.get(path).status_code == 502
    assert owner.post(path, json=SENT).status_code == 502
    assert owner.get(path).status_code == 404


@pytest.mark.parametrize(
    ("method", "scope"), [("GET", "integrations:read"), ("POST", "integrations:create")]
)
def test_the_missing_integration_scope_is_named(
    sandbox: SandboxProcess, tenant: Tenant, path: str, method: str, scope: str
) -> None:
    assert httpx2.request(method, sandbox.base_url + path, trust_env=False).status_code == 401
    others = {"integrations:read", "integrations:create", "integrations:update"} - {scope}
    sandbox.add(
        "credentials",
        organization_id=tenant.organization,
        api_key=f"{tenant.key}-{scope}",
        scopes=sorted(others),
    )
    with client(sandbox, f"{tenant.key}-{scope}") as api:
        answer = api.request(method, path, json=SENT)
    assert answer.status_code == 403
    assert answer.json()["message"] == f"Missing required scope: {scope}"


def test_another_organizations_calendar_is_404(
    sandbox: SandboxProcess, owner: httpx2.Client, path: str
) -> None:
    assert owner.post(path, json=SENT).status_code == 201
    with client(sandbox, Tenant(sandbox).key) as stranger:
        assert stranger.get(path).status_code == 404
        assert stranger.post(path, json=SENT | {"calendarId": "theirs"}).status_code == 404
    assert owner.get(path).json()["calendarId"] == "primary"
