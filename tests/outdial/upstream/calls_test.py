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


@pytest.mark.parametrize("columns", ["80", "100"])
def test_a_narrow_terminal_breaks_nothing_that_people_copy(
    beside: Beside, calls: list[str], columns: str
) -> None:
    told = beside.run("calls", "list", "--limit", "3", COLUMNS=columns).stdout
    assert max(len(line) for line in told.splitlines()) <= int(columns)
    for call in beside.json("calls", "list", "--limit", "3"):
        (line,) = [line for line in told.splitlines() if call["id"] in line]
        assert call["customerNumber"] in line
        assert call["status"] in line
    assert len(calls) == 3


def test_agents_are_named(beside: Beside, calls: list[str]) -> None:
    names = {one["id"]: one["name"] for one in beside.json("agents", "list", *BIZ)}
    told = beside.done("calls", "list", "--limit", "1")
    assert calls
    assert names["agent_demo"] in told
    assert "agent_demo" not in told


def test_who_may_not_read_agents_sees_their_ids(beside: Beside, calls: list[str]) -> None:
    beside.sandbox.add(
        "credentials", organization_id="org_demo", api_key="callsonly", scopes=["calls:read"]
    )
    result = beside.run("calls", "list", "--limit", "1", OUTDIAL_PARTNER_API_KEY="callsonly")
    assert result.exit_code == 0, result.output
    assert calls[-1] in result.stdout
    assert "agent_demo" in result.stdout


def test_an_empty_list_says_so(beside: Beside) -> None:
    assert beside.done("calls", "list", "--until", "2001-01-01") == "No calls.\n"
    assert beside.json("calls", "list", "--until", "2001-01-01") == []


@pytest.mark.parametrize("option", ["--status", "--type"])
def test_an_unknown_filter_names_those_there_are(beside: Beside, option: str) -> None:
    error = beside.refused("calls", "list", option, "FOO", code=2)
    assert error["code"] == "usage"
    assert error["message"].startswith(f'{option} "FOO": choose ')
    assert "BOUND" in error["message"] or "IN_PROGRESS, COMPLETED or FAILED" in error["message"]


def test_what_cant_be_read_as_a_moment_is_a_wrong_command_line(beside: Beside) -> None:
    assert beside.refused("calls", "list", "--since", "lately", code=2)["code"] == "usage"
