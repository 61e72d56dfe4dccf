"""What the agent says at a node follows from its message or its prompt."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.model.workflow import Node, NodeType
from sandbox.talk.speech import utterance


def _said(prompt: str, **fields: str) -> str | None:
    return utterance(Node(id="n", type=NodeType.CONVERSATION, prompt=prompt, **fields))


@pytest.mark.parametrize(
    ("prompt", "said"),
    [
        ("Ask for the caller's reason for calling.", "Could you give me your reason for calling?"),
        ("Ask whether they still need help.", "May I ask whether you still need help?"),
        ("Ask if the customer wants a quote", "May I ask whether you want a quote?"),
        ("ask about their roof", "May I ask about your roof?"),
        ("Find out what happened", "Could you tell me what happened?"),
        ("Politely ask the lead when it began", "Could you tell me when it began?"),
        ("Offer a free inspection.", "I can offer a free inspection."),
        ("Confirm their address", "Let me confirm your address."),
        ("Collect the caller's contact information", "Let me note your contact information."),
        ("Explain the prices. Never haggle.", "Let me explain the prices."),
        ("Thank them for their time", "Thank you for your time."),
        ("If they own it, ask about their roof", "May I ask about your roof?"),
        ("If they own it, dance", "Let us go on."),
        ("Tell the caller that we open at nine.", "We open at nine."),
        ("Inform them about the prices", "Let me tell you about the prices."),
        ("Ask about their roof and say goodbye.", "May I ask about your roof?"),
        ("Answer questions about prices from the list.", None),
        ("Never mention prices", None),
        ("Say goodbye", "Thank you for your time."),
        ("Ask", "May I ask you something?"),
        ("Xyzzy", "Let us go on."),
    ],
)
def test_a_prompt_is_turned_into_words_to_the_person(prompt: str, said: str | None) -> None:
    assert _said(prompt) == said


def test_a_nodes_own_message_is_said_and_a_label_stands_in_for_an_unknown_prompt() -> None:
    assert _said("Ask for the name", first_message="And you are?") == "And you are?"
    assert _said("Xyzzy", label="Roof check") == "Let us go on with this: Roof check."


@given(prompt=st.text(max_size=400))
def test_any_prompt_gives_one_short_printable_line(prompt: str) -> None:
    said = _said(prompt)
    assert said is None or (said.isprintable() and 0 < len(said) <= 300)
