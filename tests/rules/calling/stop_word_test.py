"""What CRMs say when they are done with a lead."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.rules.calling.stop_word import StopWord, read
from dialer.rules.lead import FINISHED, LeadState

SAID = {
    StopWord.WON: ("won", "Won", "Closed Won", "closed-won", "closedwon", "CLOSED_WON", " Sold "),
    StopWord.LOST: ("lost", "Closed Lost", "closedlost", "Disqualified", "Not interested", "Junk"),
    StopWord.DO_NOT_CALL: (
        *("DNC", "do not call", "Do-Not-Call", "unsubscribed", "Opted out", "opt-out"),
        "do_not_contact",
    ),
}


@pytest.mark.parametrize(("word", "text"), [(w, t) for w, texts in SAID.items() for t in texts])
def test_a_word_however_it_is_spelled(word: StopWord, text: str) -> None:
    assert read(text) is word


@pytest.mark.parametrize(
    "value",
    ["", "New", "Contacted", "wonderful", "lost and found", "no", None, False, 0, 1, [], {}, 3.5],
)
def test_whatever_else_is_none(value: object) -> None:
    assert read(value) is None


def test_a_box_that_is_ticked_counts_by_its_own_name() -> None:
    assert read(True, path="contact.DoNotCall") is StopWord.DO_NOT_CALL
    assert read(True, path="opted_out") is StopWord.DO_NOT_CALL
    assert read(True, path="active") is None
    assert read(False, path="DoNotCall") is None


@given(st.text())
def test_no_text_raises(text: str) -> None:
    assert read(text) in {None, *StopWord}


def test_each_word_ends_a_lead() -> None:
    assert {word.bucket for word in StopWord} <= FINISHED
    assert StopWord.DO_NOT_CALL.bucket is LeadState.SUPPRESSED
    assert StopWord.WON.reason == "crm_won"
