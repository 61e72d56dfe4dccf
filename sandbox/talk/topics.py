"""Decides what a question is about, from its words; so that nothing is asked twice."""

import re
from enum import StrEnum


class Topic(StrEnum):
    """What an agent can ask for."""

    IDENTITY = "identity"
    NAME = "name"
    EMAIL = "email"
    ADDRESS = "address"
    PHONE = "phone"
    CONTACT = "contact"
    MORE = "more"
    EMERGENCY = "emergency"
    SUITS = "suits"
    PLACE = "place"
    SINCE = "since"
    REASON = "reason"
    PROBLEM = "problem"
    SOURCE = "source"
    BUDGET = "budget"
    AGE = "age"
    COUNT = "count"
    FEELING = "feeling"
    TIME = "time"
    MOMENT = "moment"
    OTHER = "other"


def _words(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{pattern})", re.IGNORECASE)


TOPICS: tuple[tuple[Topic, re.Pattern[str]], ...] = (
    (Topic.IDENTITY, _words(r"speaking (?:with|to)|am I talking|the right person")),
    (Topic.TIME, _words(r"(?:which|what) (?:days?|times?|hours?|mornings?)\b")),
    (Topic.MORE, _words(r"(?:any|some)thing else|further questions|other questions")),
    (Topic.MOMENT, _words(r"(?:good|bad|right|convenient) (?:time|moment) (?:to|for)|now is a")),
    (Topic.CONTACT, _words(r"contact (?:info|detail|data)|how to reach|(?:best )?way to reach")),
    (Topic.EMAIL, _words(r"e-?mail")),
    (Topic.PHONE, _words(r"(?:phone|call-?back|contact|cell|mobile|best|your) number\b|phone\b")),
    (Topic.ADDRESS, _words(r"\w*address|where you live|location|zip|postal code")),
    (Topic.NAME, _words(r"(?:full |first |last )?names?\b|who you are")),
    (Topic.EMERGENCY, _words(r"emergenc|urgent")),
    (Topic.SUITS, _words(r"suits?\b|(?:can|will) (?:still )?(?:make it|come|attend)")),
    (
        Topic.SINCE,
        _words(r"since when|how long|when (?:it|this|that|the \w+) (?:\w+ )?(?:beg|star)"),
    ),
    (Topic.PLACE, _words(r"where\b(?! you live)")),
    (Topic.SOURCE, _words(r"hear(?:d)? (?:about|of)|found us|referred")),
    (Topic.BUDGET, _words(r"budget|spend|afford")),
    (Topic.AGE, _words(r"how old|age\b")),
    (Topic.COUNT, _words(r"how many|number of|how much\b|how (?:big|large)|size")),
    (
        Topic.FEELING,
        _words(r"satisf|how (?:was|were|is|are|did|do|happy|well)|went\b|feel|like[ds]?\b"),
    ),
    (
        Topic.REASON,
        _words(
            r"reason for|looking for|kind of \w+ you|calling about|call is about"
            r"|it is about|brings|what (?:you )?want\b|help"
            r" you (?:need|want)|we can help|what you need|you need\b"
        ),
    ),
    (
        Topic.PROBLEM,
        _words(
            r"wrong|problem|issue|happen|trouble|concern|symptom|damage|broken|leak|hurts?|pain"
            r"|describe|details|project|repair"
        ),
    ),
    (
        Topic.TIME,
        _words(
            r"when\b(?!.*\b(?:was|were|did|last|happened)\b)|what time|prefer|availab"
            r"|best time|convenient|what day|which day"
        ),
    ),
)
"""The first that fits decides."""


def topic_of(asked: str) -> Topic:
    """What a question, or a part of one, is about."""
    return next((topic for topic, words in TOPICS if words.search(asked)), Topic.OTHER)
