"""Calls from the command line: filtered lists, one call with its transcript, the latest."""

import pytest

from tests.outdial.upstream.beside import Beside

BIZ = ("--business", "biz_demo")
HOSTILE = "Ann \x1b]0;owned\x07\x1b[2J\u202eeve"


@pytest.fixture(scope="module")
def endless(beside: Beside) -> str:
    """The id of a call that is never over; the first of all."""
    beside.sandbox.fault("stuck_in_progress", count=1, phone="+12125550119")
    placed = beside.json("agents", "call", "agent_demo", "+12125550119", *BIZ, "--yes")
    return str(placed["callId"])


@pytest.fixture(scope="module")
def calls(beside: Beside, endless: str) -> list[str]:
    """Ids of three calls, the last of them the latest; all are over."""
    assert endless
    beside.sandbox.set_outcomes({"answered_interested": 1})
    placed = [
        beside.json("agents", "call", "agent_demo", f"+1212555011{n}", *BIZ, "--yes", *more)
        for n, more in enumerate((("--name", "Ann"), (), ("--name", HOSTILE)))
    ]
    ids = [one["callId"] for one in placed]
    for call_id in ids:
        beside.done("calls", "show", call_id, "--wait")
    return ids


@pytest.mark.parametrize("business", [BIZ, ()], ids=["business", "organization"])
def test_lists_hold_the_newest_first(
    beside: Beside, calls: list[str], business: tuple[str, ...]
) -> None:
    found = beside.json("calls", "list", *business, "--limit", "3")
    assert [call["id"] for call in found] == calls[::-1]
    told = beside.done("calls", "list", *business)
    assert all(call_id in told for call_id in calls)
    assert "Ann" in told


@pytest.mark.parametrize(
    ("filters", "all_of_them"),
    [
        (("--status", "completed"), True),
        (("--status", "FAILED"), False),
        (("--type", "OUTBOUND"), True),
        (("--type", "INBOUND"), False),
        (("--since", "2001-01-01"), True),
        (("--until", "2001-01-01"), False),
    ],
)
def test_filters(
    beside: Beside, calls: list[str], filters: tuple[str, ...], *, all_of_them: bool
) -> None:
    found = {call["id"] for call in beside.json("calls", "list", *filters)}
    assert set(calls) & found == (set(calls) if all_of_them else set())


def test_a_limit_beyond_a_page_walks_on(beside: Beside, calls: list[str]) -> None:
    assert len(beside.json("calls", "list", "--limit", "101")) >= len(calls)


def test_a_call_with_all_that_is_known(beside: Beside, calls: list[str]) -> None:
    call = beside.json("calls", "show", calls[0], *BIZ)
    told = beside.done("calls", "show", calls[0])
    assert call["status"] == "COMPLETED"
    for heading in ("Summary", "What the agent was told", "Transcript"):
        assert f"\n{heading}\n" in told
    spoken = call["transcript"].splitlines()[0].split(": ", 1)[1]
    assert spoken[:40] in told


def test_the_latest(beside: Beside, calls: list[str]) -> None:
    assert beside.json("calls", "show", "latest")["id"] == calls[-1]


def test_nothing_of_a_call_reaches_the_terminal_but_text(beside: Beside, calls: list[str]) -> None:
    for command in (("calls", "show", calls[-1]), ("calls", "list")):
        told = beside.done(*command)
        assert "Ann" in told
        assert not [c for c in told if not c.isprintable() and c != "\n"]


def test_a_call_that_goes_on_has_no_transcript_yet(beside: Beside, endless: str) -> None:
    assert "No transcript yet." in beside.done("calls", "show", endless)


def test_a_call_that_does_not_exist(beside: Beside) -> None:
    assert beside.refused("calls", "show", "call_none")["code"] == "not_found"


def test_what_cant_be_read_as_a_moment_is_a_wrong_command_line(beside: Beside) -> None:
    assert beside.refused("calls", "list", "--since", "lately", code=2)["code"] == "usage"
