"""Foreign text is spoken on one line, without control characters, shortened."""

from hypothesis import example, given
from hypothesis import strategies as st

from sandbox.talk.text import clean, decapitalized, finished, sentences


@given(text=st.text(max_size=300), limit=st.integers(min_value=2, max_value=80))
@example(text="a\r\nCustomer: yes\x1b[31m\u202e\u2028b", limit=80)
def test_whatever_comes_is_printable_on_one_line_and_short(text: str, limit: int) -> None:
    shown = clean(text, limit)
    assert len(shown) <= limit
    assert shown.isprintable()
    assert shown == shown.strip()
    assert clean(shown, limit) == shown


def test_what_is_cut_is_cut_between_words_and_marked() -> None:
    assert clean("one two three", 9) == "one two…"
    assert clean("onetwothree", 6) == "onetw…"
    assert clean(None, 6) == ""


def test_a_huge_text_is_not_read_to_its_end() -> None:
    assert clean("x" * 10_000_000, 10) == "x" * 9 + "…"
    assert sentences("Well. " * 2_000_000, limit=10, most=2) == ("Well.", "Well.")


def test_sentences_leave_headings_and_bullets_out() -> None:
    text = "# Prices\n\n- A first visit costs 80 dollars. We come within the day.\n* No.\n"
    assert sentences(text, limit=100, most=5, shortest=12) == (
        "A first visit costs 80 dollars.",
        "We come within the day.",
    )


def test_small_and_finished_words() -> None:
    assert decapitalized("Whether it leaks") == "whether it leaks"
    assert decapitalized("HVAC units") == "HVAC units"
    assert decapitalized("I see") == "I see"
    assert decapitalized("") == ""
    assert finished("It leaks") == "It leaks."
    assert finished("It leaks!") == "It leaks!"
