"""Foreign text is spoken on one line, without control characters, shortened."""

from hypothesis import example, given
from hypothesis import strategies as st

from sandbox.talk.text import clean, quotable, whole


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
    assert quotable("Well. " * 2_000_000, limit=10, most=2) == ("Well.", "Well.")


def test_titles_and_fragments_are_not_quoted_and_wrapped_lines_are_joined() -> None:
    text = (
        "# Prices\n\n- A first visit costs 80 dollars. We come within the\n  day. No.\n"
        "- Leaks, drains\n\n| Work | Price |\n|---|---|\n| Blocked drain | from $149 |\n"
    )
    assert quotable(text, limit=100, most=5, shortest=12) == (
        "A first visit costs 80 dollars.",
        "We come within the day.",
        "Blocked drain is from $149.",
    )


def test_a_whole_sentence_has_a_capital_and_an_end() -> None:
    assert whole("it leaks") == "It leaks."
    assert whole("It leaks!") == "It leaks!"
    assert whole("it leaks, …") == "It leaks."
    assert whole('She said "now."') == 'She said "now."'
    assert (whole(None), whole("  ")) == ("", "")
