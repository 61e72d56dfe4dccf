"""Sentences are found in wrapped prose, and in each its condition and its actions."""

import pytest

from sandbox.agents.prose import read, sentences_of


def test_wrapped_lines_are_joined_items_and_titles_stand_alone() -> None:
    prose = "# Title\n\nAsk what is wrong, where it is,\nand why. Listen.\n- Say hi\n- Say bye\n"
    assert list(sentences_of(prose)) == [
        "Ask what is wrong, where it is, and why.",
        "Listen.",
        "Say hi",
        "Say bye",
    ]


@pytest.mark.parametrize(
    ("sentence", "condition", "actions"),
    [
        (
            "If it is a bad time, ask when to call, thank them, and end the call.",
            "If it is a bad time",
            ("ask when to call", "thank them", "end the call"),
        ),
        (
            "If it burns, or there is gas, don\u2019t book: transfer the call.",
            "If it burns, or there is gas",
            ("don't book", "transfer the call"),
        ),
        ("Transfer them if they insist.", "if they insist", ("Transfer them",)),
        ("Ask what is wrong, where, and since when.", None, None),
        ("Ask for a name, address and state.", None, None),
        ("Otherwise please ask why.", None, ("ask why",)),
        ("You are Max.", None, ()),
    ],
)
def test_a_sentence_is_read(
    sentence: str, condition: str | None, actions: tuple[str, ...] | None
) -> None:
    told = read(sentence)
    assert told.condition == condition
    assert told.actions == ((sentence.rstrip("."),) if actions is None else actions)
