"""What the agent says at a node follows from its message or its prompt; the rest is unsaid."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.model.workflow import Node, NodeType
from sandbox.talk.asking import question
from sandbox.talk.speech import condition_of, moves_of


def _node(prompt: str, **fields: str) -> Node:
    return Node(id="n", type=NodeType.CONVERSATION, prompt=prompt, **fields)


def _said(prompt: str, **fields: str) -> str:
    moves = moves_of(_node(prompt, **fields))
    return " ".join(move.text or question(move.parts) for move in moves)


@pytest.mark.parametrize(
    ("prompt", "said"),
    [
        (
            "Ask for the caller's reason for calling.",
            "Could you tell me your reason for calling?",
        ),
        ("Ask whether they still need help.", "Do you still need help?"),
        ("Ask if the customer wants a quote", "Would you like a quote?"),
        ("ask about their roof", "Could you tell me a little about your roof?"),
        ("Find out what happened", "What happened?"),
        ("Find out whether this is an emergency.", "Is this an emergency?"),
        ("Politely ask the lead when it began", "Could you tell me when it began?"),
        ("Ask what they are calling about.", "What are you calling about?"),
        ("Ask when to call again", "When may I call again?"),
        ("Ask what is wrong.", "What is wrong?"),
        (
            "Ask what is wrong, where it is, and since when. Listen before you go on.",
            "Could you tell me what is wrong, where it is, and since when?",
        ),
        (
            "Ask for their name, address and number",
            "Could you tell me your name, your address, and your number?",
        ),
        ("Ask them to hold the line", "Could you hold the line?"),
        ("Ask whether they have trained before", "Have you trained before?"),
        ("Ask whether it still suits.", "Does it still suit you?"),
        ("Ask whether you are speaking with the tenant", "Am I speaking with you?"),
        ("Offer a free inspection.", "We can offer you a free inspection."),
        ("Confirm their address", "Could you confirm your address for me?"),
        (
            "Collect the caller's contact information",
            "Could you tell me your contact information?",
        ),
        (
            "Explain the prices. Never haggle.",
            "I will send you a summary of the prices after the call.",
        ),
        ("If they own it, ask about their car", "Could you tell me a little about your car?"),
        ("Tell the caller that we open at nine.", "We open at nine."),
        ("Say that you will see to it, and end the call.", "I will see to it."),
        ("Let them know that parking is free", "Parking is free."),
        ("Inform them about the discount", "I would like to mention the discount."),
        ("Remind them to bring a card", "Please remember to bring a card."),
        ('Ask: "How old is your roof?"', "How old is your roof?"),
        ("How can I help you today?", "How can I help you today?"),
    ],
)
def test_a_prompt_is_turned_into_words_to_the_person(prompt: str, said: str) -> None:
    assert _said(prompt) == said


@pytest.mark.parametrize(
    "prompt",
    [
        "Answer questions about prices from the list.",
        "Never mention prices",
        "Say goodbye",
        "Thank them for their time",
        "Say who is calling and why: they asked for help.",
        "Don't book anything",
        "Listen to the end before you ask the next thing.",
        "Offer the two earliest visits.",
        "Read the day and the time back",
        "Tell {{name}} that {{offer}} ends",
        "If they own it, dance",
        "Ask",
        "Xyzzy",
    ],
)
def test_what_only_instructs_is_not_said(prompt: str) -> None:
    assert _said(prompt, label="A label") == ""


def test_a_nodes_own_message_comes_first() -> None:
    assert _said("Ask for the name", first_message="and you are?").startswith("And you are?")


def test_a_prompts_first_condition_is_known() -> None:
    assert condition_of(_node("If they own it, ask why")) == "If they own it"
    assert condition_of(_node("If they own it, ask why", first_message="Hi.")) is None
    assert condition_of(_node("Ask if they own it")) is None


@given(prompt=st.text(max_size=400) | st.text(max_size=200).map(lambda text: f"Ask for {text}"))
def test_any_prompt_gives_a_few_short_printable_sentences(prompt: str) -> None:
    for move in moves_of(_node(prompt)):
        said = move.text or question(move.parts)
        assert said.isprintable()
        assert 0 < len(said) <= 1_000
        assert said.rstrip("\"'”’)").endswith((".", "?", "!"))  # noqa: RUF001 -- typographic quotes are written
