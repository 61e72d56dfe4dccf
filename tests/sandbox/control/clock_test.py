"""The clock is moved on while the sandbox runs, and everything follows from where it stands."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path

import httpx2
import pytest

from tests.sandbox.desk import Desk
from tests.sandbox.worlds import CALLS, CLOCK_START, client, place
from tests.support.sandbox import CONTROL_KEY, SandboxProcess

STILL = 0.001
PARTS = ("start", "real_start", "speed")
EVERY_OTHER_HOUR = {
    "timezone": "UTC",
    "hours": [
        {"day": day, "startTime": f"{hour:02}:00", "endTime": f"{hour + 1:02}:00"}
        for day in ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
        for hour in range(0, 23, 2)
    ],
}


@pytest.fixture(scope="module")
def standing() -> Iterator[SandboxProcess]:
    """A sandbox whose clock only these tests move."""
    with SandboxProcess(clock_start=CLOCK_START, clock_speed=STILL) as process:
        yield process


@pytest.fixture
def api(standing: SandboxProcess) -> Iterator[httpx2.Client]:
    """A client of it with the demo organization's key."""
    with client(standing) as opened:
        yield opened


def _now(sandbox: SandboxProcess) -> datetime:
    return datetime.fromisoformat(sandbox.clock()["now"])


def _put(sandbox: SandboxProcess, content: str, key: str = CONTROL_KEY) -> httpx2.Response:
    return httpx2.put(
        f"{sandbox.url}/sandbox/clock",
        content=content,
        headers={"X-Sandbox-Key": key},
        trust_env=False,
    )


def test_it_leaps_by_seconds_and_answers_as_it_is_read(standing: SandboxProcess) -> None:
    before = _now(standing)
    moved = standing.move_clock(seconds=90.5)
    assert datetime.fromisoformat(moved["start"]) >= before + timedelta(seconds=90.5)
    read = standing.clock()
    assert moved.keys() == read.keys()
    assert [moved[part] for part in PARTS] == [read[part] for part in PARTS]
    assert datetime.fromisoformat(read["now"]) - before < timedelta(seconds=92)


@pytest.mark.parametrize("zone", ["", "Z", "+00:00", "-05:00"])
def test_it_leaps_to_an_instant_in_any_zone(standing: SandboxProcess, zone: str) -> None:
    ahead = (_now(standing) + timedelta(days=1)).replace(microsecond=0, tzinfo=None)
    moved = standing.control("PUT", "clock", {"now": ahead.isoformat() + zone})
    meant = datetime.fromisoformat(ahead.isoformat() + zone)
    assert datetime.fromisoformat(moved["start"]) == (
        meant if meant.tzinfo else meant.replace(tzinfo=UTC)
    )


def test_its_speed_alone_is_changed_by_a_leap_of_nothing(standing: SandboxProcess) -> None:
    before = _now(standing)
    fast = standing.control("PUT", "clock", {"advanceSeconds": 0, "speed": 50_000})
    assert fast["speed"] == 50_000
    assert datetime.fromisoformat(fast["start"]) - before < timedelta(seconds=1)
    assert _now(standing) > before
    slow = standing.move_clock(seconds=0, speed=STILL)
    assert standing.clock()["start"] == slow["start"] > fast["start"]


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("{}", "either now or advance_seconds"),
        ('{"speed": 2}', "either now or advance_seconds"),
        ('{"now": "2099-01-01", "advance_seconds": 1}', "either now or advance_seconds"),
        ('{"now": "tomorrow"}', "now: .*2026-01-05T09:30:00Z"),
        ('{"now": ""}', "now: "),
        ('{"now": 4102444800}', "now: "),
        ('{"advance_seconds": -0.001}', "advance"),
        ('{"advance_seconds": 315576001}', "advance"),
        ('{"advance_seconds": NaN}', "advance"),
        ('{"advance_seconds": 1e999}', "advance"),
        ('{"advance_seconds": "soon"}', "advance"),
        ('{"advance_seconds": 1, "speed": 0}', "speed"),
        ('{"advance_seconds": 1, "speed": -1}', "speed"),
        ('{"advance_seconds": 1, "speed": 100001}', "speed"),
        ('{"advance_seconds": 1, "speed": NaN}', "speed"),
        ('{"advance_seconds": 1, "start": 2}', "start"),
        ("[1]", "dictionary|object"),
    ],
)
def test_orders_that_make_no_sense_are_refused_and_change_nothing(
    standing: SandboxProcess, body: str, says: str
) -> None:
    before = standing.clock()["start"]
    answer = _put(standing, body)
    assert (answer.status_code, answer.json()["error"]) == (400, "BAD_REQUEST")
    with pytest.raises(ValueError, match=says):
        raise ValueError(answer.json()["message"])
    assert standing.clock()["start"] == before


@pytest.mark.parametrize(
    ("instant", "says"),
    [
        (CLOCK_START, "only goes forward"),
        ("1970-01-01", "only goes forward"),
        ("0001-01-01T00:00:00+14:00", "only goes forward"),
        ("2999-01-01T00:00:00Z", "too far ahead"),
        ("9999-12-31T23:59:59-12:00", "too far ahead"),
    ],
)
def test_neither_the_past_nor_a_far_future_is_reached(
    standing: SandboxProcess, instant: str, says: str
) -> None:
    standing.move_clock(seconds=1)
    before = standing.clock()["start"]
    answer = _put(standing, f'{{"now": "{instant}", "speed": 2}}')
    assert (answer.status_code, answer.json()["error"]) == (409, "CONFLICT")
    assert says in answer.json()["message"]
    assert (standing.clock()["start"], standing.clock()["speed"]) == (before, STILL)


@pytest.mark.parametrize("key", ["", "wrong"])
def test_it_is_moved_with_the_key_only(standing: SandboxProcess, key: str) -> None:
    before = standing.clock()["start"]
    assert _put(standing, '{"advance_seconds": 60}', key).status_code == 401
    assert standing.clock()["start"] == before


def test_the_date_and_the_ledger_follow(standing: SandboxProcess, api: httpx2.Client) -> None:
    at = _now(standing).replace(microsecond=0) + timedelta(days=3)
    standing.move_clock(to=at)
    assert parsedate_to_datetime(api.get(CALLS).headers["date"]) == at
    place(api)
    rung = datetime.fromisoformat(standing.rings()[-1]["at"])
    assert timedelta() <= rung - at < timedelta(seconds=1)


def test_a_call_goes_on_and_ends_as_it_was_fixed(
    standing: SandboxProcess, api: httpx2.Client
) -> None:
    standing.set_outcomes({"answered_interested": 1})
    call_id = place(api)
    fate = standing.call(call_id)
    seen = [api.get(f"{CALLS}/{call_id}").json()["status"]]
    for instant in (fate["started"], fate["ended"]):
        standing.move_clock(to=datetime.fromisoformat(instant))
        seen.append(api.get(f"{CALLS}/{call_id}").json()["status"])
    assert seen == ["SCHEDULED", "IN_PROGRESS", "COMPLETED"]
    standing.move_clock(seconds=5 * 365 * 86_400)
    record = api.get(f"{CALLS}/{call_id}").json()
    assert (record["startedAt"], record["endedAt"]) == (fate["started"], fate["ended"])
    newest = api.get(CALLS, params={"page_size": 1, "start": fate["created"]}).json()
    assert (newest["total"], newest["items"][0]["id"]) == (1, call_id)


def test_lists_by_end_follow_a_leap_over_many_calls(
    standing: SandboxProcess, api: httpx2.Client
) -> None:
    # What other tests placed has started and ended by then.
    since = standing.move_clock(seconds=300)["now"]
    standing.move_clock(seconds=1)
    placed = {place(api, f"+12125550{n}") for n in range(100, 130)}
    query = {
        "page_size": 100,
        "start": since,
        "orderBy[field]": "endedAt",
        "orderBy[direction]": "asc",
    }
    assert api.get(CALLS, params=query).json()["total"] == 0
    standing.move_clock(seconds=300)
    listed = api.get(CALLS, params=query).json()["items"]
    assert {record["id"] for record in listed} == placed
    ends = [record["endedAt"] for record in listed]
    assert ends == sorted(ends)
    assert standing.stats()["calls"].keys() <= {"COMPLETED", "FAILED"}


def test_duty_follows_the_hours(standing: SandboxProcess) -> None:
    midnight = _now(standing).replace(hour=0, minute=30, second=0, microsecond=0)
    standing.move_clock(to=midnight + timedelta(days=1))
    with Desk(standing) as desk:
        agent = desk.made(type="INBOUND", activatedHours=EVERY_OTHER_HOUR)
        desk.api.post(f"{desk.path(agent)}/deploy")
        seen = []
        for hours in (0, 1, 1, 1, 2, 9 * 365 * 24 + 1):
            standing.move_clock(seconds=hours * 3600)
            seen.append(desk.read(agent)["onDuty"])
    assert seen == [True, False, True, False, False, True]


def test_files_are_processed_by_a_leap(standing: SandboxProcess) -> None:
    with Desk(standing) as desk:
        path = f"/businesses/{desk.business}/files/{desk.file()}"
        assert desk.api.get(path).json()["status"] == "processing"
        standing.move_clock(seconds=10)
        assert desk.api.get(path).json()["status"] == "ready"


def test_tokens_stay_with_real_time(standing: SandboxProcess) -> None:
    body = {
        "grant_type": "client_credentials",
        "client_id": "sandbox-client",
        "client_secret": "sandbox-secret",
    }
    issued = httpx2.post(f"{standing.base_url}/oauth/token", json=body, trust_env=False).json()
    standing.move_clock(seconds=86_400)
    with client(standing, issued["access_token"]) as api:
        assert api.get(CALLS).status_code == 200


def test_a_leap_outlasts_a_power_cut_where_a_folder_remembers(tmp_path: Path) -> None:
    with SandboxProcess(data=tmp_path, clock_speed=STILL) as sandbox:
        before = sandbox.control("PUT", "clock", {"advance_seconds": 86_400})
        sandbox.kill()
        sandbox.start()
        after = sandbox.clock()
    assert [after[part] for part in PARTS] == [before[part] for part in PARTS]


def test_a_restart_from_a_test_goes_on_from_a_leap() -> None:
    with SandboxProcess(clock_start=CLOCK_START, clock_speed=STILL) as sandbox:
        before = sandbox.move_clock(seconds=86_400, speed=2 * STILL)
        sandbox.restart()
        after = sandbox.clock()
    assert [after[part] for part in PARTS] == [before[part] for part in PARTS]
