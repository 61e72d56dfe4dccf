"""A destination is chosen by the words of its name and description."""

from sandbox.talk.brief import Destination
from sandbox.talk.matching import nearest

DISPATCHER = Destination(name="Dispatcher", phone_number="", description="Emergencies, gas")
OFFICE = Destination(name="Office", phone_number="", description="Invoices, complaints")
BOTH = (DISPATCHER, OFFICE)


def test_names_and_descriptions_are_matched() -> None:
    assert nearest(BOTH, "it is an emergency") == [DISPATCHER]
    assert nearest(BOTH, "complain about an invoice") == [OFFICE]
    assert nearest(BOTH, "an emergency, to the office") == [OFFICE]
    assert nearest(BOTH, "they want to speak with a person") == []
    assert nearest((), "emergency") == []


def test_a_common_name_is_said_with_an_article() -> None:
    assert (DISPATCHER.spoken, Destination(name="Dr. Weiss", phone_number="").spoken) == (
        "the dispatcher",
        "Dr. Weiss",
    )
