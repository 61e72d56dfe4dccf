"""What an edge's condition is about, in the words people use for conditions."""

import pytest

from sandbox.talk.intents import Intent, intents_of


@pytest.mark.parametrize(
    ("condition", "intents"),
    [
        ("always", {Intent.ALWAYS}),
        ("", {Intent.ALWAYS}),
        ("after scheduling", {Intent.ALWAYS}),
        ("After transfer", {Intent.ALWAYS}),
        ("if caller wants to schedule", {Intent.APPOINTMENT}),
        ("if caller needs support", {Intent.TRANSFER}),
        ("the customer has an emergency", {Intent.URGENT}),
        ("water runs that can't be shut off", {Intent.URGENT}),
        ("it is not an emergency", {Intent.ALWAYS}),
        ("it is anything else", {Intent.ALWAYS}),
        ("if so", {Intent.INTEREST}),
        ("if they ask what it costs", {Intent.QUESTION}),
        ("the lead is interested", {Intent.INTEREST}),
        ("they agree", {Intent.INTEREST}),
        ("if not interested", {Intent.REFUSAL}),
        ("caller declines an appointment", {Intent.REFUSAL}),
        ("they don't want a visit", {Intent.REFUSAL}),
        ("if they are busy", {Intent.LATER}),
        ("they ask to be called back", {Intent.LATER}),
        ("wrong number", {Intent.WRONG}),
        ("caller asks not to be called again", {Intent.STOP}),
        ("wants to opt out", {Intent.STOP}),
        ("the roof is made of slate", set()),
    ],
)
def test_a_condition_is_read_by_its_words(condition: str, intents: set[Intent]) -> None:
    assert intents_of(condition) == intents
