"""A test call from the command line: it rings once, or not at all, and says which."""

import pytest

from tests.outdial.upstream.beside import Beside

BIZ = ("--business", "biz_demo")


def rung(beside: Beside, phone: str) -> int:
    """How often a phone rang, as the sandbox's own ledger has it."""
    return sum(ring["phone"] == phone for ring in beside.sandbox.rings())


def test_it_rings_once_with_what_the_agent_should_know(beside: Beside) -> None:
    told = ("--name", "Ann Bee", "--context", "Asked about a leak")
    placed = beside.json("agents", "call", "agent_demo", "(212) 555-0101", *BIZ, *told, "--yes")
    assert placed["phoneNumber"] == "+12125550101"
    assert rung(beside, "+12125550101") == 1
    call = beside.json("calls", "show", placed["callId"])
    assert call["leadContext"]["name"] == "Ann Bee"
    assert call["leadContext"]["context"] == "Asked about a leak"


def test_it_says_how_to_read_the_transcript(beside: Beside) -> None:
    told = beside.done("agents", "call", "agent_demo", "+12125550102", *BIZ, "--yes")
    call_id = beside.json("calls", "show", "latest")["id"]
    assert f"outdial calls show {call_id} --wait" in told


@pytest.mark.parametrize(
    ("phone", "code"),
    [
        ("911", "service_code"),
        ("+44 20 7946 0958", "foreign_country"),
        ("212-555-0", "missing_area_code"),
    ],
)
def test_what_is_no_number_of_ours_is_refused_before_anything_is_asked(
    beside: Beside, phone: str, code: str
) -> None:
    before = len(beside.sandbox.rings())
    error = beside.refused("agents", "call", "agent_demo", phone, *BIZ, "--yes", code=2)
    assert error["code"] == code
    assert len(beside.sandbox.rings()) == before


def test_words_that_are_no_text_are_refused(beside: Beside) -> None:
    odd = ("--name", "Ann \udce9")
    error = beside.refused("agents", "call", "agent_demo", "+12125550109", *BIZ, *odd, code=2)
    assert error["code"] == "usage"


def test_without_a_person_to_ask_it_wants_yes(beside: Beside) -> None:
    error = beside.refused("agents", "call", "agent_demo", "+12125550103", *BIZ, code=2)
    assert error["code"] == "not_confirmed"
    assert rung(beside, "+12125550103") == 0


@pytest.mark.parametrize("agent", ["agent_draft", "agent_inbound"])
def test_an_agent_that_cant_call_is_told_in_the_platforms_words(
    beside: Beside, agent: str
) -> None:
    error = beside.refused("agents", "call", agent, "+12125550104", *BIZ, "--yes")
    assert error["code"] == "bad_request"
    assert rung(beside, "+12125550104") == 0


@pytest.mark.parametrize("fault", ["fail_after_ring", "drop", "conflict_after_ring"])
def test_an_unknown_end_is_explained_and_never_repeated(beside: Beside, fault: str) -> None:
    phone = {"fail_after_ring": "+12125550105", "drop": "+12125550106"}.get(fault, "+12125550107")
    beside.sandbox.fault(fault, count=1, phone=phone)
    error = beside.refused("agents", "call", "agent_demo", phone, *BIZ, "--yes")
    assert error["may_have_acted"] is True
    assert "outdial calls list --business biz_demo" in error["message"]
    assert rung(beside, phone) == 1


def test_an_unknown_end_before_the_call_is_no_reason_to_look_for_it(beside: Beside) -> None:
    beside.sandbox.fault("fail_before_ring", route="agents", count=3)
    error = beside.refused("agents", "call", "agent_demo", "+12125550108", *BIZ, "--yes")
    beside.sandbox.clear_faults()
    assert error["code"] == "server_error"
    assert rung(beside, "+12125550108") == 0
