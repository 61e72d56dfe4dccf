"""What stands in the way, as `outdial status` says it: the gravest first."""

from typing import Any

from outdial.operating.standing import lines

AT = "2026-03-03T17:30:00.123456Z"
CALM: dict[str, Any] = {
    **dict.fromkeys(("quarantine", "paused_at", "parked_reason", "parked_until")),
    **dict.fromkeys(("unknown_calls", "held_calls", "mistaken_leads"), 0),
    "disbelieved": [],
}
QUARANTINE = {
    "since": AT,
    "looked_from": AT,
    "ends_at": AT,
    "says": "It waits\x1b[2J.",
    "problem": None,
}
DISBELIEVED = {"answer": "bad_request", "since": AT, "call_id": "call", "lead_id": "lead"}


def _said(**changes: object) -> str:
    return "\n".join(line.plain for line in lines({**CALM, **changes}))


def test_where_all_is_well_nothing_is_said() -> None:
    assert _said() == ""


def test_a_quarantine_comes_first_and_says_that_it_ends_by_itself() -> None:
    said = _said(
        quarantine=QUARANTINE, disbelieved=[DISBELIEVED], parked_reason="forbidden", held_calls=2
    )
    assert said.startswith("Quarantine: nothing dials")
    assert "ends by itself, at 2026-03-03 17:30:00Z at the earliest" in said
    assert "came to nothing" not in said
    assert "\x1b" not in said
    words = ("Quarantine", "forbidden", "Not believed", "need a decision")
    places = [said.index(word) for word in words]
    assert places == sorted(places)


def test_why_a_look_came_to_nothing_is_said() -> None:
    said = _said(quarantine={**QUARANTINE, "problem": "unauthorized"})
    assert "The last look came to nothing: unauthorized." in said


def test_an_answer_that_is_not_believed_says_what_to_do() -> None:
    said = _said(disbelieved=[DISBELIEVED])
    assert 'outdial believe bad_request --note "why"' in said
    assert "rang the phone all the same" in said


def test_a_parking_and_a_pause_say_how_long() -> None:
    assert "paused since 2026-03-03 17:30:00Z" in _said(paused_at=AT)
    said = _said(parked_reason="breaker_open", parked_until=AT)
    assert said == "Nothing dials: breaker_open, at least until 2026-03-03 17:30:00Z."
    assert "until an agent can be read" in _said(parked_reason="forbidden")


def test_what_waits_is_counted_with_the_command_that_shows_it() -> None:
    said = _said(held_calls=1, mistaken_leads=2000, unknown_calls=3)
    for part in ("1. See: outdial held list", "2,000. See: outdial leads held"):
        assert part in said
    assert "3. See: outdial held unknown" in said
