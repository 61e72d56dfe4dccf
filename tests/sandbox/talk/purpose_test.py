"""A context tells an agent why it calls; the person hears what concerns the person."""

import pytest

from sandbox.talk.purpose import purpose_of, written


@pytest.mark.parametrize(
    ("context", "said", "wrote"),
    [
        ("The roof leaks.", "I am calling about this: The roof leaks. ", "The roof leaks."),
        (
            "Call Dana about: drains. They wrote: it is slow",
            "I am calling about your request: drains. You wrote: It is slow. ",
            "It is slow.",
        ),
        ("Call her about the quote.", "I am calling about the quote. ", ""),
        ("Remind the customer to pay.", "", ""),
        ("You are calling on behalf of Tidewell.", "", ""),
        ("", "", ""),
    ],
)
def test_a_context_becomes_words_to_the_person(context: str, said: str, wrote: str) -> None:
    assert purpose_of(context) == said
    assert written(context) == wrote
