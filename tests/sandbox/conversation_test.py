"""What is said follows the outcome, and uses the person's name and context."""

from typing import Any

import pytest

from sandbox.conversation import Scene, collected, lines_of, summary_of
from sandbox.draw import Draw
from sandbox.script import Outcome

DRAW = Draw(seed=7, subject=("words",))
FIELDS = ("name", "phone", "interested", "callbackAt", "doNotCall", "favorite_color")
STARTED = 1772463600.0  # 2026-03-02T15:00:00Z


def _scene(outcome: Outcome, **changes: Any) -> Scene:  # noqa: ANN401 -- any field of a scene
    fields: dict[str, Any] = {
        "business": "Brightwater Plumbing",
        "person": "Dana Whitfield",
        "phone": "+12125550111",
        "context": "Water heater leaks.",
        "additional_info": None,
        "started": STARTED,
        "fields": FIELDS,
    }
    return Scene(outcome=outcome, **(fields | changes))


ANSWERED = [
    Outcome.ANSWERED_INTERESTED,
    Outcome.ANSWERED_NOT_INTERESTED,
    Outcome.CALLBACK,
    Outcome.OPT_OUT,
]


@pytest.mark.parametrize("outcome", ANSWERED)
def test_a_conversation_names_person_business_and_context(outcome: Outcome) -> None:
    told = "\n".join(map(str, lines_of(_scene(outcome), DRAW)))
    assert "Dana" in told
    assert "Brightwater Plumbing" in told
    assert "Water heater leaks." in told
    assert "Dana Whitfield" in str(summary_of(_scene(outcome)))


@pytest.mark.parametrize("outcome", ANSWERED)
@pytest.mark.parametrize("person", [None, "", "   "])
def test_a_person_without_a_name_is_spoken_to_all_the_same(
    outcome: Outcome, person: str | None
) -> None:
    assert lines_of(_scene(outcome, person=person), DRAW)[1].text.startswith("Hi, this is")


def test_a_long_context_is_shortened_and_a_note_mentioned() -> None:
    scene = _scene(Outcome.CALLBACK, context="many words " * 500, additional_info="saw the ad")
    opening = lines_of(scene, DRAW)[1].text
    assert len(opening) < 400
    assert "a note" in opening


@pytest.mark.parametrize("outcome", [Outcome.NO_ANSWER, Outcome.BUSY, Outcome.FAILED])
def test_where_nobody_answers_nothing_is_said(outcome: Outcome) -> None:
    assert lines_of(_scene(outcome), DRAW) == []
    assert summary_of(_scene(outcome)) is None
    assert collected(_scene(outcome)) == {}


def test_voicemail_gets_a_message_and_collects_nothing() -> None:
    assert lines_of(_scene(Outcome.VOICEMAIL), DRAW)[0].speaker == "Voicemail"
    assert "voicemail" in str(summary_of(_scene(Outcome.VOICEMAIL)))
    assert collected(_scene(Outcome.VOICEMAIL)) == {}


def test_the_agents_fields_are_collected_as_far_as_they_are_told() -> None:
    assert collected(_scene(Outcome.ANSWERED_INTERESTED)) == {
        "name": "Dana Whitfield",
        "phone": "+12125550111",
        "interested": True,
        "callbackAt": None,
        "doNotCall": False,
        "favorite_color": None,
    }
    assert collected(_scene(Outcome.OPT_OUT))["doNotCall"] is True
    assert collected(_scene(Outcome.CALLBACK))["callbackAt"] == "2026-03-03T17:00:00.000Z"
