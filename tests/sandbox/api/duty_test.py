"""Deployment and duty over HTTP: numbers, switches, and toggling by the hours."""

import httpx2
import pytest

from tests.sandbox.desk import Desk
from tests.sandbox.worlds import AGENTS, PHONE, Tenant, client, until
from tests.support.sandbox import SandboxProcess

EVERY_OTHER_HOUR = {
    "timezone": "Asia/Kathmandu",
    "hours": [
        {"day": day, "startTime": f"{hour:02}:15", "endTime": f"{hour + 1:02}:15"}
        for day in ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
        for hour in range(0, 23, 2)
    ],
}


def test_number_and_duty_appear_only_once_deployed(office: Desk) -> None:
    made = office.made()
    assert not {"phoneNumber", "onDuty"} & set(office.read(made))
    deployed = office.api.post(f"{office.path(made)}/deploy")
    assert deployed.status_code == 200
    after = deployed.json()
    assert after["onDuty"] is True
    assert after["phoneNumber"].startswith("+1")
    shown = office.read(made)
    assert {key: shown[key] for key in after if key != "workflow"} == {
        key: after[key] for key in after if key != "workflow"
    }


def test_a_business_has_one_number_in_its_own_area_code(office: Desk) -> None:
    answers = [office.api.post(f"{office.path(office.made())}/deploy") for _ in range(2)]
    numbers = {answer.json()["phoneNumber"] for answer in answers}
    assert len(numbers) == 1
    assert numbers.pop().startswith("+1504555")


def test_a_business_without_a_phone_gets_a_number_all_the_same(sandbox: SandboxProcess) -> None:
    tenant = Tenant(sandbox)
    path = f"/businesses/{tenant.business}/voice-agents/{tenant.agent}"
    with client(sandbox, tenant.key) as api:
        assert api.get(path).json()["phoneNumber"].startswith("+1")


def test_deploying_again_keeps_the_number_and_sets_on_duty(office: Desk) -> None:
    path = office.path(office.made())
    number = office.api.post(f"{path}/deploy").json()["phoneNumber"]
    assert office.api.patch(f"{path}/off").json()["onDuty"] is False
    again = office.api.post(f"{path}/deploy").json()
    assert (again["phoneNumber"], again["onDuty"]) == (number, True)


def test_a_deleted_agents_number_stays_the_businesss(office: Desk) -> None:
    first, second = office.made(), office.made()
    number = office.api.post(f"{office.path(first)}/deploy").json()["phoneNumber"]
    office.api.delete(office.path(first))
    assert office.api.post(f"{office.path(second)}/deploy").json()["phoneNumber"] == number


def test_a_change_keeps_deployment_and_duty(office: Desk) -> None:
    made = office.made()
    number = office.api.post(f"{office.path(made)}/deploy").json()["phoneNumber"]
    office.api.patch(f"{office.path(made)}/off")
    changed = office.patched(made, name="Other")
    assert (changed["phoneNumber"], changed["onDuty"]) == (number, False)


def test_duty_is_switched_and_seen(office: Desk) -> None:
    path = office.path(office.made())
    office.api.post(f"{path}/deploy")
    off = office.api.patch(f"{path}/off")
    assert (off.status_code, off.json()["onDuty"]) == (200, False)
    assert office.api.get(path).json()["onDuty"] is False
    assert office.api.post(f"{path}/call", json={"phoneNumber": PHONE}).status_code == 400
    on = office.api.patch(f"{path}/on")
    assert (on.status_code, on.json()["onDuty"]) == (200, True)
    assert office.api.post(f"{path}/call", json={"phoneNumber": PHONE}).status_code == 200


@pytest.mark.parametrize("switch", ["on", "off"])
def test_an_agent_that_is_not_deployed_has_no_duty(api: httpx2.Client, switch: str) -> None:
    answer = api.patch(f"{AGENTS}/agent_draft/{switch}")
    assert (answer.status_code, answer.json()["error"]) == (400, "BAD_REQUEST")


def test_an_agent_that_is_not_deployed_cannot_call(api: httpx2.Client) -> None:
    answer = api.post(f"{AGENTS}/agent_draft/call", json={"phoneNumber": PHONE})
    assert answer.status_code == 400


@pytest.mark.parametrize(
    ("method", "switch"), [("POST", "deploy"), ("PATCH", "on"), ("PATCH", "off")]
)
def test_unknown_and_foreign_agents_are_404(
    api: httpx2.Client, office: Desk, method: str, switch: str
) -> None:
    foreign = office.path(office.made())
    for path in (f"{AGENTS}/nobody", foreign, foreign.replace(office.agents, AGENTS)):
        assert api.request(method, f"{path}/{switch}").status_code == 404


@pytest.mark.parametrize(
    ("method", "switch"), [("POST", "deploy"), ("PATCH", "on"), ("PATCH", "off")]
)
def test_deploying_and_duty_need_the_scope_to_update(
    sandbox: SandboxProcess, method: str, switch: str
) -> None:
    key = f"read-only-{switch}"
    scopes = ["voice-agents:read", "voice-agents:create"]
    sandbox.add("credentials", organization_id="org_demo", api_key=key, scopes=scopes)
    with client(sandbox, key) as api:
        answer = api.request(method, f"{AGENTS}/agent_demo/{switch}")
    assert answer.status_code == 403
    assert "voice-agents:update" in answer.json()["message"]


def test_deploying_takes_any_body(office: Desk) -> None:
    path = f"{office.path(office.made())}/deploy"
    assert office.api.post(path, json={"phoneNumber": PHONE}).json()["phoneNumber"] != PHONE


def test_an_inbound_agent_is_toggled_by_its_hours(office: Desk) -> None:
    made = office.made(type="INBOUND", activatedHours=EVERY_OTHER_HOUR)
    assert office.api.post(f"{office.path(made)}/deploy").json()["onDuty"] is True
    until(lambda: office.read(made), lambda agent: agent["onDuty"] is False)
    until(lambda: office.read(made), lambda agent: agent["onDuty"] is True)
    until(lambda: office.read(made), lambda agent: agent["onDuty"] is False)
    listed = office.api.get(office.agents).json()["items"]
    assert [agent["id"] for agent in listed] == [made["id"]]


def test_a_lost_answer_leaves_the_duty_changed(sandbox: SandboxProcess, office: Desk) -> None:
    path = office.path(office.made())
    for method, switch, duty in (("POST", "deploy", True), ("PATCH", "off", False)):
        sandbox.fault("lost_answer", count=1)
        with pytest.raises(httpx2.RemoteProtocolError):
            office.api.request(method, f"{path}/{switch}")
        assert office.api.get(path).json()["onDuty"] is duty
