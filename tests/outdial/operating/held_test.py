"""Held calls from the command line: listed, shown, decided, refused the second time."""

import asyncio
import json
import os
import pty
import subprocess
from itertools import count
from typing import Any
from uuid import uuid4

import pytest

from dialer.pipeline.settling import settle
from dialer.rules.proof.decision import EFFECTS
from dialer.store import events
from dialer.store.engine import create_engine, first
from tests.outdial.host import CHECKOUT
from tests.outdial.leads.rows import change
from tests.outdial.serving import COMMAND, Serving

_LINES = count()
NAME = "Ada\x1b[2J [red]Example"
ARMED = """
    INSERT INTO calls (id, organization_id, business_id, agent_id, campaign_id, lead_id, phone,
        state, place_at, claim_expires_at, window_until, armed_at)
    SELECT gen_random_uuid(), c.organization_id, c.business_id, c.agent_id, c.id, l.id, l.phone,
        'dialing', outdial_now(), outdial_now(), outdial_now(), outdial_now()
    FROM leads l JOIN campaigns c ON c.id = l.campaign_id WHERE l.id = :lead RETURNING *
"""


@pytest.fixture
def phone() -> str:
    """A number that no other test of these has."""
    return f"+12135550{100 + next(_LINES)}"


@pytest.fixture
def lead(service: Serving, phone: str) -> str:
    """A lead of a campaign of its own."""
    campaign = service.campaign(f"held {uuid4().hex}")
    with service.client() as client:
        body = {"campaign_id": campaign, "phone": phone, "name": NAME}
        return str(client.post("/v1/leads", body)["lead_id"])


@pytest.fixture
def call(service: Serving, lead: str) -> str:
    """A call of that lead, held."""
    return asyncio.run(_hold(service.environ["OUTDIAL_DATABASE_URL"], lead))


async def _hold(url: str, lead: str) -> str:
    engine = create_engine(url, pool=1, name="test")
    try:
        async with engine.begin() as conn:
            row = await first(conn, ARMED, lead=lead)
            assert row is not None
            await first(
                conn, "UPDATE leads SET state = 'calling' WHERE id = :id RETURNING id", id=lead
            )
            await events.keep_evidence(
                conn,
                organization_id=row["organization_id"],
                call_id=row["id"],
                kind="unknown",
                body={"code": "server_error", "status": 500, "body": "\x1b]0;owned\x07<b>no</b>"},
            )
            doubted = await settle.doubt(conn, row["id"], fence=1, why="server_error", by="sender")
            assert doubted is not None
            assert await settle.hold(conn, doubted, why="not_found_in_24_hours")
            return str(row["id"])
    finally:
        await engine.dispose()


def _decided(service: Serving, lead: str) -> dict[str, Any]:
    with service.client() as client:
        timeline = client.get(f"/v1/leads/{lead}")["timeline"]
    (found,) = [entry["body"] for entry in timeline if entry["name"] == "call.decided"]
    body: dict[str, Any] = found
    return body


def _lead_state(service: Serving, lead: str) -> str:
    with service.client() as client:
        return str(client.get(f"/v1/leads/{lead}")["state"])


def test_what_waits_is_listed_with_the_number_masked(
    service: Serving, call: str, phone: str
) -> None:
    line = next(x for x in service.run("held", "list").stdout.splitlines() if call[:8] in x)
    assert "HTTP 500" in line
    printed = service.run("held", "list").stdout
    assert phone not in printed
    assert f"{phone[:5]}***{phone[-4:]}" in printed
    assert "\x1b" not in printed
    items = json.loads(service.run("held", "list", "--json").stdout)
    assert call in [item["id"] for item in items]


def test_calls_that_are_looked_for_say_what_they_wait_for(
    service: Serving, call: str, lead: str, phone: str
) -> None:
    change(service, "UPDATE calls SET state = 'unknown' WHERE id = :id", id=call)
    change(service, "UPDATE leads SET state = 'calling' WHERE id = :id", id=lead)
    said = service.run("held", "unknown").stdout
    assert call in said
    assert "a look proves something" in " ".join(said.split())
    assert phone not in said
    assert "\x1b" not in said
    items = json.loads(service.run("held", "unknown", "--json").stdout)
    assert [i["waits_for"] for i in items if i["id"] == call] == ["settling"]


def test_one_is_shown_with_what_to_look_for_and_what_each_decision_does(
    service: Serving, call: str, phone: str
) -> None:
    result = service.run("held", "show", call)
    assert result.exit_code == 0, result.output
    said = result.stdout
    assert phone in said
    assert "outdial calls list --business biz_demo --type outbound --since 20" in said
    assert "call.held" in said
    assert "\x1b" not in said
    assert all(effect in said for effect in EFFECTS.values())
    for choice in ("reached", "again", "drop"):
        assert f"outdial held decide {call} {choice}" in said
    assert json.loads(service.run("held", "show", call, "--json").stdout)["id"] == call


@pytest.mark.parametrize(
    ("choice", "decision", "said", "lead_is"),
    [
        ("reached", "reached", "ended, completed", "done"),
        ("again", "call_again", "absent", "waiting"),
        ("drop", "drop", "ended, unknown", "cancelled"),
    ],
)
def test_it_is_decided_with_yes_and_stands_in_the_timeline(
    service: Serving, call: str, lead: str, *, choice: str, decision: str, said: str, lead_is: str
) -> None:
    result = service.run("held", "decide", call, choice, "--yes", "--note", "She called us")
    assert result.stdout == f"decided: {choice}; the call is {said}\n"
    assert _lead_state(service, lead) == lead_is
    told = _decided(service, lead)
    assert (told["decision"], told["through"]) == (decision, "api")
    assert told["note"] == "She called us"
    again = service.run("held", "decide", call, "drop", "--yes", "--json")
    assert again.exit_code == 1
    error = json.loads(again.stdout)["error"]
    assert (error["code"], error["status"]) == ("already_decided", 409)
    assert f"already: {decision}" in again.stderr


def test_without_yes_and_nobody_to_ask_nothing_is_decided(
    service: Serving, call: str, lead: str
) -> None:
    result = service.run("held", "decide", call, "again")
    assert result.exit_code == 2
    assert "--yes" in result.stderr
    assert _lead_state(service, lead) == "held"


@pytest.mark.parametrize(("typed", "state"), [("yes\n", "waiting"), ("y\n", "held")])
def test_a_person_is_told_that_the_phone_may_ring_again(
    service: Serving, call: str, lead: str, *, typed: str, state: str
) -> None:
    ours, theirs = pty.openpty()
    try:
        os.write(ours, typed.encode())
        ended = subprocess.run(  # noqa: S603 - our own program
            [*COMMAND, "held", "decide", call, "again"],
            stdin=theirs,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            cwd=CHECKOUT,
            env={
                **os.environ,
                "OUTDIAL_URL": service.target.url,
                "OUTDIAL_API_KEY": service.target.key,
            },
        )
    finally:
        os.close(ours)
        os.close(theirs)
    assert "The phone may ring a second time" in ended.stderr
    assert "\x1b" not in ended.stderr
    assert _lead_state(service, lead) == state


@pytest.mark.parametrize("arguments", [("x", "drop"), (str(uuid4()), "maybe")])
def test_a_wrong_command_line_is_told(service: Serving, arguments: tuple[str, str]) -> None:
    assert service.run("held", "decide", *arguments, "--yes").exit_code == 2


def test_a_call_that_is_not_there_is_told(service: Serving) -> None:
    for command in (("show",), ("decide", "drop", "--yes")):
        first_word, *rest = command
        result = service.run("held", first_word, str(uuid4()), *rest, "--json")
        assert result.exit_code == 1
        assert json.loads(result.stdout)["error"]["code"] == "not_found"


def test_a_key_that_may_not_read_calls_is_refused(service: Serving) -> None:
    made = json.loads(
        service.run("keys", "create", "reader", "--scope", "leads:read", "--json").stdout
    )
    refused = Serving(
        target=type(service.target)(url=service.target.url, key=made["secret"]), environ={}
    ).run("held", "list", "--json")
    assert json.loads(refused.stdout)["error"]["code"] == "missing_scope"
