"""Call history: lives of calls, filters, order, paging, scopes, and its faults."""

import json
from operator import itemgetter
from typing import Any

import httpx2
import pytest

from tests.sandbox.worlds import CALLS, PHONE, Tenant, client, ended, place, until
from tests.support.sandbox import SandboxProcess


def _place(api: httpx2.Client, tenant: Tenant, **fields: Any) -> str:  # noqa: ANN401 -- members of a JSON body
    answer = api.post(tenant.call, json={"phoneNumber": PHONE, **fields})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["callId"])


def _ids(answer: httpx2.Response) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [item["id"] for item in answer.json()["items"]]


def test_a_new_call_is_scheduled_and_has_not_started(frozen: SandboxProcess) -> None:
    with client(frozen) as api:
        record = api.get(f"{CALLS}/{place(api, name='Ann Bee')}").json()
    assert record == {
        "id": record["id"],
        "businessId": "biz_demo",
        "agentId": "agent_demo",
        "type": "OUTBOUND",
        "phoneNumber": "+12125550100",
        "customerNumber": PHONE,
        "status": "SCHEDULED",
        "leadContext": {"context": record["leadContext"]["context"], "name": "Ann Bee"},
    }


def test_a_stuck_call_is_in_progress_with_a_start_and_no_end(
    sandbox: SandboxProcess, api: httpx2.Client
) -> None:
    sandbox.fault("stuck_in_progress", count=1)
    call_id = place(api)
    ended(api, place(api))
    record = api.get(f"{CALLS}/{call_id}").json()
    assert record["status"] == "IN_PROGRESS"
    assert "startedAt" in record
    assert not {"endedAt", "durationMs", "transcript"} & set(record)
    listed = _ids(api.get(CALLS, params={"status": "IN_PROGRESS", "page_size": 100}))
    assert call_id in listed


def test_a_stuck_call_can_come_loose(sandbox: SandboxProcess, api: httpx2.Client) -> None:
    sandbox.fault("stuck_in_progress", count=1, seconds=600)
    record = ended(api, place(api))
    assert record["durationMs"] > 600_000


@pytest.mark.parametrize(
    ("outcome", "status", "reason"),
    [
        ("voicemail", "COMPLETED", "voicemail"),
        ("no_answer", "FAILED", "customer-did-not-answer"),
        ("busy", "FAILED", "customer-busy"),
    ],
)
def test_an_outcome_shows_in_status_and_reason(
    sandbox: SandboxProcess, api: httpx2.Client, outcome: str, status: str, reason: str
) -> None:
    sandbox.set_outcomes({outcome: 1})
    record = ended(api, place(api))
    assert (record["status"], record["endedReason"]) == (status, reason)
    assert record["startedAt"] < record["endedAt"]


def test_an_answered_call_has_a_transcript_a_recording_and_data(
    sandbox: SandboxProcess, api: httpx2.Client
) -> None:
    sandbox.set_outcomes({"answered-interested": 1})
    record = ended(api, place(api, name="Ann Bee", context="Asked for a quote."))
    assert record["status"] == "COMPLETED"
    assert 20_000 <= record["durationMs"] <= 180_000
    assert "Ann" in record["transcript"]
    assert "Asked for a quote." in record["transcript"]
    assert record["summary"]
    assert record["recordingUrl"] == f"https://recordings.example.com/{record['id']}.mp3"
    assert record["structuredData"]["interested"] is True


def test_an_opt_out_is_said_and_collected(sandbox: SandboxProcess, api: httpx2.Client) -> None:
    sandbox.set_outcomes({"opt_out": 1})
    record = ended(api, place(api))
    assert record["structuredData"]["doNotCall"] is True
    assert "not to be called again" in record["summary"]


def test_lists_hold_what_single_calls_say_in_both_scopes(sandbox: SandboxProcess) -> None:
    tenant = Tenant(sandbox)
    with client(sandbox, tenant.key) as api:
        call_id = _place(api, tenant)
        sandbox.fault("history_stalled")
        business = api.get(tenant.calls).json()
        organization = api.get("/organizations/calls").json()
        named = api.get("/organizations/calls", params={"businessId": tenant.business}).json()
        assert business == organization == named
        assert (business["total"], business["page"], business["page_size"]) == (1, 1, 10)
        sandbox.clear_faults()
        one = api.get(f"{tenant.calls}/{call_id}").json()
        assert api.get(f"/organizations/calls/{call_id}").json()["id"] == one["id"] == call_id


def test_a_business_sees_its_own_calls_only(sandbox: SandboxProcess) -> None:
    tenant = Tenant(sandbox)
    second = sandbox.add("businesses", organization_id=tenant.organization, name="Tenant Siding")[
        "id"
    ]
    with client(sandbox, tenant.key) as api:
        call_id = _place(api, tenant)
        assert api.get(f"/businesses/{second}/calls").json()["total"] == 0
        assert api.get(f"/businesses/{second}/calls/{call_id}").status_code == 404
        other = api.get("/organizations/calls", params={"businessId": second})
        assert other.json()["total"] == 0


def test_unknown_calls_are_404(api: httpx2.Client) -> None:
    for path in (f"{CALLS}/nobody", "/organizations/calls/nobody"):
        assert api.get(path).status_code == 404
    assert api.get("/businesses/nobody/calls").status_code == 404
    assert api.get("/organizations/calls", params={"businessId": "x"}).status_code == 404


def test_filters_choose(sandbox: SandboxProcess) -> None:
    tenant = Tenant(sandbox)
    lead = sandbox.add("leads", business_id=tenant.business, name="Lee Ray")["id"]
    with client(sandbox, tenant.key) as api:
        sandbox.set_outcomes({"voicemail": 1})
        done = _place(api, tenant, leadId=lead)
        sandbox.set_outcomes({"busy": 1})
        failed = _place(api, tenant)
        sandbox.fault("stuck_in_progress")
        stuck = _place(api, tenant)
        for call_id in (done, failed):
            _until_ended(api, f"{tenant.calls}/{call_id}")
        until(
            lambda: api.get(f"{tenant.calls}/{stuck}").json()["status"],
            lambda status: status == "IN_PROGRESS",
        )
        assert _ids(api.get(tenant.calls, params={"status": "COMPLETED"})) == [done]
        assert _ids(api.get(tenant.calls, params={"status": "FAILED"})) == [failed]
        assert _ids(api.get(tenant.calls, params={"status": "IN_PROGRESS"})) == [stuck]
        assert _ids(api.get(tenant.calls, params={"status": "SCHEDULED"})) == []
        assert _ids(api.get(tenant.calls, params={"leadId": lead})) == [done]
        assert _ids(api.get(tenant.calls, params={"leadId": "nobody"})) == []
        assert _ids(api.get(tenant.calls, params={"type": "INBOUND"})) == []
        assert len(_ids(api.get(tenant.calls, params={"type": "OUTBOUND"}))) == 3


def test_start_and_end_are_exclusive_bounds_of_the_start(sandbox: SandboxProcess) -> None:
    tenant = Tenant(sandbox)
    with client(sandbox, tenant.key) as api:
        ids = [_place(api, tenant) for _ in range(3)]
        starts = []
        for call_id in ids:
            record = _until_ended(api, f"{tenant.calls}/{call_id}")
            starts.append((record["startedAt"], call_id))
        starts.sort()
        first, middle, last = (start for start, _ in starts)
        assert _ids(api.get(tenant.calls, params={"start": first, "end": last})) == [starts[1][1]]
        assert len(_ids(api.get(tenant.calls, params={"start": middle}))) == 1
        assert len(_ids(api.get(tenant.calls, params={"end": middle}))) == 1
        assert _ids(api.get(tenant.calls, params={"start": last, "end": first})) == []
        offset = first.replace("Z", "+00:00")
        assert len(_ids(api.get(tenant.calls, params={"start": offset}))) == 2


def test_a_call_that_has_not_started_is_in_no_window(frozen: SandboxProcess) -> None:
    tenant = Tenant(frozen)
    with client(frozen, tenant.key) as api:
        call_id = _place(api, tenant)
        assert _ids(api.get(tenant.calls)) == [call_id]
        assert _ids(api.get(tenant.calls, params={"status": "SCHEDULED"})) == [call_id]
        assert _ids(api.get(tenant.calls, params={"start": "2020-01-01"})) == []
        assert _ids(api.get(tenant.calls, params={"end": "2099-01-01"})) == []


def test_both_spellings_of_order_mean_the_same(sandbox: SandboxProcess) -> None:
    tenant = Tenant(sandbox)
    with client(sandbox, tenant.key) as api:
        ids = [_place(api, tenant) for _ in range(4)]
        records = [_until_ended(api, f"{tenant.calls}/{call_id}") for call_id in ids]
        for field in ("startedAt", "endedAt", "durationMs"):
            ascending = [r["id"] for r in sorted(records, key=itemgetter(field))]
            for direction, expected in (("asc", ascending), ("desc", ascending[::-1])):
                brackets = {"orderBy[field]": field, "orderBy[direction]": direction}
                text = {"orderBy": json.dumps({"field": field, "direction": direction})}
                assert _ids(api.get(tenant.calls, params=brackets)) == expected
                assert _ids(api.get(tenant.calls, params=text)) == expected
        by_start = [r["id"] for r in sorted(records, key=itemgetter("startedAt"))]
        assert _ids(api.get(tenant.calls)) == by_start[::-1]
        assert _ids(api.get(tenant.calls, params={"orderBy": "{}"})) == by_start[::-1]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("type", "outbound"),
        ("status", "DONE"),
        ("start", "yesterday"),
        ("end", "0000-00-00"),
        ("page", "0"),
        ("page_size", "101"),
        ("orderBy", "startedAt"),
        ("orderBy", "[]"),
        ("orderBy", '{"field":"name"}'),
        ("orderBy", '{"direction":"up"}'),
        ("orderBy", "[" * 10_000),
        ("orderBy[field]", "customerNumber"),
        ("orderBy[direction]", "DESC"),
    ],
)
def test_a_filter_that_cannot_be_read_is_400(api: httpx2.Client, name: str, value: str) -> None:
    answer = api.get(CALLS, params={name: value})
    assert (answer.status_code, answer.json()["error"]) == (400, "BAD_REQUEST")
    assert name.partition("[")[0] in answer.json()["message"]


def test_pages_move_as_calls_arrive(sandbox: SandboxProcess) -> None:
    tenant = Tenant(sandbox)
    with client(sandbox, tenant.key) as api:
        for _ in range(5):
            _until_ended(api, f"{tenant.calls}/{_place(api, tenant)}")
        first = _ids(api.get(tenant.calls, params={"page_size": 2}))
        _until_ended(api, f"{tenant.calls}/{_place(api, tenant)}")
        second = _ids(api.get(tenant.calls, params={"page_size": 2, "page": 2}))
    assert first[1] == second[0]


def test_a_lagging_history_shows_a_call_later(sandbox: SandboxProcess) -> None:
    tenant = Tenant(sandbox)
    with client(sandbox, tenant.key) as api:
        sandbox.fault("history_lag", count=1, seconds=86_400)
        hidden = _place(api, tenant)
        shown = _place(api, tenant)
        assert _ids(api.get(tenant.calls)) == [shown]
        assert api.get(f"{tenant.calls}/{hidden}").status_code == 404
        sandbox.fault("history_lag", count=1, seconds=60)
        late = _place(api, tenant)
        _until_ended(api, f"{tenant.calls}/{late}")
        assert late in _ids(api.get(tenant.calls))


def test_a_stalled_history_shows_nothing_newer(sandbox: SandboxProcess) -> None:
    tenant = Tenant(sandbox)
    with client(sandbox, tenant.key) as api:
        old = _place(api, tenant)
        sandbox.fault("history_stalled")
        before = api.get(tenant.calls).json()
        new = _place(api, tenant)
        _until_ended(api, f"{tenant.calls}/{new}")
        assert api.get(tenant.calls).json() == before
        assert [item["id"] for item in before["items"]] == [old]
        sandbox.clear_faults()
        assert set(_ids(api.get(tenant.calls))) == {old, new}


def test_a_history_can_fail_or_be_slow(sandbox: SandboxProcess, api: httpx2.Client) -> None:
    sandbox.fault("history_error", count=1, status=503)
    assert api.get(CALLS).status_code == 503
    sandbox.fault("history_slow", count=1, seconds=0.05)
    assert api.get(CALLS).status_code == 200
    sandbox.set_latency(history_ms=2_000)
    with pytest.raises(httpx2.ReadTimeout):
        api.get(CALLS, timeout=0.2)


def test_a_shuffled_history_has_the_same_calls_in_any_order(sandbox: SandboxProcess) -> None:
    tenant = Tenant(sandbox)
    with client(sandbox, tenant.key) as api:
        ids = {_place(api, tenant) for _ in range(8)}
        sandbox.fault("history_shuffled")
        orders = [_ids(api.get(tenant.calls)) for _ in range(10)]
    assert all(set(order) == ids for order in orders)
    assert len({tuple(order) for order in orders}) > 1


def test_a_status_can_go_backwards_in_lists_and_for_one_call(sandbox: SandboxProcess) -> None:
    tenant = Tenant(sandbox)
    with client(sandbox, tenant.key) as api:
        call_id = _place(api, tenant)
        over = _until_ended(api, f"{tenant.calls}/{call_id}")
        sandbox.fault("history_backwards", count=2)
        (listed,) = api.get(tenant.calls).json()["items"]
        assert listed == api.get(f"{tenant.calls}/{call_id}").json()
        assert listed["status"] == "IN_PROGRESS"
        assert "endedAt" not in listed
        assert api.get(tenant.calls).json()["items"] == [over]


def _until_ended(api: httpx2.Client, path: str) -> dict[str, Any]:
    return until(lambda: dict(api.get(path).json()), lambda record: "endedAt" in record)
