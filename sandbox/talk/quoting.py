"""Decides what is asked before a document is quoted: a question that the sentence answers."""

import re
from enum import StrEnum
from typing import NamedTuple


class Subject(StrEnum):
    """What a sentence of a document tells about."""

    CANCELLING = "cancelling"
    WARRANTY = "warranty"
    PRICE = "price"
    PAYMENT = "payment"
    HOURS = "hours"
    AREA = "area"
    SERVICES = "services"
    PREPARING = "preparing"
    DURATION = "duration"
    OTHER = "other"


class Quotation(NamedTuple):
    """A sentence, the name of the document that it is from, and what it tells about."""

    document: str
    sentence: str
    subject: Subject


def _words(pattern: str) -> re.Pattern[str]:
    return re.compile(
        rf"(?:\b(?:{pattern})|[$€£]\s?\d)" if "pric" in pattern else rf"\b(?:{pattern})",
        re.IGNORECASE,
    )


SUBJECTS: tuple[tuple[Subject, re.Pattern[str]], ...] = (
    (Subject.CANCELLING, _words(r"call(?:ed|s)? off|cancel|moved?\b.*\bcharge|reschedul")),
    (Subject.WARRANTY, _words(r"guarant|warrant|months on work")),
    (Subject.PRICE, _words(r"pric|cost|dollar|charge|fees?\b|free\b|how much|discount|euro")),
    (Subject.PAYMENT, _words(r"pay|card\b|bank|invoice|insurance plan|cash")),
    (Subject.HOURS, _words(r"open\b|hours\b|closed|(?:mon|tues|wednes|thurs|fri|satur|sun)days?")),
    (Subject.AREA, _words(r"area|city|come to|serves?\b|located|parking|neighborhood|deliver")),
    (
        Subject.SERVICES,
        _words(r"we (?:also )?(?:repair|offer|provide|do|install|replace|treat|clean)"),
    ),
    (Subject.PREPARING, _words(r"should|bring|please|make sure|need to|must")),
    (Subject.DURATION, _words(r"minutes?|within|days?\b|weeks?\b")),
)
"""The first that fits decides."""

QUESTIONS: dict[Subject, tuple[str, ...]] = {
    Subject.CANCELLING: ("What if I have to call it off?", "Can I still change my mind later?"),
    Subject.WARRANTY: ("Is there a guarantee?", "What if something goes wrong afterwards?"),
    Subject.PRICE: ("What does it cost?", "Could you tell me something about your prices?"),
    Subject.PAYMENT: ("How can I pay?", "How does payment work?"),
    Subject.HOURS: ("When are you there?", "What are your hours?"),
    Subject.AREA: ("Do you come to my part of town?", "Where are you?"),
    Subject.SERVICES: ("What exactly do you do?", "What do you offer?"),
    Subject.PREPARING: ("Is there anything that I should prepare?", "What do I need to do?"),
    Subject.DURATION: ("How long does it take?", "How soon can it be done?"),
    Subject.OTHER: ("Is there anything that I should know beforehand?",),
}


def subject_of(text: str) -> Subject:
    """What a sentence, or a condition, is about."""
    return next((subject for subject, words in SUBJECTS if words.search(text)), Subject.OTHER)


def quotation(document: str, sentence: str) -> Quotation:
    """A sentence that can be quoted."""
    return Quotation(document, sentence, subject_of(sentence))
